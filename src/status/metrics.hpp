#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "metrics/pipeline_metrics.hpp"
#include "status/process_stats.hpp"
#include "status/prometheus_text.hpp"
#include "status/service_facts.hpp"

namespace realtime {

/// What the metrics are read from.
struct MetricSources {
  const PipelineMetrics& metrics;
  const ServiceFacts& facts;
  const ProcessStats& process;
};

enum class MetricType { counter, gauge, histogram };

/// One row a metric: everything that is known about it. Names and units follow Prometheus' conventions: base
/// units, `_total` for counters. A reader that answers none leaves the sample out.
struct Metric {
  using Value = std::optional<double> (*)(const MetricSources&);
  using QueueValue = std::optional<double> (*)(const MetricSources&, std::size_t queue);
  using Distribution = const Histogram& (*)(const PipelineMetrics&);
  using QueueDistribution = const Histogram& (*)(const PipelineMetrics::Queue&);
  using Samples = void (*)(const MetricSources&, PrometheusText&);

  std::string_view name;
  MetricType type;
  std::string_view help;
  std::variant<Value, QueueValue, Distribution, QueueDistribution, Samples> read;
};

/// THE table of metrics (metric_table.cpp); the documentation lists it.
std::span<const Metric> metric_table();

/// The answer to GET /metrics: Prometheus' text format, UTF-8. Any thread; counters may grow meanwhile. No
/// errors.
std::string render_prometheus(const PipelineMetrics& metrics, const ServiceFacts& facts);

/// The Content-Type of that answer.
inline constexpr std::string_view kPrometheusContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace realtime
