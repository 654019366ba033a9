// The sections of a module as text, record by record. The module need not have passed the verifier. Private
// to vm/bytecode.
#pragma once

#include <string>
#include <string_view>

#include "vm/bytecode/module.h"
#include "vm/bytecode/module_text.h"

namespace relux::bytecode {

class SectionText {
  public:
    /// `module` must stay where it is.
    explicit SectionText(const Module& module) : module_(module), names_(module) {}

    /// What is in the section of that name, one record a line or more. What other sections hold it names by
    /// name, so they are to be read before.
    std::string of(std::string_view section);

  private:
    void line(std::string text) { out_ += "  " + std::move(text) + "\n"; }
    void header();
    void strings();
    void patterns();
    void durations();
    void references();
    void chunks();
    void scopes();
    void scope(std::size_t index);
    void functions();
    void effects();
    void tests();
    void workflows();
    void markers(const std::vector<Marker>& markers);
    std::string quoted_name(StringIndex index) const;
    std::string quoted_names(const std::vector<StringIndex>& indexes) const;

    const Module& module_;
    ModuleText names_;
    std::string out_;
};

}  // namespace relux::bytecode
