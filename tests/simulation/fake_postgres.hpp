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
  bool troubles = true;  ///< connections are cut, servers stop, others take the slot

  /// The process that streams; 0: none.
  int active = 0;
  TimePoint heard_at = {};               ///< when its client last said something
  Duration patience = Duration::zero();  ///< how long it waits for a silent client; zero: for ever
  int processes = 0;                     ///< that have streamed so far
  TimePoint taken_until = {};            ///< somebody else, of no instance of ours, has the slot so long

  /// A walsender begins for a client that has set `its_patience`; gives its process.
  int begin(Duration its_patience) {
    heard_at = clock.now();
    patience = its_patience;
    return active = ++processes;
  }
  /// Whether the slot is taken now. A client that is silent for too long is given up first.
  bool is_taken() {
    if (patience > Duration::zero() && clock.now() - heard_at > patience) active = 0;
    return active != 0 || clock.now() < taken_until;
  }
  /// Only what was written to its disk survives a restart of the server: the confirmed position may go back.
  void restart() {
    active = 0;
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
  /// `patience`: for how long of our silence the server waits.
  FakeSource(FakePostgres& server, Lsn start, Duration patience);
  ~FakeSource() override { hang_up(); }

  Result<Drained> drain(Frame& frame) override;
  Status send_status(Lsn received, Lsn confirmed, bool ask_reply) override;
  void close() override {
    closed_ = true;
    hang_up();
  }
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
  bool is_cut() const { return server_.active != process_; }
  /// The server hears it at once, unless the network is cut.
  void hang_up() {
    if (!frozen_ && !is_cut()) server_.active = 0;
  }
  void add(const model::Event& event, Frame& frame);
  void add_idle_keepalive(Frame& frame);

  FakePostgres& server_;
  const int process_;
  std::unique_ptr<Framer> framer_ = TextPlugin().make_framer();
  std::vector<model::Event> events_;
  std::size_t next_ = 0, arrived_ = 0;
  TimePoint next_arrival_, next_keepalive_, last_heard_;
  Lsn last_confirmed_;
  bool stopping_ = false, frozen_ = false, closed_ = false;
  std::optional<TimePoint> asked_since_;
};

}  // namespace realtime::sim
