#pragma once

#include <memory>

#include "realtime/output_plugin.hpp"

#include "postgres/pgoutput/relation.hpp"
#include "postgres/pgoutput/text_out.hpp"

namespace realtime::postgres::pgoutput {

/// Writes the rows of a frame into frame.output as wal2json would write them. One thread an instance; needs
/// nothing but the frame, so any number of them may work on neighbouring frames.
class PgoutputDecoder final : public Decoder {
 public:
  PgoutputDecoder(OversizePolicy oversize, std::shared_ptr<DecodeObserver> observer)
      : oversize_(oversize), observer_(std::move(observer)) {}

  Status decode(Frame& frame) override;

 private:
  Status decode_events(Frame& frame, TextOut& out);
  Status decode_message(Frame& frame, const Frame::Event& event, const FrameRelations& relations,
                        TextOut& out);
  Status decode_row(Frame& frame, const Frame::Event& event, const Relation& relation, TextOut& out);
  Status refuse_size(Frame& frame, const Frame::Event& event, const Relation& relation, std::size_t bytes,
                     std::size_t at);
  void hear_truncate(const Frame::Event& event, std::string_view message, const FrameRelations& relations);

  const OversizePolicy oversize_;
  const std::shared_ptr<DecodeObserver> observer_;
  std::size_t usual_digits_ = 3;  ///< of a message's length: how much room its RESP head will need
};

}  // namespace realtime::postgres::pgoutput
