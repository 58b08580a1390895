#include "status/metrics.hpp"

namespace realtime {
namespace {

constexpr std::string_view kTypeNames[] = {"counter", "gauge", "histogram"};

/// Writes one row of the table; the queues' labels are made once for all rows.
struct WriteRow {
  const MetricSources& sources;
  const std::vector<std::string>& queue_labels;
  PrometheusText& text;

  void value(std::optional<double> value, std::string_view labels = {}) const {
    if (value) text.sample(*value, labels);
  }
  void operator()(Metric::Value read) const { value(read(sources)); }
  void operator()(Metric::QueueValue read) const {
    for (std::size_t i = 0; i < queue_labels.size(); ++i) value(read(sources, i), queue_labels[i]);
  }
  void operator()(Metric::Distribution read) const { text.histogram(read(sources.metrics)); }
  void operator()(Metric::QueueDistribution read) const {
    for (std::size_t i = 0; i < queue_labels.size(); ++i) {
      text.histogram(read(sources.metrics.queues[i]), queue_labels[i]);
    }
  }
  void operator()(Metric::Samples write) const { write(sources, text); }
};

}  // namespace

std::string render_prometheus(const PipelineMetrics& metrics, const ServiceFacts& facts) {
  const ProcessStats process = read_process_stats();
  const MetricSources sources{metrics, facts, process};
  std::vector<std::string> queue_labels;
  for (const auto& queue : metrics.queues) queue_labels.push_back(prometheus_label("queue", queue.name));
  PrometheusText text;
  for (const Metric& metric : metric_table()) {
    text.begin(metric.name, kTypeNames[static_cast<std::size_t>(metric.type)], metric.help);
    std::visit(WriteRow{sources, queue_labels, text}, metric.read);
  }
  return text.take();
}

}  // namespace realtime
