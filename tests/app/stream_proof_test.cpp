#include "app/stream_proof.hpp"

#include <gtest/gtest.h>

namespace realtime {
namespace {

using namespace std::chrono_literals;

class StreamProofTest : public ::testing::Test {
 protected:
  const TimePoint t0 = TimePoint{} + 1h;
  StreamProof proof;
};

TEST_F(StreamProofTest, NothingIsWaitedForBeforeAFailure) {
  proof.begin(t0);
  EXPECT_FALSE(proof.is_open());
}

TEST_F(StreamProofTest, PastThePlaceWhereTheLastOneEnded) {
  proof.begin(t0);
  proof.failed(t0 + 3h, Lsn{500});
  EXPECT_TRUE(proof.is_open());
  const TimePoint t1 = t0 + 3h + 1s;
  proof.begin(t1);
  EXPECT_FALSE(proof.is_shown(t1 + 499ms, Lsn{501}))
      << "a keepalive may be past it, and the row still to come";
  EXPECT_TRUE(proof.is_shown(t1 + 500ms, Lsn{501}));
  EXPECT_FALSE(proof.is_shown(t1 + 2999ms, Lsn{500}));
  EXPECT_TRUE(proof.is_shown(t1 + 3s, Lsn{500})) << "nothing is written: there is nothing to pass";
  EXPECT_EQ(proof.next_due(Lsn{500}), t1 + 3s);
  proof.shown();
  EXPECT_FALSE(proof.is_open());
}

TEST_F(StreamProofTest, TwiceAsLongAsTheLastOneThatDidNotWork) {
  proof.begin(t0);
  proof.failed(t0 + 1s, Lsn{500});
  proof.begin(t0 + 2s);
  proof.failed(t0 + 22s, Lsn{500});  // it was decoding for 20 s
  proof.begin(t0 + 30s);
  EXPECT_FALSE(proof.is_shown(t0 + 69s, Lsn{600}));
  EXPECT_TRUE(proof.is_shown(t0 + 70s, Lsn{600}));
}

TEST_F(StreamProofTest, TheFurthestEndCounts) {
  proof.begin(t0);
  proof.failed(t0 + 1s, Lsn{500});
  proof.begin(t0 + 2s);
  proof.failed(t0 + 2s, Lsn{100});  // it did not come so far again
  proof.begin(t0 + 3s);
  EXPECT_FALSE(proof.is_shown(t0 + 4s, Lsn{200}));
  EXPECT_TRUE(proof.is_shown(t0 + 4s, Lsn{501}));
}

TEST_F(StreamProofTest, NobodyWaitsForEver) {
  proof.begin(t0);
  proof.failed(t0 + 1s, Lsn{1});
  proof.begin(t0 + 2s);
  proof.failed(t0 + 2h, Lsn{1});
  proof.begin(t0 + 3h);
  EXPECT_TRUE(proof.is_shown(t0 + 3h + 2min, Lsn{1}));
}

}  // namespace
}  // namespace realtime
