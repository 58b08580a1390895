#include "config/environment.hpp"

#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace realtime {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(UnknownVariables, AreNamedWithTheNearestKnownOne) {
  EXPECT_THAT(unknown_variable_warnings({{"HASH_REALTIME_TABELS", "s3cret"}}),
              ElementsAre(AllOf(HasSubstr("HASH_REALTIME_TABELS"),
                                HasSubstr("did you mean HASH_REALTIME_TABLES?"), Not(HasSubstr("s3cret")))));
  EXPECT_THAT(unknown_variable_warnings({{"HASH_PG_PASWORD", "s3cret"}}),
              ElementsAre(AllOf(HasSubstr("HASH_PG_PASSWORD?"), Not(HasSubstr("s3cret")))));
}

TEST(UnknownVariables, ANameThatIsCutOrGoesOnIsNearToItsSetting) {
  for (const auto& [name, meant] :
       {std::pair{"HASH_PG_HOSTNAME", "HASH_PG_HOST"}, std::pair{"HASH_PG_PASS", "HASH_PG_PASSWORD"},
        std::pair{"HASH_SEARCH_QUEUE", "HASH_SEARCH_QUEUE_NAME"},
        std::pair{"HASH_REALTIME_SLOT", "HASH_REALTIME_SLOT_NAME"}}) {
    EXPECT_THAT(unknown_variable_warnings({{name, "s3cret"}}),
                ElementsAre(std::string(name) + " is not a setting; did you mean " + meant + "?"));
  }
}

TEST(UnknownVariables, NamesOfHashItselfLeadToOurs) {
  EXPECT_THAT(unknown_variable_warnings({{"HASH_COLLAB_QUEUE_NAME", "collab"}}),
              ElementsAre(HasSubstr("has no effect: use HASH_INTEGRATION_QUEUE_NAME")));
  EXPECT_THAT(unknown_variable_warnings({{"ENABLE_REALTIME_SYNC", "true"}}),
              ElementsAre("ENABLE_REALTIME_SYNC has no effect: the service runs when it is started"));
}

TEST(UnknownVariables, NothingIsSuggestedWhereNothingIsNear) {
  EXPECT_THAT(unknown_variable_warnings({{"HASH_REALTIME_ENTITY_STREAM_NAME", "x"}}),
              ElementsAre("HASH_REALTIME_ENTITY_STREAM_NAME is not a setting and has no effect"));
}

TEST(UnknownVariables, WhatKubernetesInjectsIsNotAMistake) {
  EXPECT_THAT(unknown_variable_warnings({{"HASH_REALTIME_SERVICE_HOST", "10.0.0.1"},
                                         {"HASH_REALTIME_SERVICE_PORT", "3333"},
                                         {"HASH_REALTIME_SERVICE_PORT_HTTP", "3333"},
                                         {"HASH_REALTIME_PORT_3333_TCP", "tcp://10.0.0.1:3333"},
                                         {"HASH_REALTIME_PORT_3333_TCP_ADDR", "10.0.0.1"},
                                         {"HASH_REDIS_PORT_6379_TCP_PORT", "6379"}}),
              IsEmpty());
  EXPECT_THAT(unknown_variable_warnings({{"HASH_REALTIME_PORT_HTTP", "1"}}), testing::SizeIs(1));
}

TEST(UnknownVariables, OthersPeoplesVariablesAreNotOurs) {
  EXPECT_THAT(unknown_variable_warnings({{"HASH_REDIS_SOMETHING_ELSE", "1"},
                                         {"HASH_GRAPH_PG_USER", "1"},
                                         {"PATH", "/"},
                                         {"HASH_REALTIME_FAILPOINT", "before_push"},
                                         {"HASH_GRAPH_PG_HOST", "h"}}),
              IsEmpty());
}

TEST(UnknownVariables, AreBounded) {
  Environment many;
  for (int i = 0; i < 1000; ++i)
    many["HASH_REALTIME_" + std::string(200, 'X') + "\n" + std::to_string(i)] = "";
  const auto warnings = unknown_variable_warnings(many);
  EXPECT_LE(warnings.size(), 32u);
  for (const auto& warning : warnings) {
    EXPECT_LT(warning.size(), 400u);
    EXPECT_EQ(warning.find('\n'), std::string::npos);
  }
}

TEST(ProcessEnvironment, IsRead) {
  ::setenv("HASH_REALTIME_TEST_OF_ENVIRONMENT", "a=b", 1);
  EXPECT_EQ(process_environment()["HASH_REALTIME_TEST_OF_ENVIRONMENT"], "a=b");
  ::unsetenv("HASH_REALTIME_TEST_OF_ENVIRONMENT");
}

}  // namespace
}  // namespace realtime
