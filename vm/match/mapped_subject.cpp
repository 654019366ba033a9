#include "vm/match/mapped_subject.h"

#include <algorithm>

#include "vm/base/text.h"

namespace relux::match {

MappedSubject::MappedSubject(std::string_view subject, std::size_t first_invalid) {
    text_.reserve(subject.size() + subject.size() / 8 + 16);
    std::size_t at = 0;
    for (auto invalid = first_invalid; at < subject.size();) {
        const auto valid = invalid == std::string_view::npos ? subject.size() : at + invalid;
        text_ += subject.substr(at, valid - at);
        if (valid == subject.size()) break;
        invalid_.push_back(valid);
        const auto byte = static_cast<unsigned char>(subject[valid]);
        text_ += static_cast<char>(0xC0 | (byte >> 6));
        text_ += static_cast<char>(0x80 | (byte & 0x3F));
        at = valid + 1;
        invalid = find_invalid_utf8(subject.substr(at));
    }
}

// Each of the bytes before has become one longer.
std::size_t MappedSubject::to_text(std::size_t offset) const {
    const auto before = std::lower_bound(invalid_.begin(), invalid_.end(), offset) - invalid_.begin();
    return offset + static_cast<std::size_t>(before);
}

std::size_t MappedSubject::from_text(std::size_t offset) const {
    // The byte number n begins in text() n bytes behind where it does in the subject.
    std::size_t low = 0;
    std::size_t high = invalid_.size();
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (invalid_[middle] + middle < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return offset - low;
}

}  // namespace relux::match
