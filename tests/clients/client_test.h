// A loop that runs calls to their end, and checks that nothing of theirs stays open.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vm/clients/call_guard.h"
#include "vm/io/loop.h"
#include "vm/io/task.h"

namespace relux::clients {

using namespace std::chrono_literals;

/// No call of a test that is not about time-outs takes as long, on any machine.
constexpr Duration kLong = std::chrono::seconds(120);

class ClientTest {
  public:
    ClientTest();
    /// Checks that nothing is left that was made after it: no descriptor may be there that was not there
    /// before.
    ~ClientTest();
    ClientTest(const ClientTest&) = delete;
    ClientTest& operator=(const ClientTest&) = delete;

    io::Loop& loop() { return *loop_; }

    /// Runs the loop until the call is done.
    template <class T>
    T wait(io::Task<T> call) {
        std::optional<T> result;
        start(std::move(call), result);
        run_until([&] { return result.has_value(); });
        return std::move(*result);
    }
    /// Starts a call whose result comes while the loop runs.
    template <class T>
    void start(io::Task<T> call, std::optional<T>& result) {
        scope_.start(keep(std::move(call), result));
    }
    /// Runs the loop until it is so, with a look after every little while; fails the test after long.
    template <class Condition>
    void run_until(Condition condition) {
        while (!condition())
            turn();
    }
    /// After this time, within run_until() or wait().
    void later(Duration delay, std::function<void()> action);

  private:
    template <class T>
    io::Task<void> keep(io::Task<T> call, std::optional<T>& result) {
        io::Task<T> running = std::move(call);
        result.emplace(co_await running);
        loop_->stop();
    }
    void turn();

    std::unique_ptr<io::Loop> loop_;
    int open_before_ = 0;
    io::Time started_;
    std::unique_ptr<io::Timer> look_;
    std::vector<std::unique_ptr<io::Timer>> later_;
    io::Scope scope_;
};

/// Reads what the servers' script says of them.
std::string setting(const char* name);
std::string port_of(const char* server);
int open_descriptors();

/// While it lives, looking up `hanging.test` does not come back.
class HangingLookups {
  public:
    HangingLookups();
    HangingLookups(const HangingLookups&) = delete;
    HangingLookups& operator=(const HangingLookups&) = delete;
    /// Waits until nobody looks it up any more.
    ~HangingLookups();
};

/// Lines for the tests' output when something unexpected fails.
template <class AnswerType>
std::string explain(const AnswerType& answer) {
    return answer ? "success" : std::string(name_of(answer.error().kind)) + ": " + answer.error().message;
}

}  // namespace relux::clients
