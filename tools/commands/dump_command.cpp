// The stages of the compiler, one at a time, in the format of the golden tests. The dump goes to standard
// output, also of a file with mistakes or a damaged one as far as it could be understood; what is wrong goes
// to standard error.
#include "tools/commands/dump_command.h"

#include "compiler/pack_listing.h"
#include "frontend/parse.h"
#include "tools/cli/command_line.h"
#include "tools/cli/output.h"
#include "tools/project/compilation.h"
#include "tools/project/workflow_source.h"
#include "vm/base/files.h"
#include "vm/base/text.h"
#include "vm/bytecode/listing.h"
#include "vm/bytecode/module_file.h"

namespace relux::cli {

namespace {

int finish(const frontend::DiagnosticSink& sink) {
    print_error(render_diagnostics(sink, Shown::ErrorsAndWarnings, error_wants_color()));
    return sink.error_count() == 0 ? kSuccess : kFailure;
}

}  // namespace

/// By how it begins; else by its name, so that what is wrong with it can be said.
std::optional<DumpCommand::CompiledKind> DumpCommand::compiled_kind(const std::filesystem::path& file) {
    constexpr std::size_t kKindBytes = 4;
    const auto opened = open_to_read(file);
    const auto first = opened ? read_part(opened->descriptor, 0, kKindBytes) : Result<std::string>(Error{});
    const std::string_view begin = first ? std::string_view(*first) : std::string_view();
    const auto extension = file.extension();
    if (begin == "\x89RXM") return CompiledKind::Module;
    if (begin == "\x89RXB") return CompiledKind::Archive;
    if (begin == "\x89RXP") return CompiledKind::CacheFile;
    if (extension == ".rxm") return CompiledKind::Module;
    if (extension == ".rxb") return CompiledKind::Archive;
    if (extension == ".rxp") return CompiledKind::CacheFile;
    return std::nullopt;
}

DumpCommand::DumpCommand(std::string_view program) {
    auto name = std::string(program);
    example_ = "  " + name + " dump --bytecode relux/tests/tasks/smoke.relux\n  " + name +
               " dump --bytecode suite.rxb";
}

void DumpCommand::declare(CommandLine& line) {
    line.option("FILE", &file_, "A .relux file, or a compiled one: archive, module, or file of the cache")
        .required();
    line.exactly_one("Stage", {&line.flag("--tokens", tokens_, "Tokens, one a line"),
                               &line.flag("--ast", ast_, "The syntax tree"),
                               &line.flag("--ir", ir_, "The compiler's intermediate code"),
                               &line.flag("--bytecode", bytecode_, "Bytecode with source lines"),
                               &line.flag("--sections", sections_,
                                          "What a compiled file holds, section by section, with offsets")});
    line.option("--manifest", &manifest_, "Which Relux.toml (default: nearest above the file)").value("PATH");
    line.option("--language", &language_, "Edition, in place of the manifest's").choices({"0.4", "0.8"});
}

Result<Project> DumpCommand::project() const {
    const auto directory = located_path(file_).parent_path();
    auto nearest = manifest_ ? manifest_ : find_manifest(directory);
    if (!nearest) {
        // A link into a project.
        std::error_code error;
        nearest = find_manifest(std::filesystem::weakly_canonical(directory, error));
    }
    Project project;
    project.root = directory;
    if (nearest) {
        auto opened = open_project(nearest);
        if (!opened) return opened;
        project = std::move(*opened);
    }
    if (language_)
        project.manifest.language = *language_ == "0.8" ? frontend::Edition::V0_8 : frontend::Edition::V0_4;
    return project;
}

int DumpCommand::dump_syntax(const Project& project) {
    auto text = read_source(file_);
    if (!text) return complain(text.error().message);
    frontend::Source source(module_name(project.root, absolute_path(file_)), std::move(*text));
    if (tokens_) {
        print_output(frontend::dump_tokens(source, project.manifest.language));
        return kSuccess;
    }
    frontend::DiagnosticSink sink;
    print_output(frontend::dump_ast(frontend::parse(source, project.manifest.language, sink)));
    return finish(sink);
}

int DumpCommand::dump_ir(const Project& project) {
    auto environment =
        EnvironmentLayers::read(project.root, {absolute_path(file_)}, project.manifest.shell.term);
    if (!environment) return complain(environment.error().message);
    std::vector<std::unique_ptr<frontend::Source>> sources;
    frontend::DiagnosticSink sink;
    print_output(
        compiler::dump_ir(compile_options(project, *environment), absolute_path(file_), sink, sources));
    return finish(sink);
}

int DumpCommand::dump_bytecode(const Project& project) {
    auto environment =
        EnvironmentLayers::read(project.root, {absolute_path(file_)}, project.manifest.shell.term);
    if (!environment) return complain(environment.error().message);
    auto file = absolute_path(file_);
    auto compiled = compile_project(project, {file}, *environment);
    auto name = module_name(project.root, file);
    for (const auto& module : compiled.modules) {
        if (module.name == name) print_output(bytecode::disassemble(module));
    }
    return finish(compiled.diagnostics);
}

int DumpCommand::dump_workflow(const Project& project) {
    const auto name = module_name(project.root, absolute_path(file_).string());
    const auto compiled = compile_project_workflows(project, {absolute_path(file_).string()});
    for (const auto& module : compiled.modules) {
        if (module.name == name) print_output(bytecode::disassemble(module));
    }
    print_error(compiled.problems);
    return compiled.problem_count == 0 ? kSuccess : kFailure;
}

int DumpCommand::dump_compiled(CompiledKind kind) {
    auto bytes = read_file(file_);
    if (!bytes) return complain(bytes.error().message);
    const auto style = sections_ ? bytecode::ListingStyle::Sections : bytecode::ListingStyle::Code;
    const auto listing = kind == CompiledKind::Module    ? bytecode::list_module(*bytes, style)
                         : kind == CompiledKind::Archive ? bytecode::list_archive(*bytes, style)
                                                         : compiler::list_pack(*bytes, style);
    print_output(listing.text);
    for (const auto& fault : listing.faults)
        print_error(visible(file_.string(), false) + ": offset " + std::to_string(fault.offset) + ": " +
                    visible(fault.what, false) + "\n");
    return listing.faults.empty() ? kSuccess : kFailure;
}

int DumpCommand::execute() {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file_, error)) {
        const bool exists = std::filesystem::exists(file_, error);
        return complain(file_.string() + (exists ? " is no file that can be dumped" : " does not exist"));
    }
    if (const auto kind = compiled_kind(file_)) {
        if (bytecode_ || sections_) return dump_compiled(*kind);
        return complain("a compiled file holds bytecode only: use --bytecode or --sections");
    }
    if (sections_)
        return complain("--sections is for compiled files: modules, archives and files of the cache");
    auto opened = project();
    if (!opened) return complain(opened.error().message);
    auto placed = path_in_project(opened->root, file_);
    if (!placed) return complain(placed.error().message);
    file_ = std::move(*placed);
    if (is_workflow_file(file_.filename().string())) {
        return bytecode_ ? dump_workflow(*opened)
                         : complain("of a workflow there is bytecode only: use --bytecode");
    }
    if (bytecode_) return dump_bytecode(*opened);
    return ir_ ? dump_ir(*opened) : dump_syntax(*opened);
}

}  // namespace relux::cli
