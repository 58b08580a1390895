#include "net/resolver.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "net/file_descriptor.hpp"

// Method: a resolver of the test's own, which answers when the test lets it. What is real is in the system
// tests.

namespace realtime::net {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// Blocks every question until it is let go.
class Gate {
 public:
  ~Gate() { open(); }
  Answer ask(const std::string& host) {
    std::unique_lock lock(mutex_);
    ++asked_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
    return host == "nowhere" ? Answer{{}, "unknown"} : Answer{{*numeric("10.0.0.7"), *numeric("::1")}, {}};
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Waits until so many questions are being asked.
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return asked_ >= count; });
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  static std::optional<Address> numeric(const char* text) {
    return Resolver::system().ask(text).answer()->addresses.front();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int asked_ = 0;
  bool open_ = false;
};

class ResolverTest : public ::testing::Test {
 protected:
  Resolver with_patience(std::chrono::milliseconds patience) {
    return Resolver([gate = gate_](const std::string& host) { return gate->ask(host); }, patience);
  }
  static void wait_for(const Lookup& lookup) {
    pollfd one{lookup.fd(), POLLIN, 0};
    while (lookup.answer() == nullptr) ::poll(&one, 1, 1000);
  }
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();  // its threads may outlive the test
};

TEST_F(ResolverTest, ANameIsAskedForWithoutWaiting) {
  Resolver resolver = with_patience(1h);
  const Lookup lookup = resolver.ask("somewhere");
  EXPECT_EQ(lookup.answer(), nullptr);
  pollfd one{lookup.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&one, 1, 0), 0);
  gate_->open();
  wait_for(lookup);
  ASSERT_EQ(lookup.answer()->addresses.size(), 2u);
  EXPECT_EQ(lookup.answer()->addresses[0].text(), "10.0.0.7");
  EXPECT_EQ(lookup.answer()->addresses[1].text(), "::1");
  const Lookup unknown = resolver.ask("nowhere");
  wait_for(unknown);
  EXPECT_EQ(unknown.answer()->failure, "unknown");
}

TEST_F(ResolverTest, AnAddressNeedsNoResolver) {
  Resolver resolver = with_patience(1h);
  for (const char* address : {"127.0.0.1", "::1", "10.1.2.3"}) {
    const Lookup lookup = resolver.ask(address);
    ASSERT_NE(lookup.answer(), nullptr);
    EXPECT_EQ(lookup.answer()->addresses.at(0).text(), address);
  }
  EXPECT_EQ(gate_->asked(), 0);
}

TEST_F(ResolverTest, OneQuestionForAllWhoAskTheSame) {
  Resolver resolver = with_patience(1h);
  std::vector<Lookup> lookups;
  for (int i = 0; i < 100; ++i) lookups.push_back(resolver.ask("somewhere"));
  gate_->wait_for(1);
  gate_->open();
  for (const Lookup& lookup : lookups) wait_for(lookup);
  EXPECT_EQ(gate_->asked(), 1);
}

TEST_F(ResolverTest, AQuestionWithoutAnswerIsAskedOnceMoreAndNotAgain) {
  Resolver resolver = with_patience(0ms);
  std::vector<Lookup> lookups;
  for (int i = 0; i < 50; ++i) lookups.push_back(resolver.ask("somewhere"));
  gate_->wait_for(2);
  gate_->open();
  for (const Lookup& lookup : lookups) wait_for(lookup);
  EXPECT_EQ(gate_->asked(), 2);
}

TEST_F(ResolverTest, ThreadsAreBounded) {
  Resolver resolver = with_patience(0ms);
  std::vector<Lookup> lookups;
  for (int i = 0; i < 100; ++i) lookups.push_back(resolver.ask("host" + std::to_string(i)));
  gate_->wait_for(Resolver::kMostThreads);
  EXPECT_THAT(lookups.back().answer()->failure, ::testing::HasSubstr("no question any more"));
  EXPECT_EQ(gate_->asked(), static_cast<int>(Resolver::kMostThreads));
  gate_->open();
  // Threads that have ended make room.
  for (const Lookup& lookup : lookups) wait_for(lookup);
  const Lookup another = resolver.ask("another");
  wait_for(another);
  EXPECT_EQ(another.answer()->addresses.size(), 2u);
}

TEST_F(ResolverTest, NobodyWaitsLongerThanHeWants) {
  Resolver resolver = with_patience(1h);
  EXPECT_THAT(resolve(resolver, "somewhere", steady_clock::now() + 10ms, -1).answer.failure,
              ::testing::HasSubstr("in time"));
  const FileDescriptor stop(::eventfd(1, EFD_CLOEXEC));
  EXPECT_TRUE(resolve(resolver, "somewhere", steady_clock::now() + 1h, stop.get()).stopped);
  gate_->open();
  EXPECT_EQ(resolve(resolver, "somewhere", steady_clock::now() + 1h, -1).answer.addresses.size(), 2u);
}

TEST_F(ResolverTest, ManyThreadsAsk) {
  Resolver resolver = with_patience(0ms);
  gate_->open();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&resolver, i] {
      for (int n = 0; n < 50; ++n)
        (void)resolve(resolver, "host" + std::to_string(i % 3), steady_clock::now() + 60s, -1);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace realtime::net
