// Tasks start when awaited and give their value; scopes join; signals resume each waiter once, in order.
#include "vm/io/task.h"

#include <memory>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace relux::io;

namespace {

Task<int> add(int a, int b) {
    co_return a + b;
}

Task<std::string> twice(std::string text) {
    const int length = co_await add(static_cast<int>(text.size()), 0);
    co_return text + text + std::to_string(length);
}

Task<int> depth(int levels) {
    if (levels == 0) co_return 0;
    const int below = co_await depth(levels - 1);
    co_return below + 1;
}

Task<void> store(int& target, Signal& signal) {
    co_await signal.wait();
    ++target;
}

Task<void> record(std::vector<int>& order, int id, Signal& signal, bool again) {
    co_await signal.wait();
    order.push_back(id);
    if (again) {
        co_await signal.wait();
        order.push_back(id + 100);
    }
}

Task<void> join_then_mark(Scope& scope, bool& joined) {
    co_await scope.join();
    joined = true;
}

Task<void> keep(std::shared_ptr<int> held, Signal& signal) {
    co_await signal.wait();
    ++*held;
}

Task<void> look_when_joined(Scope& scope, const std::weak_ptr<int>& held, bool& gone) {
    co_await scope.join();
    gone = held.expired();
}

Task<void> run_twice(std::string& result) {
    result = co_await twice("ab");
}

Task<void> run_deep(int& result) {
    result = co_await depth(1000);
}

Task<void> mark(bool& started) {
    started = true;
    co_return;
}

}  // namespace

TEST_CASE("a task gives its value through nested awaits") {
    Scope scope;
    std::string text;
    int levels = 0;
    scope.start(run_twice(text));
    scope.start(run_deep(levels));
    CHECK(text == "abab2");
    CHECK(levels == 1000);
    CHECK(scope.running() == 0);
}

TEST_CASE("a task that is never awaited never starts, and is destroyed") {
    bool started = false;
    { Task<void> task = mark(started); }
    CHECK_FALSE(started);
}

TEST_CASE("a scope is joined when its last child ends") {
    Scope children;
    Scope owner;
    Signal signal;
    int done = 0;
    bool joined = false;
    children.start(store(done, signal));
    children.start(store(done, signal));
    owner.start(join_then_mark(children, joined));
    CHECK(children.running() == 2);
    CHECK_FALSE(joined);
    signal.notify_all();
    CHECK(done == 2);
    CHECK(joined);
    CHECK(owner.running() == 0);
}

TEST_CASE("joining an empty scope does not wait") {
    Scope children;
    Scope owner;
    bool joined = false;
    owner.start(join_then_mark(children, joined));
    CHECK(joined);
}

TEST_CASE("a child's parameters are gone when its scope is joined") {
    Scope children;
    Scope owner;
    Signal signal;
    auto held = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = held;
    bool gone = false;
    children.start(keep(std::move(held), signal));
    owner.start(look_when_joined(children, watched, gone));
    CHECK_FALSE(watched.expired());
    signal.notify_all();
    CHECK(gone);
}

TEST_CASE("a signal resumes in order of waiting, and not those that wait anew") {
    Scope scope;
    Signal signal;
    std::vector<int> order;
    scope.start(record(order, 1, signal, true));
    scope.start(record(order, 2, signal, false));
    CHECK(signal.has_waiters());
    signal.notify_all();
    CHECK(order == std::vector<int>{1, 2});
    CHECK(signal.has_waiters());
    signal.notify_all();
    CHECK(order == std::vector<int>{1, 2, 101});
    CHECK_FALSE(signal.has_waiters());
    signal.notify_all();
    CHECK(order.size() == 3);
}
