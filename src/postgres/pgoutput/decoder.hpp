#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

#include "postgres/pgoutput/relation.hpp"
#include "postgres/pgoutput/text_run.hpp"

namespace realtime::postgres::pgoutput {

/// Writes the rows of a frame into frame.output as wal2json would write them. One thread an instance; needs
/// nothing but the frame, so any number of them may work on neighbouring frames.
class PgoutputDecoder final : public Decoder {
 public:
  PgoutputDecoder(OversizePolicy oversize, std::shared_ptr<DecodeObserver> observer)
      : oversize_(oversize), observer_(std::move(observer)) {}

  Status decode(Frame& frame) override;

 private:
  Status decode_message(Frame& frame, const Frame::Event& event, const FrameRelations& relations,
                        TextRun& run);
  Status decode_row(Frame& frame, const Frame::Event& event, const Relation& relation, TextRun& run);
  Status pass_over(Frame& frame, const Frame::Event& event, std::size_t at);
  const char* mend(const Frame::Event& event, const Relation& relation, TextRun& run, const char* end);
  Status refuse_size(Frame& frame, const Frame::Event& event, const Relation& relation, std::size_t bytes,
                     std::size_t at);
  void hear_truncate(const Frame::Event& event, std::string_view message, const FrameRelations& relations);

  const OversizePolicy oversize_;
  const std::shared_ptr<DecodeObserver> observer_;
  std::string mended_;
  std::string room_;              ///< where the run is written; see TextRun
  std::size_t usual_digits_ = 3;  ///< of a message's length: how much room its RESP head will need
};

}  // namespace realtime::postgres::pgoutput
