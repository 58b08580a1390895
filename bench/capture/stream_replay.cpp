// stream_replay: plays a captured stream through the real pipeline, without servers: to see what the service
// makes of a stream that misbehaved elsewhere, under a debugger if need be.
#include <cstdio>

#include "capture/arguments.hpp"
#include "support/null_pipeline.hpp"
#include "support/replay_source.hpp"
#include "support/stream_file.hpp"

namespace realtime::bench {
namespace {

constexpr const char* kUsage =
    "stream_replay [--print] [--decoders=N] FILE\n"
    "  Ends with 1 where the pipeline fails, and says why. --print: every message that a queue would get, "
    "one a line.\n";

void print(const Batch& batch) {
  for (const Piece& piece : batch.pieces) {
    for (std::uint32_t i = piece.begin; i < piece.end; ++i) {
      const std::string_view message = piece.frame->message(piece.frame->changes[i]);
      std::fwrite(message.data(), 1, message.size(), stdout);
      std::putchar('\n');
    }
  }
}

int run(const Arguments& arguments) {
  Result<Stream> read = read_stream(arguments.words().front());
  if (!read) return failed(read.error());
  std::uint64_t messages = 0;
  for (const Stream::Event& event : read->events) messages += event.kind == Stream::Event::Kind::message;
  if (messages == 0) return std::puts("no messages"), 0;
  const Lsn end{read->events.back().lsn.value + 1};
  read->add_keepalive(end);  // when it has left the sequencer, everything has
  const auto stream = std::make_shared<const Stream>(std::move(*read));
  if (stream->plugin != "wal2json")
    return failed({ErrorKind::wrong_setting, "no decoder for " + stream->plugin});

  const auto plugin = make_plugin("");
  NullPipeline::Settings settings{.decoders = arguments.number("decoders", 1), .queues = 1};
  settings.start = stream->events.front().lsn;
  if (arguments.has("print")) settings.first_queue = print;
  NullPipeline pipeline(std::make_unique<ReplaySource>(stream, *plugin), plugin, settings);
  pipeline.start();
  const auto& metrics = pipeline.metrics();
  const auto failed_meanwhile = [&] {
    return pipeline.wait_for(std::chrono::milliseconds(20)) && pipeline.error();
  };
  while (!failed_meanwhile() && metrics.sequencer.sequenced_lsn.value() < end.value) {
  }
  while (!failed_meanwhile() && !pipeline.error() &&
         metrics.queues[0].written_number.value() < metrics.sequencer.sequenced_number.value()) {
  }
  std::fflush(stdout);
  if (const auto error = pipeline.error()) return failed(*error);
  std::fprintf(stderr, "%llu messages, %llu of them delivered\n", static_cast<unsigned long long>(messages),
               static_cast<unsigned long long>(metrics.sequencer.changes.value()));
  return 0;
}

}  // namespace
}  // namespace realtime::bench

int main(int count, char** words) {
  const realtime::bench::Arguments arguments(count, words, {"print", "decoders"}, realtime::bench::kUsage);
  if (arguments.words().size() != 1) {
    std::fputs(realtime::bench::kUsage, stderr);
    return 2;
  }
  return realtime::bench::run(arguments);
}
