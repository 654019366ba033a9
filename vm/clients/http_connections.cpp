// The multi-socket interface of libcurl 7.88.
#include "vm/clients/http_connections.h"

#include <utility>

#include "vm/base/assert.h"
#include "vm/clients/quiet_thread.h"

namespace relux::clients {

namespace {

// Once for the process, and never undone: other libraries of this process may use curl or OpenSSL too.
void prepare_curl() {
    static const CURLcode prepared = curl().curl_global_init(CURL_GLOBAL_DEFAULT);
    RELUX_ASSERT(prepared == CURLE_OK, "curl does not start");
}

io::Readiness wanted_by(int direction) {
    return {(direction & CURL_POLL_IN) != 0, (direction & CURL_POLL_OUT) != 0};
}

}  // namespace

HttpConnections::HttpConnections(io::Loop& loop)
    : loop_(loop),
      multi_((prepare_curl(), curl().curl_multi_init())),
      timer_(loop.make_timer([this] { act(CURL_SOCKET_TIMEOUT, 0); })) {
    RELUX_ASSERT(multi_ != nullptr, "curl has no memory");
    curl().curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &HttpConnections::on_socket);
    curl().curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
    curl().curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &HttpConnections::on_timer);
    curl().curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
}

HttpConnections::~HttpConnections() {
    RELUX_ASSERT(transfers_.empty(), "an HTTP client dies before its calls");
    const NoPipeSignal no_signal;
    curl().curl_multi_cleanup(multi_);
}

void HttpConnections::start(CURL* transfer, std::function<void(CURLcode)> finished) {
    transfers_.emplace(transfer, std::move(finished));
    const CURLMcode code = curl().curl_multi_add_handle(multi_, transfer);
    RELUX_ASSERT(code == CURLM_OK, "curl does not take a transfer");
}

void HttpConnections::stop(CURL* transfer) {
    const NoPipeSignal no_signal;
    curl().curl_multi_remove_handle(multi_, transfer);
    transfers_.erase(transfer);
}

int HttpConnections::on_socket(CURL*, curl_socket_t socket, int direction, void* self, void*) {
    return static_cast<HttpConnections*>(self)->watch(socket, direction);
}

int HttpConnections::watch(curl_socket_t socket, int direction) {
    if (direction == CURL_POLL_REMOVE) {
        watches_.erase(socket);
        return 0;
    }
    std::unique_ptr<io::DescriptorWatch>& watch = watches_[socket];
    if (watch) {
        watch->wait_for(wanted_by(direction));
        return 0;
    }
    watch = loop_.watch_descriptor(socket, wanted_by(direction), [this, socket](io::Readiness ready) {
        act(socket, (ready.read ? CURL_CSELECT_IN : 0) | (ready.write ? CURL_CSELECT_OUT : 0));
    });
    return watch ? 0 : -1;
}

int HttpConnections::on_timer(CURLM*, long milliseconds, void* self) {
    auto& connections = *static_cast<HttpConnections*>(self);
    if (milliseconds < 0) {
        connections.timer_->disarm();
    } else {
        connections.timer_->arm(connections.loop_.now() + std::chrono::milliseconds(milliseconds));
    }
    return 0;
}

void HttpConnections::act(curl_socket_t socket, int ready) {
    {
        const NoPipeSignal no_signal;
        int running = 0;
        curl().curl_multi_socket_action(multi_, socket, ready, &running);
    }
    tell_finished();
}

void HttpConnections::tell_finished() {
    int left = 0;
    while (const CURLMsg* message = curl().curl_multi_info_read(multi_, &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        const auto transfer = transfers_.find(message->easy_handle);
        if (transfer != transfers_.end()) transfer->second(message->data.result);
    }
}

}  // namespace relux::clients
