// Which values must not appear in reports and logs: those of variables whose names look like secrets or are
// listed in `[report] mask`, and the passwords in URLs, in every form in which they may be written. Known
// from the start of a run, or learned while a test runs.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vm/report/secret_search.h"

namespace relux::report {

class SecretNames {
  public:
    SecretNames() = default;
    /// Names and globs (`*`, `?`), in any case, besides those that are always secret.
    explicit SecretNames(std::vector<std::string> listed);
    bool matches(std::string_view name) const;
    /// Whether a variable of this name and value is a secret. Never one is a value of less than four bytes,
    /// and, but for names that are listed, a number, an absolute path or a word like `true`: they are no
    /// secret, and occur everywhere.
    bool hides(std::string_view name, std::string_view value) const;

  private:
    bool is_listed(std::string_view name) const;

    std::vector<std::string> listed_;  ///< in upper case
};

/// Some names that are none of a secret: a loop sets the same few variables again and again.
class HarmlessNames {
  public:
    bool knows(std::string_view name) const { return !name.empty() && name == names_[place_of(name)]; }
    /// Another name may have to go.
    void add(std::string_view name) {
        if (!name.empty()) names_[place_of(name)] = name;
    }

  private:
    static constexpr std::size_t kCount = 32;
    static std::size_t place_of(std::string_view name) {
        const auto first = static_cast<std::size_t>(static_cast<unsigned char>(name.front()));
        const auto last = static_cast<std::size_t>(static_cast<unsigned char>(name.back()));
        return ((first << 10 ^ last << 5 ^ name.size()) * 0x9e3779b1U >> 27) % kCount;
    }
    std::array<std::string, kCount> names_;
};

/// Knows the secrets that all tests of a run have in common. Immutable.
class RunSecrets {
  public:
    RunSecrets() = default;
    /// Takes several environments: a value that is secret in one is masked everywhere.
    RunSecrets(SecretNames names, const std::vector<const std::map<std::string, std::string>*>& environments);

    const SecretNames& names() const { return names_; }
    const SecretSearch& search() const { return search_; }

  private:
    SecretNames names_;
    SecretSearch search_;
};

/// The secrets of one attempt at a test.
class Secrets {
  public:
    /// `run` must outlive this.
    explicit Secrets(const RunSecrets& run) : run_(run) {}

    /// By the name alone.
    bool is_secret(std::string_view name) const { return run_.names().matches(name); }
    bool is_secret(std::string_view name, std::string_view value) const {
        return run_.names().hides(name, value);
    }
    /// A variable has this value; remembers it if it is a secret, and the passwords of URLs in it.
    void learn(std::string_view name, std::string_view value);
    /// Changes its address when something has been learned; what it was before stays valid.
    const SecretSearch& search() const { return own_.empty() ? run_.search() : *own_.back(); }
    /// Whether there is more than the run has in common, so that what is on disk may have to be masked again.
    bool learned() const { return !own_.empty(); }

  private:
    bool is_secret_by_name(std::string_view name, std::string_view value);

    const RunSecrets& run_;
    std::vector<std::unique_ptr<const SecretSearch>> own_;
    HarmlessNames harmless_;
};

}  // namespace relux::report
