#include "app/standby.hpp"

#include <utility>

#include "app/peers.hpp"
#include "base/log.hpp"
#include "config/fingerprint.hpp"
#include "postgres/application_name.hpp"

namespace realtime {
namespace {

constexpr Duration kInterval = std::chrono::milliseconds(300);

std::string name_of(const postgres::SlotView& view) {
  return view.owner ? view.owner->application_name : "another program";
}

}  // namespace

Standby::Standby(const Config& config, const Wiring& wiring, const StopSignal& stop, ServiceBoard& board)
    : config_(config), wiring_(wiring), stop_(stop), board_(board) {}

Result<Standby::End> Standby::run() {
  const auto options = wiring_.postgres_options(stop_.fd());
  if (!options) return options.error();
  auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
  if (!connection) return connection.error();
  postgres::SlotWatch watch(std::move(*connection), config_.slot_name, owner_peer_prefix(config_));
  const std::string ours = fingerprint(config_);
  SilentOwner silent(config_.lease);
  said_ = false;
  std::optional<std::string> differs;  // an owner was seen that does other work
  do {
    const Result<postgres::SlotView> view = watch.look();
    if (!view) return view.error();
    if (!view->slot.active && !differs) return End::free;
    const std::string owner = name_of(*view);
    const auto named = postgres::parse_application_name(owner);
    if (named && named->fingerprint != ours) differs = owner;
    if (differs) {
      say_differs(*differs);
    } else {
      say_standby(*view);
      if (named && view->owner->same_role) end_silent_owner(watch, *view, silent);
    }
  } while (!stop_.wait_until(std::chrono::steady_clock::now() + kInterval));
  return End::stopped;
}

void Standby::say_standby(const postgres::SlotView& view) {
  board_.set_trouble(std::nullopt);
  board_.set_role(Role::standby, "in warm standby");
  if (std::exchange(said_, true)) return;
  log::info("in warm standby: the slot has an owner", {{"slot", config_.slot_name},
                                                       {"owner", name_of(view)},
                                                       {"pid", std::to_string(view.slot.active_pid), true}});
}

void Standby::say_differs(const std::string& owner) {
  const Error error{
      ErrorKind::wrong_setting,
      "this instance is no standby of the owner (" + owner + "): its queues, tables or Redis differ",
      "Give all instances the same settings; to change them, stop the owner first, then start this one "
      "anew."};
  board_.set_role(Role::standby, "settings differ from the owner's");
  board_.set_trouble(error);
  if (!std::exchange(said_, true))
    log::error(error.message, {{"slot", config_.slot_name}, {"remedy", error.remedy}});
}

void Standby::end_silent_owner(postgres::SlotWatch& watch, const postgres::SlotView& view,
                               SilentOwner& rule) {
  const SilentOwner::Signs signs{view.owner->pid, view.owner->waits, view.slot.confirmed_flush_lsn,
                                 view.owner->companion_silence};
  if (!rule.is_overdue(signs, std::chrono::steady_clock::now())) return;
  const Result<bool> ended = watch.terminate_owner(signs.pid);
  const std::string pid = std::to_string(signs.pid);
  if (ended && *ended) {
    log::warn(
        "the owner has been silent for longer than the lease, and PostgreSQL does not notice: its "
        "walsender is ended",
        {{"slot", config_.slot_name}, {"pid", pid, true}});
  } else {
    log::warn(
        "the owner has been silent for longer than the lease, and its walsender could not be ended: "
        "waiting until PostgreSQL frees the slot",
        {{"slot", config_.slot_name},
         {"pid", pid, true},
         {"reason", ended ? "it is gone, or not ours" : ended.error().message}});
  }
}

}  // namespace realtime
