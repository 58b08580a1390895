#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

#include "postgres/wal2json/bulk_run.hpp"
#include "postgres/wal2json/head.hpp"

namespace realtime::postgres {

/// Reads no more of a message than its head: wal2json's text is the message that is delivered, less the xid.
/// What is no JSON in it is mended: type names, and text that is not UTF-8.
/// One thread an instance.
class Wal2jsonDecoder final : public Decoder {
 public:
  Wal2jsonDecoder(OversizePolicy oversize, std::shared_ptr<DecodeObserver> observer)
      : oversize_(oversize), observer_(std::move(observer)) {}

  Status decode(Frame& frame) override;

 private:
  Status decode_message(Frame& frame, const Frame::Event& event, BulkRun& run);
  Status decode_change(const Frame::Event& event, std::string_view message, const Wal2jsonHead& head,
                       BulkRun& run);
  Status decode_mended(const Frame::Event& event, std::string_view message, const Wal2jsonHead& head,
                       BulkRun& run);
  Status refuse_size(const Frame::Event& event, std::string_view message, const Wal2jsonHead& head,
                     std::size_t bytes, BulkRun& run);

  const OversizePolicy oversize_;
  const std::shared_ptr<DecodeObserver> observer_;
  HeadReader head_reader_;
  HeadReader::Names names_;
  std::string mended_, valid_;
};

}  // namespace realtime::postgres
