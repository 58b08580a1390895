#include "ownership/look.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace realtime {

ServerView Look::view(const Claim& claim) const {
  ServerView view;
  view.here = {server.system_identifier, server.timeline, claim.database, claim.slot};
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
  const auto& queues = look.checkpoints.queues;
  const bool older = std::any_of(queues.begin(), queues.end(), [&look](const QueueView& queue) {
    return queue.record && queue.record->history.timeline < look.server.timeline;
  });
  if (older) {
    auto timelines = session.timelines(look.server.timeline);
    if (!timelines && !look.server.in_recovery) return timelines.error();
    if (timelines) look.timelines = std::move(*timelines);
  }
  return look;
}

}  // namespace realtime
