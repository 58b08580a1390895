// stream_capture: writes what a slot sends into a file, for benchmarks (REALTIME_BENCH_STREAM) and bug
// reports. It reads a temporary copy of the slot and confirms nothing: the slot does not move and may be in
// use.
#include <csignal>
#include <cstdio>

#include <poll.h>

#include "capture/arguments.hpp"
#include "capture/slot_copy.hpp"
#include "support/stream_file.hpp"

namespace realtime::bench {
namespace {

constexpr const char* kUsage =
    "stream_capture --slot=NAME [--tables=public.*] [--messages=N] [--idle=SECONDS] FILE\n"
    "  PostgreSQL is found through HASH_PG_HOST, HASH_PG_PORT, HASH_PG_USER, HASH_PG_PASSWORD, "
    "HASH_PG_DATABASE.\n"
    "  Ends after N messages (100000), after SECONDS (3) without one, or with Ctrl-C.\n"
    "  FILE is made, readable by you alone. It holds the contents of rows: treat it as you treat the "
    "database.\n";

volatile std::sig_atomic_t interrupted = 0;

/// The real framer, and beside it the file: a message is written as it came, a keepalive as the frame has it.
class CapturingFramer final : public Framer {
 public:
  CapturingFramer(std::unique_ptr<Framer> framer, StreamFile& file, std::uint64_t& messages)
      : framer_(std::move(framer)), file_(file), messages_(messages) {}

  Status add(const WalMessage& message, Frame& frame) override {
    for (const Frame::Event& event : frame.events()) {
      if (event.kind == Frame::Event::Kind::keepalive) file_.keepalive(event.lsn);
    }
    frame.clear();  // all of it is in the file
    file_.message(message.lsn, message.sent_at_us, message.payload);
    ++messages_;
    return framer_->add(message, frame);
  }

 private:
  const std::unique_ptr<Framer> framer_;
  StreamFile& file_;
  std::uint64_t& messages_;
};

class CapturingPlugin final : public OutputPlugin {
 public:
  CapturingPlugin(std::shared_ptr<const OutputPlugin> plugin, StreamFile& file, std::uint64_t& messages)
      : plugin_(std::move(plugin)), file_(file), messages_(messages) {}

  std::string_view name() const override { return plugin_->name(); }
  std::string start_options(bool transactions) const override { return plugin_->start_options(transactions); }
  std::unique_ptr<Framer> make_framer() const override {
    return std::make_unique<CapturingFramer>(plugin_->make_framer(), file_, messages_);
  }
  std::unique_ptr<Decoder> make_decoder() const override { return plugin_->make_decoder(); }

 private:
  const std::shared_ptr<const OutputPlugin> plugin_;
  StreamFile& file_;
  std::uint64_t& messages_;
};

int run(const Arguments& arguments) {
  const auto plugin = make_plugin(arguments.text("tables", "public.*"));
  const std::uint64_t wanted = arguments.number("messages", 100'000);
  const auto idle = std::chrono::seconds(arguments.number("idle", 3));
  auto file = StreamFile::create(arguments.words().front(), plugin->name());
  if (!file) return failed(file.error());

  std::uint64_t messages = 0;
  const CapturingPlugin capturing(plugin, *file, messages);
  auto stream = stream_copy(postgres_from_environment(), arguments.text("slot", "realtime"), capturing);
  if (!stream) return failed(stream.error());

  Frame frame;
  auto last_message = std::chrono::steady_clock::now();
  auto last_status = last_message;
  std::optional<Error> error;
  while (messages < wanted && interrupted == 0) {
    const std::uint64_t before = messages;
    const auto drained = (*stream)->drain(frame);
    for (const Frame::Event& event : frame.events()) {
      if (event.kind == Frame::Event::Kind::keepalive) file->keepalive(event.lsn);
    }
    frame.clear();
    if (!drained) error = drained.error();
    if (!drained || *drained == Drained::ended) break;
    const auto now = std::chrono::steady_clock::now();
    if (messages > before) last_message = now;
    if (now - last_message > idle) break;
    if (now - last_status > std::chrono::seconds(1)) {
      last_status = now;
      if (Status sent = (*stream)->send_status({}, {}, false); !sent)
        error = sent.error();  // alive; confirms nothing
    }
    pollfd socket{(*stream)->fd(), POLLIN, 0};
    if (*drained == Drained::emptied) poll(&socket, 1, 100);
  }
  (*stream)->close();
  if (Status closed = file->close(); !closed) return failed(closed.error());
  std::printf("%llu messages\n", static_cast<unsigned long long>(messages));
  return error ? failed(*error) : 0;
}

}  // namespace
}  // namespace realtime::bench

int main(int count, char** words) {
  const realtime::bench::Arguments arguments(count, words, {"slot", "tables", "messages", "idle"},
                                             realtime::bench::kUsage);
  if (arguments.words().size() != 1) {
    std::fputs(realtime::bench::kUsage, stderr);
    return 2;
  }
  std::signal(SIGINT, [](int) { realtime::bench::interrupted = 1; });
  return realtime::bench::run(arguments);
}
