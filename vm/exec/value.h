// A value of the language: an immutable string of bytes, shared, never copied to be passed.
// Counts are not atomic: a value belongs to one loop thread. Constants are immortal, so modules can be shared
// by threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace relux::exec {

class Value {
  public:
    /// Limits what a program may build, in bytes; a longer result is a run-time failure, reported before
    /// memory is asked for.
    static constexpr std::size_t kMaximumSize = std::size_t{256} << 20;

    /// The empty string; no allocation.
    Value() = default;
    explicit Value(std::string_view text);
    /// A string of that size, below 4 GiB, whose bytes `fill` writes: called with `char*`, all of them its
    /// own.
    template <class Fill>
    static Value made(std::size_t size, Fill&& fill) {
        Value value;
        if (size == 0) return value;
        value.rep_ = allocate(size);
        fill(value.rep_->bytes());
        return value;
    }
    /// Joins the parts with one allocation; together below 4 GiB.
    static Value concat(std::span<const Value> parts);
    /// Never freed and never counted: for constant pools. The caller owns the leak (release_immortal), and
    /// every copy must be gone before.
    static Value immortal(std::string_view text);
    static void release_immortal(Value& value);

    Value(const Value& other) : rep_(other.rep_) { retain(); }
    Value(Value&& other) noexcept : rep_(std::exchange(other.rep_, nullptr)) {}
    Value& operator=(const Value& other) {
        Value copy(other);
        std::swap(rep_, copy.rep_);
        return *this;
    }
    Value& operator=(Value&& other) noexcept {
        std::swap(rep_, other.rep_);
        return *this;
    }
    ~Value() { release(); }

    /// Valid as long as a Value shares the string.
    std::string_view view() const {
        return rep_ ? std::string_view(rep_->bytes(), rep_->size) : std::string_view();
    }
    bool empty() const { return rep_ == nullptr || rep_->size == 0; }

  private:
    struct Rep {
        std::uint32_t count;  ///< kImmortal: never changes
        std::uint32_t size;
        const char* bytes() const { return reinterpret_cast<const char*>(this + 1); }
        char* bytes() { return reinterpret_cast<char*>(this + 1); }
    };
    static constexpr std::uint32_t kImmortal = 0xffffffff;
    static Rep* allocate(std::size_t size);
    void retain() {
        if (rep_ && rep_->count != kImmortal) ++rep_->count;
    }
    void release() {
        if (rep_ && rep_->count != kImmortal && --rep_->count == 0) destroy(rep_);
    }
    static void destroy(Rep* rep);
    Rep* rep_ = nullptr;
};

}  // namespace relux::exec
