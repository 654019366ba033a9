// See shell.h: searches that take so many steps that other tests would wait for them. They go on beside the
// loop, and decide what they would have decided on it.
#include "vm/run/shell.h"

namespace relux::run {

/// Shared by the shell and by the other thread's work, which ends after it where the test has been stopped.
struct Shell::SearchBeside {
    match::LongSearch search;
    Shell* shell;  ///< null: nobody waits for it any more
    bool ended = false;
};

std::shared_ptr<Shell::SearchBeside> Shell::begin_search(const match::Matcher& matcher) {
    auto beside = std::make_shared<SearchBeside>(SearchBeside{matcher.long_search(buffer_), this});
    test_.loop().run_beside([beside] { beside->search.run(); },
                            [beside] {
                                beside->ended = true;
                                if (beside->shell != nullptr) beside->shell->search_ended(*beside);
                            });
    return beside;
}

void Shell::search_ended(const SearchBeside& search) {
    if (&search == fail_search_.get()) {
        const auto ended = std::exchange(fail_search_, nullptr);
        fail_pattern_->matcher.take(ended->search, buffer_);
        scan_fail_pattern(false);
    }
    wake();
}

io::Task<bool> Shell::finish_search(match::Matcher& matcher) {
    search_ = begin_search(matcher);
    while (!search_->ended && !activity_.stopped())
        co_await changed_.wait();
    const auto search = std::exchange(search_, nullptr);
    search->shell = nullptr;
    if (search->ended) matcher.take(search->search, buffer_);
    co_return search->ended;
}

io::Task<void> Shell::fail_pattern_looked_for() {
    while (fail_search_ && !activity_.stopped())
        co_await changed_.wait();
}

/// Before the fail pattern is another one.
void Shell::abandon_fail_search() {
    if (fail_search_) fail_search_->shell = nullptr;
    fail_search_.reset();
}

}  // namespace relux::run
