#include "ownership/takeover.hpp"

#include <algorithm>
#include <utility>

#include "realtime/open_transactions.hpp"

#include "base/check.hpp"
#include "base/log.hpp"
#include "ownership/slot_rule.hpp"

namespace realtime {
namespace {

constexpr int kMostFences = 50;  // an old owner has at most its window left to write

}  // namespace

Takeover::Takeover(const Claim& claim, Surroundings surroundings, const OwnershipRules& rules)
    : claim_(claim),
      around_(std::move(surroundings)),
      rules_(rules),
      checkpoints_(claim, around_.store, around_.clock, rules),
      living_(claim.lease) {}

void Takeover::enter(Phase phase, std::string_view detail) {
  RT_CHECK(may_follow(phase_, phase), "a take-over leaves no phase out");
  phase_ = phase;
  around_.on_phase(phase, detail);
}

Result<Owned> Takeover::attempt() {
  Result<std::optional<Owned>> owned = std::optional<Owned>();
  for (int fences = 0; owned && !*owned && fences < kMostFences; ++fences) owned = try_once();
  around_.store.rest();
  if (!owned) return owned.error();
  if (*owned) return std::move(**owned);
  return Error{ErrorKind::fenced, "slot " + claim_.slot + ": another instance goes on writing positions"};
}

/// None: a record moved while we looked.
Result<std::optional<Owned>> Takeover::try_once() {
  enter(Phase::reading);
  // Once before: no walsender is taken as long as Redis is away, or holds what cannot be read.
  const auto before = checkpoints_.read();
  if (!before) return before.error();
  if (const auto unreadable = before->first_unreadable()) return *unreadable;
  auto session = around_.server.connect();
  if (!session) return session.error();
  const Result<Look> look = look_at_all(**session, checkpoints_, around_.store);
  if (!look) return look.error();
  if (Status refused = refuse(**session, *look); !refused) return refused.error();

  enter(Phase::deciding);
  if (auto lives = living_.look(look->checkpoints.queues, look->server.started_us, around_.steady.now()))
    return *lives;
  Result<Resume> resume = decide(**session, *look);
  if (!resume) return resume.error();
  RT_CHECK(resume->records.size() == claim_.queues.size(), "every queue has a place to go on from");
  HistoryProof proof(look->view(claim_), look->checkpoints.queues, *resume);
  if (Status asked = ask_server(**session, proof); !asked) return asked.error();
  if (proof.refused()) return *proof.refused();

  if (!rules_.locks_before_fencing && !*checkpoints_.fence(look->checkpoints, resume->records))
    return std::optional<Owned>();
  const auto plugin = around_.make_plugin(resume->filter);
  auto stream = prove(std::move(*session), *look, proof, *plugin, *resume);
  if (!stream) return stream.error();
  if (!*stream) return std::optional<Owned>();
  Owned owned = own(std::move(*resume), *look);
  owned.source = std::move(*stream);
  owned.plugin = plugin;

  enter(Phase::fencing);
  if (rules_.locks_before_fencing) {
    const Result<bool> fenced = checkpoints_.fence(look->checkpoints, owned.plan.records);
    if (!fenced) return fenced.error();
    if (!*fenced) return std::optional<Owned>();
  }
  living_.wrote(owned.plan.records.front().epoch);
  return std::optional(std::move(owned));
}

/// Begins the stream, which is the lock, and reads it until the records are known to be of this server's
/// history; `resume` becomes what has come out. None: the slot has moved, and all must be planned anew.
Result<std::unique_ptr<Source>> Takeover::prove(std::unique_ptr<SlotSession> session, const Look& look,
                                                const HistoryProof& proof, const OutputPlugin& plugin,
                                                Resume& resume) {
  StreamDemand demanded = proof.stream_demand();
  for (;;) {
    enter(Phase::locking);
    if (rules_.sets_owner_timeout) {
      const auto timeout = owner_timeout(look.server.wal_sender_timeout, claim_.lease);
      if (Status set = session->set_owner_timeout(timeout); !set) return set.error();
    }
    auto stream = session->stream_from({proof.start(), resume.transactions}, plugin);
    if (!stream) return stream.error();

    enter(Phase::proving);
    auto observer = around_.server.observe();
    if (!observer) return observer.error();
    const auto seen = (*observer)->look();
    if (!seen) return seen.error();
    if (proof.has_moved(seen->slot.confirmed_flush_lsn)) return std::unique_ptr<Source>();
    auto proven = prove_stream(std::move(*stream), plugin, demanded, around_.wait, around_.steady,
                               claim_.most_kept_bytes);
    if (!proven) return proven.error();
    if (proven->kept) {
      proof.settle(demanded, resume);
      return std::move(proven->stream);
    }
    // It was too much to keep: what has been proven is streamed anew, from a server that is the same still.
    proven->stream.reset();
    auto again = around_.server.connect();
    if (!again) return again.error();
    session = std::move(*again);
    const auto server = session->server();
    if (!server) return server.error();
    if (server->started_us != look.server.started_us ||
        server->system_identifier != look.server.system_identifier)
      return std::unique_ptr<Source>();
  }
}

/// An error where this is no place to stream from, or others are to go first.
Status Takeover::refuse(SlotSession& session, const Look& look) {
  if (auto unreadable = look.checkpoints.first_unreadable()) return *unreadable;
  if (auto refused = refuse_place(look.server, look.slot, claim_)) return *refused;
  const auto original = session.look_for_original();
  if (!original) return original.error();
  if (auto refused = refuse_original(*original, claim_)) return *refused;
  return ok();
}

Result<Resume> Takeover::decide(SlotSession& session, const Look& look) {
  const ServerView view = look.view(claim_);
  ResumeDecision decision = decide_resume(view, look.checkpoints.queues, claim_.filter);
  if (auto* error = std::get_if<Error>(&decision)) return std::move(*error);
  if (Status prepared = session.prepare(); !prepared) return prepared.error();
  if (auto* resume = std::get_if<Resume>(&decision)) return std::move(*resume);
  return create(session, view.here);
}

Result<Resume> Takeover::create(SlotSession& session, const History& here) {
  const auto waiting = [this] { enter(Phase::making_slot, kOpenTransactions); };
  const Result<Lsn> start = session.create_slot(claim_.plugin(), waiting);
  if (!start) return start.error();
  log::info("the slot was made; what is committed from here on is delivered",
            {{"slot", claim_.slot}, {"lsn", to_string(*start)}});
  Resume resume;
  resume.start = *start;
  resume.filter = claim_.filter;
  resume.records = fresh_records(claim_.queues.size(), *start, here, resume.filter);
  resume.base = resume.records.front().position;
  return resume;
}

Owned Takeover::own(Resume resume, const Look& look) const {
  Owned owned;
  owned.plan.sequencer = {.base = resume.base,
                          .start = resume.start,
                          .discard = resume.discard,
                          .known_end = look.server.wal_end};
  if (resume.last_number) owned.plan.sequencer.last_number = *resume.last_number;
  owned.plan.filter = resume.filter;
  owned.plan.records = std::move(resume.records);
  for (Record& record : owned.plan.records) {
    record.history = look.view(claim_).here;
    record.refused.clear();
    record.life.server_started_us = look.server.started_us;
    record.life.lease_ms = static_cast<std::uint32_t>(claim_.lease.count());
    ++record.life.beat;
  }
  owned.timelines = look.timelines;
  owned.timeline = look.server.timeline;
  owned.wal_segment_bytes = look.server.wal_segment_bytes;
  owned.owner_timeout = owner_timeout(look.server.wal_sender_timeout, claim_.lease);
  owned.reconnect_after = resume.reconnect_after;
  owned.notices = std::move(resume.notices);
  return owned;
}

}  // namespace realtime
