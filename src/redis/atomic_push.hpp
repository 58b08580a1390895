#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "realtime/sink.hpp"

#include "redis/connection.hpp"

namespace realtime::redis {

/// What every queue in Redis has in common: messages and record in one atomic step, on one connection.
///
///   MULTI; TYPE queue; SET record '' NX; <push commands>; EVAL <set the record if the pushes were done>; EXEC;
///   UNWATCH; WATCH record; GET record
///
/// Operation: all of it goes out in one write; each reply is matched to its command. What the record says in
/// the end is the truth: a nil EXEC (somebody changed the record), a refused transaction and a lost reply
/// need no other treatment than reading it.
///
/// Why EVAL stands last, and what if it alone fails: commands in EXEC run on after a failed one, so the
/// record must come after the messages, and be conditional on what made them fail (the key's type, a refused
/// id, a right that has gone). Redis checks memory and the rights of plain commands for the whole transaction as
/// it queues them, but those of a script only when it calls: so each right that the script needs is asked for
/// by a plain command too, which changes nothing (the record is there, so SET ... NX does nothing). A right that
/// is missing then aborts the whole.
///
/// What is left: a right of the script's own (SET, EVAL, TYPE, XRANGE) that is taken after it was queued and before
/// EXEC, which is the time that one write takes. Then messages are pushed and the record is old, and pushing
/// again would double them at every retry. So the sink owes the record: it pushes nothing more until a
/// compare-and-set has put the record where it belongs, or until the record is found changed by another,
/// whose word then counts. The other way round (record set, messages refused: possible before Redis 7 alone, where
/// the script cannot ask for the push's right) is owed alike.
///
/// Concurrency: one thread at a time.
class AtomicPush : public QueueSink {
 public:
  const std::string& name() const override { return queue_; }
  bool is_open() const override { return connection_.is_open(); }
  void open() override;
  void push(const Batch& batch, std::string_view record) override;
  void set_record(std::string_view record) override { replace_record(record, {}); }
  void read() override;
  void close() override;
  std::optional<Observation> poll(TimePoint now) override;
  Wait wait() const override;

 protected:
  AtomicPush(Endpoint endpoint, std::string queue, std::string_view type);

  Output& output() { return connection_.output(); }
  std::string doing(std::string_view verb) const { return std::string(verb) + " queue '" + queue_ + "'"; }

  // --- what a kind of queue adds ------------------------------------------------------------------------
  /// Whether the batch can be pushed at all, as far as is known.
  virtual Status may_push(const Batch&) { return ok(); }
  /// Writes further commands that show, before anything is pushed, that the script may run them; how many.
  virtual std::size_t write_checks(const Batch&) { return 0; }
  /// Writes the push commands; how many.
  virtual std::size_t write_push(const Batch& batch) = 0;
  /// Writes what follows the record's EVAL inside the transaction; how many commands.
  virtual std::size_t write_after() { return 0; }
  /// The id that must be in the queue for the messages to have been taken; empty: none.
  virtual std::string first_id(const Batch&) { return {}; }
  /// Writes one more command after the record's GET where nothing is pushed, if the kind wants to know
  /// something.
  virtual bool write_question() { return false; }
  virtual void hear_answer(const redisReply&) {}
  /// The last batch is in the queue.
  virtual void pushed() {}
  /// The queue's length from the transaction's replies.
  virtual std::optional<std::uint64_t> length_from(std::span<redisReply* const> pushes,
                                                   const redisReply& record) = 0;

 private:
  enum class Expect { ok, queued, exec, unwatched, watched, record, answer, persistence, replaced };
  /// The record should be `wanted` and is still `expected`, because a transaction was done by half.
  struct Owed {
    std::optional<std::string> expected, wanted;
    std::optional<std::string> lists = {};  ///< that belong to what is wanted
    bool ahead = false;  ///< the record speaks of messages that were not pushed: nobody may believe it
  };

  void replace_record(std::string_view record, const std::optional<std::string>& lists);
  void begin();
  void write_transaction(const Batch& batch, std::string_view record);
  void write_read(bool ask);
  void write_replace(const std::optional<std::string>& expected, std::string_view record,
                     const std::optional<std::string>& lists = {});
  void write_script(std::string_view script, const std::optional<std::string>& lists, std::size_t arguments);
  void blame(Error error);
  std::optional<Observation> fail(Error error);
  std::optional<Observation> finish();
  void notice_end(TimePoint now);
  bool repair_begun();
  Status take(const redisReply& reply);
  Status take_exec(const redisReply& reply);
  void take_persistence(const redisReply& reply);
  void take_executed(std::span<redisReply* const> replies);

  const std::string queue_, record_key_, lists_key_;
  const std::string_view type_;
  Connection connection_;

  // The running operation.
  bool running_ = false;
  std::deque<Expect> expected_;
  std::size_t checks_ = 0;    ///< commands of the transaction that only show rights; they come first
  std::size_t pushes_ = 0;    ///< commands between those and the record's EVAL
  std::size_t executes_ = 0;  ///< all commands of the transaction
  std::string new_record_;
  std::optional<std::string> new_lists_;
  std::optional<Error> refused_;  ///< why a command was not queued: what an EXECABORT hides
  bool watched_ = false, repair_tried_ = false;
  bool may_ask_persistence_ = true;  ///< INFO was not refused on this connection
  Observation observation_;

  std::optional<std::string> last_record_;  ///< of the last observation: what the next EXEC is conditional on
  std::optional<Owed> owed_;
};

}  // namespace realtime::redis
