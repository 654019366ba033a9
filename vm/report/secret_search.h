// Finds the values of secrets in text and replaces them (Aho-Corasick: one pass, whatever their number).
// Text may come in pieces cut anywhere. Must not know where secrets come from.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace relux::report {

inline constexpr std::string_view kMask = "***";

class SecretSearch {
  public:
    /// Values shorter than this are not looked for: they would be found everywhere.
    static constexpr std::size_t kShortest = 4;

    SecretSearch() = default;
    /// A value of several lines counts as each of them, since terminals and logs come between lines.
    explicit SecretSearch(const std::vector<std::string>& secrets);

    bool empty() const { return secrets_.empty(); }
    /// The lines that are looked for, sorted.
    const std::vector<std::string>& secrets() const { return secrets_; }
    /// Whether mask() would change the text.
    bool finds(std::string_view text) const;
    /// Also the beginning of a secret that a mark follows which says that a text was cut: `...` or `…`.
    std::string mask(std::string_view text) const;
    /// The same for a part of a longer text: what is left at a cut end of a secret that was cut there is
    /// replaced too.
    std::string mask_excerpt(std::string_view text, bool cut_front, bool cut_back) const;

  private:
    friend class SecretStream;
    std::uint32_t next(std::uint32_t state, char byte) const {
        return transitions_[state * class_count_ + classes_[static_cast<unsigned char>(byte)]];
    }
    bool is_cut_at(std::string_view text, std::size_t at, std::uint32_t state) const;
    void add(std::string_view secret);
    void link();

    std::vector<std::string> secrets_;
    std::array<std::uint16_t, 256> classes_{};  ///< 0: in no secret
    std::uint32_t class_count_ = 1;
    std::vector<std::uint32_t> transitions_;  ///< state x class
    std::vector<std::uint32_t> depths_;       ///< how many bytes of a secret have been seen in a state
    std::vector<std::uint32_t> found_;        ///< length of the longest secret that ends in a state, or 0
};

/// A text that comes in pieces. The search must outlive it.
class SecretStream {
  public:
    explicit SecretStream(const SecretSearch& search) : search_(&search) {}

    /// Appends what is certain to `out`; at most the beginning of a secret is held back.
    void feed(std::string_view bytes, std::string& out);
    /// Appends the rest; the beginning of a secret is none. With `cut` it may be one, and is replaced.
    void finish(std::string& out, bool cut = false);
    bool holds_nothing() const { return held_.empty(); }
    /// Goes on with other secrets.
    void change(const SecretSearch& search);

  private:
    struct Range {
        std::size_t begin;
        std::size_t end;
    };
    void scan(std::size_t from);
    void release(std::size_t safe, std::string& out);

    const SecretSearch* search_;
    std::uint32_t state_ = 0;
    std::string held_;           ///< not yet given out: the last bytes of what came
    std::vector<Range> ranges_;  ///< of secrets in `held_`, in order, apart from each other
    bool masked_ = false;        ///< the last byte given out belongs to a secret
};

}  // namespace relux::report
