#include "ownership/look.hpp"

#include "base/check.hpp"

namespace realtime {

ServerView Look::view(const Claim& claim) const {
  ServerView view;
  view.here = {server.system_identifier, server.timeline, claim.database, claim.slot,
               server.database_oid,      timelines.ends()};
  view.started_us = server.started_us;
  view.wal_end = server.wal_end;
  view.timelines = timelines;
  view.slot_exists = slot.exists;
  view.slot_lost = slot.lost();
  view.confirmed = slot.confirmed_flush_lsn;
  return view;
}

Result<Look> look_at_all(SlotSession& session, QueueCheckpoints& checkpoints, CheckpointStore& store,
                         LookAtContents contents) {
  Look look;
  auto slot = session.slot();
  if (!slot) return slot.error();
  look.slot = std::move(*slot);

  if (contents == LookAtContents::yes) {
    auto held = store.look_at_queues();
    if (!held) return held.error();
    RT_CHECK(held->size() == store.size(), "what each queue holds");
    look.contents = std::move(*held);
  }
  auto read = checkpoints.read();
  if (!read) return read.error();
  look.checkpoints = std::move(*read);

  auto server = session.server();
  if (!server) return server.error();
  look.server = std::move(*server);
  if (look.server.timeline > 1) {
    auto timelines = session.timelines(look.server.timeline);
    if (!timelines && !look.server.in_recovery) return timelines.error();
    if (timelines) look.timelines = std::move(*timelines);
  }
  return look;
}

}  // namespace realtime
