#pragma once

#include <memory>
#include <string>
#include <vector>

#include "realtime/sink.hpp"

#include "pipeline/in_flight_window.hpp"
#include "pipeline/wal_model.hpp"
#include "simulation/fake_redis.hpp"

namespace realtime::sim {

/// One queue's connection to the FakeRedis: every operation travels there and back, and on the way it may be
/// refused, be cut off before or after it was done, be done long after its client gave up, or be answered
/// late or never.
class FakeSink final : public QueueSink {
 public:
  /// What lies between a client and Redis; what is on the way holds a copy and outlives the client.
  struct Wire {
    std::size_t queue;
    int owner;
    FakeRedis& redis;
    const Truth& truth;
    model::Chance& chance;
    bool steps_given_up = false;           ///< of Faults
    int forgets_before = redis.forgets();  ///< when this owner began
  };
  FakeSink(const Wire& wire, const SimClock& clock, const bool& fails, const Sabotage& sabotage)
      : wire_(wire), clock_(clock), fails_(fails), sabotage_(sabotage) {}
  ~FakeSink() override { close(); }

  const std::string& name() const override { return name_; }
  bool is_open() const override { return session_ && session_->alive; }
  void open() override;
  void push(const Batch& batch, std::string_view record) override;
  void set_record(std::string_view record) override;
  void read() override;
  void close() override;
  std::optional<Observation> poll(TimePoint now) override;
  Wait wait() const override;

  /// Whether poll() would give something.
  bool is_ready(TimePoint now) const { return exchange_ && now >= next_time(); }
  TimePoint next_time() const;

  /// For sabotage: called with the batch that is being pushed, with the record that is being written.
  std::function<void(const Batch&)> on_push = [](const Batch&) {};
  std::function<void(std::string_view)> on_record = [](std::string_view) {};

 private:
  enum class Fate {
    done,
    refused,
    cut_before,
    reply_lost,
    done_later,
    done_after_all,  ///< the client's end is cut and opened anew; Redis comes to the step some time after
  };
  /// An operation on its way; outlives the client's interest in it.
  struct Exchange {
    std::shared_ptr<Session> session;
    Delivery delivery;
    std::string record;  ///< empty: only read
    Fate fate = Fate::done;
    std::vector<Piece> pieces;  ///< looked at once more when it arrives: the frames must not have changed
    bool given_up = false;
    std::optional<Observation> answer;
    bool outlives = false;  ///< once given, the answer reaches the client even if the server dies meanwhile
    TimePoint answer_at = TimePoint::max();
    TimePoint cut_at = TimePoint::max();  ///< from then on the client sees its connection broken
  };

  void begin(const Batch* batch, std::string_view record, bool reading);
  bool is_connected() const;
  static void arrive(const Wire& wire, Exchange& exchange);
  static Delivery compare(const Wire& wire, const std::vector<Piece>& pieces);

  const Wire wire_;
  const SimClock& clock_;
  const bool& fails_;
  const Sabotage& sabotage_;
  const std::string name_ = "q" + std::to_string(wire_.queue);
  std::shared_ptr<Session> session_;
  std::shared_ptr<Exchange> exchange_;
  TimePoint deadline_ = TimePoint::max();
  bool opening_ = false;
  std::optional<std::string> believed_;  ///< sabotage: what a writer that ignores the record takes it for
};

}  // namespace realtime::sim
