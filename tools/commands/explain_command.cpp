// Which explanation is meant. The texts are in frontend/explanations/ and vm/bytecode/opcodes.def;
// explain_diagnostics and explain_opcodes give them their form.
#include "tools/commands/explain_command.h"

#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/explain/explain_diagnostics.h"
#include "tools/explain/explain_opcodes.h"
#include "vm/base/text.h"

namespace relux::cli {

namespace {

int unknown(const std::string& what, std::string_view word, const std::vector<std::string_view>& known) {
    auto nearest = nearest_name(word, known);
    return complain("there is no " + what + " `" + visible(word, false) + "`" +
                    (nearest.empty() ? "" : "; did you mean `" + std::string(nearest) + "`?"));
}

std::string in_upper_case(std::string_view word) {
    std::string text(word);
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

}  // namespace

ExplainCommand::ExplainCommand(std::string_view program) {
    auto name = std::string(program);
    example_ = "  " + name + " explain E0205\n  " + name + " explain op match.re\n  " + name +
               " explain                 # lists the diagnostics\n  " + name +
               " explain --all --format markdown";
}

void ExplainCommand::declare(CommandLine& line) {
    line.option("WORD", &words_,
                "The code of a diagnostic, such as E0205, or `op` and the name of an opcode. Without one\n"
                "all are listed")
        .at_most(2);
    line.flag("--all", all_, "All of them in full");
    line.option("--format", &format_, "How it is printed").choices({"text", "markdown"}).with_default();
}

int ExplainCommand::explain_opcodes(bool markdown) const {
    if (words_.size() == 1) {
        print_output(all_ || markdown ? opcode_reference(markdown) : opcode_list());
        return kSuccess;
    }
    auto names = opcode_names();
    for (std::size_t number = 0; number < names.size(); ++number) {
        if (names[number] != words_[1]) continue;
        print_output(explain_opcode(static_cast<bytecode::Opcode>(number)));
        return kSuccess;
    }
    return unknown("opcode", words_[1], names);
}

int ExplainCommand::explain_diagnostics(bool markdown) const {
    if (words_.empty()) {
        print_output(all_ || markdown ? diagnostic_reference(markdown) : diagnostic_list());
        return kSuccess;
    }
    auto word = in_upper_case(words_[0]);
    std::vector<std::string_view> codes;
    for (const auto& each : frontend::explanations()) {
        auto code = frontend::diagnostic_info(each.code).code;
        if (code == word) {
            print_output(explain_diagnostic(each, markdown));
            return kSuccess;
        }
        codes.push_back(code);
    }
    return unknown("diagnostic", word, codes);
}

int ExplainCommand::execute() {
    bool markdown = format_ == "markdown";
    if (!words_.empty() && words_[0] == "op") return explain_opcodes(markdown);
    if (words_.size() == 2) return complain("expected one code, or `op` and the name of an opcode");
    return explain_diagnostics(markdown);
}

}  // namespace relux::cli
