// The slot: is it ours to use, what does it hold of the server's log, and how long will it last.

#include <algorithm>
#include <cstdlib>

#include "base/text.hpp"
#include "check/postgres_side.hpp"
#include "ownership/slot_rule.hpp"
#include "postgres/slot_watch.hpp"

namespace realtime::preflight {
namespace {

using postgres::SlotFacts;

constexpr std::chrono::seconds kBetweenSamples{1};
constexpr std::chrono::hours kSoon{1};

const SlotFacts* existing(PostgresSide& side) {
  return side.slot && side.slot->exists ? &*side.slot : nullptr;
}

void slot(PostgresSide& side, Notes& notes) {
  const std::string& name = side.config.slot_name;
  if (!side.slot) return notes.unknown("could not be read");
  if (!side.slot->exists)
    return notes.ok("slot " + name +
                    " does not exist yet: the service makes it where no queue holds a position for it");
  const SlotFacts& its = *side.slot;
  switch (mismatch_of(its, side.wiring.claim())) {
    case SlotMismatch::physical:
      return notes.error("slot " + name + " is a physical one", mismatch_remedy(its, side.wiring.claim()));
    case SlotMismatch::plugin:
      return notes.error("slot " + name + " is of plugin " + its.plugin + ", not " + side.plugin(),
                         mismatch_remedy(its, side.wiring.claim()));
    case SlotMismatch::database:
      return notes.error("slot " + name + " is of database " + in_quotes(its.database) + ", not " +
                             in_quotes(side.config.postgres.database),
                         mismatch_remedy(its, side.wiring.claim()));
    case SlotMismatch::none:
      break;
  }
  if (const auto error = two_phase_error(name, its)) return notes.error(*error);
  if (its.lost()) {
    return notes.error("slot " + name + " is lost: the server has removed the log it needed after " +
                           to_string(its.confirmed_flush_lsn),
                       "hash-realtime accept-loss");
  }
  if (its.temporary)
    return notes.warning("slot " + name + " is a temporary one: it ends with the program that made it");
  notes.ok("slot " + name + " is logical, of plugin " + its.plugin + ", confirmed up to " +
           to_string(its.confirmed_flush_lsn));
}

void owner(PostgresSide& side, Notes& notes) {
  if (!existing(side)) return notes.ok("nobody: the slot does not exist");
  auto connection = side.connect(postgres::ConnectionKind::ordinary);
  if (!connection) return notes.unknown(connection.error().message);
  postgres::SlotWatch watch(std::move(*connection), side.config.slot_name);
  const auto view = watch.look();
  if (!view) return notes.unknown(view.error().message);
  const auto original = watch.look_for_original();
  if (original && original->runs()) {
    notes.warning("the original HASH Realtime still takes changes from this slot" +
                      (original->owner.empty() ? std::string() : " (owner " + original->owner + ")"),
                  "Stop it; the service waits for it.");
  }
  if (!view->slot.active) return notes.ok("nobody streams from the slot");
  const std::string pid = "process " + std::to_string(view->slot.active_pid);
  if (!view->owner) return notes.ok(pid + " streams from the slot");
  notes.ok(pid + " streams from the slot: " + in_quotes(view->owner->application_name) + " as " +
           in_quotes(view->owner->role));
}

void keep_size(PostgresSide& side, Notes& notes) {
  const std::string most = side.setting("max_slot_wal_keep_size");
  if (most.empty()) return notes.unknown("max_slot_wal_keep_size is not known");
  if (most != "-1") return notes.ok("max_slot_wal_keep_size is " + most + "MB");
  notes.warning(
      "max_slot_wal_keep_size is -1: while the service is away the slot holds log until the server's disk is "
      "full",
      set_server_setting(side.provider, "max_slot_wal_keep_size", "'50GB'", false) +
          " (what the disk can spare)");
}

void idle_timeout(PostgresSide& side, Notes& notes) {
  const std::string seconds = side.setting("idle_replication_slot_timeout");
  if (seconds.empty() || seconds == "0") return notes.ok("an unused slot is kept");
  notes.warning("idle_replication_slot_timeout is " + seconds +
                    " s: the server gives the slot up when the service is away that long",
                set_server_setting(side.provider, "idle_replication_slot_timeout", "0", false));
}

/// Twice of what the slot may hold now, as a setting.
std::string twice(const PostgresSide& side) {
  const long megabytes = std::atol(side.setting("max_slot_wal_keep_size").c_str());
  return "'" + std::to_string(megabytes > 0 ? 2 * megabytes : 50 * 1024) + "MB'";
}

void retention(PostgresSide& side, Notes& notes) {
  if (!existing(side) || existing(side)->lost()) return notes.ok("the slot holds no WAL");
  const auto first = postgres::read_lag(*side.sql, side.config.slot_name);
  if (!first) return notes.unknown(first.error().message);
  if (side.deadline.wait_for(kBetweenSamples))
    return notes.unknown("no time was left to see the server's rate");
  const auto lag = postgres::read_lag(*side.sql, side.config.slot_name);
  if (!lag) return notes.unknown(lag.error().message);
  const std::uint64_t rate = lag->wal_end > first->wal_end ? lag->wal_end.value - first->wal_end.value : 0;
  std::string text = "the slot holds " + bytes_words(lag->held_bytes()) + " of WAL, " +
                     bytes_words(lag->behind_bytes()) + " of it not confirmed; wal_status is " +
                     lag->slot.wal_status + "; the server writes " + bytes_words(rate) + " a second";
  const std::string remedy = "Start the service, or " +
                             set_server_setting(side.provider, "max_slot_wal_keep_size", twice(side), false);
  if (lag->slot.wal_status == "unreserved")
    return notes.error(text + "; the slot is about to be lost", remedy);
  if (!lag->slot.safe_wal_size) return notes.ok(text);
  const auto safe = static_cast<std::uint64_t>(std::max<std::int64_t>(*lag->slot.safe_wal_size, 0));
  text += "; it is lost after " + bytes_words(safe) + " more";
  if (rate == 0) return notes.ok(text);
  const std::chrono::seconds left(safe / rate);
  text += ", at this rate in " + time_words(left) + " if nobody streams";
  if (left < kSoon && !lag->slot.active) return notes.warning(text, remedy);
  notes.ok(text);
}

constexpr Check<PostgresSide> kChecks[] = {
    {"slot", slot},          {"owner", owner}, {"log limit", keep_size}, {"idle limit", idle_timeout},
    {"log held", retention},
};

}  // namespace

Findings detail::check_slot(PostgresSide& side) {
  return run_all("postgres", kChecks, side);
}

}  // namespace realtime::preflight
