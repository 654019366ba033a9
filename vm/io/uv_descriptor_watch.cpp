// uv_poll for both directions. The handle and the callback live until libuv has let go of the handle, so the
// callback may destroy the watch it belongs to.
#include "vm/io/uv_descriptor_watch.h"

#include <utility>

namespace relux::io {

namespace {

class UvDescriptorWatch final : public DescriptorWatch {
  public:
    explicit UvDescriptorWatch(std::function<void(Readiness)> callback)
        : state_(new State{{}, std::move(callback), {}, false}) {
        state_->poll.data = state_;
    }
    UvDescriptorWatch(const UvDescriptorWatch&) = delete;
    UvDescriptorWatch& operator=(const UvDescriptorWatch&) = delete;
    ~UvDescriptorWatch() override {
        if (state_ == nullptr) return;
        state_->closed = true;
        uv_close(reinterpret_cast<uv_handle_t*>(&state_->poll),
                 [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    }

    bool open(uv_loop_t* uv, int descriptor) {
        if (uv_poll_init(uv, &state_->poll, descriptor) == 0) return true;
        delete std::exchange(state_, nullptr);
        return false;
    }
    void wait_for(Readiness wanted) override {
        state_->wanted = wanted;
        start(*state_);
    }

  private:
    struct State {
        uv_poll_t poll;
        std::function<void(Readiness)> callback;
        Readiness wanted;
        bool closed;
    };

    static void start(State& state) {
        const int events = (state.wanted.read ? UV_READABLE : 0) | (state.wanted.write ? UV_WRITABLE : 0);
        if (events == 0) {
            uv_poll_stop(&state.poll);
        } else {
            uv_poll_start(&state.poll, events, &UvDescriptorWatch::on_ready);
        }
    }
    static void on_ready(uv_poll_t* poll, int status, int events) {
        auto& state = *static_cast<State*>(poll->data);
        if (state.closed) return;
        const Readiness ready{(events & UV_READABLE) != 0, (events & UV_WRITABLE) != 0};
        state.callback(status < 0 ? state.wanted : ready);
        // libuv stops a poll handle that met an error.
        if (status < 0 && !state.closed) start(state);
    }

    State* state_;
};

}  // namespace

std::unique_ptr<DescriptorWatch> make_uv_descriptor_watch(uv_loop_t* uv, int descriptor, Readiness wanted,
                                                          std::function<void(Readiness)> callback) {
    auto watch = std::make_unique<UvDescriptorWatch>(std::move(callback));
    if (!watch->open(uv, descriptor)) return nullptr;
    watch->wait_for(wanted);
    return watch;
}

}  // namespace relux::io
