#include "tests/bench/floor_cases.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <optional>
#include <poll.h>
#include <unistd.h>

#include "tests/bench/floor_regex.h"
#include "tests/bench/floor_shell.h"

namespace relux::bench {

namespace {

std::string token(int number) {
    return "token-" + std::to_string(number);
}

void write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
        if (count <= 0) fail("cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void await(FloorShell& shell, const std::string& pattern) {
    FloorRegex regex(pattern);
    for (;;) {
        if (const auto end = regex.find(shell.output()); end) return shell.consume(*end);
        shell.wait();
        if (!shell.read_some()) fail("a shell ended");
    }
}

// One shell of tests(): its prompt, its round trip, its end. Or, with a line, that and the end of what it
// prints.
class RoundTrip {
  public:
    RoundTrip(int number, const Command& shell, std::string line = {}, std::string end = {})
        : number_(number),
          line_(std::move(line)),
          end_(std::move(end)),
          began_(nanoseconds_now()),
          shell_(shell),
          descriptor_(shell_.master()) {}
    bool has_line() const { return !line_.empty(); }
    long long elapsed() const { return nanoseconds_now() - began_; }

    /// The descriptor to poll.
    int descriptor() const { return descriptor_; }

    /// When the descriptor is ready. True once all is over.
    bool advance() {
        if (stage_ == Stage::Ending) {
            shell_.join();
            return true;
        }
        const auto seen = shell_.output().size();
        if (!shell_.read_some()) fail("a shell ended");
        if (stage_ == Stage::Prompt && has_line() && skip(kPrompt)) {
            shell_.send(line_ + "\n");
            stage_ = Stage::Line;
        } else if (stage_ == Stage::Prompt && skip(kPrompt)) {
            shell_.send("echo " + token(number_) + "\n");
            regex_ = std::make_unique<FloorRegex>("^" + token(number_) + "$");
            stage_ = Stage::Token;
        }
        const auto from = seen - std::min(seen, end_.size());
        const bool ended =
            stage_ == Stage::Line && shell_.output().find(end_, from) != std::string_view::npos;
        if (ended || (stage_ == Stage::Token && regex_->find(shell_.output()))) {
            descriptor_ = shell_.hang_up();
            stage_ = Stage::Ending;
        }
        return false;
    }

  private:
    enum class Stage : std::uint8_t { Prompt, Token, Line, Ending };

    bool skip(std::string_view text) {
        const auto at = shell_.output().find(text);
        if (at == std::string_view::npos) return false;
        shell_.consume(at + text.size());
        return true;
    }

    int number_;
    std::string line_;
    std::string end_;
    long long began_;
    FloorShell shell_;
    int descriptor_;
    Stage stage_ = Stage::Prompt;
    std::unique_ptr<FloorRegex> regex_;
};

void wait_for_any(std::vector<pollfd>& descriptors) {
    while (::poll(descriptors.data(), descriptors.size(), -1) <= 0) {
    }
}

}  // namespace

void round_trips(int count, const Command& command) {
    FloorShell shell(command);
    shell.skip_prompt();
    for (int i = 0; i < count; ++i) {
        shell.send("echo " + token(i) + "\n");
        await(shell, "^" + token(i) + "$");
        // Without it the next echo may come before the prompt, and then `^` does not match.
        shell.skip_prompt();
    }
    shell.hang_up();
    shell.join();
}

void flood(const std::string& line, const std::string& pattern, const std::string& fail_pattern,
           const std::string& log, const Command& command) {
    FloorShell shell(command);
    shell.skip_prompt();
    shell.send(line + "\n");
    std::optional<FloorRegex> wanted;
    std::optional<FloorRegex> unwanted;
    if (!pattern.empty()) wanted.emplace(pattern);
    if (!fail_pattern.empty()) unwanted.emplace(fail_pattern);
    const int file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    std::string block;
    for (std::size_t seen = 0;;) {
        shell.wait();
        if (!shell.read_some()) fail("a shell ended");
        block += shell.output().substr(seen);
        if (block.size() >= 64 * 1024) {
            write_all(file, block);
            block.clear();
        }
        const bool all = shell.output().ends_with(kPrompt);
        if (unwanted && unwanted->find(shell.output(), all)) fail("the fail pattern matched");
        if (wanted && wanted->find(shell.output(), all)) break;
        if (all) {
            if (wanted) fail("the pattern did not match");
            break;
        }
        auto keep = shell.output().size();
        keep -= std::min(keep, kPrompt.size());
        if (wanted) keep = std::min(keep, wanted->keep_from());
        if (unwanted) keep = std::min(keep, unwanted->keep_from());
        shell.consume(keep);
        if (wanted) wanted->dropped(keep);
        if (unwanted) unwanted->dropped(keep);
        seen = shell.output().size();
    }
    write_all(file, block);
    ::close(file);
    shell.hang_up();
    shell.join();
}

void tests(int count, int jobs, const Command& command) {
    tests_with_lines(count, jobs, 0, {}, {}, command);
}

void tests_with_lines(int count, int jobs, int every, const std::string& line, const std::string& end,
                      const Command& command) {
    std::vector<std::unique_ptr<RoundTrip>> running;
    std::vector<pollfd> descriptors;
    int next = 0;
    while (next < count || !running.empty()) {
        while (next < count && static_cast<int>(running.size()) < jobs) {
            const bool has_line = every != 0 && next % every == 0;
            running.push_back(
                std::make_unique<RoundTrip>(next++, command, has_line ? line : std::string(), end));
            descriptors.push_back({running.back()->descriptor(), POLLIN, 0});
        }
        wait_for_any(descriptors);
        for (std::size_t i = running.size(); i-- > 0;) {
            const bool over = descriptors[i].revents != 0 && running[i]->advance();
            descriptors[i].fd = running[i]->descriptor();
            if (!over) continue;
            if (running[i]->has_line()) std::printf("line %lld\n", running[i]->elapsed());
            running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
            descriptors.erase(descriptors.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }
}

void open_at_once(int count, const std::string& line, const Command& command) {
    raise_descriptor_limit();
    std::vector<FloorShell> shells;
    std::vector<pollfd> descriptors;
    shells.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        shells.emplace_back(command);
        descriptors.push_back({shells.back().master(), POLLIN, 0});
    }
    std::vector<bool> sent(shells.size());
    for (std::size_t left = shells.size(); left > 0;) {
        wait_for_any(descriptors);
        for (std::size_t i = 0; i < shells.size(); ++i) {
            if (descriptors[i].revents == 0) continue;
            if (!shells[i].read_some()) fail("a shell ended");
            if (!sent[i] && shells[i].output().ends_with(kPrompt)) {
                sent[i] = true;
                shells[i].send(line + "\n");
            } else if (sent[i] && shells[i].output().find("\ndone\r\n") != std::string_view::npos) {
                descriptors[i].fd = -1;
                --left;
            }
        }
    }
    for (auto& shell : shells)
        shell.hang_up();
    for (auto& shell : shells)
        shell.join();
}

void time_outs(int count, int milliseconds, bool busy, const Command& command) {
    FloorShell quiet(command);
    quiet.skip_prompt();
    std::optional<FloorShell> loud;
    if (busy) {
        loud.emplace(command);
        loud->skip_prompt();
        loud->send("yes 'a line of output that never ends, from a shell that prints at full speed'\n");
    }
    FloorRegex never("^never$");
    const long long limit = milliseconds * 1'000'000LL;
    for (int i = 0; i < count; ++i) {
        const auto until = nanoseconds_now() + limit;
        auto now = until - limit;
        while (now < until) {
            std::vector<pollfd> descriptors = {{quiet.master(), POLLIN, 0}};
            if (loud) descriptors.push_back({loud->master(), POLLIN, 0});
            const timespec rest{(until - now) / 1'000'000'000, (until - now) % 1'000'000'000};
            ::ppoll(descriptors.data(), descriptors.size(), &rest, nullptr);
            if (descriptors[0].revents != 0) quiet.read_some();
            if (loud && descriptors[1].revents != 0) {
                loud->read_some();
                loud->consume(loud->output().size());
            }
            if (never.find(quiet.output())) fail("what never comes came");
            now = nanoseconds_now();
        }
        std::printf("late %lld\n", now - until);
    }
}

}  // namespace relux::bench
