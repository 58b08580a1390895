#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/address.hpp"

namespace realtime::net {

/// What became of a question: addresses in the resolver's order (the port is not set), or why there are none.
struct Answer {
  std::vector<Address> addresses;
  std::string failure;  ///< empty where there are addresses
};

/// A question to a Resolver that may not be answered yet. Cheap to drop: the resolver's thread ends by itself
/// and bothers nobody. One thread at a time.
class Lookup {
 public:
  Lookup() = default;

  /// The answer, once it is there. Never blocks.
  const Answer* answer() const;
  /// Readable once the answer is there: to be polled, not to be read. -1: it was there from the start.
  int fd() const;

 private:
  friend class Resolver;
  struct Inquiry;
  explicit Lookup(std::shared_ptr<Inquiry> inquiry) : inquiry_(std::move(inquiry)) {}
  explicit Lookup(Answer known) : known_(std::move(known)) {}

  std::shared_ptr<Inquiry> inquiry_;
  Answer known_;
};

/// The only place where a name becomes an address, without anybody waiting: getaddrinfo can neither be
/// hurried nor stopped, and takes half a minute where the name servers are silent.
///
/// Each question has a thread of its own, which is left to end by itself. Their number is bounded, however
/// often and from however many places is asked: who asks for a name that is being asked for joins that
/// question; only one that has been without an answer for some seconds is asked once more beside it (the name
/// server may be back, and the first still waits for one that is gone). Any thread.
class Resolver {
 public:
  /// Blocks until the name is resolved; called on the resolver's threads, several at once.
  using Ask = std::function<Answer(const std::string& host)>;

  /// A question without an answer for `patience` is asked once more.
  explicit Resolver(Ask ask, std::chrono::milliseconds patience = std::chrono::seconds(5));

  /// Begins to resolve `host`, a name or an address. Addresses are known at once.
  Lookup ask(const std::string& host);

  /// The system's, shared by all.
  static Resolver& system();

  static constexpr std::size_t kMostThreads = 16;
  static constexpr std::size_t kMostThreadsAName = 2;

 private:
  struct Table;
  std::shared_ptr<Table> table_;
};

/// The host's addresses. Waits until `until` at most; ends at once where `stop_fd` (-1: none) is readable.
struct Resolved {
  Answer answer;
  bool stopped = false;
};
Resolved resolve(Resolver& resolver, const std::string& host, std::chrono::steady_clock::time_point until,
                 int stop_fd);

}  // namespace realtime::net
