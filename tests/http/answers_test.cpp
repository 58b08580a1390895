#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/health.hpp"
#include "http/page.hpp"
#include "http/service_routes.hpp"
#include "support/service_example.hpp"

namespace realtime::http {
namespace {

using ::testing::HasSubstr;

TEST(Health, SaysTheWordsThatWatchersKnow) {
  const Response response = answer_health({true, "", "host-1"});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{\"msg\":\"realtime server healthy\",\"instance\":\"host-1\"}\n");
}

TEST(Health, Says503WithTheReason) {
  const Response response = answer_health({false, "the writer of queue search made no step for 60 s", ""});
  EXPECT_EQ(response.status, 503);
  EXPECT_THAT(response.body, HasSubstr("\"reason\":\"the writer of queue search made no step for 60 s\""));
}

TEST(Ready, Is200OnlyWhenReady) {
  EXPECT_EQ(answer_readiness({true, "streaming", "", "", ""}).body,
            "{\"ready\":true,\"state\":\"streaming\"}\n");
  const Response response = answer_readiness({false, "waiting", "slot_missing", "no \"slot\"", "make it"});
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(
      response.body,
      "{\"ready\":false,\"state\":\"waiting\",\"error\":\"slot_missing\",\"reason\":\"no \\\"slot\\\"\","
      "\"remedy\":\"make it\"}\n");
}

TEST(Page, IsOneFileThatAsksNobodyElse) {
  const Response response = answer_page();
  EXPECT_THAT(response.body, HasSubstr("</html>"));
  EXPECT_THAT(response.content_security_policy, HasSubstr("default-src 'none'"));
  for (const char* outside : {"src=\"http", "href=\"http", "url(http", "@import", "innerHTML", "//cdn"}) {
    EXPECT_EQ(response.body.find(outside), std::string::npos) << outside;
  }
}

TEST(ServiceRoutes, AreThePathsOfTheService) {
  const realtime::testing::ServiceExample example;
  const Routes routes =
      service_routes({example.metrics, [&] { return example.facts; }, [] { return Health{}; },
                      [] {
                        return Readiness{true, "streaming", "", "", ""};
                      }});
  ASSERT_EQ(routes.size(), 5u);
  EXPECT_THAT(routes.at("/status")().body, HasSubstr("\"role\":\"owner\""));
  EXPECT_THAT(routes.at("/metrics")().body, HasSubstr("hash_realtime_role{role=\"owner\"} 1"));
  EXPECT_EQ(routes.at("/metrics")().content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(routes.at("/ready")().status, 200);
  EXPECT_EQ(routes.at("/health-check")().status, 200);
  EXPECT_EQ(routes.at("/")().content_type, "text/html; charset=utf-8");
}

}  // namespace
}  // namespace realtime::http
