#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <poll.h>
#include <unistd.h>

#include "postgres/live_server.hpp"
#include "postgres/slot_stream.hpp"

namespace realtime::postgres {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// What a drain gave: one message or keepalive.
struct Seen {
  bool keepalive;
  Lsn lsn;
  std::string text;
};

/// A stream of slot_ over wal2json, every message as it came.
class SlotStreamLive : public LiveServer {
 protected:
  Result<std::unique_ptr<SlotStream>> start(SlotStream::Start how, const OutputPlugin& plugin) {
    how.slot = how.slot.empty() ? slot_ : how.slot;
    return SlotStream::start(plain(ConnectionKind::replication), how, plugin);
  }
  std::unique_ptr<SlotStream> stream(SlotStream::Start how = {}) {
    auto started = start(std::move(how), EchoPlugin(table_));
    EXPECT_TRUE(started) << started.error().message;
    return started ? std::move(*started) : nullptr;
  }

  /// Drains until `enough`, a minute at most; empties the frame between drains.
  template <typename Enough>
  std::vector<Seen> drain(SlotStream& from, Enough enough) {
    std::vector<Seen> seen;
    Frame frame;
    const auto until = steady_clock::now() + 60s;
    while (!enough(seen) && steady_clock::now() < until) {
      auto drained = from.drain(frame);
      for (const Frame::Event& event : frame.events()) {
        seen.push_back(
            {event.kind == Frame::Event::Kind::keepalive, event.lsn, std::string(frame.payload(event))});
      }
      frame.clear();
      if (!drained) {
        failure_ = drained.error();
        break;
      }
      if (*drained == Drained::emptied) wait(from);
    }
    return seen;
  }
  std::vector<Seen> messages(SlotStream& from, std::size_t count) {
    auto seen = drain(from, [&](const auto& all) {
      return static_cast<std::size_t>(
                 std::count_if(all.begin(), all.end(), [](auto& one) { return !one.keepalive; })) >= count;
    });
    std::erase_if(seen, [](const Seen& one) { return one.keepalive; });
    EXPECT_EQ(seen.size(), count);
    return seen;
  }
  /// As messages(), without transactions that hold nothing.
  std::vector<Seen> transactions_with_rows(SlotStream& from, std::size_t count) {
    const auto pack = [](std::vector<Seen> all) {
      std::vector<Seen> packed;
      for (Seen& one : all) {
        if (one.keepalive) continue;
        const bool ends_nothing =
            one.text.at(11) == 'C' && !packed.empty() && packed.back().text.at(11) == 'B';
        ends_nothing ? packed.pop_back() : packed.push_back(std::move(one));
      }
      return packed;
    };
    return pack(drain(from, [&](const auto& all) { return pack(all).size() >= count; }));
  }
  static void wait(SlotStream& from, int milliseconds = 100) {
    pollfd polled{from.fd(), POLLIN, 0};
    ::poll(&polled, 1, milliseconds);
  }
  void insert(int id) { sql("insert into public." + table_ + " values (" + std::to_string(id) + ", 'v')"); }
  static Lsn field(const Seen& seen, const std::string& name) {
    const auto at = seen.text.find("\"" + name + "\":\"");
    if (at == std::string::npos) return {};
    const auto from = at + name.size() + 4;
    return parse_lsn(seen.text.substr(from, seen.text.find('"', from) - from)).value_or(Lsn{});
  }

  std::optional<Error> failure_;
};

}  // namespace realtime::postgres
