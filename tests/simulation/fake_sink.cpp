#include "simulation/fake_sink.hpp"

namespace realtime::sim {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kDeadline = seconds(10);
constexpr int kDescriptor = 1'000;  // never polled: the schedule asks is_ready()

Error unreachable() {
  return {ErrorKind::redis_unreachable, "the connection was cut"};
}

}  // namespace

void FakeSink::open() {
  session_ = wire_.redis.connect();
  opening_ = true;
  begin(nullptr, {}, true);
}

void FakeSink::push(const Batch& batch, std::string_view record) {
  on_push(batch);
  on_record(record);
  begin(&batch, record, false);
}

void FakeSink::set_record(std::string_view record) {
  on_record(record);
  begin(nullptr, record, false);
}

void FakeSink::read() {
  begin(nullptr, {}, true);
}

void FakeSink::close() {
  session_.reset();
  if (exchange_) exchange_->given_up = true;
  exchange_.reset();
  opening_ = false;
}

void FakeSink::begin(const Batch* batch, std::string_view record, bool reading) {
  if (exchange_) wire_.truth.red("two operations at a time on one connection");
  const auto exchange = std::make_shared<Exchange>();
  exchange->session = session_;
  exchange->record = record;
  if (batch) {
    exchange->pieces = batch->pieces;
    exchange->delivery = compare(wire_, batch->pieces);
  }
  model::Chance& chance = wire_.chance;
  if (fails_ && wire_.steps_given_up) {
    if (chance.happens(0.4)) exchange->fate = Fate::done_after_all;
    if (reading) exchange->fate = Fate::done;
  } else if (fails_ && chance.happens(0.12)) {
    exchange->fate = chance.pick(
        {Fate::refused, Fate::cut_before, Fate::reply_lost, Fate::done_later, Fate::done_after_all});
    if (reading && exchange->fate != Fate::reply_lost) exchange->fate = Fate::cut_before;
  }
  const TimePoint now = clock_.now();
  TimePoint arrives = now + microseconds(chance.between(10, 400));
  TimePoint answers = arrives + microseconds(chance.between(10, 400));
  if (fails_ && chance.happens(0.05)) answers += milliseconds(chance.between(1, 3'000));  // slow
  if (fails_ && chance.happens(0.01)) answers += seconds(chance.between(5, 30));          // held
  if (exchange->fate == Fate::done_later) arrives = answers + milliseconds(chance.between(0, 400));
  if (exchange->fate == Fate::done_after_all) {
    exchange->cut_at = answers;
    arrives = answers + milliseconds(chance.between(0, 3'000));
  }
  exchange->answer_at = answers;
  exchange->outlives = chance.happens(0.5);
  deadline_ = now + kDeadline;
  exchange_ = exchange;
  wire_.redis.later(arrives, [wire = wire_, exchange] { arrive(wire, *exchange); });
}

void FakeSink::arrive(const Wire& wire, Exchange& exchange) {
  if (!exchange.session->alive || exchange.fate == Fate::cut_before) return;
  Observation seen;
  if (exchange.fate == Fate::refused) {
    seen.error =
        Error{wire.chance.pick({ErrorKind::redis_out_of_memory, ErrorKind::queue_wrong_type,
                                ErrorKind::redis_read_only, ErrorKind::redis_busy, ErrorKind::redis_unknown}),
              "refused"};
  } else if (!exchange.record.empty()) {
    if (!exchange.given_up && exchange.delivery.count > 0) compare(wire, exchange.pieces);
    const bool knows_better = wire.redis.forgets() != wire.forgets_before;
    wire.redis.step(*exchange.session, wire.queue, exchange.delivery, exchange.record,
                    knows_better ? std::nullopt : std::optional(wire.owner));
  }
  seen.record_read = true;
  seen.record = wire.redis.watch(*exchange.session, wire.queue);
  seen.length = wire.redis.queues()[wire.queue].size;
  if (exchange.fate == Fate::done || exchange.fate == Fate::refused) exchange.answer = std::move(seen);
}

/// What the frames hold must be the bulk strings of the messages with these numbers, one after another.
Delivery FakeSink::compare(const Wire& wire, const std::vector<Piece>& pieces) {
  const Truth& truth = wire.truth;
  const std::string name = "queue " + std::to_string(wire.queue);
  Delivery delivery{pieces.front().first_number, 0};
  for (const Piece& piece : pieces) {
    if (piece.first_number != delivery.first_number + delivery.count) truth.red("a batch with a hole in it");
    if (piece.end > piece.frame->changes.size())
      return truth.red("a frame was taken away while it was pushed"), delivery;
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const Change& change = piece.frame->changes[i];
      const std::uint64_t number = piece.first_number + (i - piece.begin);
      if (number == 0 || number > truth.count())
        return truth.red("message " + std::to_string(number) + " does not exist"), delivery;
      const Truth::Message& want = truth.messages[number - 1];
      if (Identity{change.xid, change.lsn, change.ordinal} != want.identity) {
        truth.red(name + ": message " + std::to_string(number) + " is another one, of row " +
                  to_string(change.lsn));
      }
      const std::string bulk =
          want.text.empty() ? "" : "$" + std::to_string(want.text.size()) + "\r\n" + want.text + "\r\n";
      if (piece.frame->bulk(change) != bulk)
        truth.red(name + ": the text of message " + std::to_string(number) + " is wrong");
      ++delivery.count;
    }
  }
  return delivery;
}

std::optional<Observation> FakeSink::poll(TimePoint now) {
  if (!is_ready(now)) return std::nullopt;
  if (is_connected() && exchange_->answer && now >= exchange_->answer_at) {
    Observation seen = std::move(*exchange_->answer);
    exchange_.reset();
    if (opening_ && believed_ && sabotage_.ignores_record) seen.record = believed_;
    opening_ = false;
    believed_ = seen.record;
    return seen;
  }
  Observation seen;
  seen.error = now >= deadline_ ? Error{ErrorKind::redis_timeout, "no answer"} : unreachable();
  close();
  return seen;
}

bool FakeSink::is_connected() const {
  if (clock_.now() >= exchange_->cut_at) return false;
  return exchange_->session->alive || (exchange_->answer && exchange_->outlives);
}

TimePoint FakeSink::next_time() const {
  if (!exchange_) return TimePoint::max();
  if (!is_connected()) return clock_.now();
  return std::min(deadline_, exchange_->answer_at);
}

QueueSink::Wait FakeSink::wait() const {
  return {.fd = kDescriptor, .events = 0, .until = exchange_ ? deadline_ : TimePoint::max()};
}

}  // namespace realtime::sim
