// Names are taken apart into words and compared without case: `DbPassword` holds a password as much as
// `DB_PASSWORD` does, and `TOKENIZER` no token.
#include "vm/report/secrets.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "vm/base/glob.h"
#include "vm/base/text.h"
#include "vm/report/json_writer.h"

namespace relux::report {

namespace {

/// In upper case. `KEY` needs the word before it.
constexpr auto kSecretWords =
    std::to_array<std::string_view>({"PASSWORD", "PASSWORDS", "PASSWD", "PASSPHRASE", "SECRET", "SECRETS",
                                     "TOKEN", "TOKENS", "APIKEY", "PRIVATEKEY", "CREDENTIAL", "CREDENTIALS",
                                     "ACCESSKEY", "PAT", "BEARER", "AUTHORIZATION", "AUTHTOKEN", "AUTHKEY"});
constexpr auto kWordsBeforeKey = std::to_array<std::string_view>({"API", "PRIVATE", "ACCESS", "AUTH"});
/// No word of another meaning ends so, and `PGPASSWORD` is one word.
constexpr auto kSecretEndings = std::to_array<std::string_view>({"PASSWORD", "PASSWD", "PASSPHRASE"});
/// Lists what switches and settings are set to, in lower case.
constexpr auto kPlainWords = std::to_array<std::string_view>(
    {"true",        "false",    "yes",       "no",     "on",      "off",       "none",   "null",
     "nil",         "enabled",  "disabled",  "enable", "disable", "default",   "auto",   "always",
     "never",       "optional", "required",  "basic",  "bearer",  "digest",    "plain",  "file",
     "environment", "prompt",   "anonymous", "empty",  "unset",   "undefined", "unknown"});

bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

char upper_case(char c) {
    if (is_lower(c)) return static_cast<char>(c - 'a' + 'A');
    return c == '-' ? '_' : c;
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper)
        c = upper_case(c);
    return upper;
}

/// The same, but for the hyphens of sets, `[A-Z]`: they make ranges.
std::string upper_case_glob(std::string_view glob) {
    auto upper = upper_case(glob);
    bool in_set = false;
    for (std::size_t i = 0; i < glob.size(); ++i) {
        if (in_set && glob[i] == '-') upper[i] = '-';
        in_set = glob[i] == '[' || (in_set && glob[i] != ']');
    }
    return upper;
}

/// `word` is in upper case.
bool is_word(std::string_view text, std::string_view word) {
    return text.size() == word.size() && std::equal(text.begin(), text.end(), word.begin(),
                                                    [](char a, char b) { return upper_case(a) == b; });
}

template <class Words>
bool is_one_of(std::string_view text, const Words& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return is_word(text, word); });
}

/// The next word of `name`, taken off its front: letters up to a change of case or to anything else; empty at
/// the end. `APIKey` is `API` and `Key`.
std::string_view take_word(std::string_view& name) {
    const auto is_letter = [](char c) { return is_upper(c) || is_lower(c); };
    while (!name.empty() && !is_letter(name[0]))
        name.remove_prefix(1);
    std::size_t size = 0;
    while (size < name.size() && is_letter(name[size])) {
        const bool has_more = size + 1 < name.size();
        const bool after_lower = size > 0 && is_upper(name[size]) && is_lower(name[size - 1]);
        const bool before_lower = size > 0 && is_upper(name[size]) && has_more && is_lower(name[size + 1]);
        if (after_lower || before_lower) break;
        ++size;
    }
    const auto word = name.substr(0, size);
    name.remove_prefix(size);
    return word;
}

// Asked for every variable that a test sets, so nothing is copied.
bool has_secret_word(std::string_view name) {
    std::string_view before;
    for (auto word = take_word(name); !word.empty(); before = word, word = take_word(name)) {
        if (is_one_of(word, kSecretWords)) return true;
        if ((is_word(word, "KEY") || is_word(word, "KEYS")) && is_one_of(before, kWordsBeforeKey))
            return true;
        for (const auto ending : kSecretEndings) {
            if (word.size() > ending.size() && is_word(word.substr(word.size() - ending.size()), ending))
                return true;
        }
    }
    return false;
}

bool is_number(std::string_view text) {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
    return digits && std::any_of(text.begin(), text.end(), is_digit) &&
           std::count(text.begin(), text.end(), '.') <= 1;
}

/// Whether a value is of those that no name makes a secret: it would be masked wherever it occurs.
bool is_harmless(std::string_view value) {
    if (is_number(value) || value.starts_with('/')) return true;
    return std::any_of(kPlainWords.begin(), kPlainWords.end(), [&](std::string_view word) {
        return value.size() == word.size() &&
               std::equal(value.begin(), value.end(), word.begin(),
                          [](char a, char b) { return a == b || (is_upper(a) && a - 'A' + 'a' == b); });
    });
}

/// Calls `visit` with each password that a URL in `text` holds, as it is written there:
/// `postgres://user:PASSWORD@host`.
template <class Visit>
void for_each_url_password(std::string_view text, Visit&& visit) {
    constexpr std::string_view kSeparator = "://";
    for (auto at = text.find(kSeparator); at != std::string_view::npos; at = text.find(kSeparator)) {
        text.remove_prefix(at + kSeparator.size());
        const auto authority = text.substr(0, text.find_first_of("/?# \t\r\n\"'`<>"));
        const auto end = authority.rfind('@');
        const auto colon = authority.find(':');
        if (end == std::string_view::npos || colon == std::string_view::npos || colon + 1 >= end) continue;
        visit(authority.substr(colon + 1, end - colon - 1));
    }
}

int hexadecimal_digit(char c) {
    if (is_digit(c)) return c - '0';
    const char upper = upper_case(c);
    return upper >= 'A' && upper <= 'F' ? upper - 'A' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hexadecimal_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hexadecimal_digit(text[i + 2]) : -1;
        if (low >= 0) i += 2;
        decoded += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    }
    return decoded;
}

std::string json_escaped(std::string_view text) {
    TextBuffer quoted;
    BasicJsonWriter<TextBuffer>(quoted).text(text);
    return quoted.text.substr(1, quoted.text.size() - 2);
}

/// As terminals send it, and as whatever shows it writes it: messages that make bytes visible, JSON and
/// quoted values, JSON within JSON, URLs.
void add_forms(std::string_view value, std::vector<std::string>& secrets) {
    if (value.size() < SecretSearch::kShortest) return;
    secrets.emplace_back(value);
    const auto escaped = json_escaped(value);
    for (auto form : {visible(value, true), escaped, json_escaped(escaped), percent_encoded(value, "-._~")}) {
        if (form != value) secrets.push_back(std::move(form));
    }
}

void add_url_passwords(std::string_view value, std::vector<std::string>& secrets) {
    for_each_url_password(value, [&](std::string_view password) {
        add_forms(password, secrets);
        const auto decoded = percent_decoded(password);
        if (decoded != password) add_forms(decoded, secrets);
    });
}

}  // namespace

SecretNames::SecretNames(std::vector<std::string> listed) : listed_(std::move(listed)) {
    for (auto& glob : listed_)
        glob = upper_case_glob(glob);
}

bool SecretNames::is_listed(std::string_view name) const {
    if (listed_.empty()) return false;
    const auto upper = upper_case(name);
    return std::any_of(listed_.begin(), listed_.end(),
                       [&](const std::string& glob) { return glob == upper || glob_matches(glob, upper); });
}

bool SecretNames::matches(std::string_view name) const {
    return has_secret_word(name) || is_listed(name);
}

bool SecretNames::hides(std::string_view name, std::string_view value) const {
    if (value.size() < SecretSearch::kShortest) return false;
    return is_harmless(value) ? is_listed(name) : matches(name);
}

RunSecrets::RunSecrets(SecretNames names,
                       const std::vector<const std::map<std::string, std::string>*>& environments)
    : names_(std::move(names)) {
    std::vector<std::string> secrets;
    for (const auto* environment : environments) {
        for (const auto& [name, value] : *environment) {
            if (names_.hides(name, value)) add_forms(value, secrets);
            add_url_passwords(value, secrets);
        }
    }
    search_ = SecretSearch(secrets);
}

void Secrets::learn(std::string_view name, std::string_view value) {
    if (value.size() < SecretSearch::kShortest) return;
    std::vector<std::string> found;
    add_url_passwords(value, found);
    if (is_secret_by_name(name, value)) add_forms(value, found);
    std::erase_if(found, [&](const std::string& secret) { return search().mask(secret) == kMask; });
    if (found.empty()) return;
    found.insert(found.end(), search().secrets().begin(), search().secrets().end());
    own_.push_back(std::make_unique<const SecretSearch>(found));
}

bool Secrets::is_secret_by_name(std::string_view name, std::string_view value) {
    if (name.empty() || harmless_.knows(name)) return false;
    if (is_secret(name, value)) return true;
    if (!is_secret(name)) harmless_.add(name);
    return false;
}

}  // namespace relux::report
