#include "ownership/standby.hpp"

#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"

namespace realtime {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(300);

std::string name_of(const SlotView& view) {
  return view.owner ? view.owner->application_name : "another program";
}

}  // namespace

Standby::Standby(const Claim& claim, Surroundings surroundings)
    : claim_(claim), around_(std::move(surroundings)) {
  RT_CHECK(claim.lease.count() > 0, "an owner has time to be silent");
}

Result<Standby::End> Standby::run() {
  auto observer = around_.server.observe();
  if (!observer) return observer.error();
  SilentOwner silent(claim_.lease);
  said_.reset();
  std::optional<std::string> differs;  // the owner seen last does other work
  std::optional<TimePoint> free_since;
  do {
    const Result<SlotView> view = (*observer)->look();
    if (!view) return view.error();
    if (!view->slot.active) {
      if (!differs) return End::free;
      if (!free_since) free_since = around_.clock.now();
      if (around_.clock.now() - *free_since >= claim_.lease) return say_free(*differs), End::free;
      say_differs(*differs);
      continue;
    }
    free_since.reset();
    const bool is_named = view->owner && view->owner->fingerprint;
    if (is_named) {
      differs.reset();
      if (*view->owner->fingerprint != claim_.fingerprint) differs = name_of(*view);
    }
    if (differs) {
      say_differs(*differs);
    } else {
      say_standby(*view);
      if (is_named && view->owner->same_role) end_silent_owner(**observer, *view, silent);
    }
  } while (!around_.pause(kInterval));
  return End::stopped;
}

void Standby::say_standby(const SlotView& view) {
  around_.on_phase(Phase::standby, std::nullopt);
  if (std::exchange(said_, Phase::standby) == Phase::standby) return;
  log::info(
      "in warm standby: the slot has an owner",
      {{"slot", claim_.slot}, {"owner", name_of(view)}, {"pid", std::to_string(view.slot.active_pid), true}});
}

void Standby::say_differs(const std::string& owner) {
  const Error error{
      ErrorKind::wrong_setting,
      "this instance is no standby of the owner (" + owner + "): its queues, tables or Redis differ",
      "Give all instances the same settings. To change them, stop the old instances first: this one takes "
      "over "
      "once the slot has been free for HASH_REALTIME_LEASE."};
  around_.on_phase(Phase::differs, error);
  if (std::exchange(said_, Phase::differs) != Phase::differs)
    log::error(error.message, {{"slot", claim_.slot}, {"remedy", error.remedy}});
}

/// An instance with the owner's settings would have been first: a standby takes a slot at once.
void Standby::say_free(const std::string& owner) const {
  log::warn(
      "the owner is gone and the slot has been free for the lease: taking over with other queues, tables or "
      "Redis than it had",
      {{"slot", claim_.slot}, {"owner", owner}});
}

void Standby::end_silent_owner(SlotObserver& observer, const SlotView& view, SilentOwner& rule) {
  RT_CHECK(view.owner && view.owner->same_role, "only one of ours is ended");
  const SilentOwner::Signs signs{view.owner->pid, view.owner->waits, view.slot.confirmed_flush_lsn,
                                 view.owner->companion_silence};
  if (!rule.is_overdue(signs, around_.clock.now())) return;
  const Result<bool> ended = observer.terminate_owner(signs.pid);
  const std::string pid = std::to_string(signs.pid);
  if (ended && *ended) {
    log::warn(
        "the owner has been silent for longer than the lease, and PostgreSQL does not notice: its "
        "walsender is ended",
        {{"slot", claim_.slot}, {"pid", pid, true}});
  } else {
    log::warn(
        "the owner has been silent for longer than the lease, and its walsender could not be ended: "
        "waiting until PostgreSQL frees the slot",
        {{"slot", claim_.slot},
         {"pid", pid, true},
         {"reason", ended ? "it is gone, or not ours" : ended.error().message}});
  }
}

}  // namespace realtime
