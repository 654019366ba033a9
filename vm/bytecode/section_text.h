// The sections of a module as text, record by record, by the lines of module.def and records.def. The module
// need not have passed the verifier, nor have been read to its end. Private to vm/bytecode.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vm/bytecode/line_template.h"
#include "vm/bytecode/module_fields.h"
#include "vm/bytecode/module_text.h"

namespace relux::bytecode {

class SectionText {
  public:
    /// `module` must stay where it is; `missing` are the fields in it that were not read (record_reader.h).
    explicit SectionText(const Module& module, std::vector<const void*> missing = {})
        : module_(module), names_(module), missing_(std::move(missing)) {
        std::sort(missing_.begin(), missing_.end());
    }

    /// Shows the section of that name, one record a line or more. It calls records of other sections by their
    /// names, so those are to be read before.
    std::string of(std::string_view section);

  private:
    class FieldTexts;
    class InnerLines;
    class SectionLines;

    void line(std::string text) { out_ += "  " + std::move(text) + "\n"; }
    /// The line of a record and those of the records in it; `begin` stands before it.
    template <class T>
    void record(const T& record, std::string begin);
    bool is_missing(const void* field) const {
        return std::binary_search(missing_.begin(), missing_.end(), field);
    }
    std::string quoted_name(StringIndex index) const;

    const Module& module_;
    ModuleText names_;
    std::vector<const void*> missing_;
    std::string out_;
};

}  // namespace relux::bytecode
