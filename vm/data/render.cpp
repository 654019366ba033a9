#include "vm/data/render.h"

namespace relux::data {

namespace {

/// Deeper than anybody nests calls, and far from where the stack would end.
constexpr std::size_t kMaximumCalls = 200;

Error too_large() {
    return Error{"the text is larger than 64 MiB"};
}

class Evaluator {
  public:
    Evaluator(const StateBag& variables, Context& context) : variables_(variables), context_(context) {}

    Result<Json> evaluate(const Expression& expression, std::size_t depth) {
        if (const auto* literal = std::get_if<Json>(&expression.content)) return *literal;
        if (const auto* path = std::get_if<Path>(&expression.content)) return variables_.lookup(*path);
        return call(std::get<FunctionCall>(expression.content), depth);
    }

  private:
    Result<Json> call(const FunctionCall& call, std::size_t depth) {
        if (depth == kMaximumCalls) {
            return Error{"more than " + std::to_string(kMaximumCalls) + " calls within each other"};
        }
        std::vector<Json> arguments;
        arguments.reserve(call.arguments.size());
        for (const auto& argument : call.arguments) {
            auto value = evaluate(argument, depth + 1);
            if (!value) return value;
            arguments.push_back(std::move(*value));
        }
        return call_function(call.function, arguments, context_);
    }

    const StateBag& variables_;
    Context& context_;
};

}  // namespace

void append_text(std::string& out, const Json& value) {
    if (const auto* text = text_of(value)) {
        out += *text;
    } else if (value.is_number_float()) {
        out += number_text(*value.get_ptr<const Json::number_float_t*>());
    } else if (!value.is_null()) {
        append_compact_json(out, value);
    }
}

std::string render_text(const Json& value) {
    std::string text;
    append_text(text, value);
    return text;
}

Result<std::string> join_texts(std::span<const Json> parts) {
    std::string text;
    for (const auto& part : parts) {
        append_text(text, part);
        if (text.size() > kMaximumBytes) return too_large();
    }
    return text;
}

Result<Json> evaluate(const Expression& expression, const StateBag& variables, Context& context) {
    return Evaluator(variables, context).evaluate(expression, 0);
}

Result<std::string> render_text(const Template& source, const StateBag& variables, Context& context) {
    std::string text;
    for (const auto& part : source.parts) {
        if (const auto* literal = std::get_if<std::string>(&part)) {
            text += *literal;
        } else {
            auto value = evaluate(std::get<Expression>(part), variables, context);
            if (!value) return value.error();
            append_text(text, *value);
        }
        if (text.size() > kMaximumBytes) return too_large();
    }
    return text;
}

Result<Json> render_value(const Template& source, const StateBag& variables, Context& context) {
    if (source.parts.size() == 1) {
        if (const auto* expression = std::get_if<Expression>(&source.parts.front())) {
            return evaluate(*expression, variables, context);
        }
    }
    auto text = render_text(source, variables, context);
    if (!text) return text.error();
    return Json(std::move(*text));
}

}  // namespace relux::data
