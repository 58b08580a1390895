#include "app/server_look.hpp"

#include <algorithm>

#include "postgres/catalog/timeline.hpp"
#include "postgres/slot_watch.hpp"

namespace realtime {
namespace {

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

}  // namespace

Result<Server> look_at_server(postgres::Connection& connection, const Config& config,
                              const std::vector<QueueView>& queues) {
  auto facts = postgres::read_server(connection);
  if (!facts) return facts.error();
  if (facts->in_recovery)
    return Error{ErrorKind::postgres_starting, "the server is in recovery: waiting for a primary"};
  if (facts->encoding != "UTF8") {
    return Error{ErrorKind::postgres_encoding, "database " + config.postgres.database + " is encoded in " +
                                                   facts->encoding + "; only UTF8 gives valid JSON"};
  }
  auto slot = postgres::read_slot(connection, config.slot_name);
  if (!slot) return slot.error();
  const std::string plugin(to_string(config.plugin));
  if (slot->exists && (slot->slot_type != "logical" || slot->plugin != plugin ||
                       slot->database != config.postgres.database)) {
    return Error{ErrorKind::slot_unsuitable, "slot " + config.slot_name + " is " + slot->slot_type +
                                                 ", plugin " + in_quotes(slot->plugin) + ", database " +
                                                 in_quotes(slot->database) + "; needed: logical, plugin " +
                                                 in_quotes(plugin) + ", database " +
                                                 in_quotes(config.postgres.database)};
  }
  if (auto error = postgres::two_phase_error(config.slot_name, *slot)) return std::move(*error);
  if (slot->active && !slot->temporary) {  // ours are permanent: who holds a temporary one is no owner
    return Error{ErrorKind::slot_active,
                 "slot " + config.slot_name + " is streamed by process " + std::to_string(slot->active_pid)};
  }
  const auto original = postgres::look_for_original(connection, config.slot_name);
  if (!original) return original.error();
  if (original->runs()) {
    return Error{ErrorKind::slot_unsuitable,
                 "the original HASH Realtime still runs on slot " + config.slot_name +
                     (original->temporary_slot ? ", which it made as a temporary one"
                                               : " (owner " + original->owner + " in realtime.ownership)") +
                     ": waiting for its end",
                 "Stop the original service; nothing of it is ended from here."};
  }
  Server server;
  server.facts = *facts;
  server.view.here = {facts->system_identifier, facts->timeline, config.postgres.database, config.slot_name};
  server.view.wal_end = facts->wal_end;
  server.view.slot_exists = slot->exists;
  server.view.slot_lost = slot->lost();
  server.view.confirmed = slot->confirmed_flush_lsn;
  const bool older = std::any_of(queues.begin(), queues.end(), [&facts](const QueueView& queue) {
    return queue.record && queue.record->history.timeline < facts->timeline;
  });
  if (older) {
    auto ends = postgres::read_timeline_ends(connection, facts->timeline);
    if (!ends) return ends.error();
    server.view.timeline_ends = std::move(*ends);
  }
  return server;
}

}  // namespace realtime
