#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"
#include "realtime/position.hpp"

namespace realtime::postgres {

/// The output plugin wal2json 2.5, format-version 2. Its text is what is delivered, byte for byte as with its
/// default options (less mended type names, see append_type_name). We ask for one more thing, the xid, which
/// names a change, and for fewer messages: no begin and commit, which would cost two more sends a
/// transaction, and no logical messages. Constant after construction; any thread.
class Wal2json final : public OutputPlugin {
 public:
  /// `observer` may be null.
  Wal2json(const Filter& filter, OversizePolicy oversize, std::shared_ptr<DecodeObserver> observer)
      : tables_(filter.tables),
        excluded_(filter.excluded),
        oversize_(oversize),
        observer_(std::move(observer)) {}

  std::string_view name() const override { return "wal2json"; }
  std::string start_options(bool transactions) const override;
  std::unique_ptr<Framer> make_framer() const override;
  std::unique_ptr<Decoder> make_decoder() const override;

 private:
  const std::string tables_, excluded_;
  const OversizePolicy oversize_;
  const std::shared_ptr<DecodeObserver> observer_;
};

}  // namespace realtime::postgres
