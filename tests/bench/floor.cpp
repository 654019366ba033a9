// The command line of the floor: `bench_floor CASE ARGUMENT… [-- COMMAND…]`. For tools/bench, not for people.
#include <cstdlib>

#include "tests/bench/floor_cases.h"
#include "tests/bench/floor_shell.h"

namespace {

using namespace relux::bench;

int number(const std::string& text) {
    return std::atoi(text.c_str());
}

void run(const std::string& name, const Command& arguments, const Command& command) {
    const auto is = [&](const char* wanted, std::size_t count) {
        return name == wanted && arguments.size() == count;
    };
    if (is("round-trips", 1)) return round_trips(number(arguments[0]), command);
    if (is("flood", 4)) return flood(arguments[0], arguments[1], arguments[2], arguments[3], command);
    if (is("tests", 2)) return tests(number(arguments[0]), number(arguments[1]), command);
    if (is("lines", 5))
        return tests_with_lines(number(arguments[0]), number(arguments[1]), number(arguments[2]),
                                arguments[3], arguments[4], command);
    if (is("open", 2)) return open_at_once(number(arguments[0]), arguments[1], command);
    if (is("time-outs", 3))
        return time_outs(number(arguments[0]), number(arguments[1]), arguments[2] == "busy", command);
    if (is("read", 1)) return read_sources(arguments[0]);
    if (is("strings", 1)) return string_work(number(arguments[0]));
    if (is("emit", 2)) return emit(std::atoll(arguments[0].c_str()), std::atoll(arguments[1].c_str()));
    if (is("note-start", 1)) return note_start(arguments[0], command);
    if (is("measure", 1)) return measure(arguments[0], command);
    fail("no case `" + name + "` with " + std::to_string(arguments.size()) + " arguments");
}

}  // namespace

int main(int count, char** values) {
    Command arguments;
    Command command;
    bool is_command = false;
    for (int i = 2; i < count; ++i) {
        const std::string value = values[i];
        if (!is_command && value == "--") {
            is_command = true;
        } else {
            (is_command ? command : arguments).push_back(value);
        }
    }
    run(count < 2 ? "" : values[1], arguments, command);
}
