// Events come back as they were recorded, and the table says what their fields are.
#include <chrono>

#include <doctest/doctest.h>

#include "vm/report/events.h"

using namespace relux;
using namespace relux::report;
using namespace std::chrono_literals;

TEST_CASE("the table names every event and its fields in order") {
    const auto& info = event_info(EventKind::MatchStart);
    CHECK(info.name == "match-start");
    REQUIRE(info.fields.size() == 3);
    CHECK(info.fields[0].name == "pattern");
    CHECK(info.fields[0].type == FieldType::Text);
    CHECK(info.fields[1].name == "is_regex");
    CHECK(info.fields[1].type == FieldType::Flag);
    CHECK(info.fields[2].name == "effective");
    CHECK(info.fields[2].type == FieldType::Timeout);
    CHECK(event_info(EventKind::ShellSpawn).name == "shell-spawn");
    CHECK(event_info(EventKind::Warning).name == "warning");
    CHECK(event_info(EventKind::FailPatternCleared).fields.empty());
    CHECK(event_info(EventKind::BufferGrew).fields[1].type == FieldType::Number);
}

TEST_CASE("a text that is amended comes back as the new one, cut as when it is recorded") {
    EventLog log;
    log.record(1ms, EventPlace{}, events::Log{.message = "other"});
    log.record(1ms, EventPlace{}, events::BufferGrew{.begin = 0, .end = 1});
    const auto hit = log.record(2ms, EventPlace{},
                                events::FailPatternTriggered{
                                    .pattern = "^E", .is_regex = true, .matched_line = "E", .buffer_seq = 7});
    const auto failed = log.record(2ms, EventPlace{}, events::Failed{.message = "short"});
    log.amend(RecordClass::Event, hit, events::FailPatternTriggeredFields::matched_line, "E is known");
    log.amend(RecordClass::Event, failed, events::FailedFields::message,
              std::string(EventLog::kLongestText + 10, 'x'));
    std::vector<std::string> texts;
    log.for_each([&](const Event& event) {
        if (event.kind == EventKind::FailPatternTriggered) {
            const auto triggered = events::read<events::FailPatternTriggered>(event);
            CHECK(triggered.pattern == "^E");
            CHECK(triggered.is_regex);
            CHECK(triggered.matched_line == "E is known");
            CHECK(triggered.buffer_seq == 7);
        } else if (event.kind == EventKind::Failed) {
            CHECK(event.fields[0].text.ends_with("x... [10 bytes left out]"));
        } else if (event.kind == EventKind::Log) {
            CHECK(event.fields[0].text == "other");
        }
    });
}

TEST_CASE("events come back in order with place, time and fields") {
    EventLog log;
    CHECK(log.count() == 0);
    CHECK(log.byte_size() == 0);
    RecordedTimeout timeout;
    timeout.written = timeout.applied = 5s;
    log.record(EventKind::MatchStart, 1500us, EventPlace{2, 1, 7, 42, 3, 9},
               {"^a\0b$", std::int64_t{1}, timeout});
    log.record(EventKind::FailPatternCleared, 2ms, EventPlace{}, {});
    log.record(EventKind::BufferGrew, 3ms, EventPlace{0, 1, 0, 0}, {std::int64_t{-1}, std::int64_t{4096}});
    CHECK(log.count() == 3);
    std::vector<EventKind> kinds;
    log.for_each([&](const Event& event) {
        kinds.push_back(event.kind);
        if (event.kind == EventKind::MatchStart) {
            CHECK(event.time == 1500us);
            CHECK(event.place.span == 2);
            CHECK(event.place.shell == 1);
            CHECK(event.place.module == 7);
            CHECK(event.place.line == 42);
            REQUIRE(event.fields.size() == 3);
            CHECK(event.fields[0].is_text);
            CHECK(event.fields[0].text == "^a");
            CHECK(event.fields[1].number == 1);
            CHECK(event.place.column == 3);
            CHECK(event.place.end_column == 9);
            CHECK(RecordedTimeout::from(event.fields[2].text).written == 5s);
        } else if (event.kind == EventKind::BufferGrew) {
            REQUIRE(event.fields.size() == 2);
            CHECK(event.fields[0].number == -1);
            CHECK(event.fields[1].number == 4096);
        } else {
            CHECK(event.fields.empty());
        }
    });
    CHECK(kinds == std::vector{EventKind::MatchStart, EventKind::FailPatternCleared, EventKind::BufferGrew});
}

TEST_CASE("bytes of any value survive") {
    EventLog log;
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all.push_back(static_cast<char>(byte));
    log.record(EventKind::Send, 0ms, EventPlace{}, {std::string_view(all)});
    log.for_each([&](const Event& event) { CHECK(event.fields.at(0).text == all); });
}

TEST_CASE("a text that is too long is cut at a character and says how much is missing") {
    EventLog log;
    // Two-byte characters after one byte: the limit falls into the middle of one.
    std::string text = "x";
    for (std::size_t i = 0; i < EventLog::kLongestText; ++i)
        text += "é";
    std::string exact(EventLog::kLongestText, 'y');
    log.record(EventKind::Send, 0ms, EventPlace{}, {std::string_view(text)});
    log.record(EventKind::Send, 0ms, EventPlace{}, {std::string_view(exact)});
    std::vector<std::string> seen;
    log.for_each([&](const Event& event) { seen.emplace_back(event.fields.at(0).text); });
    REQUIRE(seen.size() == 2);
    auto kept = EventLog::kLongestText - 1;
    CHECK(seen[0] ==
          text.substr(0, kept) + "... [" + std::to_string(text.size() - kept) + " bytes left out]");
    CHECK(seen[1] == exact);
}

TEST_CASE("records are numbered within their class, events with buffer events, and lists come back") {
    EventLog log;
    const std::vector<std::string_view> arguments = {"", "a, b", std::string_view("\0", 1)};
    CHECK(log.record(EventKind::FnCall, 0ms, EventPlace{},
                     {"f", encode_texts(arguments), "user", std::int64_t{1}, std::int64_t{0}}) == 1);
    CHECK(log.record(EventKind::Log, 0ms, EventPlace{1, 0, 0, 0}, {"x"}) == 1);
    CHECK(log.record(EventKind::BufferGrew, 0ms, EventPlace{}, {std::int64_t{0}, std::int64_t{1}}) == 2);
    CHECK(log.record(EventKind::Log, 0ms, EventPlace{1, 0, 0, 0}, {"y"}) == 3);
    std::vector<std::uint32_t> numbers;
    log.for_each([&](const Event& event) {
        numbers.push_back(event.number);
        if (event.kind == EventKind::FnCall) CHECK(decode_texts(event.fields[1].text) == arguments);
    });
    CHECK(numbers == std::vector<std::uint32_t>{1, 1, 2, 3});
}

TEST_CASE("each member of a record comes back under its name") {
    EventLog log;
    RecordedTimeout timeout;
    timeout.written = timeout.applied = 5s;
    log.record(1ms, EventPlace{},
               events::MultiMatchPatternDone{
                   .index = 2, .elapsed = 3ms, .buffer_seq = 4, .pattern = "^b", .matched = "bc"});
    log.record(1ms, EventPlace{}, events::MatchStart{.pattern = "", .is_regex = false, .effective = timeout});
    log.record(1ms, EventPlace{}, events::SleepDone{});
    int seen = 0;
    log.for_each([&](const Event& event) {
        ++seen;
        if (event.kind == EventKind::MultiMatchPatternDone) {
            const auto done = events::read<events::MultiMatchPatternDone>(event);
            CHECK(done.index == 2);
            CHECK(done.elapsed == 3ms);
            CHECK(done.buffer_seq == 4);
            CHECK(done.pattern == "^b");
            CHECK(done.matched == "bc");
        } else if (event.kind == EventKind::MatchStart) {
            const auto start = events::read<events::MatchStart>(event);
            CHECK(start.pattern.empty());
            CHECK_FALSE(start.is_regex);
            CHECK(start.effective.written == 5s);
        }
    });
    CHECK(seen == 3);
}

TEST_CASE("what is recorded by name is what is recorded as a list of fields") {
    EventLog log;
    EventLog other;
    const std::string text(EventLog::kLongestText + 1, 'x');
    const auto itself = [](std::string_view view) { return view; };
    for (const std::string_view last : {std::string_view("b"), std::string_view(), std::string_view(text)}) {
        const std::vector<std::string_view> arguments = {"a", last};
        log.record(EventKind::FnCall, 1ms, EventPlace{1, 2, 3, 4},
                   {last, encode_texts(arguments), "user", std::int64_t{1}, std::int64_t{5}});
        using Texts = TextList<std::vector<std::string_view>, decltype(itself)>;
        other.record(1ms, EventPlace{1, 2, 3, 4},
                     events::FnCallOf<Texts>{.name = last,
                                             .args = {arguments, itself},
                                             .callee_kind = "user",
                                             .is_pure = true,
                                             .callee = 5});
    }
    CHECK(log.byte_size() == other.byte_size());
    std::vector<std::string> seen;
    const auto remember = [&](const Event& event) {
        CHECK(event.place.line == 4);
        seen.push_back(std::to_string(event.number) + std::string(event.fields[0].text) +
                       std::string(event.fields[1].text) + std::to_string(event.fields[3].number));
    };
    log.for_each(remember);
    other.for_each(remember);
    REQUIRE(seen.size() == 6);
    for (std::size_t i = 0; i < 3; ++i)
        CHECK(seen[i] == seen[i + 3]);
}

TEST_CASE("a log that is full still takes what decides the outcome") {
    EventLog log;
    const std::string text(EventLog::kLongestText, 'x');
    while (log.record(EventKind::Send, 0ms, EventPlace{}, {text}) != 0) {
    }
    CHECK(log.byte_size() <= EventLog::kMostBytes + 2 * EventLog::kLongestText);
    CHECK(log.left_out() == 1);
    CHECK(log.record(EventKind::Failed, 0ms, EventPlace{}, {"why"}) != 0);
}

namespace {

/// Events of 100 bytes and more, until the log is full or there are `most`; gives how many it took.
int fill(EventLog& log, int most) {
    const std::string text(100, 'x');
    for (int number = 0; number < most; ++number) {
        if (log.record(EventKind::Send, 0ms, EventPlace{}, {std::string_view(text)}) == 0) return number;
    }
    return most;
}

}  // namespace

TEST_CASE("a log that gets no more of the run's memory is full, and gives back what it had") {
    MemoryBudget budget(4 << 20);
    {
        EventLog first(&budget);
        CHECK(fill(first, 100'000) < 40'000);
        CHECK(first.left_out() == 1);
        CHECK(first.byte_size() > 3 << 20);
        CHECK(first.byte_size() <= 4 << 20);
        // Events that decide the outcome are recorded all the same.
        CHECK(first.record(EventKind::Failed, 1ms, EventPlace{}, {"no"}) != 0);
        // Another one has a little in any case.
        EventLog second(&budget);
        const int taken = fill(second, 100'000);
        CHECK(taken > 1'000);
        CHECK(taken < 3'000);
        int read = 0;
        second.for_each([&](const Event& event) { read += event.fields[0].text.size() == 100; });
        CHECK(read == taken);
    }
    CHECK(budget.held() == 0);
    EventLog third(&budget);
    CHECK(fill(third, 20'000) == 20'000);
}
