#pragma once

#include <functional>
#include <memory>

#include "realtime/output_plugin.hpp"
#include "realtime/source.hpp"

#include "support/stream.hpp"

namespace realtime::bench {

/// Plays a stream from memory as fast as it is read, `laps` times, each lap further in the log than the one
/// before. After the last one there is nothing more to read, as on an idle slot. The reader alone.
class ReplaySource final : public Source {
 public:
  ReplaySource(std::shared_ptr<const Stream> stream, const OutputPlugin& plugin, std::size_t laps = 1,
               std::function<void(std::size_t)> on_lap = {});
  ~ReplaySource() override;

  Result<Drained> drain(Frame& frame) override;
  Status send_status(Lsn, Lsn, bool) override { return ok(); }
  void close() override {}
  int fd() const override { return readable_; }

 private:
  Status add(const Stream::Event& event, Frame& frame);

  const std::shared_ptr<const Stream> stream_;
  const std::unique_ptr<Framer> framer_;
  const std::size_t laps_;
  const std::function<void(std::size_t)> on_lap_;  ///< called when a lap begins
  std::size_t lap_ = 0;
  std::size_t next_ = 0;
  std::uint64_t shift_ = 0;  ///< of this lap's LSNs
  int readable_ = -1;        ///< an eventfd, readable until the end
};

}  // namespace realtime::bench
