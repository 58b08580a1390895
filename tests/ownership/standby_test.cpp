#include "ownership/standby.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/log.hpp"

// Method: a slot whose owner the test changes at given moments, and a clock that moves by the standby's own pauses.

namespace realtime {
namespace {

using namespace std::chrono_literals;

struct MovedClock final : Clock {
  TimePoint now() const override { return time; }
  TimePoint time = TimePoint{} + 1h;
};

/// What stands in the slot from a moment on; an empty fingerprint: it is free.
struct Moment {
  Duration after;
  std::string fingerprint;
};

class SlotOfMoments final : public SlotServer {
 public:
  SlotOfMoments(const MovedClock& clock, std::vector<Moment> moments)
      : clock_(clock), began_(clock.now()), moments_(std::move(moments)) {}
  Result<std::unique_ptr<SlotSession>> connect() override {
    return Error{ErrorKind::postgres_unreachable, "a standby has no session"};
  }
  Result<std::unique_ptr<SlotObserver>> observe() override {
    return std::unique_ptr<SlotObserver>(std::make_unique<Observer>(*this));
  }

 private:
  struct Observer final : SlotObserver {
    explicit Observer(const SlotOfMoments& its_slot) : slot(its_slot) {}
    Result<SlotView> look() override { return slot.view(); }
    Result<bool> terminate_owner(int) override { return false; }
    const SlotOfMoments& slot;
  };
  SlotView view() const {
    SlotView view;
    view.slot.exists = true;
    for (const Moment& moment : moments_) {
      if (clock_.now() - began_ < moment.after) break;
      view.slot.active = !moment.fingerprint.empty();
      view.owner.reset();
      if (!view.slot.active) continue;
      view.owner.emplace();
      view.owner->application_name = "owner " + moment.fingerprint;
      view.owner->waits = true;
      view.owner->fingerprint = moment.fingerprint;
    }
    return view;
  }
  const MovedClock& clock_;
  const TimePoint began_;
  const std::vector<Moment> moments_;
};

class StandbyTest : public ::testing::Test {
 protected:
  StandbyTest() {
    log::start(log::Style::json, log::Level::error);
    claim_.slot = "s";
    claim_.lease = 10s;
    claim_.fingerprint = "ours";
  }
  /// Runs until the slot is free for it, a minute at most; after how long it was.
  std::optional<Duration> free_after(std::vector<Moment> moments) {
    SlotOfMoments server(clock_, std::move(moments));
    const TimePoint began = clock_.now();
    Standby standby(
        claim_, {.server = server,
                 .clock = clock_,
                 .on_phase = [this](Phase phase, const std::optional<Error>&) { phases_.push_back(phase); },
                 .pause =
                     [this, began](Duration pause) {
                       clock_.time += pause;
                       return clock_.time - began > 60s;
                     }});
    const Result<Standby::End> end = standby.run();
    if (!end || *end != Standby::End::free) return std::nullopt;
    return clock_.now() - began;
  }
  MovedClock clock_;
  Claim claim_;
  std::vector<Phase> phases_;
};

TEST_F(StandbyTest, AnEqualOneTakesAFreeSlotAtOnce) {
  const auto after = free_after({{0s, "ours"}, {5s, ""}});
  ASSERT_TRUE(after);
  EXPECT_LE(*after, 5300ms);
}

TEST_F(StandbyTest, OneThatDiffersWaitsForTheLease) {
  const auto after = free_after({{0s, "theirs"}, {5s, ""}});
  ASSERT_TRUE(after) << "nobody would ever be the owner";
  EXPECT_GE(*after, 15s);
  EXPECT_LE(*after, 15600ms);
  EXPECT_THAT(phases_, ::testing::Each(Phase::differs));
}

TEST_F(StandbyTest, AnOwnerThatIsBackBeginsTheWaitAnew) {
  const auto after = free_after({{0s, "theirs"}, {5s, ""}, {14s, "theirs"}, {20s, ""}});
  ASSERT_TRUE(after);
  EXPECT_GE(*after, 30s);
}

TEST_F(StandbyTest, ItDiffersNoLongerThanItsOwnerIsOne) {
  const auto after = free_after({{0s, "theirs"}, {5s, ""}, {6s, "ours"}, {20s, ""}});
  ASSERT_TRUE(after);
  EXPECT_LE(*after, 20300ms) << "a warm standby of the new owner";
  EXPECT_EQ(phases_.back(), Phase::standby);
}

TEST_F(StandbyTest, AnOwnerThatStaysIsWaitedFor) {
  EXPECT_FALSE(free_after({{0s, "theirs"}}));
}

}  // namespace
}  // namespace realtime
