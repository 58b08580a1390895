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

/// Of this server's very history, and past its end: the one refusal that its log may outgrow.
bool is_past_the_end(const ServerView& server, const std::vector<QueueView>& queues) {
  return std::any_of(queues.begin(), queues.end(), [&server](const QueueView& queue) {
    return queue.record && queue.record->history == server.here &&
           queue.record->position.restart > server.wal_end;
  });
}

}  // namespace

Takeover::Takeover(const Claim& claim, Surroundings surroundings, const OwnershipRules& rules)
    : claim_(claim),
      around_(std::move(surroundings)),
      rules_(rules),
      checkpoints_(claim, around_.store, around_.clock, rules) {}

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
  Result<Resume> resume = decide(**session, *look);
  if (!resume) return resume.error();
  RT_CHECK(resume->records.size() == claim_.queues.size(), "every queue has a place to go on from");

  if (!rules_.locks_before_fencing && !*checkpoints_.fence(look->checkpoints, resume->records))
    return std::optional<Owned>();
  enter(Phase::locking);
  const StreamRequest request{resume->start, resume->transactions};
  Owned owned = own(std::move(*resume), *look);
  if (rules_.sets_owner_timeout) {
    if (Status set = (*session)->set_owner_timeout(owned.owner_timeout); !set) return set.error();
  }
  auto stream = (*session)->stream_from(request, *owned.plugin);
  if (!stream) return stream.error();
  owned.source = std::move(*stream);

  enter(Phase::fencing);
  if (rules_.locks_before_fencing) {
    const Result<bool> fenced = checkpoints_.fence(look->checkpoints, owned.plan.records);
    if (!fenced) return fenced.error();
    if (!*fenced) return std::optional<Owned>();
  }
  return std::optional(std::move(owned));
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
  if (auto* error = std::get_if<Error>(&decision)) {
    if (is_past_the_end(view, look.checkpoints.queues)) checkpoints_.refuse(error->message);
    return std::move(*error);
  }
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
  owned.plugin = around_.make_plugin(resume.filter);
  owned.owner_timeout = owner_timeout(look.server.wal_sender_timeout, claim_.lease);
  owned.reconnect_after = resume.reconnect_after;
  owned.notices = std::move(resume.notices);
  return owned;
}

}  // namespace realtime
