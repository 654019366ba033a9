// Checked workflows as plain data: what the compiler starts from. Every node that can fail when it runs has a
// place. The loader has made sure that: names are unique, step types and operators are known, paths and
// templates parse, functions exist and have as many arguments as they take, called and included files exist,
// calls do not go in a circle, `target` names a step of the called file, and the configuration is merged.
// Only the values of variables and what the world answers are left to find out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "frontend/workflow/place.h"
#include "frontend/workflow/problem.h"
#include "frontend/workflow/template.h"
#include "vm/base/duration.h"
#include "vm/value/operator.h"
#include "vm/value/path.h"

namespace relux::workflow {

struct ValueMember;
/// A JSON map in the order of the file. Keys have no templates.
using ValueMap = std::vector<ValueMember>;

/// A JSON value whose strings may have templates.
struct Value {
    Place place;
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, Template, std::vector<Value>,
                 ValueMap>
        value;
};

/// One of a JSON map.
struct ValueMember {
    std::string name;
    Value value;
};

/// `name: value`, the name being that of a variable.
struct NamedValue {
    Place place;  ///< of the name
    std::string name;
    Value value;
};

/// `name: text`, as in HTTP headers.
struct NamedText {
    Place place;  ///< of the name
    std::string name;
    Template text;
};

/// A path as written. One with a template in it can only be parsed when it is rendered.
struct PathText {
    Place place;
    std::string text;
    std::variant<value::Path, Template> content;
};

/// `$.count`, `gt`, `0`
struct Assertion {
    Place place;
    PathText path;
    /// A template in place of a path: its value is compared, and `path` is empty.
    std::optional<Template> left;
    value::Operator op = value::Operator::Equal;
    std::optional<Value> expected;  ///< none for NotNull alone
};

/// `variable: path`
struct Extraction {
    Place place;  ///< of the variable
    std::string variable;
    PathText path;
};

struct HttpAction {
    Template method;  ///< a literal one is upper case; `GET` when the file has none
    Template url;
    std::vector<NamedText> headers;
    /// A map or list is sent as JSON with its content type, a string as it is.
    std::optional<Value> body;
};

struct ShellAction {
    std::vector<Template> commands;  ///< at least one; `command` is a list of one
    bool parallel = false;
    std::optional<Template> directory;
};

struct DbAction {
    enum class Engine : std::uint8_t { Postgres, Sqlite, Redis };
    Engine engine = Engine::Postgres;
    Template query;                 ///< Postgres, Sqlite
    std::vector<Template> command;  ///< Redis: at least one word
};

struct PrintAction {
    Template message;
};

struct Step;

struct IfAction {
    Assertion condition;  ///< its path looks at the variables
    std::vector<Step> then_steps;
    std::vector<Step> else_steps;
};

struct LoopAction {
    /// `1..30`: whole numbers, both ends included, downwards when the first is the greater one.
    struct Range {
        std::int64_t first = 0;
        std::int64_t last = 0;
    };

    Place place;  ///< of `foreach`
    Variable list;
    std::optional<Range> range;  ///< in place of the list
    std::string item;
    std::vector<Step> steps;
};

/// `name: path` of `returns`: the path looks at the variables of the called workflow.
using Return = Extraction;

struct CallAction {
    Place place;               ///< of `file`
    std::string file;          ///< as shown to users
    std::size_t workflow = 0;  ///< index into WorkflowSet::callees
    std::vector<NamedValue> with;
    std::string target;  ///< the one step that runs; empty: all of them
    std::vector<Return> returns;
};

struct Step {
    Place place;
    std::string key_path;  ///< `steps[0].then[1]`
    std::string name;      ///< unique in the workflow, its included and nested steps among it
    Template title;        ///< the name, for the reports
    bool ignore_error = false;
    std::optional<Duration> timeout;  ///< of http steps always set
    /// Paths look at this: http, shell and db steps have a document; if, loop, call and print the variables.
    std::vector<Extraction> extract;  ///< none for print
    std::vector<Assertion> assertions;
    std::vector<std::string> cleanup;  ///< variables that are removed when the step has ended, however it has
    std::variant<HttpAction, ShellAction, DbAction, PrintAction, IfAction, LoopAction, CallAction> action;
};
/// `http`, `shell`, ...
std::string_view type_name(const Step& step);

/// Steps of another file, in front of a workflow's own.
struct Include {
    Place place;               ///< of `file`
    std::string file;          ///< as shown to users
    std::size_t workflow = 0;  ///< index into WorkflowSet::callees; its includes come first
    std::vector<NamedValue> with;
};

/// One of `config.validate`: what a variable must be before the first step.
struct VariableRule {
    Place place;
    std::string name;
    std::string type;  ///< `string`, `number`, `bool`, `array`, `object`; empty: any
    bool required = false;
    std::optional<std::string> pattern;  ///< must be found in the variable's text
    std::optional<Value> fallback;       ///< of a variable that is not there
};

/// The connections and first variables of a workflow.
struct Config {
    std::optional<Template> base_url;
    std::vector<NamedText> headers;  ///< sent on every request; no name twice, whatever its case
    std::optional<Template> postgres_dsn;
    std::optional<Template> sqlite_path;
    std::optional<Template> redis_addr;
    std::optional<Template> redis_password;
    std::optional<Template> redis_database;
    std::optional<bool> http_debug;  ///< requests and responses are shown
    /// In an order such that each may use the ones before it.
    std::vector<NamedValue> vars;
    /// No variable twice. Those of included files are theirs: they hold when the file is included.
    std::vector<VariableRule> rules;
};

struct Workflow {
    Place place;
    std::string file;       ///< as shown to users
    unsigned document = 1;  ///< number among the file's non-empty documents
    std::string name;
    /// Merged: config file, profile, presets, included files in their order, the workflow's own.
    Config config;
    std::vector<VariableRule> own_rules;  ///< those of its own `config` alone
    std::vector<Include> includes;
    std::vector<Step> steps;
};

struct WorkflowSet {
    std::vector<std::string> files;   ///< names by Place::file
    std::vector<Workflow> documents;  ///< to run, in queue order: arguments, then documents of a file
    std::vector<Workflow> callees;    ///< called or included, each once
    std::vector<Problem> problems;    ///< nothing may run unless it is empty
};

/// The step of that name in the workflow, nested and included ones among it; null when there is none. Only
/// for a set without problems: includes may go in a circle otherwise.
const Step* find_step(const WorkflowSet& set, const Workflow& workflow, std::string_view name);

}  // namespace relux::workflow
