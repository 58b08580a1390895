#include "status/metric_samples.hpp"

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
  if (s.facts.trouble) text.sample(std::uint64_t{1}, prometheus_label("error", s.facts.trouble->error));
}

}  // namespace realtime
