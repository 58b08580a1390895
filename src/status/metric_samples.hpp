#pragma once

#include "status/metrics.hpp"

namespace realtime {

// The rows of the table that have labels of their own: each writes its samples. Pure.
void write_info(const MetricSources& s, PrometheusText& text);
void write_roles(const MetricSources& s, PrometheusText& text);
void write_wal_statuses(const MetricSources& s, PrometheusText& text);
void write_trouble(const MetricSources& s, PrometheusText& text);

}  // namespace realtime
