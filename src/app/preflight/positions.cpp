#include "app/preflight/positions.hpp"

#include <algorithm>
#include <charconv>

#include "realtime/checkpoint_text.hpp"

#include "postgres/catalog/timeline.hpp"
#include "redis/scripts.hpp"

namespace realtime::preflight {
namespace {

/// The number before the dash of a stream's id; 0 where there is none to be had.
std::uint64_t last_id(redis::RecordStore& store, const std::string& queue) {
  const auto reply = store.client().ask_one({"EVAL", std::string(redis::kLastId), "1", queue}, "its last id");
  std::uint64_t number = 0;
  if (!reply || (*reply)->type != REDIS_REPLY_STRING) return number;
  const std::string_view text = redis::text_of(**reply);
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

ServerView Positions::view(const Config& config) const {
  ServerView view;
  view.here = {server.system_identifier, server.timeline, config.postgres.database, config.slot_name};
  view.wal_end = server.wal_end;
  view.timeline_ends = timeline_ends;
  view.slot_exists = slot.exists;
  view.slot_lost = slot.lost();
  view.confirmed = slot.confirmed_flush_lsn;
  return view;
}

bool Positions::all_readable() const {
  return std::none_of(unreadable.begin(), unreadable.end(),
                      [](const auto& error) { return error.has_value(); });
}

Result<Positions> read_positions(const Config& config, postgres::Connection& connection,
                                 redis::RecordStore& store,
                                 std::vector<std::pair<std::uint32_t, Lsn>> timeline_ends) {
  Positions all;
  all.timeline_ends = std::move(timeline_ends);
  auto slot = postgres::read_slot(connection, config.slot_name);
  if (!slot) return slot.error();
  all.slot = std::move(*slot);

  std::vector<std::string> names;
  for (const QueueSpec& queue : config.queues) {
    names.push_back(queue.name);
    all.last_ids.push_back(queue.kind == QueueKind::stream ? last_id(store, queue.name) : 0);
  }
  auto texts = store.read_all(names);
  if (!texts) return texts.error();
  all.texts = std::move(*texts);
  for (std::size_t q = 0; q < names.size(); ++q) {
    all.queues.push_back({names[q], std::nullopt, std::nullopt});
    all.unreadable.emplace_back();
    if (!all.texts[q]) continue;
    Result<Record> record = parse_record(*all.texts[q]);
    if (record) {
      all.queues[q].record = std::move(*record);
    } else {
      all.unreadable[q] = record.error();
    }
  }

  auto server = postgres::read_server(connection);
  if (!server) return server.error();
  all.server = std::move(*server);
  if (all.server.timeline > 1 && connection.kind() == postgres::ConnectionKind::replication) {
    auto ends = postgres::read_timeline_ends(connection, all.server.timeline);
    if (!ends) return ends.error();
    all.timeline_ends = std::move(*ends);
  }
  return all;
}

}  // namespace realtime::preflight
