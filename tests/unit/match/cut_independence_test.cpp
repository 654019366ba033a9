// Language 5.6 as a property: recorded outputs times patterns, cut in every way into two and in many random
// ways into many, must give what one search over the whole text gives. The oracle is Pattern::search from the
// beginning of the whole text, which knows nothing of resuming.
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "vm/match/matcher.h"

using namespace std::string_view_literals;

namespace relux::match {

namespace {

constexpr std::array kOutputs{
    "hello\r\nrelux> echo hello\r\nhello\r\nrelux> "sv,
    "listening on 9000\r\nconnected 12 of 12 clients\r\nerror: 42\r\n\r\ndone\r\n"sv,
    "a\rb\r\nc\n\rd\r\r\n\r\re\n\n\r\n"sv,
    "gr\xc3\xbc\xc3\x9f\x65 aus K\xc3\xb6ln \xe2\x82\xac"
    "5 \xf0\x9f\x98\x80\xf0\x9f\x91\x8d\xf0\x9f\x8f\xbd end\r\n"sv,
    "\xf0\x9f\x87\xa9\xf0\x9f\x87\xaa\xf0\x9f\x87\xab\xf0\x9f\x87\xb7\xf0\x9f\x87\xac\xf0\x9f\x87\xa7z e\xcc\x81\xcc\xa7z"sv,
    "ok \xff\xfe bad \xc3( \xe2\x82( \xf0\x9f\x98 a\x80\x80\x80\x80\x80z \xed\xa0\x80 end \xc3"sv,
    "a\x80"
    "b\xe2\x82"
    "c\rd\x80\n\r\xbf\n\xe2\r\n\xf0\x9f\n\xff"sv,
    "aaaaaaaaab aaaab aab\r\nabab abab\r\nfoobar foobaz barfoo\r\nxx yy zz\r\n"sv,
    "\x1b[1;32mPASS\x1b[0m tests/one.c (0.12 s)\r\n\x1b[1;31mFAIL\x1b[0m tests/two.c (1.5 s)\r\n"sv,
    "BEGIN\r\n  line 1\r\n  line 2\r\nEND\r\nBEGIN\r\n  line 3\r\nEND\r\n::0::\r\n$ "sv,
    "key=value; key2=\"quoted \\\" value\"; n=-1.5e10\n(a(b(c)d)e) ((x)\n"sv,
    "\n"sv,
    "\r"sv,
    "\r\n"sv,
    ""sv,
    "x"sv,
    "foo\n\n"sv,
    "foo\r\n"sv,
    "foo\r\n\r\nfoo"sv,
    "\0\0a\0\r\n\0"sv,
};

constexpr std::array kPatterns{
    // anchors and line ends
    "^hello$"sv,
    "^hello"sv,
    "hello$"sv,
    "^$"sv,
    "^"sv,
    "$"sv,
    "^.*$"sv,
    "^error: (\\d+)$"sv,
    "x$|y"sv,
    "\\Ahello"sv,
    "\\A"sv,
    "\\z"sv,
    "\\Z"sv,
    "foo\\Z"sv,
    "foo\\z"sv,
    "(?-m)foo$"sv,
    "(?-m)^foo"sv,
    "foo\\s*\\Z"sv,
    "\\n^"sv,
    "\\r^"sv,
    "\\w\\r\\n^"sv,
    "(?s).^."sv,
    "(?!a)^"sv,
    "(?<=\\s)^"sv,
    "(?<=\\n)^(?!b)"sv,
    "$(?!\\A)\\s"sv,
    "d$\\R?"sv,
    "$."sv,
    "(?s)$."sv,
    "(?<!^)$"sv,
    "(?<=^[a-z])b|^c$"sv,
    // numbers, words, boundaries
    "\\d+"sv,
    "\\d+(?= of)"sv,
    "\\bcl\\w+\\b"sv,
    "\\w+$"sv,
    "\\b"sv,
    "\\B"sv,
    "\\b\\w\\b"sv,
    "\\B\\w\\B"sv,
    "(?<!\\w)\\w+(?!\\w)"sv,
    "[a-z]+\\d*"sv,
    "\\W+"sv,
    "\\s+"sv,
    "\\S+\\s"sv,
    "\\h\\H"sv,
    "\\v\\V"sv,
    // alternation, groups, back-references
    "(a|ab)(c|bcd|b)?"sv,
    "abc|ab|a"sv,
    "foo(?:bar|baz)|bar"sv,
    "(a+)(a+)b"sv,
    "(ab)\\1"sv,
    "(\\w)\\1"sv,
    "(?i)(AB)\\1"sv,
    "(?<word>\\w+) \\k<word>"sv,
    "(?|(x)x|(y)y)"sv,
    "(a)?(b)?(c)?z"sv,
    "(x)?y\\1"sv,
    "(?:(a)|b)*"sv,
    "(?:pass|fail)\\b"sv,
    "(?i:pass|fail)\\b"sv,
    "ZZZ|end"sv,
    "()"sv,
    ""sv,
    "a*?"sv,
    "a*"sv,
    // looking around
    "(?=b)"sv,
    "(?!a)"sv,
    "a(?=b)"sv,
    "a(?!b)"sv,
    "foo(?!bar)"sv,
    "(?<=foo)bar"sv,
    "(?<!foo)ba."sv,
    "(?<=a)(?!b)"sv,
    "(?<=\\x{20ac})\\d"sv,
    "(?<=\\p{L}{3})\\p{L}"sv,
    "(?<=(?<=(?<=f)o)o)b"sv,
    "(?<=\\bfoo)bar"sv,
    "(?<=^|,)\\w+(?=,|$)"sv,
    "(?<=\\s)\\s"sv,
    "(?<=\\v)x|(?<=\\r)\\n"sv,
    "(?=.*\\d)\\w+"sv,
    "(?<!.)\\w"sv,
    "(?<=\\b)\\w{2}"sv,
    "(?<![\\s\\S])\\w"sv,
    "(?<=\\A.)."sv,
    "(?<=e)$"sv,
    // across lines
    "(?s)BEGIN.*END"sv,
    "(?s)BEGIN.*?END"sv,
    "BEGIN\\R(?:  .*\\R)+END"sv,
    "(?s)a.*b"sv,
    "(?s)a.*?b"sv,
    "\\R"sv,
    "\\R\\R"sv,
    "\\R+"sv,
    "\\R$"sv,
    "\\r\\n"sv,
    "\\n"sv,
    "\\r"sv,
    "\\r(?!\\n)"sv,
    "(?<!\\r)\\n"sv,
    "[\\x09-\\x0b]"sv,
    "[^\\r]\\n"sv,
    "\\N+\\R"sv,
    ".+"sv,
    "(?s).+"sv,
    ".*d\\b"sv,
    "(?:.*\\d)\\w+"sv,
    "(?s).*\\d\\w"sv,
    "(?s).{7}"sv,
    "\\s\\s"sv,
    "[[:cntrl:]]"sv,
    "(?m)^\\s*$"sv,
    "(*ANYCRLF)^c"sv,
    "(*CRLF)^.+$"sv,
    "(*LF)^.+$"sv,
    "(*BSR_ANYCRLF)e\\R"sv,
    // atomic, possessive, recursion, conditions
    "a++b"sv,
    "a++a"sv,
    "(?>a+)b"sv,
    "(?>a|ab)c?"sv,
    "\\d++ of"sv,
    "\\w*+\\b"sv,
    "\\((?:[^()]++|(?R))*\\)"sv,
    "(?(?=a)a+b|\\w+;)"sv,
    "(\"(?:[^\"\\\\]|\\\\.)*\")"sv,
    "(?(DEFINE)(?<n>\\d+))(?&n)\\.(?&n)"sv,
    "(x(?1)?y|xx)"sv,
    "(?<=(?=(?<q>o|b))\\w)a"sv,
    // Unicode
    "gr\xc3\xbc\xc3\x9f"sv,
    "(?i)GR\xc3\x9c\xe1\xba\x9e"sv,
    "\\p{So}"sv,
    "\\X"sv,
    "\\X\\X"sv,
    "\\X(?=z)"sv,
    "(?<=[[:cntrl:]]{2}\\w)\\w"sv,
    "\\p{Lu}\\p{Ll}+"sv,
    "\\x{1f600}."sv,
    "[\xc3\xa4\xc3\xb6\xc3\xbc]+"sv,
    "[^\\x00-\\x7f]+"sv,
    "[^a]"sv,
    "(?i)k"sv,
    "\\P{L}"sv,
    "e\\X"sv,
    // bytes that are not UTF-8
    "\\xff\\xfe"sv,
    "\\x80+z"sv,
    "[^a\\x80]+$"sv,
    "\\xe2.\\("sv,
    "(?<=\\x80)[^\\x80]"sv,
    "(?<=a\\x80{3})\\x80"sv,
    "\\xe2\\r?\\n"sv,
    "^\\xff$"sv,
    // \G \K and verbs
    "\\Ghello"sv,
    "a|\\Gh"sv,
    "error: \\K\\d+"sv,
    "a\\Kb"sv,
    "foo\\K"sv,
    "a(*COMMIT)b"sv,
    "a+(*PRUNE)b"sv,
    "a+(*SKIP)b"sv,
    "a(*THEN)b|aa"sv,
    "(*ACCEPT)a"sv,
    "a(*ACCEPT)b"sv,
    "(*NOTEMPTY)a*"sv,
    "(*NOTEMPTY_ATSTART)a*"sv,
    "a(*F)|b"sv,
    "(*MARK:m)a+b"sv,
    "(*NO_JIT)a+b$"sv,
    "(*NO_START_OPT)foo\\b"sv,
    "(?<=\\n)(*SKIP)x|\\w"sv,
    "\\w+(*SKIP)\\d|\\s"sv,
};

/// A search's result as text, so that a failing check shows both sides.
std::string describe(const Found& found) {
    std::string text;
    for (const auto& group : found.groups) {
        text += group.begin == Found::npos
                    ? "(unset)"
                    : "(" + std::to_string(group.begin) + "," + std::to_string(group.end) + ")";
    }
    return text;
}

/// `text` is copied: PCRE2 10.42 reads the byte after the subject for a `\b` that follows an invalid byte
/// there.
std::string whole_text_result(const Pattern& pattern, std::string text, Position base, bool closed) {
    std::vector<Span> spans;
    auto outcome = pattern.search(text, 0, false, closed, spans);
    if (outcome == Pattern::Outcome::TooComplex) return "too complex";
    if (outcome == Pattern::Outcome::NoMatch) return "none";
    Found found;
    for (auto span : spans) {
        bool unset = span.begin == Span::npos;
        found.groups.push_back(unset ? Found::Group{} : Found::Group{base + span.begin, base + span.end});
    }
    return describe(found);
}

std::string result_of(Matcher::State state, const Matcher& matcher) {
    if (state == Matcher::State::Matched) return describe(matcher.found());
    return state == Matcher::State::TooComplex ? "too complex" : "none";
}

/// The buffer has this before the place where matching starts; nothing of it may be seen.
constexpr std::string_view kBefore = "foo\ra\xe2\x82";

/// Lets `text` arrive in pieces that end at `cuts` and returns what was found first, when, or after closing.
class Delivery {
  public:
    Delivery(std::shared_ptr<const Pattern> pattern, std::string_view text)
        : buffer_(1 << 20), matcher_(std::move(pattern), kBefore.size()), text_(text) {
        buffer_.append(kBefore);
        buffer_.consume(kBefore.size());
    }

    /// True once a match has been found.
    bool arrive(std::size_t until) {
        buffer_.append(text_.substr(arrived_, until - arrived_));
        arrived_ = until;
        return look(false);
    }
    bool settle() { return look(true); }
    bool close() {
        buffer_.close();
        return look(false);
    }
    std::string result() const { return result_of(state_, matcher_); }

  private:
    bool look(bool settled) {
        state_ = matcher_.advance(buffer_, settled);
        return state_ == Matcher::State::Matched || state_ == Matcher::State::TooComplex;
    }
    OutputBuffer buffer_;
    Matcher matcher_;
    std::string_view text_;
    std::size_t arrived_ = 0;
    Matcher::State state_ = Matcher::State::NeedMore;
};

struct Case {
    std::shared_ptr<const Pattern> pattern;
    std::string_view text;
    std::string settled;
    std::string closed;
    std::string at_once;  ///< the result of one piece without settling, or "none"

    Case(std::shared_ptr<const Pattern> searched, std::string_view output)
        : pattern(std::move(searched)),
          text(output),
          settled(whole_text_result(*pattern, std::string(text), kBefore.size(), false)),
          closed(whole_text_result(*pattern, std::string(text), kBefore.size(), true)) {
        Delivery delivery(pattern, text);
        delivery.arrive(text.size());
        at_once = delivery.result();
    }
};

/// Empty when the pieces gave what the whole gives, else what differed.
std::string difference(const Case& expected, const std::vector<std::size_t>& cuts) {
    Delivery delivery(expected.pattern, expected.text);
    for (auto cut : cuts) {
        if (delivery.arrive(cut)) break;
    }
    if (delivery.result() != expected.at_once)
        return "at once " + delivery.result() + " not " + expected.at_once;
    if (expected.at_once != "none") {
        if (expected.at_once != expected.settled)
            return "settled " + expected.settled + " not " + expected.at_once;
        return expected.at_once == expected.closed ? ""
                                                   : "closed " + expected.closed + " not " + expected.at_once;
    }
    delivery.settle();
    if (delivery.result() != expected.settled)
        return "settled " + delivery.result() + " not " + expected.settled;
    if (expected.settled != "none") return "";
    delivery.close();
    return delivery.result() == expected.closed ? ""
                                                : "closed " + delivery.result() + " not " + expected.closed;
}

/// The same without a quiet spell before the end: what was tentative is decided by closing.
std::string difference_when_closed(const Case& expected, const std::vector<std::size_t>& cuts) {
    Delivery delivery(expected.pattern, expected.text);
    for (auto cut : cuts) {
        if (delivery.arrive(cut)) break;
    }
    delivery.close();
    return delivery.result() == expected.closed ? ""
                                                : "closed " + delivery.result() + " not " + expected.closed;
}

/// The same with a quiet spell after every piece: each decides for the text so far, as a whole search would.
std::string difference_with_quiet(const Case& expected, const std::vector<std::size_t>& cuts) {
    Delivery delivery(expected.pattern, expected.text);
    for (auto cut : cuts) {
        auto before = delivery.arrive(cut);
        auto after = before || delivery.settle();
        auto whole = whole_text_result(*expected.pattern, std::string(expected.text.substr(0, cut)),
                                       kBefore.size(), false);
        if (delivery.result() != whole) {
            return "quiet at " + std::to_string(cut) + " " + delivery.result() + " not " + whole;
        }
        if (after) return "";
    }
    return "";
}

/// A small generator with a fixed seed: the same cuts on every machine.
class Random {
  public:
    std::size_t below(std::size_t bound) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state_ >> 33) % bound;
    }

  private:
    std::uint64_t state_ = 20240229;
};

std::vector<std::size_t> random_cuts(Random& random, std::size_t size) {
    std::vector<std::size_t> cuts;
    auto longest = 1 + random.below(random.below(4) == 0 ? size + 1 : 6);
    cuts.push_back(0);
    for (std::size_t at = 0; at < size;) {
        at = std::min(size, at + 1 + random.below(longest));
        cuts.push_back(at);
    }
    return cuts;
}

std::string shown(std::string_view pattern, std::size_t output, const std::vector<std::size_t>& cuts) {
    std::string text = "/" + std::string(pattern) + "/ on output " + std::to_string(output) + " cut at";
    for (auto cut : cuts)
        text += " " + std::to_string(cut);
    return text;
}

template <class Check>
void for_all_cases(Check check) {
    for (auto text : kPatterns) {
        auto pattern = Pattern::regex(text);
        REQUIRE_MESSAGE(bool(pattern), std::string(text));
        for (std::size_t i = 0; i < kOutputs.size(); ++i)
            check(Case(*pattern, kOutputs[i]), i);
    }
}

void expect_same(const Case& expected, std::size_t output, const std::vector<std::size_t>& cuts) {
    for (auto compare : {difference, difference_when_closed, difference_with_quiet}) {
        auto different = compare(expected, cuts);
        if (different.empty()) continue;
        FAIL_CHECK(shown(expected.pattern->text(), output, cuts) << ": " << different);
        return;
    }
}

}  // namespace

TEST_CASE("every cut into two finds what the whole text finds") {
    for_all_cases([](const Case& expected, std::size_t output) {
        for (std::size_t cut = 0; cut <= expected.text.size(); ++cut) {
            expect_same(expected, output, {cut, expected.text.size()});
        }
    });
}

TEST_CASE("one byte at a time finds what the whole text finds") {
    for_all_cases([](const Case& expected, std::size_t output) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = 0; at <= expected.text.size(); ++at)
            cuts.push_back(at);
        expect_same(expected, output, cuts);
    });
}

TEST_CASE("random cuts into many find what the whole text finds") {
    Random random;
    for_all_cases([&](const Case& expected, std::size_t output) {
        for (int i = 0; i < 1000; ++i) {
            auto cuts = random_cuts(random, expected.text.size());
            auto compare = i % 8 == 0   ? difference_with_quiet
                           : i % 8 == 1 ? difference_when_closed
                                        : difference;
            auto different = compare(expected, cuts);
            if (different.empty()) continue;
            FAIL_CHECK(shown(expected.pattern->text(), output, cuts) << ": " << different);
            break;
        }
    });
}

}  // namespace relux::match
