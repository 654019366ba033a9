// Secrets are found wherever text is cut, and compared with a plain search on many small cases.
#include "vm/report/secrets.h"

#include <random>

#include <doctest/doctest.h>

#include "vm/report/test_report.h"

using namespace relux::report;

namespace {

// What the search must find: every byte that lies in an occurrence; touching ones make one mask.
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
    failure.output_omitted = 10;
    result.warnings = {"left `x hunter22`"};
    result.progress = "[hunter22].";
    mask_result(result, SecretSearch({"hunter22"}));
    CHECK(failure.summary == "saw ***");
    CHECK(failure.pattern == "***");
    CHECK(failure.notes[0] == "***?");
    CHECK(failure.chain[0].what == "fn f(***)");
    CHECK(failure.chain[0].place.text == "> ***");
    CHECK(failure.output_tail == "*** and *** and ***");
    CHECK(result.warnings[0] == "left `x ***`");
    CHECK(result.progress == "[***].");
}
