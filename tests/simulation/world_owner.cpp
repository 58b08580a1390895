// How a process becomes the owner, as the daemon does it: read the records, decide, start the stream, fence,
// build.
#include <algorithm>
#include <limits>

#include "realtime/checkpoint_text.hpp"

#include "simulation/world.hpp"

namespace realtime::sim {
namespace {

const Filter kFilter{"wal2json", "public.*", ""};

}  // namespace

void World::start_owner() {
  owner_.reset();  // whatever it had in memory is gone
  ++counts_.restarts;
  for (int tries = 0; tries < 50; ++tries) {
    if (try_start() || truth_.is_red()) return;
    ++counts_.lost_races;
  }
  truth_.red("no owner could start");
}

bool World::try_start() {
  forgets_before_owner_ = redis_.forgets();
  std::vector<QueueView> views;
  std::vector<std::optional<std::string>> seen;
  std::uint64_t epoch = 0;
  for (std::size_t q = 0; q < redis_.queues().size(); ++q) {
    const HeldQueue& queue = redis_.queues()[q];
    seen.push_back(queue.record);
    views.push_back({"q" + std::to_string(q), {}, {}});
    if (queue.record) views.back().record = *parse_record(*queue.record);
    epoch = std::max(epoch, queue.epoch);
  }
  // Higher than any before, also than one that Redis has forgotten: the daemon takes the clock's
  // milliseconds.
  if (!sabotage_.no_fencing || epoch == 0) epoch = ++epochs_;

  ServerView server;
  server.here = {7, 1, "db", "slot"};
  server.wal_end = truth_.wal_end();
  server.slot_exists = postgres_.slot_exists;
  server.confirmed = postgres_.confirmed;
  ResumeDecision decision = decide_resume(server, views, kFilter);
  if (std::holds_alternative<CreateSlot>(decision)) {
    postgres_.slot_exists = true;
    postgres_.confirmed = server.confirmed = model::Wal::begin();
    server.slot_exists = true;
    decision = decide_resume(server, views, kFilter);
  }
  if (const Error* refused = std::get_if<Error>(&decision))
    return truth_.red("refused: " + refused->message), true;
  Resume resume = std::get<Resume>(decision);
  for (const ResumeNotice& notice : resume.notices) {
    if (notice.loss) truth_.red("a loss: " + notice.message);
  }
  if (sabotage_.base_is_most) {
    const auto most =
        std::max_element(resume.records.begin(), resume.records.end(),
                         [](const auto& a, const auto& b) { return a.position.number < b.position.number; });
    resume.base = most->position;
    resume.start = most->position.restart;
  }
  if (sabotage_.discards_nothing) resume.discard = Discard::nothing;

  auto source = std::make_unique<FakeSource>(postgres_, resume.start);
  for (int steps = chance_.between(0, 20); old_ && steps > 0; --steps) {
    old_->step();
    clock_.advance(std::chrono::microseconds(100));
    redis_.run_due();
  }
  for (Record& record : resume.records) record.epoch = epoch;
  if (!fence(seen, resume.records)) return false;
  owner_ = build(resume, std::move(source));
  return true;
}

/// False: somebody else has written since the records were read.
bool World::fence(const std::vector<std::optional<std::string>>& seen, const std::vector<Record>& records) {
  ++owners_;
  for (std::size_t q = 0; q < records.size(); ++q) {
    if (!redis_.fence(q, seen[q], format_record(records[q]), owners_)) return false;
  }
  return true;
}

std::unique_ptr<Instance> World::build(const Resume& resume, std::unique_ptr<FakeSource> source) {
  PipelinePlan plan;
  plan.sequencer = {resume.base, resume.start, resume.discard, truth_.wal_end(),
                    resume.last_number.value_or(std::numeric_limits<std::uint64_t>::max())};
  plan.filter = resume.filter;
  plan.records = resume.records;
  PipelineParts parts;
  FakeSource& stream = *source;
  parts.source = std::move(source);
  parts.plugin = std::make_shared<TextPlugin>();
  std::vector<FakeSink*> sinks;
  for (std::size_t q = 0; q < plan.records.size(); ++q) {
    const FakeSink::Wire wire{q, owners_, redis_, truth_, chance_, faults_.steps_given_up};
    auto sink = std::make_unique<FakeSink>(wire, clock_, redis_fails_, sabotage_);
    sinks.push_back(sink.get());
    parts.sinks.push_back(std::move(sink));
  }
  PipelineSettings settings = settings_;
  if (sabotage_.no_bound) settings.max_in_flight_bytes = 64 << 20;
  auto instance = std::make_unique<Instance>(settings, plan, std::move(parts), stream, sinks, clock_, chance_,
                                             truth_, eager_);
  instance->allow_bytes(settings_.max_in_flight_bytes);
  for (std::size_t q = 0; q < sinks.size(); ++q) apply_sabotage(*sinks[q], q, *instance);
  return instance;
}

void World::apply_sabotage(FakeSink& sink, std::size_t queue, Instance& instance) const {
  Stages& stages = instance.stages();
  if (sabotage_.confirms_unread) {
    sink.on_record = [&stages, queue](std::string_view record) {
      stages.confirmables[queue].raise(parse_record(record)->position.restart);
    };
  }
  if (sabotage_.misorders) {
    sink.on_push = [&stages](const Batch& batch) {
      const Piece& piece = batch.pieces.front();
      for (std::uint64_t place = stages.window.released(); place < stages.window.claimed(); ++place) {
        Frame* frame = stages.window.at(place).frame.get();
        if (frame == piece.frame && piece.end - piece.begin > 1)
          std::swap(frame->changes[piece.begin], frame->changes[piece.begin + 1]);
      }
    };
  }
  if (sabotage_.frees_early) {
    sink.on_push = [&stages, queue](const Batch& batch) {
      for (std::uint64_t place = stages.window.released(); place < stages.window.claimed(); ++place) {
        if (stages.window.at(place).frame.get() == batch.pieces.back().frame)
          stages.window.publish_taken(queue, place + 1);
      }
    };
  }
}

}  // namespace realtime::sim
