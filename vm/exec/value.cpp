// Allocation of the language's strings: one block for count, size and bytes.
#include "vm/exec/value.h"

#include <cstdlib>
#include <cstring>
#include <new>

#include "vm/base/assert.h"

namespace relux::exec {

Value::Rep* Value::allocate(std::size_t size) {
    RELUX_ASSERT(size < kImmortal, "a value's size fits in 32 bits");
    void* memory = std::malloc(sizeof(Rep) + size + 1);
    RELUX_ASSERT(memory != nullptr, "out of memory");
    return new (memory) Rep{1, static_cast<std::uint32_t>(size)};
}

void Value::destroy(Rep* rep) {
    std::free(rep);
}

Value::Value(std::string_view text) {
    if (text.empty()) return;
    rep_ = allocate(text.size());
    std::memcpy(rep_->bytes(), text.data(), text.size());
}

Value Value::concat(std::span<const Value> parts) {
    std::size_t size = 0;
    for (const auto& part : parts)
        size += part.view().size();
    return made(size, [&](char* end) {
        for (const auto& part : parts) {
            const auto view = part.view();
            // An empty view may have no address.
            if (!view.empty()) std::memcpy(end, view.data(), view.size());
            end += view.size();
        }
    });
}

Value Value::immortal(std::string_view text) {
    Value value(text);
    if (value.rep_ != nullptr) value.rep_->count = kImmortal;
    return value;
}

void Value::release_immortal(Value& value) {
    if (value.rep_ == nullptr) return;
    RELUX_ASSERT(value.rep_->count == kImmortal, "the value is a constant");
    destroy(value.rep_);
    value.rep_ = nullptr;
}

}  // namespace relux::exec
