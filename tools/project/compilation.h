// A project's files through the compiler, with the manifest's edition and the environment that a run would
// see.
#pragma once

#include <string>
#include <vector>

#include "compiler/compile.h"
#include "tools/project/environment.h"
#include "tools/project/project.h"

namespace relux::cli {

/// `environment` decides which expectations of effects are met from outside.
compiler::CompiledSuite compile_project(const Project& project, const std::vector<std::string>& files,
                                        const EnvironmentLayers& environment);

compiler::CompileOptions compile_options(const Project& project, const EnvironmentLayers& environment);

enum class Shown { Errors, ErrorsAndWarnings };
std::string render_diagnostics(const frontend::DiagnosticSink& sink, Shown shown, bool color);

std::size_t warning_count(const frontend::DiagnosticSink& sink);

}  // namespace relux::cli
