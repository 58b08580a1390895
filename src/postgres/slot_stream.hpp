#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "realtime/output_plugin.hpp"
#include "realtime/source.hpp"

#include "postgres/connection.hpp"
#include "postgres/replication_messages.hpp"

namespace realtime::postgres {

/// Called for every UPDATE or DELETE that wal2json leaves out because the table has no replica identity.
/// `table` is ready for a statement: "public"."r_nopk". On the thread that drains; once a row, so it only
/// counts.
using DroppedWithoutIdentity = std::function<void(std::string_view table)>;

/// A slot streamed over libpq. Owns its connection. The reader alone; no two threads at a time.
///
/// One drain reads until the socket is empty or the frame is full; PQconsumeInput takes at most 16 KB at a
/// time, so it loops. A message that does not fit waits here for the next frame. Keepalives that follow each
/// other become one.
class SlotStream final : public Source {
 public:
  struct Start {
    std::string slot;
    Lsn at;                     ///< stream from here; lower than the slot's own position counts as that
    bool transactions = false;  ///< OutputPlugin::start_options
    DroppedWithoutIdentity dropped_without_identity = {};
  };

  /// Sends START_REPLICATION over a replication connection and takes the connection.
  static Result<std::unique_ptr<SlotStream>> start(std::unique_ptr<Connection> connection, const Start& start,
                                                   const OutputPlugin& plugin);
  ~SlotStream() override;

  Result<Drained> drain(Frame& frame) override;
  Status send_status(Lsn received, Lsn confirmed, bool ask_reply) override;
  void close() override;
  int fd() const override;
  Duration longest_pause() const override { return longest_pause_; }
  std::size_t held_memory() const override { return largest_ > kUsualBuffer ? largest_ : 0; }

  /// The largest message since the connection began. Libpq's input buffer has grown to it and is given back
  /// only when the connection is closed.
  std::size_t largest_message() const { return largest_; }
  int backend_pid() const { return connection_ ? connection_->backend_pid() : 0; }

 private:
  static constexpr std::size_t kUsualBuffer = 4
                                              << 20;  ///< up to here libpq's buffer is not worth a reconnect
  SlotStream(std::unique_ptr<Connection> connection, const Start& start, std::unique_ptr<Framer> framer);
  enum class Next { message, nothing, ended };
  Result<Next> receive();
  Result<Next> end_of_copy();
  Result<bool> place(Frame& frame);
  Status flush();
  Error fail(Error error);
  Duration pause_of_socket() const;

  /// What PQgetCopyData gave and no frame has yet.
  struct Received {
    MallocBuffer buffer;
    ReplicationMessage message;
  };

  std::unique_ptr<Connection> connection_;
  std::unique_ptr<Framer> framer_;
  std::optional<Received> pending_;
  std::optional<Lsn> keepalive_;  ///< the newest since the last message, not yet in the frame
  std::optional<std::array<char, kStatusUpdateSize>> unsent_;
  std::optional<Error> failed_;
  std::optional<Error> noticed_;  ///< what a warning of the server has told: nothing after it may be taken
  bool ending_ = false;           ///< the copy has ended; its result is still to be read
  bool ended_ = false;
  Lsn seen_;       ///< the furthest position the server has spoken of
  Lsn confirmed_;  ///< never goes back
  std::size_t largest_ = 0;
  Duration longest_pause_;
};

}  // namespace realtime::postgres
