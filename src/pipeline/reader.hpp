#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "realtime/source.hpp"

#include "metrics/pipeline_metrics.hpp"
#include "pipeline/acknowledger.hpp"
#include "pipeline/clock_skew.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/reading_pace.hpp"
#include "pipeline/stage.hpp"

namespace realtime {

/// Where the reader hands a frame that it has placed in the window. Called in the reader's steps.
class Downstream {
 public:
  virtual ~Downstream() = default;
  /// More is waiting in the socket: let others decode this one.
  virtual void share(std::uint64_t sequence) = 0;
  /// The socket is empty: the reader itself may take the frame as far as it goes.
  virtual void carry(std::uint64_t sequence) = 0;
  /// The server waits for its last confirmation: writers should record what they have at once (is_hurried).
  virtual void hurry() = 0;
  /// The stream is behind from now on, or no more: all threads do bulk work then, beside a server that has
  /// the more urgent work.
  virtual void set_behind(bool behind) = 0;
};

/// Streams the slot into the window: drains the socket into a frame, places it, hands it on, and keeps the
/// acknowledgement on its clock. Its steps alone use the connection.
///
/// How it reads decides what the walsender costs (every message is a send() of its own): it leaves the
/// emptied socket alone for as long as ReadingPace says.
class Reader final : public Stage {
 public:
  Reader(Source& source, InFlightWindow& window, Downstream& downstream, Acknowledger& acknowledger,
         const Clock& clock, Outcome& outcome, PipelineMetrics::Reader& metrics)
      : source_(source),
        window_(window),
        downstream_(downstream),
        acknowledger_(acknowledger),
        clock_(clock),
        outcome_(outcome),
        metrics_(metrics),
        pace_(source.longest_pause()) {}

  std::string name() const override { return "reader"; }
  std::size_t do_work() override;
  /// What comes through the socket is polled for; room in the window is told by writers, who may do so too
  /// early.
  bool has_work() const override { return window_.can_release(); }
  Idle idle() const override;

  /// Stops reading for good; what is in the window goes on. Any thread; wake the runner afterwards.
  void stop_reading() { reading_.store(false, std::memory_order_release); }
  /// Closes the connection, so that another instance may have the slot; what is in the window goes on, and
  /// once it is taken the pipeline asks to be rebuilt. Any thread; wake the runner afterwards.
  /// `why` is for the log and lives as long as the program.
  void release_slot(const char* why) { release_.store(why, std::memory_order_release); }
  /// Whether reading has stopped and every queue has taken everything. Any thread.
  bool is_drained() const { return drained_.load(std::memory_order_acquire); }
  /// Whether the server waits for our last confirmation, so that writers should record at once. Any thread.
  bool is_hurried() const { return hurried_.load(std::memory_order_relaxed); }

 private:
  enum class Waiting { postgres, gathering, window };

  bool read(TimePoint now);
  void gather(TimePoint drained);
  void place(std::unique_ptr<Frame> frame, Drained drained, TimePoint now);
  void note_wait(Waiting what, TimePoint now);
  void close(const char* why);
  bool wants_rebuild() const;
  void end(Error error);
  void fail(Error error);

  static constexpr Duration kLongestBlock =
      std::chrono::seconds(60);  ///< an unread walsender can hang a checkpoint

  Source& source_;
  InFlightWindow& window_;
  Downstream& downstream_;
  Acknowledger& acknowledger_;
  const Clock& clock_;
  Outcome& outcome_;
  PipelineMetrics::Reader& metrics_;

  std::unique_ptr<Frame> frame_;  ///< being filled
  Waiting waiting_ = Waiting::postgres;
  TimePoint waiting_since_{};
  TimePoint counted_until_{};  ///< what has been waited before it is in the metrics
  ReadingPace pace_;
  ClockSkew skew_;
  ReadingPace::Gathered gathered_;  ///< since the last pause
  TimePoint gather_until_{};
  Lsn received_;
  bool keepalive_last_ = false;  ///< nothing has come after a keepalive
  bool failed_ = false;
  bool closed_ = false;       ///< the connection is closed, the log says why; the window still empties
  std::optional<Error> end_;  ///< why the pipeline ends then; none: to be built anew
  /// Set once by the daemon. Release / acquire, though nothing else hangs on it.
  std::atomic<bool> reading_{true};
  std::atomic<const char*> release_{nullptr};
  /// Set by the reader once reading_ is false and everything is taken. Release: the counters are final.
  std::atomic<bool> drained_{false};
  /// Set by the reader, a hint to writers. Relaxed: only their next record's time depends on it.
  std::atomic<bool> hurried_{false};
};

}  // namespace realtime
