#include "vm/bytecode/line_template.h"

#include <algorithm>

#include "vm/base/assert.h"

namespace relux::bytecode {

namespace {

class LineFiller {
  public:
    LineFiller(std::string_view line, std::vector<LineField>& fields) : line_(line), fields_(fields) {}

    std::string fill() {
        auto text = part();
        for (const auto& field : fields_)
            if (!field.named && !field.missing && !field.holds_nothing)
                text += ", " + std::string(field.name) + " " + field.text;
        return text;
    }

  private:
    /// Up to the end of the line, or of the brackets.
    std::string part(const LineField** first = nullptr) {
        std::string text, words;
        for (bool begins = true; at_ < line_.size() && line_[at_] != ']' && line_[at_] != '|';) {
            if (line_[at_] == '[') {
                ++at_;
                text += words + brackets();
                words.clear();
            } else if (line_[at_] == '{') {
                const auto* field = next_field();
                if (field == nullptr) continue;
                if (first != nullptr && *first == nullptr) *first = field;
                // The first words say what kind of record it is.
                if (field->missing && begins) text += words.substr(0, words.find_last_not_of(' ') + 1);
                if (!field->missing) text += words + field->text;
                words.clear();
            } else {
                words += line_[at_++];
                continue;
            }
            begins = false;
        }
        return text + words;
    }

    std::string brackets() {
        const LineField* first = nullptr;
        auto text = part(&first);
        RELUX_ASSERT(first != nullptr, "a field in brackets");
        std::string other;
        if (line_[at_] == '|') {
            ++at_;
            other = part();
        }
        ++at_;
        if (first->missing) return {};
        return first->holds_nothing ? other : text;
    }

    /// Null when it is not to be shown.
    const LineField* next_field() {
        const auto end = line_.find('}', at_);
        auto name = line_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        const bool hidden = name.starts_with('!');
        if (hidden) name.remove_prefix(1);
        const auto found = std::find_if(fields_.begin(), fields_.end(),
                                        [&](const LineField& field) { return field.name == name; });
        RELUX_ASSERT(found != fields_.end(), "a field that the record has");
        found->named = true;
        return hidden ? nullptr : &*found;
    }

    std::string_view line_;
    std::vector<LineField>& fields_;
    std::size_t at_ = 0;
};

}  // namespace

std::string fill_line(std::string_view line, std::vector<LineField>& fields) {
    return LineFiller(line, fields).fill();
}

}  // namespace relux::bytecode
