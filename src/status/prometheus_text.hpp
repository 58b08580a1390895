#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "metrics/instruments.hpp"

namespace realtime {

/// Writes Prometheus' text format (exposition format 0.0.4), one metric after the other. A value; one thread.
class PrometheusText {
 public:
  /// Begins a metric: its HELP and TYPE lines. `type` is "counter", "gauge" or "histogram".
  void begin(std::string_view name, std::string_view type, std::string_view help);
  /// One sample of the metric begun; `labels` as made by label(), or empty.
  void sample(double value, std::string_view labels = {});
  void sample(std::uint64_t value, std::string_view labels = {});
  /// All samples of a histogram: buckets in seconds, sum and count.
  void histogram(const Histogram& histogram, std::string_view labels = {});

  std::string take() { return std::move(text_); }

 private:
  void line(std::string_view suffix, std::string_view labels, std::string_view more, std::string_view value);

  std::string text_;
  std::string name_;
};

/// `name="value"`, the value escaped: backslash, quote and line feed; what is not UTF-8 becomes U+FFFD.
std::string prometheus_label(std::string_view name, std::string_view value);

}  // namespace realtime
