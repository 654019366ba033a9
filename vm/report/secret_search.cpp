// The automaton has a state for each beginning of a secret and knows for each what comes next on any byte, so
// a byte costs one look-up. Bytes that occur in no secret share one column.
#include "vm/report/secret_search.h"

#include <algorithm>

namespace relux::report {

SecretSearch::SecretSearch(const std::vector<std::string>& secrets) {
    for (std::string_view secret : secrets) {
        while (!secret.empty()) {
            const auto end = secret.find_first_of("\r\n");
            const auto line = secret.substr(0, end);
            if (line.size() >= kShortest) secrets_.emplace_back(line);
            secret.remove_prefix(end == std::string_view::npos ? secret.size() : end + 1);
        }
    }
    std::sort(secrets_.begin(), secrets_.end());
    secrets_.erase(std::unique(secrets_.begin(), secrets_.end()), secrets_.end());
    for (const auto& secret : secrets_) {
        for (const char byte : secret) {
            auto& number = classes_[static_cast<unsigned char>(byte)];
            if (number == 0) number = static_cast<std::uint16_t>(class_count_++);
        }
    }
    transitions_.assign(class_count_, 0);
    depths_.assign(1, 0);
    found_.assign(1, 0);
    for (const auto& secret : secrets_)
        add(secret);
    link();
}

void SecretSearch::add(std::string_view secret) {
    std::uint32_t state = 0;
    for (const char byte : secret) {
        const auto at = state * class_count_ + classes_[static_cast<unsigned char>(byte)];
        if (transitions_[at] == 0) {
            transitions_[at] = static_cast<std::uint32_t>(depths_.size());
            depths_.push_back(depths_[state] + 1);
            found_.push_back(0);
            transitions_.resize(transitions_.size() + class_count_, 0);
        }
        state = transitions_[at];
    }
    found_[state] = static_cast<std::uint32_t>(secret.size());
}

// Breadth first: a state's missing transitions are those of the longest proper ending that is a state too.
void SecretSearch::link() {
    std::vector<std::uint32_t> endings(depths_.size(), 0);
    std::vector<std::uint32_t> order{0};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const auto state = order[i];
        found_[state] = std::max(found_[state], found_[endings[state]]);
        for (std::uint32_t c = 0; c < class_count_; ++c) {
            auto& target = transitions_[state * class_count_ + c];
            const auto fallback = state == 0 ? 0 : transitions_[endings[state] * class_count_ + c];
            if (target == 0) {
                target = fallback;
            } else {
                endings[target] = fallback;
                order.push_back(target);
            }
        }
    }
}

bool SecretSearch::finds(std::string_view text) const {
    if (secrets_.empty()) return false;
    std::uint32_t state = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_cut_at(text, i, state)) return true;
        state = next(state, text[i]);
        if (found_[state] != 0) return true;
    }
    return false;
}

// Messages show the beginnings of long texts and a mark behind them, which may have cut a secret.
bool SecretSearch::is_cut_at(std::string_view text, std::size_t at, std::uint32_t state) const {
    if (depths_[state] < kShortest || (text[at] != '.' && text[at] != '\xe2')) return false;
    for (const std::string_view mark : {"...", "…"}) {
        if (!text.substr(at).starts_with(mark)) continue;
        auto after = state;
        for (const char byte : mark)
            after = next(after, byte);
        // Else it is part of the secret.
        return depths_[after] < depths_[state] + mark.size();
    }
    return false;
}

std::string SecretSearch::mask(std::string_view text) const {
    if (secrets_.empty()) return std::string(text);
    std::string masked;
    std::uint32_t state = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_cut_at(text, i, state)) {
            masked += mask_excerpt(text.substr(begin, i - begin), false, true);
            begin = i;
        }
        state = next(state, text[i]);
    }
    return masked + mask_excerpt(text.substr(begin), false, false);
}

std::string SecretSearch::mask_excerpt(std::string_view text, bool cut_front, bool cut_back) const {
    if (secrets_.empty()) return std::string(text);
    std::string masked;
    masked.reserve(text.size());
    if (cut_front) {
        // The longest ending of a secret that the text begins with.
        std::size_t longest = 0;
        for (const auto& secret : secrets_) {
            for (std::size_t size = secret.size() - 1; size >= kShortest && size > longest; --size) {
                if (text.starts_with(std::string_view(secret).substr(secret.size() - size))) longest = size;
            }
        }
        if (longest > 0) masked = kMask;
        text.remove_prefix(longest);
    }
    SecretStream stream(*this);
    stream.feed(text, masked);
    stream.finish(masked, cut_back);
    return masked;
}

// A range is only given out once no longer secret that began before it can still end after it.
void SecretStream::scan(std::size_t from) {
    for (std::size_t i = from; i < held_.size(); ++i) {
        state_ = search_->next(state_, held_[i]);
        const std::size_t size = search_->found_[state_];
        if (size == 0) continue;
        const std::size_t end = i + 1;
        const std::size_t begin = end - std::min(size, end);
        while (!ranges_.empty() && ranges_.back().begin >= begin)
            ranges_.pop_back();
        if (!ranges_.empty() && ranges_.back().end >= begin) {
            ranges_.back().end = end;
        } else {
            ranges_.push_back({begin, end});
        }
    }
}

void SecretStream::release(std::size_t safe, std::string& out) {
    std::size_t given = 0;
    std::vector<Range> left;
    for (const auto& range : ranges_) {
        if (range.begin < safe) {
            if (range.begin > given) {
                out.append(held_, given, range.begin - given);
                masked_ = false;
            }
            if (!masked_) out.append(kMask);
            masked_ = true;
            given = std::min(range.end, safe);
        }
        if (range.end > safe) left.push_back({std::max(range.begin, safe) - safe, range.end - safe});
    }
    if (given < safe) {
        out.append(held_, given, safe - given);
        masked_ = false;
    }
    held_.erase(0, safe);
    ranges_ = std::move(left);
}

void SecretStream::feed(std::string_view bytes, std::string& out) {
    if (search_->empty()) {
        out.append(bytes);
        return;
    }
    const auto before = held_.size();
    held_.append(bytes);
    scan(before);
    release(held_.size() - std::min<std::size_t>(search_->depths_[state_], held_.size()), out);
}

void SecretStream::finish(std::string& out, bool cut) {
    if (cut && held_.size() >= SecretSearch::kShortest) ranges_.assign(1, {0, held_.size()});
    release(held_.size(), out);
    state_ = 0;
    masked_ = false;
}

void SecretStream::change(const SecretSearch& search) {
    search_ = &search;
    state_ = 0;
    scan(0);
}

}  // namespace relux::report
