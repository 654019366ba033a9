#include "tests/pty/terminal_session.h"

#include <cstdlib>
#include <dirent.h>
#include <fstream>
#include <unistd.h>
#include <utility>

#include "vm/io/guardian.h"

namespace relux::io {

namespace {
// State and parent of a process from /proc, independent of the code under test.
std::pair<char, int> state_and_parent(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string content;
    std::getline(file, content);
    const std::size_t end = content.rfind(')');
    if (end == std::string::npos) return {'X', 0};
    return {content[end + 2], std::atoi(content.c_str() + end + 4)};
}
}  // namespace

bool runs(int pid) {
    const char state = state_and_parent(pid).first;
    return state != 'X' && state != 'Z';
}

std::string name_of(const std::string& pid) {
    std::ifstream file("/proc/" + pid + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

/// Each loop has a guardian process (vm/io/guardian.h), which is no shell's. Until it has given itself a name
/// it has ours, which no shell ever has.
bool is_guardian(int pid) {
    const auto name = name_of(std::to_string(pid));
    return name == io::kGuardianName || name == name_of("self");
}

std::vector<int> own_children() {
    std::vector<int> result;
    DIR* directory = ::opendir("/proc");
    while (const dirent* entry = ::readdir(directory)) {
        const int pid = std::atoi(entry->d_name);
        if (pid > 0 && state_and_parent(pid).second == ::getpid() && !is_guardian(pid)) result.push_back(pid);
    }
    ::closedir(directory);
    return result;
}

std::string ptychild_path() {
    const char* path = std::getenv("PTYCHILD");
    return path == nullptr ? "./ptychild" : path;
}

bool run_until(Loop& loop, const std::function<bool()>& condition, Duration give_up) {
    const Time deadline = loop.now() + give_up;
    std::unique_ptr<Timer> tick;
    bool held = condition();
    tick = loop.make_timer([&] {
        held = condition();
        if (held || loop.now() >= deadline) return loop.stop();
        tick->arm(loop.now() + std::chrono::milliseconds(1));
    });
    if (held) return true;
    tick->arm(loop.now());
    loop.run();
    return held;
}

TerminalSession::~TerminalSession() {
    output_hook = nullptr;
    wake = nullptr;
    if (shell && !ended) end(Duration::zero());
}

Status TerminalSession::open(std::vector<std::string> command, std::vector<std::string> extra,
                             std::string mark) {
    ShellOptions options;
    options.command = std::move(command);
    options.environment = {"PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent", "TERM=dumb",
                           "PS1=ready> ", "PS2="};
    options.environment.insert(options.environment.end(), extra.begin(), extra.end());
    if (!mark.empty()) options.environment.push_back(mark);
    options.owner_mark = std::move(mark);
    auto opened = loop.open_shell(options, *this);
    if (!opened) return opened.error();
    shell = std::move(opened).value();
    return Done{};
}

Status TerminalSession::open_child(const std::string& mode, const std::string& argument) {
    std::vector<std::string> command = {ptychild_path(), mode};
    if (!argument.empty()) command.push_back(argument);
    return open(std::move(command));
}

bool TerminalSession::wait_for_text(std::string_view text) {
    return run_until(loop, [&] { return output.find(text) != std::string::npos; });
}

bool TerminalSession::wait_for_exit() {
    return run_until(loop, [&] { return status.has_value() && closed; });
}

bool TerminalSession::end(Duration grace) {
    shell->end(grace);
    return run_until(loop, [&] { return ended; });
}

void TerminalSession::on_output(std::string_view bytes) {
    if (order.empty() || order.back() != 'o') order += 'o';
    if (output_hook) {
        output_hook(bytes);
    } else {
        output += bytes;
    }
    if (wake) wake();
}

void TerminalSession::on_output_closed() {
    order += 'c';
    closed = true;
    if (wake) wake();
}

void TerminalSession::on_exit(ExitStatus ended_with) {
    order += 'x';
    status = ended_with;
    if (wake) wake();
}

void TerminalSession::on_ended() {
    order += 'e';
    ended = true;
    if (wake) wake();
}

}  // namespace relux::io
