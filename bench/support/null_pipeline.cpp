#include "support/null_pipeline.hpp"

#include "realtime/checkpoint_text.hpp"

namespace realtime::bench {

NullPipeline::NullPipeline(std::unique_ptr<Source> source, std::shared_ptr<const OutputPlugin> plugin,
                           const Settings& settings)
    : messages_(settings.messages), unfinished_queues_(settings.queues) {
  PipelineSettings of_pipeline;
  of_pipeline.decoder_threads = settings.decoders;
  of_pipeline.max_in_flight_bytes = settings.max_in_flight_bytes;

  Record record;
  record.epoch = 1;
  record.position.restart = settings.start;
  PipelinePlan plan;
  plan.sequencer.base = record.position;
  plan.sequencer.start = settings.start;
  plan.sequencer.discard = Discard::nothing;
  plan.records.assign(settings.queues, record);

  PipelineParts parts{std::move(source), std::move(plugin), {}};
  for (std::size_t q = 0; q < settings.queues; ++q) {
    parts.sinks.push_back(std::make_unique<NullSink>("null", format_record(record),
                                                     counting(q == 0 ? settings.first_queue : nullptr)));
    metrics_.queues.emplace_back();
  }
  pipeline_ = std::make_unique<Pipeline>(of_pipeline, plan, std::move(parts), clock_, metrics_,
                                         [this] { done_.release(); });
}

NullSink::OnPush NullPipeline::counting(NullSink::OnPush then) {
  return [this, then = std::move(then), count = std::uint64_t{0}](const Batch& batch) mutable {
    if (then) then(batch);
    const bool before = count < messages_;
    count += batch.messages;
    if (before && count >= messages_ && unfinished_queues_.fetch_sub(1) == 1) done_.release();
  };
}

std::optional<Error> NullPipeline::wait() {
  done_.acquire();
  return pipeline_->error();
}

}  // namespace realtime::bench
