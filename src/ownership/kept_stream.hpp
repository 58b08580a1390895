#pragma once

#include <deque>
#include <memory>

#include "realtime/source.hpp"

namespace realtime {

/// A stream of which the first drains have been read already: gives those, then goes on with the stream. Owns
/// both. Called by one thread at a time, as any Source.
class KeptStream final : public Source {
 public:
  KeptStream(std::unique_ptr<Source> stream, std::deque<std::unique_ptr<Frame>> kept)
      : stream_(std::move(stream)), kept_(std::move(kept)) {}

  Result<Drained> drain(Frame& frame) override;
  Status send_status(Lsn received, Lsn confirmed, bool ask_reply) override {
    return stream_->send_status(received, confirmed, ask_reply);
  }
  void close() override { stream_->close(); }
  std::size_t held_memory() const override { return stream_->held_memory(); }
  Duration longest_pause() const override { return stream_->longest_pause(); }
  int fd() const override { return stream_->fd(); }
  /// The stream behind what was kept; not to be drained past it.
  Source& stream() { return *stream_; }

 private:
  std::unique_ptr<Source> stream_;
  std::deque<std::unique_ptr<Frame>> kept_;  ///< undecoded, in order
};

}  // namespace realtime
