#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "realtime/source.hpp"

#include "pipeline/wal_model.hpp"
#include "simulation/fake_redis.hpp"
#include "simulation/sim_clock.hpp"
#include "simulation/text_plugin.hpp"
#include "simulation/truth.hpp"

namespace realtime::sim {

/// The server: one slot, of which one connection streams at a time. It holds every confirmation against what
/// the queues hold, now and after whatever Redis might still forget.
struct FakePostgres {
  const model::Wal& wal;
  const Truth& truth;
  const SimClock& clock;
  const FakeRedis& redis;
  model::Chance& chance;
  const Sabotage& sabotage;
  bool slot_exists = false;
  Lsn confirmed = {};
  std::vector<Lsn> history{model::Wal::begin()};
  const void* active = nullptr;  ///< the source whose walsender lives
  bool troubles = true;          ///< connections are cut, servers stop

  /// Only what was written to its disk survives a restart of the server: the confirmed position may go back.
  void restart() {
    active = nullptr;
    if (chance.happens(0.5)) confirmed = chance.one_of(history);
  }
  void confirm(Lsn flushed) {
    redis.check_confirmed(flushed);
    if (flushed > truth.wal_end()) truth.red("confirmed what the log does not hold: " + to_string(flushed));
    if (flushed <= confirmed) return;  // zero is "nothing", a lower one moves nothing
    confirmed = flushed;
    history.push_back(flushed);
  }
};

/// One START_REPLICATION: what a walsender sends from `start` on this connection, in bursts, then keepalives.
class FakeSource final : public Source {
 public:
  FakeSource(FakePostgres& server, Lsn start);

  Result<Drained> drain(Frame& frame) override;
  Status send_status(Lsn received, Lsn confirmed, bool ask_reply) override;
  void close() override { closed_ = true; }
  int fd() const override { return 999; }  // never polled: the schedule asks is_ready()

  /// Something can be drained. `next_time`: when that will be so.
  bool is_ready() const;
  TimePoint next_time() const;
  /// The server wants to stop: it sends everything, then asks until everything is confirmed.
  void stop_server() { stopping_ = true; }
  /// Since when the reader has had a stopping server's request before it.
  std::optional<TimePoint> asked_since() const { return asked_since_; }
  /// The network is cut off: nothing comes any more, not even an error.
  void freeze() { frozen_ = true; }
  bool is_closed() const { return closed_; }

 private:
  bool is_cut() const { return server_.active != this; }
  void add(const model::Event& event, Frame& frame);
  void add_idle_keepalive(Frame& frame);

  FakePostgres& server_;
  std::unique_ptr<Framer> framer_ = TextPlugin().make_framer();
  std::vector<model::Event> events_;
  std::size_t next_ = 0, arrived_ = 0;
  TimePoint next_arrival_, next_keepalive_, last_heard_;
  Lsn last_confirmed_;
  bool stopping_ = false, frozen_ = false, closed_ = false;
  std::optional<TimePoint> asked_since_;
};

}  // namespace realtime::sim
