#include "app/keep_secrets.hpp"

#include <cstdlib>

#include "base/scrub.hpp"
#include "config/help.hpp"
#include "config/shown_value.hpp"
#include "http/page.hpp"
#include "http/status.hpp"
#include "status/metrics.hpp"

namespace realtime {
namespace {

void add_password(const std::optional<std::string>& password, const std::string& file) {
  if (password) scrub::add_secret(*password);
  if (!file.empty() && shown_path(file) != file) scrub::add_secret(file);
}

/// What follows the colon of "user:password".
void add_password_of(const std::string& user) {
  if (const std::size_t colon = user.find(':'); colon != std::string::npos)
    scrub::add_secret(std::string_view(user).substr(colon + 1));
}

/// Our own words: names of settings, metrics and fields, what the page says. Not what the settings are set to:
/// that may be the password in the wrong place.
void add_our_words() {
  PipelineMetrics metrics;
  metrics.queues.emplace_back();
  ServiceFacts facts;
  facts.queues.emplace_back();
  facts.peers.emplace_back();
  scrub::add_plain_words(http::render_status(metrics, facts));
  for (const Metric& metric : metric_table()) scrub::add_plain_words(metric.name);
  scrub::add_plain_words(settings_help());
  scrub::add_plain_words(http::answer_page().body);
}

}  // namespace

void keep_secrets(const Config& config) {
  add_our_words();
  add_password(config.postgres.password, config.postgres.password_file);
  add_password(config.redis.password, config.redis.password_file);
  add_password_of(config.postgres.user);
  add_password_of(config.redis.username);
  if (const char* password = std::getenv("PGPASSWORD")) scrub::add_secret(password);
}

}  // namespace realtime
