#pragma once

#include <memory>
#include <vector>

#include "realtime/output_plugin.hpp"
#include "realtime/pipeline_plan.hpp"
#include "realtime/sink.hpp"
#include "realtime/source.hpp"

#include "pipeline/acknowledger.hpp"
#include "pipeline/decoder_stage.hpp"
#include "pipeline/in_flight_window.hpp"
#include "pipeline/outcome.hpp"
#include "pipeline/reader.hpp"
#include "pipeline/sequencer.hpp"
#include "pipeline/work_queue.hpp"
#include "pipeline/writer.hpp"

namespace realtime {

struct PipelineSettings {
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  std::size_t decoder_threads = 1;
  AcknowledgerSettings acknowledger;
  WriterSettings writer;
};

/// What a pipeline works with; it owns them.
struct PipelineParts {
  std::unique_ptr<Source> source;
  std::shared_ptr<const OutputPlugin> plugin;
  std::vector<std::unique_ptr<QueueSink>> sinks;  ///< in the order of the records
  /// What is wrong with each queue, in the same order: outlives the pipeline. None: it begins without.
  std::vector<std::shared_ptr<QueueTroubles>> troubles;
  /// Of the server's log; null: nobody asks for it, and positions are recorded without its hash.
  std::shared_ptr<LogWitness> witness;
};

/// The stages and what stands between them, without threads: `Pipeline` gives them threads, a simulation
/// steps them.
struct Stages {
  Stages(const PipelineSettings& settings, const PipelinePlan& plan, PipelineParts owned,
         Downstream& downstream, const Clock& clock, Outcome& outcome, PipelineMetrics& metrics)
      : parts(std::move(owned)),
        window(settings.max_in_flight_bytes, plan.records.size()),
        work_queue(window.capacity(), settings.decoder_threads),
        confirmables(plan.records.size()),
        acknowledger(*parts.source, confirmables, settings.acknowledger, metrics.reader),
        reader(*parts.source, window, downstream, acknowledger, clock, outcome, metrics.reader),
        carrier(parts.plugin->make_decoder()),
        sequencer(plan.sequencer, window, clock, outcome, metrics) {
    for (std::size_t i = 0; i < settings.decoder_threads; ++i) {
      decoders.push_back(std::make_unique<DecoderStage>(i, parts.plugin->make_decoder(), work_queue, window,
                                                        clock, outcome, metrics.decoders));
    }
    for (std::size_t q = 0; q < plan.records.size(); ++q) {
      if (parts.troubles.size() == q)
        parts.troubles.push_back(
            std::make_shared<QueueTroubles>(parts.sinks[q]->name(), metrics.queues[q], q));
      writers.push_back(std::make_unique<Writer>(
          q, plan.records[q], plan.filter, *parts.sinks[q], window, clock, outcome, confirmables[q],
          parts.witness.get(), [this] { return reader.is_hurried(); }, settings.writer, metrics.queues[q],
          *parts.troubles[q]));
    }
  }

  PipelineParts parts;
  InFlightWindow window;
  WorkQueue work_queue;
  std::vector<Confirmable> confirmables;
  Acknowledger acknowledger;
  Reader reader;
  std::unique_ptr<Decoder> carrier;  ///< the reader's own, for what it carries
  std::vector<std::unique_ptr<DecoderStage>> decoders;
  Sequencer sequencer;
  std::vector<std::unique_ptr<Writer>> writers;
};

}  // namespace realtime
