// Secrets are found wherever text is cut, and compared with a plain search on many small cases.
#include "vm/report/secrets.h"

#include <random>

#include <doctest/doctest.h>

#include "vm/report/test_report.h"

using namespace relux::report;

namespace {

// The search must find every byte that lies in an occurrence; touching ones make one mask.
std::string masked_plainly(const std::vector<std::string>& secrets, const std::string& text) {
    std::vector<bool> hidden(text.size());
    for (const auto& secret : secrets) {
        for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 1))
            std::fill_n(hidden.begin() + static_cast<std::ptrdiff_t>(at), secret.size(), true);
    }
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (!hidden[i]) {
            out += text[i];
        } else if (i == 0 || !hidden[i - 1]) {
            out += kMask;
        }
    }
    return out;
}

std::string in_pieces(const SecretSearch& search, std::string_view text, std::size_t size) {
    SecretStream stream(search);
    std::string out;
    for (std::size_t at = 0; at < text.size(); at += size)
        stream.feed(text.substr(at, size), out);
    stream.finish(out);
    return out;
}

}  // namespace

TEST_CASE("the search agrees with a plain one, however the text is cut") {
    std::mt19937 random(4);
    const auto word = [&](std::size_t size) {
        std::string text;
        for (std::size_t i = 0; i < size; ++i)
            text.push_back("abc"[random() % 3]);
        return text;
    };
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::string> secrets;
        for (unsigned i = 0; i <= random() % 4; ++i)
            secrets.push_back(word(4 + random() % 5));
        const SecretSearch search(secrets);
        const auto text = word(random() % 60);
        const auto expected = masked_plainly(secrets, text);
        REQUIRE(search.mask(text) == expected);
        for (std::size_t size = 1; size < 9; ++size)
            REQUIRE(in_pieces(search, text, size) == expected);
    }
}

TEST_CASE("short values are not looked for, lines of long ones are") {
    const SecretSearch search({"abc", "first line\r\nsecond line\nx"});
    CHECK(search.mask("abc first line\r\n> second line x") == "abc ***\r\n> *** x");
    CHECK(SecretSearch({"a", ""}).empty());
    CHECK(SecretSearch().mask("anything") == "anything");
}

TEST_CASE("a secret that an excerpt cuts is hidden") {
    const SecretSearch search({"0123456789"});
    CHECK(search.mask_excerpt("456789 and 01234", true, true) == "*** and ***");
    CHECK(search.mask_excerpt("456789 and 01234", false, false) == "456789 and 01234");
    CHECK(search.mask_excerpt("789 and 012", true, true) == "789 and 012");
}

TEST_CASE("a stream goes on with more secrets") {
    const SecretSearch before({"aaaa"});
    const SecretSearch after({"aaaa", "bbbb"});
    SecretStream stream(before);
    std::string out;
    stream.feed("bb aaa", out);
    stream.change(after);
    stream.feed("a bbbb.", out);
    stream.finish(out);
    CHECK(out == "bb *** ***.");
}

TEST_CASE("names that look like secrets, and those that are listed") {
    const SecretNames names({"HIDDEN_*", "P?N"});
    for (const auto* name :
         {"DB_PASSWORD", "db_password", "GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "X_API_KEY", "apiKey",
          "SSH_PRIVATE_KEY", "CREDENTIALS", "MYSQL_PASSWD", "HIDDEN_", "hidden_x", "PIN"})
        CHECK_MESSAGE(names.matches(name), name);
    for (const auto* name : {"PATH", "HOME", "PWD", "HIDDEN", "A_HIDDEN_X", "PAIN", "KEYBOARD"})
        CHECK_MESSAGE(!names.matches(name), name);
}

TEST_CASE("sets in the names that are listed") {
    const SecretNames names({"x-[a-c]", "y[!0-9]z", "odd[1]"});
    for (const auto* name : {"X_A", "x_b", "X-C", "y-z", "odd1", "ODD[1]"})
        CHECK_MESSAGE(names.matches(name), name);
    for (const auto* name : {"X_D", "X__", "y5z", "odd"})
        CHECK_MESSAGE(!names.matches(name), name);
}

TEST_CASE("names are compared word by word") {
    const SecretNames names;
    for (const auto* name : {"GITHUB_PAT", "BEARER", "httpAuthorization", "AUTH_TOKEN", "auth-key",
                             "PGPASSWORD", "X_APIKey", "TOKEN2", "tokens"})
        CHECK_MESSAGE(names.matches(name), name);
    for (const auto* name :
         {"PATTERN", "TOKENIZER", "SECRETARY", "COMPAT", "KEY", "KEY_ID", "AUTHOR", "", "_", "1"})
        CHECK_MESSAGE(!names.matches(name), name);
}

TEST_CASE("no name makes a secret of what is everywhere, but one that is listed") {
    const SecretNames names({"LISTED"});
    for (const auto* value : {"34567", "-12345", "1.250", "/run/secrets/token", "true", "Disabled", "NONE"}) {
        CHECK_MESSAGE(!names.hides("MY_TOKEN", value), value);
        CHECK_MESSAGE(names.hides("LISTED", value), value);
    }
    for (const auto* value : {"34567x", "1.2.3.4", "sesame", "12-34", "----"})
        CHECK_MESSAGE(names.hides("MY_TOKEN", value), value);
    CHECK(!names.hides("MY_TOKEN", "abc"));
    CHECK(!names.hides("LISTED", "abc"));
}

TEST_CASE("a secret is found however it is written, and where a message has cut it") {
    const std::map<std::string, std::string> environment = {{"A_TOKEN", "a\"b\\c\td&e"}};
    const RunSecrets run(SecretNames(), {&environment});
    for (const auto* written : {"a\"b\\c\td&e", "a\\\"b\\\\c\\td&e", "a\"b\\c\\td&e",
                                "a\\\\\\\"b\\\\\\\\c\\\\td&e", "a%22b%5Cc%09d%26e"})
        CHECK_MESSAGE(run.search().mask("<" + std::string(written) + ">") == "<***>", written);
    const SecretSearch search({"open-sesame", "dots...and"});
    CHECK(search.mask("`open-ses...` and open...") == "`***...` and ***...");
    CHECK(search.mask("ope... dots...and dots…") == "ope... *** ***…");
    CHECK(search.finds("open-ses..."));
    CHECK(!search.finds("open-ses.."));
}

TEST_CASE("the passwords of URLs are secrets of any variable") {
    const std::map<std::string, std::string> environment = {
        {"HOMES", "a://u:first@h/x:y@z b://:se%63ond@h c://u@h:1234 d://h"}};
    const RunSecrets run(SecretNames(), {&environment});
    CHECK(run.search().secrets() == std::vector<std::string>{"first", "se%2563ond", "se%63ond", "second"});
    Secrets secrets(run);
    secrets.learn("url", "e://u:third@h");
    CHECK(secrets.search().mask("first third e://u:third@h") == "*** *** e://u:***@h");
}

TEST_CASE("what a test learns is masked from then on") {
    const std::map<std::string, std::string> environment = {{"A_TOKEN", "known-from-start"},
                                                            {"PLAIN", "plain"}};
    const RunSecrets run(SecretNames(), {&environment});
    Secrets secrets(run);
    CHECK_FALSE(secrets.learned());
    CHECK(secrets.search().mask("known-from-start plain later") == "*** plain later");
    secrets.learn("PLAIN", "plain");
    secrets.learn("my_token", "abc");
    CHECK_FALSE(secrets.learned());
    secrets.learn("my_token", "later");
    CHECK(secrets.learned());
    CHECK(secrets.search().mask("known-from-start plain later") == "*** plain ***");
}

TEST_CASE("a result is masked in every text that people read") {
    TestResult result;
    result.name = "name";
    result.failure.emplace();
    auto& failure = *result.failure;
    failure.summary = "saw hunter22";
    failure.pattern = "hunter22";
    failure.notes = {"hunter22?"};
    failure.chain.push_back({"fn f(hunter22)", {"f", 1, 1, 2, "> hunter22"}});
    failure.output_tail = "ter22 and hunter22 and hunt";
    failure.output_head = "hunter22 and hunt";
    failure.output_omitted = 10;
    failure.shell_state = "`x hunter22` is running";
    failure.output_of = "`x hunter22`";
    result.warnings = {"left `x hunter22`"};
    result.progress = "[hunter22].";
    mask_result(result, SecretSearch({"hunter22"}));
    CHECK(failure.summary == "saw ***");
    CHECK(failure.pattern == "***");
    CHECK(failure.notes[0] == "***?");
    CHECK(failure.chain[0].what == "fn f(***)");
    CHECK(failure.chain[0].place.text == "> ***");
    CHECK(failure.output_tail == "*** and *** and ***");
    CHECK(failure.output_head == "*** and ***");
    CHECK(failure.shell_state == "`x ***` is running");
    CHECK(failure.output_of == "`x ***`");
    CHECK(result.warnings[0] == "left `x ***`");
    CHECK(result.progress == "[***].");
}
