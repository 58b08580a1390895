#pragma once

#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

#include "postgres/pgoutput/framer.hpp"

namespace realtime::postgres {

/// PostgreSQL's own output plugin, with messages equal to wal2json's: the same text, so far as pgoutput tells
/// what wal2json writes. It cannot tell:
///   - generated columns before PostgreSQL 18: they are left out; an update or delete of a table whose
///     replica identity has one is left out as a whole, heard by the observer;
///   - rows of materialized views: no publication has them;
///   - what a type was called at the row: it is called what it is called when the table is first seen, or
///     altered, or when the catalog is next seen to have changed; one that was dropped before, what its
///     declaration in the stream tells (a domain: its base type; a table's row type: its bare name).
/// On the publisher a publication changes one thing: UPDATE and DELETE of a published table that has no
/// replica identity are refused, where wal2json leaves them out with a warning.
///
/// Constant after construction; any thread. What is given is called on the threads of framers and decoders.
class Pgoutput final : public OutputPlugin {
 public:
  struct Options {
    std::string publication = "hash_realtime";
    pgoutput::Monitored monitored;  ///< must not be empty
    pgoutput::Catalog catalog;      ///< used by one framer at a time
  };
  /// `observer` may be null.
  Pgoutput(Options options, OversizePolicy oversize, std::shared_ptr<DecodeObserver> observer)
      : options_(std::move(options)), oversize_(oversize), observer_(std::move(observer)) {}

  std::string_view name() const override { return "pgoutput"; }
  /// `transactions` changes nothing: every transaction that holds a published row comes with its begin.
  std::string start_options(bool transactions) const override;
  std::unique_ptr<Framer> make_framer() const override;
  std::unique_ptr<Decoder> make_decoder() const override;

 private:
  const Options options_;
  const OversizePolicy oversize_;
  const std::shared_ptr<DecodeObserver> observer_;
};

}  // namespace realtime::postgres
