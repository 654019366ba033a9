// Which statement has started a process that a shell has left behind: the one that sent what the shell was
// reading then, as far as that is known, or else those that may have run at the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "vm/io/loop.h"

namespace relux::run {

/// A line of a module, whose name outlives whoever keeps this. Null: not known.
struct StatementLine {
    const std::string* file = nullptr;
    std::uint32_t line = 0;
    bool operator==(const StatementLine&) const = default;
};

class ShellSenders {
  public:
    /// `statement` sends now. Returns the number, as of ShellIo::set_statement(), of what is started from
    /// here on. `reader_waits`: nothing that a statement before has begun goes on.
    std::uint32_t sends(const StatementLine& statement, bool reader_waits);
    /// `statement`, which need not be known, has sent something.
    void sent_at(const StatementLine& statement, io::Time now);
    /// `, started by the statement at relux/tests/a.relux:4`; empty: nothing is known.
    std::string sender_of(const io::LeftProcess& left, io::Time now) const;

  private:
    struct Sent {
        io::Time at{0};
        StatementLine statement;
    };
    /// The meaning of a number, from 1: a process comes from one of the statements from the first to the
    /// last. Each that differs is there once, however often a loop sends it.
    struct Range {
        StatementLine first;
        StatementLine last;
        bool operator==(const Range&) const = default;
    };
    struct RangeHash {
        std::size_t operator()(const Range& range) const {
            constexpr std::uint64_t kMixer = 0x9e3779b97f4a7c15;
            const auto lines = std::uint64_t{range.first.line} << 32 | range.last.line;
            const std::hash<const std::string*> of_file;
            return static_cast<std::size_t>(((of_file(range.first.file) * kMixer ^ lines) * kMixer) >> 16) ^
                   of_file(range.last.file);
        }
    };
    std::uint32_t number_of(const Range& range);
    /// The statements that may have run when a process was started, which is known to a hundredth of a
    /// second.
    std::string senders_before(io::Time started) const;

    std::vector<Sent> sent_;  ///< the last ones, in a ring
    std::size_t next_sent_ = 0;
    std::vector<Range> ranges_;
    std::unordered_map<Range, std::uint32_t, RangeHash> numbers_;  ///< places in `ranges_`, from 1
    std::uint32_t last_ = 0;                                       ///< its number
};

}  // namespace relux::run
