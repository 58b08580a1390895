#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace realtime::testing {

/// A port that leads to a Redis server. Once: lets a transaction through up to its EXEC, waits until the server has
/// queued it, does something else meanwhile, and lets EXEC through.
class ExecGate {
 public:
  /// `queued` waits until the server has taken what comes before EXEC.
  ExecGate(std::uint16_t target, std::function<void()> queued) : target_(target), queued_(std::move(queued)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listener_, 8), 0);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~ExecGate() {
    stopping_ = true;
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }
  /// At the next EXEC of a transaction that pushes.
  void at_next_exec(std::function<void()> meanwhile) {
    const std::lock_guard lock(mutex_);
    meanwhile_ = std::move(meanwhile);
  }

 private:
  struct Link {
    int client, server;
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }
  static void send_all(int to, std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void run() {
    std::vector<Link> links;
    while (!stopping_) {
      std::vector<pollfd> ready{{listener_, POLLIN, 0}};
      for (const Link& link : links)
        ready.push_back({link.client, POLLIN, 0}), ready.push_back({link.server, POLLIN, 0});
      ::poll(ready.data(), ready.size(), 20);
      for (std::size_t i = links.size(); i-- > 0;) {
        const bool goes_on =
            (ready[1 + 2 * i].revents == 0 || pass(links[i].client, links[i].server, true)) &&
            (ready[2 + 2 * i].revents == 0 || pass(links[i].server, links[i].client, false));
        if (goes_on) continue;
        ::close(links[i].client), ::close(links[i].server);
        links.erase(links.begin() + static_cast<std::ptrdiff_t>(i));
      }
      if ((ready[0].revents & POLLIN) == 0) continue;
      const Link link{::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC),
                      ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
      const sockaddr_in address = loopback(target_);
      EXPECT_EQ(::connect(link.server, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
      links.push_back(link);
    }
    for (const Link& link : links) ::close(link.client), ::close(link.server);
  }

  bool pass(int from, int to, bool to_server) {
    std::string bytes(1 << 20, '\0');
    const ssize_t size = ::recv(from, bytes.data(), bytes.size(), 0);
    if (size <= 0) return false;
    bytes.resize(static_cast<std::size_t>(size));
    const std::string exec = "*1\r\n$4\r\nEXEC\r\n";
    const std::size_t at = bytes.find(exec);
    const std::lock_guard lock(mutex_);
    if (to_server && meanwhile_ && at != std::string::npos && bytes.find("EVAL") < at) {
      send_all(to, std::string_view(bytes).substr(0, at));
      bytes.erase(0, at);
      queued_();
      std::exchange(meanwhile_, nullptr)();
    }
    send_all(to, bytes);
    return true;
  }

  const std::uint16_t target_;
  const std::function<void()> queued_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;  // over meanwhile_
  std::function<void()> meanwhile_;
  std::thread thread_;
};

}  // namespace realtime::testing
