#include "simulation/fake_slot_server.hpp"

namespace realtime::sim {
namespace {

using std::chrono::milliseconds;

constexpr const char* kFingerprint = "abcdef01";

Error cut() {
  return {ErrorKind::postgres_unreachable, "the connection was cut"};
}

SlotFacts slot_facts(FakePostgres& server) {
  SlotFacts facts;
  facts.exists = server.slot_exists;
  if (!facts.exists) return facts;
  facts.slot_type = "logical";
  facts.plugin = "wal2json";
  facts.database = sim_history().database;
  facts.active = server.is_taken();
  facts.active_pid = server.active;
  facts.confirmed_flush_lsn = server.confirmed;
  return facts;
}

class FakeSlotSession final : public SlotSession {
 public:
  FakeSlotSession(FakePostgres& server, Life& life) : server_(server), life_(life) {}

  Result<ServerFacts> server() override {
    if (auto error = ask()) return *error;
    ServerFacts facts;
    facts.system_identifier = sim_history().system_identifier;
    facts.timeline = sim_history().timeline;
    facts.wal_end = server_.truth.wal_end();
    facts.encoding = "UTF8";
    facts.wal_segment_bytes = 16 << 20;
    facts.started_us = 1;  // a restart is not told from here: nobody else owns these records
    facts.database_oid = 5;
    facts.wal_sender_timeout = server_.chance.pick({milliseconds(0), milliseconds(60'000)});
    return facts;
  }
  Result<SlotFacts> slot() override {
    if (auto error = ask()) return *error;
    return slot_facts(server_);
  }
  Result<TimelineHistory> timelines(std::uint32_t) override { return TimelineHistory(); }
  Result<OriginalService> look_for_original() override {
    if (auto error = ask()) return *error;
    return OriginalService();
  }
  Result<std::optional<LogHash>> hash_log(Lsn at, std::uint32_t bytes, std::uint32_t) override {
    if (auto error = ask()) return *error;
    return std::optional(sim_log_hash(at, bytes));
  }
  Result<TransactionStatus> status_of(std::uint32_t) override {
    if (auto error = ask()) return *error;
    return TransactionStatus::committed;
  }
  Status prepare() override { return ok(); }
  Result<Lsn> create_slot(const std::string&, std::function<void()> while_waiting) override {
    if (auto error = ask()) return *error;
    if (server_.chance.happens(0.3)) while_waiting();
    if (server_.slot_exists) return Error{ErrorKind::slot_active, "the slot was made meanwhile"};
    server_.slot_exists = true;
    server_.confirmed = model::Wal::begin();
    if (server_.troubles && server_.chance.happens(0.2)) return cut();  // made, and nobody was told
    return server_.confirmed;
  }
  Status drop_slot() override { return Error{ErrorKind::stopped, "nobody accepts a loss here"}; }
  Status set_owner_timeout(std::chrono::milliseconds timeout) override {
    if (auto error = ask()) return *error;
    patience_ = timeout;
    return ok();
  }
  Result<std::unique_ptr<Source>> stream_from(const StreamRequest& request, const OutputPlugin&) override {
    const bool taken_now = server_.troubles && server_.chance.happens(0.05);
    if (taken_now) server_.taken_until = server_.clock.now() + milliseconds(server_.chance.between(1, 2'000));
    if (auto error = ask()) return *error;
    if (server_.is_taken()) return Error{ErrorKind::slot_active, "the slot is taken"};
    life_.has_lock = true;
    return std::unique_ptr<Source>(std::make_unique<FakeSource>(server_, request.start, patience_));
  }

 private:
  std::optional<Error> ask() {
    if (auto dead = life_.call()) return dead;
    if (server_.troubles && server_.chance.happens(0.01)) return cut();
    return std::nullopt;
  }

  FakePostgres& server_;
  Life& life_;
  Duration patience_ = Duration::zero();
};

class Observer final : public SlotObserver {
 public:
  Observer(FakePostgres& server, Life& life) : server_(server), life_(life) {}

  Result<SlotView> look() override {
    if (auto dead = life_.call()) return *dead;
    if (server_.troubles && server_.chance.happens(0.01)) return cut();
    SlotView view;
    view.slot = slot_facts(server_);
    if (view.slot.active && server_.active != 0) {
      view.owner = SlotOwner{};
      view.owner->pid = server_.active;
      view.owner->application_name = "an instance";
      view.owner->same_role = view.owner->waits = true;
      view.owner->fingerprint = kFingerprint;
    }
    return view;
  }
  Result<bool> terminate_owner(int) override {
    server_.truth.red("an owner was ended whose walsender waits");
    return false;
  }

 private:
  FakePostgres& server_;
  Life& life_;
};

}  // namespace

History sim_history() {
  return {7, 1, "db", "slot", 5};
}

LogHash sim_log_hash(Lsn at, std::uint32_t bytes) {
  return {at.value, 7, bytes};
}

Claim sim_claim(std::size_t queues, std::chrono::milliseconds lease) {
  Claim claim;
  claim.slot = sim_history().slot;
  claim.database = sim_history().database;
  for (std::size_t q = 0; q < queues; ++q) claim.queues.push_back("q" + std::to_string(q));
  claim.filter = {"wal2json", "public.*", ""};
  claim.lease = lease;
  claim.fingerprint = kFingerprint;
  return claim;
}

Result<std::unique_ptr<SlotSession>> FakeSlotServer::connect() {
  life_.has_lock = false;
  if (auto dead = life_.call()) return *dead;
  if (server_.troubles && server_.chance.happens(0.03)) return cut();
  return std::unique_ptr<SlotSession>(std::make_unique<FakeSlotSession>(server_, life_));
}

Result<std::unique_ptr<SlotObserver>> FakeSlotServer::observe() {
  if (auto dead = life_.call()) return *dead;
  if (server_.troubles && server_.chance.happens(0.03)) return cut();
  return std::unique_ptr<SlotObserver>(std::make_unique<Observer>(server_, life_));
}

}  // namespace realtime::sim
