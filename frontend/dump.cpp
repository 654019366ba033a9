// The syntax tree as indented text for `dump --ast` and golden tests: one node a line, in source order within
// its list, with the line it stands on.
#include "frontend/parse.h"
#include "frontend/program_walk.h"
#include "vm/base/duration.h"
#include "vm/base/text.h"

namespace relux::frontend {

namespace {

std::string quoted_text(std::string_view text) {
    std::string escaped;
    for (char c : text) {
        if (c == '"' || c == '\\') escaped += '\\';
        escaped += c;
    }
    return "\"" + visible(escaped, false) + "\"";
}

std::string text_dump(const Text& text) {
    std::string out = "[";
    for (const auto& part : text.parts) {
        if (out.size() > 1) out += " ";
        switch (part.kind) {
            case TextPart::Kind::Literal:
                out += quoted_text(part.text);
                break;
            case TextPart::Kind::Variable:
                out += "${" + std::string(part.text) + "}";
                break;
            case TextPart::Kind::Capture:
                out += "${" + std::to_string(part.capture) + "}";
                break;
            case TextPart::Kind::AliasVariable:
                out += "${" + std::string(part.text) + "." + std::string(part.member) + "}";
                break;
        }
    }
    return out + "]";
}

std::string expression_dump(const Expression& expression);

struct ExpressionDump {
    std::string operator()(const StringExpression& node) const { return text_dump(node.text); }
    std::string operator()(const NumberExpression& node) const { return std::string(node.digits); }
    std::string operator()(const CaptureExpression& node) const { return "$" + std::to_string(node.number); }
    std::string operator()(const VariableExpression& node) const { return std::string(node.name.text); }
    std::string operator()(const MemberExpression& node) const {
        return std::string(node.alias.text) + "." + std::string(node.member.text);
    }
    std::string operator()(const CallExpression& node) const {
        std::string out = std::string(node.name.text) + "(";
        for (const auto& argument : node.arguments) {
            if (out.back() != '(') out += ", ";
            out += expression_dump(argument);
        }
        return out + ")";
    }
};

std::string expression_dump(const Expression& expression) {
    return std::visit(ExpressionDump(), expression.node);
}

std::string timeout_dump(const TimeoutSyntax& timeout) {
    return timeout.value.sign() + format_duration(timeout.value.written);
}
std::string timeout_suffix(const std::optional<TimeoutSyntax>& timeout) {
    return timeout ? " " + timeout_dump(*timeout) : "";
}

/// Returns a field of a statement as its line shows it; empty for what is not shown there.
template <class T>
std::string field_dump(const T&) {
    return "";
}
std::string field_dump(const Name& name) {
    return std::string(name.text);
}
std::string field_dump(PatternKind kind) {
    return kind == PatternKind::Regex ? "regex" : "literal";
}
std::string field_dump(const TimeoutSyntax& timeout) {
    return timeout_dump(timeout);
}
std::string field_dump(const Text& text) {
    return text_dump(text);
}
std::string field_dump(const Expression& expression) {
    return expression_dump(expression);
}
std::string field_dump(const BindingValue& value);
template <class T>
std::string field_dump(const std::optional<T>& value) {
    return value ? field_dump(*value) : "";
}

template <class Node>
std::string word_of(const Node&) {
    return std::string(NodeRow<Node>::kWord);
}
std::string word_of(const Send& send) {
    return send.raw ? "send-raw" : "send";
}
std::string word_of(const Match& match) {
    return match.pattern ? "match" : "reset";
}

/// The line of a statement, or of an entry of one.
template <class Node>
std::string node_dump(const Node& node) {
    std::string out = word_of(node);
    for_each_field(node, [&](const auto& field, std::string_view without) {
        std::string text = field_dump(field);
        if (text.empty()) text = without;
        if (!text.empty() && !out.empty()) out += " ";
        out += text;
    });
    return out;
}
std::string node_dump(const Expression& expression) {
    return expression_dump(expression);
}
std::string field_dump(const BindingValue& value) {
    return "= " + std::visit([](const auto& node) { return node_dump(node); }, value);
}

std::string join(List<Name> names, std::string_view separator) {
    std::string out;
    for (const auto& name : names) {
        if (!out.empty()) out += separator;
        out += name.text;
    }
    return out;
}

std::string alias_suffix(const std::optional<Name>& alias) {
    return alias ? " as " + std::string(alias->text) : "";
}
std::string qualified(const std::optional<Name>& qualifier, const Name& name) {
    return (qualifier ? std::string(qualifier->text) + "." : "") + std::string(name.text);
}

class TreeDump {
  public:
    explicit TreeDump(const Source& source) : source_(source) {}

    void module(const ModuleSyntax& module) {
        for (const auto& import : module.imports)
            this->import(import);
        for (const auto& function : module.functions)
            this->function(function);
        for (const auto& effect : module.effects) {
            declaration(effect.markers, "effect " + std::string(effect.name.text), effect.range);
            scope(effect.body);
        }
        for (const auto& test : module.tests)
            this->test(test);
        if (module.has_errors) out_ += "has errors\n";
    }
    std::string take() { return std::move(out_); }

    template <class Node>
    void statement(const Node& node) {
        line(node_dump(node));
        for_each_field(node, [&](const auto& field, std::string_view) { entries(field); });
    }

  private:
    void line(const std::string& text) {
        out_.append(depth_ * 2, ' ');
        out_ += text + "  @" + std::to_string(source_.position(place_.begin).line) + "\n";
    }
    template <class Inner>
    void nested(Inner inner) {
        ++depth_;
        inner();
        --depth_;
    }

    /// The nodes that a list in a statement has: a line each.
    template <class T>
    void entries(const T&) {}
    template <AnyNode Entry>
    void entries(const List<Entry>& list) {
        for (const Entry& entry : list) {
            place_ = entry.range;
            nested([&] { line(node_dump(entry)); });
        }
    }

    void import(const Import& import) {
        place_ = import.range;
        line("import " + join(import.path, "/") + (import.everything ? "" : " {}"));
        for (const auto& item : import.items) {
            place_ = item.name.range;
            nested([&] { line(std::string(item.name.text) + alias_suffix(item.alias)); });
        }
    }

    void declaration(List<MarkerSyntax> markers, const std::string& text, SourceRange range) {
        for (const auto& marker : markers)
            this->marker(marker);
        place_ = range;
        line(text);
    }

    void marker(const MarkerSyntax& marker) {
        static constexpr std::string_view kinds[] = {"skip", "run", "flaky"};
        static constexpr std::string_view modifiers[] = {"", " if", " unless"};
        std::string text = "marker " + std::string(kinds[static_cast<std::size_t>(marker.kind)]);
        text += modifiers[static_cast<std::size_t>(marker.modifier)];
        if (marker.left) text += " " + expression_dump(*marker.left);
        if (marker.right) text += " = " + expression_dump(*marker.right);
        if (marker.pattern) text += " ? " + text_dump(*marker.pattern);
        place_ = marker.range;
        line(text);
    }

    void function(const FunctionSyntax& function) {
        std::string text = std::string(function.pure ? "pure fn " : "fn ") + std::string(function.name.text);
        declaration(function.markers, text + "(" + join(function.parameters, ", ") + ")", function.range);
        body(function.body);
    }

    void test(const TestSyntax& test) {
        declaration(test.markers, "test " + quoted_text(test.name.text) + timeout_suffix(test.timeout),
                    test.range);
        if (test.docstring) {
            place_ = test.docstring->range;
            nested([&] { line("docstring " + quoted_text(test.docstring->text)); });
        }
        scope(test.body);
    }

    void body(const Body& statements) {
        nested([&] {
            for (const auto& statement : statements) {
                place_ = statement.range;
                std::visit([&](const auto& node) { this->statement(node); }, statement.node);
            }
        });
    }

    void scope(const ScopeBody& scope) {
        if (!scope.expects.empty()) {
            place_ = scope.expects.front().range;
            nested([&] { line("expect " + join(scope.expects, ", ")); });
        }
        body(scope.declarations);
        for (const auto& start : scope.starts)
            nested([&] { this->start(start); });
        for (const auto& expose : scope.exposes)
            nested([&] { this->expose(expose); });
        for (const auto& shell : scope.shells) {
            place_ = shell.range;
            nested([&] {
                line("shell " + qualified(shell.qualifier, shell.name));
                body(shell.body);
            });
        }
        if (scope.cleanup) {
            place_ = scope.cleanup_range;
            nested([&] {
                line("cleanup");
                body(*scope.cleanup);
            });
        }
    }

    void start(const StartSyntax& start) {
        place_ = start.range;
        line("start " + std::string(start.effect.text) + alias_suffix(start.alias));
        for (const auto& entry : start.overlay) {
            place_ = entry.key.range;
            nested([&] {
                line(std::string(entry.key.text) +
                     (entry.value ? " = " + expression_dump(*entry.value) : ""));
            });
        }
    }

    void expose(const ExposeSyntax& expose) {
        static constexpr std::string_view kinds[] = {"", "shell ", "var "};
        place_ = expose.range;
        line("expose " + std::string(kinds[static_cast<std::size_t>(expose.kind)]) +
             qualified(expose.qualifier, expose.name) + alias_suffix(expose.alias));
    }

    const Source& source_;
    std::string out_;
    std::size_t depth_ = 0;
    SourceRange place_;
};

}  // namespace

std::string dump_ast(const ModuleSyntax& module) {
    TreeDump dump(*module.source);
    dump.module(module);
    return dump.take();
}

}  // namespace relux::frontend
