// Names are compared without case: `DbPassword` holds a password as much as `DB_PASSWORD` does.
#include "vm/report/secrets.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "vm/base/text.h"

namespace relux::report {

namespace {

constexpr std::array<std::string_view, 12> kSecretWords = {
    "PASSWORD", "PASSWD",      "PASSPHRASE", "SECRET",     "TOKEN",      "API_KEY",
    "APIKEY",   "PRIVATE_KEY", "PRIVATEKEY", "CREDENTIAL", "ACCESS_KEY", "ACCESSKEY",
};

char upper_case(char c) {
    if (c >= 'a' && c <= 'z') return static_cast<char>(c - 'a' + 'A');
    return c == '-' ? '_' : c;
}

std::string upper_case(std::string_view text) {
    std::string upper(text);
    for (char& c : upper)
        c = upper_case(c);
    return upper;
}

/// A bit for each letter that a secret word begins with.
constexpr std::uint32_t first_letters() {
    std::uint32_t letters = 0;
    for (const auto word : kSecretWords)
        letters |= 1U << (word[0] - 'A');
    return letters;
}

/// `word` is in upper case.
bool starts_with_word(std::string_view name, std::string_view word) {
    if (name.size() < word.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        if (upper_case(name[i]) != word[i]) return false;
    }
    return true;
}

// Asked for every variable that a test sets, so nothing is copied.
bool has_secret_word(std::string_view name) {
    constexpr std::size_t kShortestWord = 5;
    constexpr auto kFirstLetters = first_letters();
    for (; name.size() >= kShortestWord; name.remove_prefix(1)) {
        const auto letter = static_cast<unsigned>(upper_case(name[0]) - 'A');
        if (letter >= 26 || (kFirstLetters >> letter & 1U) == 0) continue;
        for (const auto word : kSecretWords) {
            if (starts_with_word(name, word)) return true;
        }
    }
    return false;
}

// Goes back to the last star only, which is enough: linear but for the length of the glob.
bool matches_glob(std::string_view glob, std::string_view name) {
    std::size_t g = 0;
    std::size_t n = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resumed = 0;
    while (n < name.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resumed = n;
        } else if (g < glob.size() && (glob[g] == '?' || glob[g] == name[n])) {
            ++g;
            ++n;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            n = ++resumed;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

// As terminals send it, and as messages quote it.
void add_forms(std::string_view value, std::vector<std::string>& secrets) {
    secrets.emplace_back(value);
    auto quoted = visible(value, true);
    if (quoted != value) secrets.push_back(std::move(quoted));
}

}  // namespace

SecretNames::SecretNames(std::vector<std::string> listed) : listed_(std::move(listed)) {
    for (auto& glob : listed_)
        glob = upper_case(glob);
}

bool SecretNames::matches(std::string_view name) const {
    if (has_secret_word(name)) return true;
    if (listed_.empty()) return false;
    const auto upper = upper_case(name);
    return std::any_of(listed_.begin(), listed_.end(),
                       [&](const std::string& glob) { return matches_glob(glob, upper); });
}

RunSecrets::RunSecrets(SecretNames names,
                       const std::vector<const std::map<std::string, std::string>*>& environments)
    : names_(std::move(names)) {
    std::vector<std::string> secrets;
    for (const auto* environment : environments) {
        for (const auto& [name, value] : *environment) {
            if (names_.matches(name)) add_forms(value, secrets);
        }
    }
    search_ = SecretSearch(secrets);
}

void Secrets::learn(std::string_view name, std::string_view value) {
    if (value.size() < SecretSearch::kShortest || name.empty()) return;
    auto& harmless = harmless_[(name.size() + static_cast<unsigned char>(name[0])) % harmless_.size()];
    if (name == harmless) return;
    if (!is_secret(name)) {
        harmless = name;
        return;
    }
    if (search().mask(value) == kMask) return;
    auto secrets = search().secrets();
    add_forms(value, secrets);
    own_.push_back(std::make_unique<const SecretSearch>(secrets));
}

}  // namespace relux::report
