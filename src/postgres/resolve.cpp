#include "postgres/resolve.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <thread>

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "postgres/wait_for_socket.hpp"

namespace realtime::postgres {
namespace {

constexpr std::size_t kMostAddresses = 8;

/// Shared with the resolving thread, which may outlive the caller. Written by it before `done` becomes
/// readable, read by the caller only after that.
struct Inquiry {
  explicit Inquiry(std::string name) : host(std::move(name)) {}
  ~Inquiry() { ::close(done); }
  Inquiry(const Inquiry&) = delete;
  Inquiry& operator=(const Inquiry&) = delete;

  void run() {
    addrinfo hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    failure = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
    for (const addrinfo* one = found; one != nullptr && addresses.size() < kMostAddresses;
         one = one->ai_next) {
      char text[NI_MAXHOST];
      if (::getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) != 0)
        continue;
      if (std::find(addresses.begin(), addresses.end(), text) == addresses.end())
        addresses.emplace_back(text);
    }
    if (found != nullptr) ::freeaddrinfo(found);
    ::eventfd_write(done, 1);
  }

  const std::string host;
  const int done = ::eventfd(0, EFD_CLOEXEC);
  int failure = 0;
  std::vector<std::string> addresses;
};

bool left_to_libpq(const std::string& host) {
  in6_addr address;
  return host.empty() || host.front() == '/' || host.front() == '@' || host.find(',') != std::string::npos ||
         ::inet_pton(AF_INET, host.c_str(), &address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), &address) == 1 || std::getenv("PGHOSTADDR") != nullptr;
}

Error unresolved(const std::string& host, const std::string& why) {
  return {ErrorKind::postgres_unreachable,
          "could not translate host name \"" + host + "\" to an address: " + why};
}

}  // namespace

Result<std::vector<std::string>> resolve(const std::string& host, std::chrono::steady_clock::time_point until,
                                         int stop_fd) {
  if (left_to_libpq(host)) return std::vector<std::string>{""};
  const auto inquiry = std::make_shared<Inquiry>(host);
  if (inquiry->done < 0) return unresolved(host, "no descriptor is free");
  try {
    std::thread([inquiry] { inquiry->run(); }).detach();
  } catch (const std::exception&) {
    return unresolved(host, "no thread is to be had");
  }
  switch (wait_for_socket(inquiry->done, true, false, stop_fd, until)) {
    case Woken::stopped:
      return Error{ErrorKind::stopped, "stopped while connecting to PostgreSQL"};
    case Woken::late:
      return unresolved(host, "the resolver did not answer in time");
    case Woken::ready:
      break;
  }
  eventfd_t count;
  ::eventfd_read(inquiry->done, &count);
  if (inquiry->addresses.empty()) return unresolved(host, ::gai_strerror(inquiry->failure));
  return inquiry->addresses;
}

}  // namespace realtime::postgres
