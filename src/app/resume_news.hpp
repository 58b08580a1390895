#pragma once

#include "app/service_board.hpp"
#include "config/config.hpp"
#include "metrics/pipeline_metrics.hpp"
#include "ownership/takeover.hpp"

namespace realtime {

/// Says what an operator must know of how the stream goes on: each notice in the log, and what the queues
/// have lost, now and before, on the board and in the metrics.
void say_resume(const Owned& owned, const Config& config, ServiceBoard& board, PipelineMetrics& metrics);

}  // namespace realtime
