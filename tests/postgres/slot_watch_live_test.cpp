#include <unistd.h>

#include "postgres/live_server.hpp"
#include "postgres/slot_stream.hpp"
#include "postgres/slot_watch.hpp"

namespace realtime::postgres {
namespace {

class SlotWatchLive : public LiveServer {
 protected:
  SlotWatch watch() { return {plain(ConnectionKind::ordinary), slot_}; }
  std::unique_ptr<SlotStream> stream(const ConnectOptions& as) {
    auto started = SlotStream::start(connect(as, ConnectionKind::replication), {.slot = slot_, .at = {}},
                                     EchoPlugin(table_));
    EXPECT_TRUE(started) << started.error().message;
    return started ? std::move(*started) : nullptr;
  }
};

TEST_F(SlotWatchLive, TellsWhoStreams) {
  SlotWatch eyes = watch();
  EXPECT_FALSE(eyes.look()->slot.exists);
  make_slot();
  auto view = eyes.look();
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_TRUE(view->slot.exists);
  EXPECT_FALSE(view->owner);
  auto owner = stream(plain_options());
  view = eyes.look();
  ASSERT_TRUE(view->owner);
  EXPECT_TRUE(view->slot.active);
  EXPECT_EQ(view->owner->pid, owner->backend_pid());
  EXPECT_EQ(view->owner->pid, view->slot.active_pid);
  EXPECT_EQ(view->owner->application_name, plain_options().application_name);
  EXPECT_TRUE(view->owner->same_role);
  EXPECT_FALSE(view->in_recovery);
}

TEST_F(SlotWatchLive, EndsOneOfUs) {
  make_slot();
  SlotWatch eyes = watch();
  auto owner = stream(plain_options());
  EXPECT_FALSE(*eyes.terminate_owner(owner->backend_pid() + 1)) << "another pid";
  auto ended = eyes.terminate_owner(owner->backend_pid());
  ASSERT_TRUE(ended) << ended.error().message;
  EXPECT_TRUE(*ended);
  for (int i = 0; i < 100 && slot_facts().active; ++i) ::usleep(10'000);
  EXPECT_FALSE(slot_facts().active);
}

TEST_F(SlotWatchLive, LeavesOtherProgramsAndOtherRolesAlone) {
  make_slot();
  SlotWatch eyes = watch();
  ConnectOptions other_program = plain_options();
  other_program.application_name = "pg_recvlogical";
  auto owner = stream(other_program);
  EXPECT_FALSE(*eyes.terminate_owner(owner->backend_pid()));
  EXPECT_TRUE(slot_facts().active);
  owner->close();
  for (int i = 0; i < 100 && slot_facts().active; ++i) ::usleep(10'000);
  owner = stream(options("postgres"));
  EXPECT_FALSE(eyes.look()->owner->same_role);
  EXPECT_EQ(eyes.look()->owner->application_name, plain_options().application_name) << "seen by every role";
  EXPECT_FALSE(*eyes.terminate_owner(owner->backend_pid()));
  EXPECT_TRUE(slot_facts().active);
}

TEST_F(SlotWatchLive, SeesTheOriginalService) {
  SlotWatch eyes = watch();
  auto none = eyes.look_for_original();
  ASSERT_TRUE(none) << none.error().message;
  EXPECT_FALSE(none->runs());
  sql("create schema realtime; create table realtime.ownership (slot_name text primary key, slot_owner uuid, "
      "ownership_expires_at timestamptz)");
  sql("insert into realtime.ownership values ('" + slot_ +
      "', '00000000-0000-0000-0000-000000000001', now() + interval '10 s'), ('other', null, now() + interval "
      "'1 h')");
  EXPECT_FALSE(eyes.look_for_original()->runs()) << "not readable";
  sql("grant usage on schema realtime to public; grant select on realtime.ownership to public");
  EXPECT_EQ(eyes.look_for_original()->owner, "00000000-0000-0000-0000-000000000001");
  sql("update realtime.ownership set ownership_expires_at = now() - interval '1 s'");
  EXPECT_FALSE(eyes.look_for_original()->runs()) << "expired";
  sql("drop schema realtime cascade");

  auto temporary = super();
  ASSERT_TRUE(
      temporary->query("select pg_create_logical_replication_slot('" + slot_ + "', 'wal2json', true)"));
  EXPECT_TRUE(eyes.look_for_original()->temporary_slot);
}

}  // namespace
}  // namespace realtime::postgres
