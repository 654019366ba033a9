// The entry points that the fuzzers and the replay of their corpora share. Each takes any bytes at all and
// returns; what it must not see is an assertion, which aborts. They know only public headers.
#pragma once

#include <string_view>

namespace relux::fuzz {

/// One file of a suite through lexer, parser, resolver, checks, compiler and verifier, and its diagnostics
/// through the renderer. The first byte is a set of bits, so that `0` to `?` are all of them:
///   1 edition 0.8, else 0.4    2 the text is a library that a test imports, else it is the test
///   4 names of the environment are known    8 also the dumps, and a second run that must give the same bytes
void compile(std::string_view input);

/// A pattern against output cut into pieces, or a duration. The first byte says which:
///   `r` a regex, `l` a literal: a byte that cuts are made from, the pattern up to the first newline, then
///       the output. The pieces must find what one search of the whole output finds.
///   `d` a duration that is read and written, with and without spaces.
/// Everything else is passed over.
void match(std::string_view input);

/// Modules through reader, verifier, linker and machine. The first byte says how they are given:
///   `f` a module file, `a` an archive: hashes are made right, everything else is as it is
///   `s` the sections of a module file, each after its length as two bytes
///   `b` decisions that one or two modules are built from by the table of opcodes, most of them without a
///       fault, and then the answers to what they wait for
/// Everything else is passed over.
void module(std::string_view input);

/// Files beside modules. The first byte says which; the rest is all of it, or what stands before a digest
/// that is made right:
///   `a` an archive
///   `e` a `.env`    `m` a Relux.toml    `s` a run_summary.toml    `j` a margins.json
///   `p` a pack of the cache: the size of its modules as two bytes, the modules, the table
///   `t` a stamps file of the cache, behind its root    `i` the state of incremental runs, behind its version
/// Everything else is passed over.
void files(std::string_view input);

}  // namespace relux::fuzz
