#include "status/metric_samples.hpp"

#include <algorithm>
#include <vector>

namespace realtime {

void write_info(const MetricSources& s, PrometheusText& text) {
  text.sample(std::uint64_t{1}, prometheus_label("version", s.facts.version) + "," +
                                    prometheus_label("instance_id", s.facts.instance) + "," +
                                    prometheus_label("slot", s.facts.slot) + "," +
                                    prometheus_label("plugin", s.facts.plugin));
}

void write_roles(const MetricSources& s, PrometheusText& text) {
  for (const Role role : {Role::starting, Role::standby, Role::owner, Role::stopping}) {
    text.sample(std::uint64_t{role == s.facts.role}, prometheus_label("role", to_text(role)));
  }
}

void write_wal_statuses(const MetricSources& s, PrometheusText& text) {
  for (const char* status : {"reserved", "extended", "unreserved", "lost"}) {
    text.sample(std::uint64_t{s.facts.slot_wal_status == status}, prometheus_label("status", status));
  }
}

void write_trouble(const MetricSources& s, PrometheusText& text) {
  std::vector<std::string> errors;  // one sample an error, however many queues have it
  const auto add = [&errors](const std::optional<TroubleFacts>& trouble) {
    if (trouble && std::find(errors.begin(), errors.end(), trouble->error) == errors.end())
      errors.push_back(trouble->error);
  };
  add(s.facts.trouble);
  for (std::size_t q = 0; q < s.facts.queues.size() && q < s.metrics.queues.size(); ++q) {
    if (s.metrics.queues[q].stuck.value() != 0) add(s.facts.queues[q].trouble);
  }
  for (const std::string& error : errors) text.sample(std::uint64_t{1}, prometheus_label("error", error));
}

}  // namespace realtime
