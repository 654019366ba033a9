// The values of the grammar's symbols while a file is parsed. The parser copies a value each time its symbol
// is moved, so a value is a name, a number or a pointer, and the nodes themselves stand in pools until they
// have their place in the tree. What error recovery drops stays in its pool until the parser ends.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "frontend/ast.h"

namespace relux::frontend {

/// Which member counts is declared with each symbol of the grammar. A list is null while it is empty.
struct SyntaxValue {
    Name name;  ///< without text: there is none
    union {
        std::uint32_t number = 0;
        MarkerSyntax::Modifier modifier;
        ExposeSyntax::Kind expose_kind;
        Text* text;
        Send* send;
        Match* match;
        FailPattern* fail;
        TimeoutSyntax* timeout;  ///< null: there is none
        MemberExpression* member;
        Expression* expression;
        BindingValue* value;
        Statement* statement;
        MarkerSyntax* marker;
        ImportItem* import_item;
        OverlayEntry* entry;  ///< null: it was wrong
        std::vector<Name>* names;
        std::vector<ImportItem>* import_items;
        std::vector<MarkerSyntax>* markers;
        std::vector<OverlayEntry>* overlay;
        std::vector<MultiMatchEntry>* multimatch;
        std::vector<Expression>* arguments;
        Body* body;
    };
};

/// Nodes of one type, used again and again.
template <class T>
class NodePool {
  public:
    T* keep(T&& node) {
        if (free_.empty()) return nodes_.emplace_back(std::make_unique<T>(std::move(node))).get();
        T* kept = free_.back();
        free_.pop_back();
        *kept = std::move(node);
        return kept;
    }
    T take(T* kept) {
        free_.push_back(kept);
        return std::move(*kept);
    }
    /// One that is free, as it was given back; null: there is none.
    T* reuse() {
        if (free_.empty()) return nullptr;
        T* kept = free_.back();
        free_.pop_back();
        return kept;
    }
    void give_back(T* kept) { free_.push_back(kept); }

  private:
    std::vector<std::unique_ptr<T>> nodes_;
    std::vector<T*> free_;
};

class SyntaxNodes {
  public:
    template <class T>
    T* keep(T node) {
        return pool<T>().keep(std::move(node));
    }
    /// The node, which is gone from its pool then; of null an empty one.
    template <class T>
    T take(T* kept) {
        return kept != nullptr ? pool<T>().take(kept) : T();
    }
    /// The same: with no more memory than it needs, while the list in the pool keeps what it has grown to.
    template <class T>
    std::vector<T> take(std::vector<T>* kept) {
        if (kept == nullptr) return {};
        std::vector<T> exact(std::make_move_iterator(kept->begin()), std::make_move_iterator(kept->end()));
        kept->clear();
        pool<std::vector<T>>().give_back(kept);
        return exact;
    }
    template <class T>
    std::optional<T> take_optional(T* kept) {
        return kept != nullptr ? std::optional<T>(pool<T>().take(kept)) : std::nullopt;
    }
    template <class T>
    std::vector<T>* list(T first) {
        auto* made = pool<std::vector<T>>().reuse();
        if (made == nullptr) made = keep(std::vector<T>());
        made->push_back(std::move(first));
        return made;
    }
    template <class T>
    std::vector<T>* append(std::vector<T>* list, T next) {
        if (list == nullptr) return this->list(std::move(next));
        list->push_back(std::move(next));
        return list;
    }

  private:
    template <class T>
    NodePool<T>& pool() {
        return std::get<NodePool<T>>(pools_);
    }

    std::tuple<NodePool<Text>, NodePool<Send>, NodePool<Match>, NodePool<FailPattern>,
               NodePool<TimeoutSyntax>, NodePool<MemberExpression>, NodePool<Expression>,
               NodePool<BindingValue>, NodePool<Statement>, NodePool<MarkerSyntax>, NodePool<ImportItem>,
               NodePool<OverlayEntry>, NodePool<std::vector<Name>>, NodePool<std::vector<ImportItem>>,
               NodePool<std::vector<MarkerSyntax>>, NodePool<std::vector<OverlayEntry>>,
               NodePool<std::vector<MultiMatchEntry>>, NodePool<std::vector<Expression>>, NodePool<Body>>
        pools_;
};

}  // namespace relux::frontend
