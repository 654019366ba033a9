// curl's transfers on our loop: its sockets are watched and its timer armed as it asks, and it is called when
// they are ready. Keeps the connections that can be used again.
//
// Guarantees: nothing blocks, also not the look-up of a name; transfers hear of their end through their guard
// only, so nothing of theirs runs inside curl.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>

#include "vm/clients/late_library.h"
#include "vm/io/loop.h"

namespace relux::clients {

class HttpConnections {
  public:
    explicit HttpConnections(io::Loop& loop);
    HttpConnections(const HttpConnections&) = delete;
    HttpConnections& operator=(const HttpConnections&) = delete;
    /// No transfer may be left. Closes what is open.
    ~HttpConnections();

    /// `finished` is called on the loop when the transfer has ended, with how; never from inside start(). It
    /// must not start or stop transfers.
    void start(CURL* transfer, std::function<void(CURLcode)> finished);
    /// To be called also after it has finished.
    void stop(CURL* transfer);

  private:
    static int on_socket(CURL* transfer, curl_socket_t socket, int direction, void* self, void* unused);
    static int on_timer(CURLM* multi, long milliseconds, void* self);
    int watch(curl_socket_t socket, int direction);
    void act(curl_socket_t socket, int ready);
    void tell_finished();

    io::Loop& loop_;
    CURLM* multi_;
    std::unique_ptr<io::Timer> timer_;
    std::unordered_map<curl_socket_t, std::unique_ptr<io::DescriptorWatch>> watches_;
    std::unordered_map<CURL*, std::function<void(CURLcode)>> transfers_;
};

}  // namespace relux::clients
