#include "vm/run/involved_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "vm/base/shell_words.h"
#include "vm/base/shortened_text.h"
#include "vm/base/text.h"
#include "vm/bytecode/quoted.h"
#include "vm/report/events.h"
#include "vm/report/source_locations.h"
#include "vm/report/template_bindings.h"

namespace relux::run {

namespace {

namespace events = report::events;
using report::Event;
using report::EventKind;
using report::EventPlace;

constexpr std::size_t kMostValues = 8;
constexpr std::size_t kLongestValue = 120;  // bytes of one that is shown

/// Shells give these a value themselves, or mean something else by them.
constexpr std::array<std::string_view, 32> kOfShells = {
    "BASH",    "BASHPID", "BASH_VERSION", "COLUMNS",  "DIRSTACK", "EUID",   "FUNCNAME",   "GROUPS",
    "HISTCMD", "HOME",    "HOSTNAME",     "HOSTTYPE", "IFS",      "LINENO", "LINES",      "MACHTYPE",
    "OLDPWD",  "OPTARG",  "OPTERR",       "OPTIND",   "OSTYPE",   "PATH",   "PIPESTATUS", "PPID",
    "PS4",     "PWD",     "RANDOM",       "REPLY",    "SECONDS",  "SHELL",  "SHLVL",      "UID"};

bool is_word_part(char c) {
    return c == '_' || std::isalnum(static_cast<unsigned char>(c)) != 0;
}

bool is_name(std::string_view text) {
    return !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) == 0 &&
           std::all_of(text.begin(), text.end(), is_word_part);
}

std::string_view line_of(std::string_view text, std::uint32_t number) {
    for (std::uint32_t line = 1; line < number && !text.empty(); ++line) {
        const auto end = text.find('\n');
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

/// What a shell expands: all but the texts between single quotes.
std::string without_single_quoted(std::string_view line) {
    std::string kept;
    bool in_double = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) {
            kept += line.substr(i++, 2);
        } else if (line[i] == '\'' && !in_double) {
            i = std::min(line.find('\'', i + 1), line.size() - 1);
        } else {
            in_double = in_double != (line[i] == '"');
            kept += line[i];
        }
    }
    return kept;
}

/// A statement, by the line that it begins in.
struct Line {
    std::uint32_t module = 0;
    std::uint32_t line = 0;
    bool operator==(const Line&) const = default;
    static Line of(const EventPlace& place) { return {place.module, place.line}; }
};

/// The last that is known of a variable at the time of the failure.
struct Variable {
    std::optional<std::string> bound;     ///< what stood for it in a text of one of both statements
    std::optional<std::string> declared;  ///< the value of its last declaration
    EventPlace declared_at;
    std::optional<std::string> assigned;
    EventPlace assigned_at;
    std::string shadowed;  ///< the value of a declaration before the last one
    EventPlace shadowed_at;
    std::optional<std::string> exposed;  ///< by an effect, under this name

    std::string value() const {
        return bound ? *bound : assigned ? *assigned : declared.value_or(std::string());
    }
};

/// Finds matches that took what there was when the output paused, and what continued the word later.
class SettledMatches {
  public:
    struct Settled {
        std::string_view matched;
        std::string_view continued;
        EventPlace place;
    };

    static bool wants(EventKind kind) {
        return kind == EventKind::BufferMatched || kind == EventKind::MatchDone || kind == EventKind::Recv ||
               kind == EventKind::Send;
    }

    void see(const Event& event) {
        auto& last = last_[event.place.shell];
        if (event.kind == EventKind::BufferMatched) {
            const auto match = events::read<events::BufferMatched>(event);
            last = {};
            last.is_at_end = match.end == match.arrived;
        } else if (event.kind == EventKind::MatchDone && last.is_at_end) {
            last.matched = events::read<events::MatchDone>(event).matched;
            last.place = event.place;
        } else if (event.kind == EventKind::Send) {
            last.sent = events::read<events::Send>(event).data;
        } else if (event.kind == EventKind::Recv && !last.matched.empty()) {
            note(std::exchange(last, {}), events::read<events::Recv>(event).data);
        }
    }

    /// The last one that ends with `value`; null: none does.
    const Settled* ending_with(std::string_view value) const {
        const auto found = std::find_if(all_.rbegin(), all_.rend(),
                                        [&](const Settled& one) { return one.matched.ends_with(value); });
        return found == all_.rend() ? nullptr : &*found;
    }

  private:
    struct Last {
        bool is_at_end = false;
        std::string_view matched;
        std::string_view sent;
        EventPlace place;
    };

    void note(const Last& last, std::string_view output) {
        const bool is_echo = !last.sent.empty() && output.starts_with(last.sent.substr(0, output.size()));
        if (is_echo || output.empty() || !is_word_part(output.front()) || !is_word_part(last.matched.back()))
            return;
        const auto end = std::find_if_not(output.begin(), output.end(), is_word_part);
        all_.push_back(
            {last.matched, output.substr(0, static_cast<std::size_t>(end - output.begin())), last.place});
    }

    std::map<std::uint32_t, Last> last_;  ///< by shell
    std::vector<Settled> all_;
};

class InvolvedValues {
  public:
    explicit InvolvedValues(const report::TestRecord& record) : record_(record), locations_(record) {}

    std::vector<std::string> find() {
        find_statements();
        if (failing_.line == 0) return {};
        for (const auto& statement : {sent_, failing_})
            add_names(statement);
        if (!names_.empty()) find_values();
        for (const auto& name : names_) {
            if (sentences_.size() < kMostValues) tell(name, variables_[name]);
        }
        tell_expansions();
        return std::move(sentences_);
    }

  private:
    std::string_view line_text(const Line& statement) const {
        return statement.line == 0 ? std::string_view()
                                   : line_of(record_.source(statement.module).text, statement.line);
    }

    bool is_failing(const EventPlace& place) {
        const auto& failed = record_.result.failure->chain.back().place;
        if (place.line != failed.line || place.module == 0) return false;
        const auto [known, fresh] = is_file_.try_emplace(place.module, false);
        if (fresh) known->second = record_.source(place.module).path == failed.file;
        return known->second;
    }

    /// The shell of the failing statement, and what was sent to it last.
    void find_statements() {
        struct Sent {
            Line statement;
            std::vector<std::string> lines;
        };
        std::map<std::uint32_t, Sent> sent;
        std::uint32_t shell = 0;
        bool over = false;
        const auto is_wanted = [&](EventKind kind) {
            over = over || kind == EventKind::Failed;
            return !over && report::event_info(kind).record_class == report::RecordClass::Event;
        };
        record_.events.for_each_of(is_wanted, [&](const Event& event) {
            if (is_failing(event.place)) {
                failing_ = Line::of(event.place);
                if (event.place.shell != 0) shell = event.place.shell;
            }
            if (event.kind != EventKind::Send || event.place.line == 0) return;
            auto& of_shell = sent[event.place.shell];
            of_shell.statement = Line::of(event.place);
            of_shell.lines.emplace_back(events::read<events::Send>(event).data);
        });
        if (shell == 0) return;
        sent_ = sent[shell].statement;
        lines_ = std::move(sent[shell].lines);
        if (const auto number = shell - 1; number < record_.shells.size())
            shell_ = record_.shells[number].name;
    }

    void add_names(const Line& statement) {
        for (const auto& piece : report::template_pieces(line_text(statement))) {
            if (!piece.variable || std::find(names_.begin(), names_.end(), piece.text) != names_.end())
                continue;
            names_.push_back(piece.text);
        }
    }

    bool is_wanted(std::string_view name) const {
        return std::find(names_.begin(), names_.end(), name) != names_.end();
    }

    void find_values() {
        bool over = false;
        const auto wanted = [&](EventKind kind) {
            over = over || kind == EventKind::Failed;
            return !over && (kind == EventKind::Interpolation || kind == EventKind::VarLet ||
                             kind == EventKind::VarAssign || kind == EventKind::EffectExposeVar ||
                             SettledMatches::wants(kind));
        };
        record_.events.for_each_of(wanted, [&](const Event& event) {
            if (SettledMatches::wants(event.kind)) return settled_.see(event);
            if (event.kind == EventKind::Interpolation) return bind(event);
            if (event.kind == EventKind::EffectExposeVar) {
                const auto exposed = events::read<events::EffectExposeVar>(event);
                if (is_wanted(exposed.name)) variables_[std::string(exposed.name)].exposed = exposed.value;
            } else if (event.kind == EventKind::VarLet) {
                declare(events::read<events::VarLet>(event), event.place);
            } else {
                const auto assignment = events::read<events::VarAssign>(event);
                if (!is_wanted(assignment.name)) return;
                auto& variable = variables_[std::string(assignment.name)];
                variable.assigned = assignment.value;
                variable.assigned_at = event.place;
            }
        });
    }

    void declare(const events::VarLet& let, const EventPlace& place) {
        if (!is_wanted(let.name)) return;
        auto& variable = variables_[std::string(let.name)];
        if (variable.declared && Line::of(variable.declared_at) != Line::of(place)) {
            variable.shadowed = variable.assigned ? *variable.assigned : *variable.declared;
            variable.shadowed_at = variable.declared_at;
        }
        variable.declared = let.value;
        variable.declared_at = place;
        variable.assigned.reset();
    }

    void bind(const Event& event) {
        const auto statement = Line::of(event.place);
        if (statement != failing_ && statement != sent_) return;
        const auto text = locations_.text(event.place);
        if (text.empty()) return;
        const auto pieces = report::template_pieces(report::template_text(text));
        const auto parts = report::decode_texts(event.fields.at(0).text);
        for (auto& [name, value] : report::template_bindings(pieces, parts)) {
            if (is_wanted(name)) variables_[name].bound = std::move(value);
        }
    }

    std::string place_name(const EventPlace& place) const {
        const auto line = std::to_string(place.line);
        return place.module == failing_.module ? "line " + line
                                               : std::string(record_.source(place.module).path) + ":" + line;
    }

    bool declares_value(const EventPlace& place) const {
        return line_text(Line::of(place)).find('=') != std::string_view::npos;
    }

    void tell(const std::string& name, const Variable& variable) {
        const auto value = variable.value();
        std::string sentence = "`" + name + "` = ";
        if (record_.secrets.is_secret(name, value) && !value.empty()) {
            sentence += "***";
        } else {
            sentence += bytecode::quoted_text(shortened_text(value, kLongestValue));
        }
        if (value.empty()) sentence += reason_for_nothing(name, variable);
        if (const auto* settled = value.empty() ? nullptr : settled_.ending_with(value)) {
            sentence += ", matched at " + place_name(settled->place) +
                        " while the output paused; it continued after it with `" +
                        visible(settled->continued.substr(0, kLongestValue), false) +
                        "`: have the pattern say what comes behind it, such as a line end";
        }
        sentences_.push_back(std::move(sentence));
    }

    /// ` (never assigned; it is declared at line 12 ...)`
    std::string reason_for_nothing(const std::string& name, const Variable& variable) const {
        if (!is_name(name)) return " (empty)";
        std::string reason;
        if (variable.assigned) {
            reason = "assigned at " + place_name(variable.assigned_at);
        } else if (variable.declared) {
            const bool has_value = declares_value(variable.declared_at);
            reason = (has_value ? "empty since its declaration at " : "never assigned; declared at ") +
                     place_name(variable.declared_at);
            if (!variable.shadowed.empty()) {
                reason += ", which shadows the one of " + place_name(variable.shadowed_at) + ", " +
                          bytecode::quoted_text(shortened_text(variable.shadowed, kLongestValue));
            }
        } else {
            const bool is_set = std::any_of(record_.base_environment.begin(), record_.base_environment.end(),
                                            [&](const auto& known) { return known.name == name; });
            reason = is_set || variable.bound ? "empty" : "never set";
            if (!is_set && !record_.environment.contains(name) && !is_parameter(name)) reason = "never set";
        }
        if (variable.exposed && !variable.exposed->empty())
            reason += "; an effect exposes one of that name, " +
                      bytecode::quoted_text(shortened_text(*variable.exposed, kLongestValue));
        return " (" + reason + ")";
    }

    /// Of a function that the failure lies in, as its frame says: `call f(s="x")`.
    bool is_parameter(const std::string& name) const {
        const auto& chain = record_.result.failure->chain;
        return std::any_of(chain.begin(), chain.end(), [&](const report::FailureFrame& frame) {
            return frame.call.find("(" + name + "=") != std::string::npos ||
                   frame.call.find(" " + name + "=") != std::string::npos;
        });
    }

    // What only the shell expands

    void tell_expansions() {
        if (lines_.empty()) return;
        const auto& last = lines_.back();
        std::vector<std::string> seen;
        shell_words(without_single_quoted(last), [&](std::string_view name) -> std::optional<std::string> {
            seen.emplace_back(name);
            return std::nullopt;
        });
        for (std::size_t i = 0; i < seen.size(); ++i) {
            const auto& name = seen[i];
            if (std::find(seen.begin(), seen.begin() + static_cast<std::ptrdiff_t>(i), name) !=
                seen.begin() + static_cast<std::ptrdiff_t>(i))
                continue;
            if (!is_name(name) || may_be_set(name)) continue;
            sentences_.push_back("`$" + name + "` of the line sent is not in the environment of shell '" +
                                 shell_ + "': a shell expands it to nothing");
        }
    }

    /// Some line sets it, or might.
    bool may_be_set(const std::string& name) const {
        if (std::find(kOfShells.begin(), kOfShells.end(), name) != kOfShells.end()) return true;
        for (const auto& known : record_.base_environment) {
            if (known.name == name) return true;
        }
        for (const auto& line : lines_) {
            if (mentions(line, name) || reads_elsewhere(line)) return true;
        }
        return is_in_overlay(name);
    }

    /// By its name, other than to expand it plainly.
    static bool mentions(std::string_view line, std::string_view name) {
        for (auto at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
            const auto end = at + name.size();
            if ((at > 0 && is_word_part(line[at - 1])) || (end < line.size() && is_word_part(line[end])))
                continue;
            const bool plain = at > 0 && line[at - 1] == '$';
            const bool braced = at > 1 && line.substr(at - 2, 2) == "${" && line.substr(end, 1) == "}";
            if (!plain && !braced) return true;
        }
        return false;
    }

    /// Such a line may set anything.
    static bool reads_elsewhere(std::string_view line) {
        const auto words = shell_words(line, [](std::string_view) { return std::nullopt; });
        return std::any_of(words.begin(), words.end(), [](const ShellWord& word) {
            return word.role == ShellWord::Role::Command &&
                   (word.text == "." || word.text == "source" || word.text == "eval");
        });
    }

    bool is_in_overlay(std::string_view name) const {
        bool found = false;
        const auto wanted = [](EventKind kind) { return kind == EventKind::EffectSetup; };
        record_.events.for_each_of(wanted, [&](const Event& event) {
            const auto overlay = report::decode_texts(events::read<events::EffectSetup>(event).overlay);
            for (std::size_t i = 0; i < overlay.size(); i += 2)
                found = found || overlay[i] == name;
        });
        return found;
    }

    const report::TestRecord& record_;
    report::SourceLocations locations_;
    std::unordered_map<std::uint32_t, bool> is_file_;  ///< of the failing statement, by EventPlace::module
    Line failing_;
    Line sent_;
    std::string shell_;
    std::vector<std::string> lines_;  ///< that were sent to it
    std::vector<std::string> names_;
    std::map<std::string, Variable> variables_;
    SettledMatches settled_;
    std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> involved_values(const report::TestRecord& record) {
    const auto& failure = record.result.failure;
    if (!failure || failure->chain.empty() || failure->kind == report::FailureKind::Step) return {};
    return InvolvedValues(record).find();
}

}  // namespace relux::run
