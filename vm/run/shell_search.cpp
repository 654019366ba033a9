#include "vm/run/shell_search.h"

#include <utility>

namespace relux::run {

SearchBeside::SearchBeside(io::Loop& loop, const match::Matcher& matcher, const match::OutputBuffer& buffer,
                           std::function<void()> on_end)
    : shared_(std::make_shared<Shared>(Shared{matcher.long_search(buffer), std::move(on_end)})) {
    loop.run_beside([shared = shared_] { shared->search.run(); },
                    [shared = shared_] {
                        shared->ended = true;
                        if (const auto tell = std::exchange(shared->on_end, nullptr)) tell();
                    });
}

}  // namespace relux::run
