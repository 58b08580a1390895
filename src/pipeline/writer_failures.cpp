#include <utility>

#include "base/log.hpp"
#include "pipeline/message_table.hpp"
#include "pipeline/writer.hpp"

// What a writer does about a failure: opens the connection anew, with or without a word, and finds the
// message that no connection survives.

namespace realtime {
namespace {

constexpr Duration kShortLife = std::chrono::seconds(1);
/// A message that alone breaks its connection so often is too large for what is on its way; a network that is
/// only bad, or a Redis that restarts, lets one of so many tries pass.
constexpr unsigned kBreaksAlone = 4;
/// Nothing is known that takes no message of this size.
constexpr std::size_t kSmallestSuspect = Frame::kCapacity;

bool is_cut(const Error& error) {
  return error.kind == ErrorKind::redis_unreachable;
}

}  // namespace

/// The connection has ended between two steps: that is what Redis and balancers do to one that is idle.
void Writer::reopen(TimePoint now) {
  sink_.close();
  state_ = State::closed;
  const bool lived = now - opened_at_ >= kShortLife;
  if (lived) reopen_backoff_.reset();
  retry_at_ = lived ? now : now + reopen_backoff_.next();
}

void Writer::retry(Error error, TimePoint now) {
  const bool pushing = state_ == State::working && step_ == Step::push;
  const bool stepping = state_ == State::working && step_ != Step::read;
  if (pushing) {
    if (auto end_of_all = note_break(error, now)) return end(std::move(*end_of_all));
    if (error.kind == ErrorKind::row_too_large) return reopen(now);  // the message is left out from now on
  }
  if (policy_of(error.kind).action != Action::retry) return end(std::move(error));
  // The first step over a connection that had been idle only finds out that it is gone.
  if (state_ == State::working && after_idleness_ && is_cut(error) && !troubles_.now()) return reopen(now);
  // Everything is opened and read anew, and the step gathered again, so that the record read next decides
  // what is still to be done.
  sink_.close();
  state_ = State::closed;
  const auto what = stepping ? QueueTroubles::What::step : QueueTroubles::What::connection;
  retry_at_ = now + troubles_.failed(what, std::move(error), record_.position().restart, now);
}

/// A push has failed: whether it was too large. An error where that ends the pipeline.
std::optional<Error> Writer::note_break(Error& error, TimePoint now) {
  const bool refused = error.kind == ErrorKind::row_too_large;
  if (!refused && !is_cut(error)) return std::nullopt;
  const BatchGatherer::Message message = gatherer_.largest();
  if (!refused) {
    limit_.broke(gatherer_.batch().messages, gatherer_.batch().bytes, now);
    gatherer_.limit(limit_.bytes());
    if (limit_.broke_alone() < kBreaksAlone || message.change->length < kSmallestSuspect) return std::nullopt;
  }
  error = too_large(message, refused ? error.message : "each try breaks the connection: " + error.message);
  metrics_.oversize.add();
  if (!settings_.skip_oversize) return error;
  log::error("a row was left out of the queue because Redis does not take it: " + error.message,
             {{"queue", sink_.name()},
              {"table", table_of_message(message.frame->message(*message.change))},
              {"bytes", std::to_string(message.frame->message(*message.change).size()), true},
              {"lsn", to_string(message.change->lsn)},
              {"remedy", error.remedy}});
  gatherer_.leave_out(message.number);
  limit_.done(now);
  gatherer_.limit(limit_.bytes());
  record_due_ = now;  // where nothing is left to push, the record alone shows that the queue goes on
  return std::nullopt;
}

Error Writer::too_large(const BatchGatherer::Message& message, const std::string& why) const {
  const std::string_view text = message.frame->message(*message.change);
  return {ErrorKind::row_too_large,
          "queue " + sink_.name() + ": a message of table " + table_of_message(text) + " at " +
              to_string(message.change->lsn) + " has " + std::to_string(text.size()) +
              " bytes, which Redis does not take (" + why + ")",
          "Raise the limit of Redis (CONFIG GET proto-max-bulk-len, client-query-buffer-limit, "
          "maxmemory-clients) "
          "or of what is in between; or set HASH_REALTIME_ON_OVERSIZE=skip to leave such rows out (they are "
          "counted), or leave the table out with HASH_REALTIME_EXCLUDE_TABLES=<schema.table>."};
}

}  // namespace realtime
