// The values of the grammar's symbols while a file is parsed. The parser copies a value each time its symbol
// is moved, so a value is a name, a number or a pointer, and the nodes themselves stand in pools until they
// have their place in the tree. What error recovery drops stays in its pool until the parser ends.
#pragma once

#include <cstdint>
#include <new>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

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
        GrowingList<Name>* names;
        GrowingList<ImportItem>* import_items;
        GrowingList<MarkerSyntax>* markers;
        GrowingList<OverlayEntry>* overlay;
        GrowingList<MultiMatchEntry>* multimatch;
        GrowingList<Expression>* arguments;
        GrowingList<Statement>* body;
    };
};

/// Nodes of one type, used again and again.
template <class T>
class NodePool {
  public:
    T* keep(Arena& arena, const T& node) {
        if (free_ == nullptr) return new (arena.allocate(kSize, alignof(Node))) T(node);
        void* const place = std::exchange(free_, free_->next);
        return new (place) T(node);
    }
    T take(T* kept) {
        const T node = *kept;
        give_back(kept);
        return node;
    }
    void give_back(T* kept) {
        static_assert(std::is_trivially_destructible_v<T>);
        free_ = new (static_cast<void*>(kept)) Free{free_};
    }

  private:
    struct Free {
        Free* next;
    };
    union Node {
        Node() {}
        Free free;
        T node;
    };
    static constexpr std::size_t kSize = sizeof(Node);
    Free* free_ = nullptr;
};

/// Lists of one type while they are made: those that are done keep what they have grown to.
template <class T>
class ListPool {
  public:
    GrowingList<T>* get(Arena& arena) {
        if (free_ == nullptr) return &arena.make(Entry{GrowingList<T>(arena), nullptr})->list;
        return &std::exchange(free_, free_->next)->list;
    }
    void give_back(GrowingList<T>* list) {
        static_assert(std::is_standard_layout_v<Entry>);
        list->clear();
        auto* const entry = reinterpret_cast<Entry*>(list);  // its first member
        entry->next = free_;
        free_ = entry;
    }

  private:
    struct Entry {
        GrowingList<T> list;
        Entry* next;
    };
    Entry* free_ = nullptr;
};

class SyntaxNodes {
  public:
    /// The tree gets its lists from `tree`; what only the parser needs is in `scratch`.
    SyntaxNodes(Arena& tree, Arena& scratch) : tree_(tree), scratch_(scratch) {}

    template <class T>
    T* keep(const T& node) {
        return pool<T>().keep(scratch_, node);
    }
    /// The node, which is gone from its pool then; of null an empty one.
    template <class T>
    T take(T* kept) {
        return kept != nullptr ? pool<T>().take(kept) : T();
    }
    /// The same: the list has its place in the tree.
    template <class T>
    List<T> take(GrowingList<T>* kept) {
        if (kept == nullptr) return {};
        const List<T> list = kept->copy(tree_);
        lists<T>().give_back(kept);
        return list;
    }
    template <class T>
    std::optional<T> take_optional(T* kept) {
        return kept != nullptr ? std::optional<T>(pool<T>().take(kept)) : std::nullopt;
    }
    template <class T>
    GrowingList<T>* list(const T& first) {
        auto* const made = lists<T>().get(scratch_);
        made->push_back(first);
        return made;
    }
    template <class T>
    GrowingList<T>* append(GrowingList<T>* list, const T& next) {
        if (list == nullptr) return this->list(next);
        list->push_back(next);
        return list;
    }

    /// Memory for the time that the parser takes.
    Arena& scratch() { return scratch_; }

  protected:
    Arena& tree() { return tree_; }

  private:
    template <class T>
    NodePool<T>& pool() {
        return std::get<NodePool<T>>(pools_);
    }
    template <class T>
    ListPool<T>& lists() {
        return std::get<ListPool<T>>(lists_);
    }

    Arena& tree_;
    Arena& scratch_;
    std::tuple<NodePool<Text>, NodePool<Send>, NodePool<Match>, NodePool<FailPattern>,
               NodePool<TimeoutSyntax>, NodePool<MemberExpression>, NodePool<Expression>,
               NodePool<BindingValue>, NodePool<Statement>, NodePool<MarkerSyntax>, NodePool<ImportItem>,
               NodePool<OverlayEntry>>
        pools_;
    std::tuple<ListPool<Name>, ListPool<ImportItem>, ListPool<MarkerSyntax>, ListPool<OverlayEntry>,
               ListPool<MultiMatchEntry>, ListPool<Expression>, ListPool<Statement>>
        lists_;
};

}  // namespace relux::frontend
