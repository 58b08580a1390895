#include "net/resolver.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

#include <netdb.h>
#include <sys/eventfd.h>

#include "net/file_descriptor.hpp"
#include "net/wait_for_socket.hpp"

namespace realtime::net {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kMostAddresses = 16;

Answer without(std::string why) {
  return {{}, std::move(why)};
}

/// getaddrinfo with these flags.
Answer ask_system(const std::string& host, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags;
  addrinfo* found = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed == EAI_SYSTEM) return without(std::system_category().message(errno));
  if (failed != 0) return without(::gai_strerror(failed));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> list(found, &::freeaddrinfo);
  Answer answer;
  std::vector<std::string> seen;  // a name that stands twice in /etc/hosts gives an address twice
  for (const addrinfo* one = found; one != nullptr && seen.size() < kMostAddresses; one = one->ai_next) {
    const auto address = address_from(one->ai_addr, one->ai_addrlen);
    if (!address || std::find(seen.begin(), seen.end(), address->text()) != seen.end()) continue;
    seen.push_back(address->text());
    answer.addresses.push_back(*address);
  }
  if (answer.addresses.empty()) answer.failure = "it has no address";
  return answer;
}

}  // namespace

/// Shared by the resolving thread and everybody who asked; lives as long as the last of them.
struct Lookup::Inquiry {
  const FileDescriptor done{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  const steady_clock::time_point began = steady_clock::now();
  /// Written by the resolving thread alone, before `answered`.
  Answer answer;
  /// Set once, by the resolving thread. Release: who sees it may read `answer`.
  std::atomic<bool> answered{false};
};

const Answer* Lookup::answer() const {
  if (!inquiry_) return &known_;
  return inquiry_->answered.load(std::memory_order_acquire) ? &inquiry_->answer : nullptr;
}

int Lookup::fd() const {
  return inquiry_ ? inquiry_->done.get() : -1;
}

struct Resolver::Table {
  struct Row {
    std::string host;
    std::shared_ptr<Lookup::Inquiry> inquiry;
  };
  Table(Ask its_ask, std::chrono::milliseconds its_patience)
      : ask(std::move(its_ask)), patience(its_patience) {}

  /// On a thread of its own.
  void run(const Row& row) {
    try {
      row.inquiry->answer = ask(row.host);
    } catch (const std::exception&) {  // no memory: nothing else is thrown
      row.inquiry->answer = without("out of memory");
    }
    {
      const std::lock_guard lock(mutex);
      std::erase_if(running, [&](const Row& one) { return one.inquiry == row.inquiry; });
    }
    row.inquiry->answered.store(true, std::memory_order_release);
    ::eventfd_write(row.inquiry->done.get(), 1);
  }

  const Ask ask;
  const std::chrono::milliseconds patience;
  std::mutex mutex;          // held for moments only
  std::vector<Row> running;  ///< guarded by mutex; oldest first, at most kMostThreads
};

Resolver::Resolver(Ask ask, std::chrono::milliseconds patience)
    : table_(std::make_shared<Table>(std::move(ask), patience)) {}

Lookup Resolver::ask(const std::string& host) {
  if (Answer known = ask_system(host, AI_NUMERICHOST); !known.addresses.empty()) return Lookup(known);
  const std::lock_guard lock(table_->mutex);
  std::shared_ptr<Lookup::Inquiry> newest;
  std::size_t same = 0;
  for (const Table::Row& row : table_->running) {
    if (row.host != host) continue;
    newest = row.inquiry;
    ++same;
  }
  const bool may_begin = table_->running.size() < kMostThreads && same < kMostThreadsAName;
  if (newest && (steady_clock::now() - newest->began < table_->patience || !may_begin)) return Lookup(newest);
  if (!may_begin) return Lookup(without("the system's resolver answers no question any more"));
  const Table::Row row{host, std::make_shared<Lookup::Inquiry>()};
  if (!row.inquiry->done) return Lookup(without("no descriptor is free"));
  table_->running.push_back(row);
  try {
    std::thread([table = table_, row] { table->run(row); }).detach();
  } catch (const std::system_error&) {
    table_->running.pop_back();
    return newest ? Lookup(newest) : Lookup(without("no thread is to be had"));
  }
  return Lookup(row.inquiry);
}

Resolver& Resolver::system() {
  // Never destroyed: its threads may outlive main.
  static auto& resolver = *new Resolver([](const std::string& host) { return ask_system(host, 0); });
  return resolver;
}

Resolved resolve(Resolver& resolver, const std::string& host, steady_clock::time_point until, int stop_fd) {
  const Lookup lookup = resolver.ask(host);
  while (lookup.answer() == nullptr) {
    switch (wait_for_socket(lookup.fd(), true, false, stop_fd, until)) {
      case Woken::stopped:
        return {without("stopped"), true};
      case Woken::late:
        return {without("the resolver did not answer in time"), false};
      case Woken::ready:
        break;
    }
  }
  return {*lookup.answer(), false};
}

}  // namespace realtime::net
