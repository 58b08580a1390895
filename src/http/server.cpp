#include "http/server.hpp"

#include <algorithm>
#include <atomic>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <civetweb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include "http/answer.hpp"
#include "http/listen_address.hpp"

namespace realtime::http {
namespace {

using namespace std::chrono_literals;

/// Threads that CivetWeb starts take the process' default attributes: while one of these lives, a small
/// stack. Not for two threads at a time; the service starts one server.
class SmallStacks {
 public:
  SmallStacks() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, kWorkerStackBytes);
    pthread_setattr_default_np(&small);
    pthread_attr_destroy(&small);
  }
  ~SmallStacks() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }
  SmallStacks(const SmallStacks&) = delete;
  SmallStacks& operator=(const SmallStacks&) = delete;

 private:
  pthread_attr_t before_;
};

}  // namespace

/// Owns CivetWeb's context and the thread that stops it.
class Server::Listener {
 public:
  Listener(Routes routes, const sockaddr_in& address) : routes_(std::move(routes)), address_(address) {}
  ~Listener() { finish_stop(); }

  bool start(const ServerSettings& settings) {
    char dotted[INET_ADDRSTRLEN];
    ::inet_ntop(AF_INET, &address_.sin_addr, dotted, sizeof dotted);
    const std::string listen_on = std::string(dotted) + ":" + std::to_string(ntohs(address_.sin_port));
    const std::pair<const char*, std::string> settled[] = {
        {"listening_ports", listen_on},
        {"num_threads", std::to_string(settings.threads)},
        {"request_timeout_ms", std::to_string(time_of_a_request(settings).count())},
        {"max_request_size", "20480"},
        {"connection_queue", std::to_string(settings.queue)},
        {"listen_backlog", "512"},
        {"enable_keep_alive", "no"},
        {"decode_url", "no"},  // no route needs an escape, and %00 must not end a path
        {"tcp_nodelay", "1"},
        {"enable_auth_domain_check", "no"},
    };
    std::vector<const char*> options;
    for (const auto& [name, value] : settled) options.insert(options.end(), {name, value.c_str()});
    options.push_back(nullptr);
    mg_callbacks callbacks{};
    callbacks.begin_request = [](mg_connection* connection) {
      return answer(connection, self(connection).routes_);
    };
    callbacks.http_error = [](mg_connection* connection, int status, const char*) {
      return answer_unreadable(connection, status);
    };
    callbacks.log_message = [](const mg_connection*, const char*) { return 1; };  // we say it ourselves
    mg_init_library(0);
    const SmallStacks small_stacks;
    context_ = mg_start(&callbacks, this, options.data());
    return context_ != nullptr;
  }

  void begin_stop() {
    if (context_ == nullptr || waker_.joinable()) return;
    try {
      waker_ = std::thread([this] {
        // The listening thread looks at its stop flag only after a poll of up to 2 s, or a connection.
        while (!stopped_.load()) {
          std::this_thread::sleep_for(5ms);
          knock();
        }
      });
      stopper_ = std::thread([this] { stop(); });
    } catch (const std::system_error&) {  // no thread is to be had: finish_stop() does it, and takes longer
    }
  }

  void finish_stop() {
    if (context_ == nullptr) return;
    begin_stop();
    if (stopper_.joinable()) {
      stopper_.join();
    } else {
      stop();
    }
    if (waker_.joinable()) waker_.join();
    context_ = nullptr;
    mg_exit_library();
  }

 private:
  static const Listener& self(mg_connection* connection) {
    return *static_cast<const Listener*>(mg_get_user_data(mg_get_context(connection)));
  }

  void stop() {
    mg_stop(context_);
    stopped_.store(true);
  }

  void knock() const {
    const Socket socket;
    sockaddr_in name = address_;
    if (name.sin_addr.s_addr == htonl(INADDR_ANY)) name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval at_most{0, 100'000};
    ::setsockopt(socket.fd, SOL_SOCKET, SO_SNDTIMEO, &at_most, sizeof at_most);  // bounds connect() too
    (void)::connect(socket.fd, reinterpret_cast<const sockaddr*>(&name), sizeof name);
  }

  const Routes routes_;
  const sockaddr_in address_;
  mg_context* context_ = nullptr;
  std::thread stopper_, waker_;
  std::atomic<bool> stopped_{false};
};

std::chrono::milliseconds time_of_a_request(const ServerSettings& settings) {
  constexpr unsigned kStalled = 600;
  constexpr std::chrono::milliseconds kPatience{1600};
  const std::chrono::milliseconds share = kPatience * settings.threads / (kStalled + settings.threads);
  return std::min(std::max(share, std::chrono::milliseconds(20)), settings.request_timeout);
}

Result<std::unique_ptr<Server>> Server::start(const ServerSettings& settings, Routes routes) {
  const auto address = find_listen_address(settings.bind, settings.port);
  if (!address) return address.error();
  const auto port = static_cast<unsigned>(ntohs(address->sin_port));
  auto listener = std::make_unique<Listener>(std::move(routes), *address);
  if (!listener->start(settings)) {
    // CivetWeb does not say why. If the address is still to be had, it was not that.
    const auto again = find_listen_address(settings.bind, port);
    if (!again) return again.error();
    return Error{ErrorKind::machine_limit, "the HTTP server gets no thread or no memory to start with"};
  }
  return std::unique_ptr<Server>(new Server(std::move(listener), port));
}

Server::Server(std::unique_ptr<Listener> listener, unsigned port)
    : listener_(std::move(listener)), port_(port) {}
Server::~Server() = default;
void Server::begin_stop() {
  listener_->begin_stop();
}
void Server::finish_stop() {
  listener_->finish_stop();
}

}  // namespace realtime::http
