// A recursive descent over the text itself: tokens are few, and every error wants a column.
#include "tools/select/selection_expression.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "vm/base/glob.h"
#include "vm/base/text.h"
#include "vm/base/utf8.h"
#include "vm/match/pattern.h"

namespace relux::cli {

struct SelectionExpression::Node {
    enum class Kind : std::uint8_t { Or, And, Not, Substring, Glob, Regex };
    Kind kind = Kind::Substring;
    std::string text;
    bool means_shown = false;  ///< it names a file and what stands behind it as people read it
    std::shared_ptr<const match::Pattern> pattern;
    std::vector<std::unique_ptr<Node>> parts;
};

namespace {

using Node = SelectionExpression::Node;
using Kind = Node::Kind;
using NodePointer = std::unique_ptr<Node>;

/// More than anybody writes, few enough for the stack.
constexpr int kDeepest = 200;

/// Whether `term` has the end of a file's name with a slash behind it, as in `tasks/smoke.relux/task-crud`:
/// no `path::name` looks like that.
bool means_shown_name(std::string_view term) {
    static constexpr auto kEnds = std::to_array<std::string_view>({".relux/", ".yaml/", ".yml/"});
    return std::any_of(kEnds.begin(), kEnds.end(),
                       [&](std::string_view end) { return term.find(end) != std::string_view::npos; });
}

bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Result<NodePointer> parse() {
        auto root = parse_list(Kind::Or);
        skip_space();
        if (root && at_ < text_.size()) {
            root = nullptr;
            if (text_[at_] == ')') {
                complain(at_, "nothing is open for this `)` to close");
            } else {
                complain(at_, "expected `and`, `or` or the end; a text with spaces needs quotes");
            }
        }
        if (!root) return Error{*error_};
        return root;
    }

  private:
    /// Always null, for callers to return. The first complaint is the one that counts.
    NodePointer complain(std::size_t at, const std::string& what) {
        if (error_) return nullptr;
        // Control bytes become blanks so that the caret stands where it should.
        std::string shown(text_);
        for (auto& c : shown) {
            if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
        }
        std::size_t columns = 0;
        for (std::size_t i = 0; i < at; ++i)
            columns += !continues_character(text_[i]);
        error_ = what + " (column " + std::to_string(columns + 1) + ")\n  " + visible(shown, false) + "\n  " +
                 std::string(columns, ' ') + "^";
        return nullptr;
    }

    void skip_space() {
        while (at_ < text_.size() && is_space(text_[at_]))
            ++at_;
    }

    /// The bare word that comes next, empty if something else does.
    std::string_view next_word() {
        skip_space();
        auto end = at_;
        while (end < text_.size() && !is_space(text_[end]) && text_[end] != '(' && text_[end] != ')')
            ++end;
        return text_.substr(at_, end - at_);
    }

    bool take_word(std::string_view word) {
        if (next_word() != word) return false;
        at_ += word.size();
        return true;
    }

    NodePointer parse_list(Kind kind) {
        auto list = std::make_unique<Node>();
        list->kind = kind;
        do {
            auto part = kind == Kind::Or ? parse_list(Kind::And) : parse_negation();
            if (!part) return nullptr;
            list->parts.push_back(std::move(part));
        } while (take_word(kind == Kind::Or ? "or" : "and"));
        return list->parts.size() == 1 ? std::move(list->parts.front()) : std::move(list);
    }

    NodePointer parse_negation() {
        const auto start = (skip_space(), at_);
        if (++depth_ > kDeepest) return complain(start, "nested too deeply");
        NodePointer result;
        if (take_word("not")) {
            auto inner = parse_negation();
            if (!inner) return nullptr;
            result = std::make_unique<Node>();
            result->kind = Kind::Not;
            result->parts.push_back(std::move(inner));
        } else if (at_ < text_.size() && text_[at_] == '(') {
            result = parse_group();
        } else {
            result = parse_term();
        }
        --depth_;
        return result;
    }

    NodePointer parse_group() {
        const auto open = at_++;
        auto inner = parse_list(Kind::Or);
        if (!inner) return nullptr;
        skip_space();
        if (at_ == text_.size()) return complain(open, "this `(` is never closed");
        if (text_[at_] != ')')
            return complain(at_, "expected `and`, `or` or `)`; a text with spaces needs quotes");
        ++at_;
        return inner;
    }

    NodePointer parse_term() {
        skip_space();
        if (at_ == text_.size()) return complain(at_, "expected a text, a glob or a /regex/ here");
        const char first = text_[at_];
        if (first == '/') return parse_regex();
        if (first == '"' || first == '\'') return parse_quoted();
        const auto word = next_word();
        if (word.empty() || word == "and" || word == "or")
            return complain(at_, "expected a text, a glob or a /regex/ here");
        at_ += word.size();
        return text_term(std::string(word));
    }

    static NodePointer text_term(std::string text) {
        auto node = std::make_unique<Node>();
        node->kind = text.find_first_of("*?[") == std::string::npos ? Kind::Substring : Kind::Glob;
        node->means_shown = means_shown_name(text);
        node->text = std::move(text);
        return node;
    }

    NodePointer parse_quoted() {
        const auto open = at_;
        const char quote = text_[at_++];
        const auto end = text_.find(quote, at_);
        if (end == std::string_view::npos) return complain(open, "this quote is never closed");
        auto node = text_term(std::string(text_.substr(at_, end - at_)));
        at_ = end + 1;
        return node;
    }

    NodePointer parse_regex() {
        const auto open = at_++;
        std::string regex;
        for (; at_ < text_.size() && text_[at_] != '/'; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                if (text_[at_ + 1] != '/') regex += '\\';
                ++at_;
            }
            regex += text_[at_];
        }
        if (at_ == text_.size()) return complain(open, "this regex has no `/` at its end");
        ++at_;
        auto pattern = match::Pattern::regex(regex);
        if (!pattern) return complain(open, "invalid regex: " + pattern.error().message);
        auto node = std::make_unique<Node>();
        node->kind = Kind::Regex;
        node->means_shown = means_shown_name(regex);
        node->pattern = std::move(*pattern);
        return node;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int depth_ = 0;
    std::optional<std::string> error_;
};

bool matches_term(const Node& term, std::string_view subject) {
    if (term.kind == Kind::Substring) return subject.find(term.text) != std::string_view::npos;
    if (term.kind == Kind::Glob) return glob_matches(term.text, subject);
    std::vector<match::Span> spans;
    return term.pattern->search(subject, 0, false, true, spans) == match::Pattern::Outcome::Match;
}

bool matches_node(const Node& node, std::string_view key, std::string_view shown) {
    const auto matches = [&](const auto& part) { return matches_node(*part, key, shown); };
    switch (node.kind) {
        case Kind::Or:
            return std::any_of(node.parts.begin(), node.parts.end(), matches);
        case Kind::And:
            return std::all_of(node.parts.begin(), node.parts.end(), matches);
        case Kind::Not:
            return !matches(node.parts.front());
        case Kind::Substring:
        case Kind::Glob:
        case Kind::Regex:
            return matches_term(node, key) || (node.means_shown && matches_term(node, shown));
    }
    RELUX_UNREACHABLE("kind out of range");
}

bool any_means_shown(const Node& node) {
    return node.means_shown || std::any_of(node.parts.begin(), node.parts.end(),
                                           [](const auto& part) { return any_means_shown(*part); });
}

}  // namespace

SelectionExpression::SelectionExpression(std::unique_ptr<Node> root) : root_(std::move(root)) {}
SelectionExpression::SelectionExpression(SelectionExpression&&) noexcept = default;
SelectionExpression& SelectionExpression::operator=(SelectionExpression&&) noexcept = default;
SelectionExpression::~SelectionExpression() = default;

Result<SelectionExpression> SelectionExpression::parse(std::string_view text) {
    auto root = Parser(text).parse();
    if (!root) return root.error();
    return SelectionExpression(std::move(*root));
}

bool SelectionExpression::reads_shown_names() const {
    return any_means_shown(*root_);
}

bool SelectionExpression::matches(std::string_view key, std::string_view shown) const {
    return matches_node(*root_, key, shown);
}

}  // namespace relux::cli
