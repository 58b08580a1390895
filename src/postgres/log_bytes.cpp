#include "postgres/log_bytes.hpp"

#include <array>

#include <libpq-fe.h>
#include <openssl/evp.h>

#include "realtime/frame.hpp"

#include "base/check.hpp"
#include "net/wait_for_socket.hpp"
#include "postgres/replication_messages.hpp"

namespace realtime::postgres {
namespace {

using std::chrono::steady_clock;

/// What the server sends past what we want before it hears that we want no more: its socket's buffers.
constexpr std::size_t kMostUnwanted = std::size_t{64} << 20;

LogRead failed(LogRefusal refusal, std::string why) {
  return {{}, refusal, std::move(why)};
}
LogRead failed(const Error& error) {
  return failed(log_refusal(error), error.message);
}

/// One copy of the log over a connection, from its START_REPLICATION to its end.
class LogCopy {
 public:
  LogCopy(Connection& connection, Lsn from, std::size_t wanted, steady_clock::time_point until)
      : connection_(connection), from_(from), wanted_(wanted), until_(until) {}

  LogRead read() {
    while (bytes_.size() < wanted_) {
      const Status got = take_message();
      if (!got) return failed(got.error());
      if (over_) return failed(LogRefusal::failed, "the server ended its log at " + to_string(reached()));
    }
    if (PQputCopyEnd(connection_.raw(), nullptr) != 1) return failed(connection_.last_error());
    while (!over_) {
      if (const Status got = take_message(); !got) return failed(got.error());
    }
    if (const Status ended = finish(); !ended) return failed(ended.error());
    bytes_.resize(wanted_);
    return {std::move(bytes_), std::nullopt, {}};
  }

 private:
  Lsn reached() const { return {from_.value + bytes_.size()}; }

  /// One message, or the copy's end.
  Status take_message() {
    for (;;) {
      char* raw = nullptr;
      const int length = PQgetCopyData(connection_.raw(), &raw, 1);
      if (length > 0) {
        const MallocBuffer buffer(raw);
        return take({raw, static_cast<std::size_t>(length)});
      }
      if (length == -2) return connection_.last_error();
      if (length == -1) {
        over_ = true;
        return bytes_.size() < wanted_ ? finish() : ok();
      }
      if (Status waited = wait(); !waited) return waited;
    }
  }

  Status take(std::string_view message) {
    const Result<ReplicationMessage> parsed = parse_replication_message(message);
    if (!parsed) return parsed.error();
    const auto* data = std::get_if<XLogData>(&*parsed);
    if (data == nullptr) return ok();
    received_ += data->payload.size();
    if (received_ > wanted_ + kMostUnwanted)
      return Error{ErrorKind::postgres_protocol, "the server does not end its log"};
    if (bytes_.size() >= wanted_) return ok();
    if (data->start != reached())
      return Error{ErrorKind::postgres_protocol, "the server sent its log from " + to_string(data->start) +
                                                     ", not from " + to_string(reached())};
    bytes_.append(data->payload.substr(0, wanted_ - bytes_.size()));
    return ok();
  }

  /// Reads the results behind the copy, so that the connection is free for the next command.
  Status finish() {
    for (int results = 0; results < 8; ++results) {
      while (PQisBusy(connection_.raw())) {
        if (Status waited = wait(); !waited) return waited;
      }
      const ResultPtr result(PQgetResult(connection_.raw()));
      if (!result) return ok();
      if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) return connection_.error_of(result.get());
      if (PQresultStatus(result.get()) == PGRES_COPY_IN && PQputCopyEnd(connection_.raw(), nullptr) != 1)
        return connection_.last_error();
    }
    return Error{ErrorKind::postgres_protocol, "the end of the log's copy was not understood"};
  }

  Status wait() {
    const int behind = PQflush(connection_.raw());
    if (behind < 0) return connection_.last_error();
    switch (net::wait_for_socket(connection_.fd(), true, behind == 1, connection_.stop_fd(), until_)) {
      case net::Woken::stopped:
        return Error{ErrorKind::stopped, "stopped while PostgreSQL's log was read"};
      case net::Woken::late:
        return Error{ErrorKind::postgres_unreachable, "PostgreSQL did not send its log in time"};
      case net::Woken::ready:
        break;
    }
    if (PQconsumeInput(connection_.raw()) == 0) return connection_.last_error();
    return ok();
  }

  Connection& connection_;
  const Lsn from_;
  const std::size_t wanted_;
  const steady_clock::time_point until_;
  std::string bytes_;
  std::size_t received_ = 0;
  bool over_ = false;
};

}  // namespace

LogRefusal log_refusal(const Error& error) {
  switch (error.kind) {
    case ErrorKind::slot_lost:  // "requested WAL segment … has already been removed"
      return LogRefusal::removed;
    case ErrorKind::postgres_right_missing:
    case ErrorKind::postgres_no_free_walsender:
    case ErrorKind::postgres_pooler:
      return LogRefusal::refused;
    case ErrorKind::postgres_starting:
      return LogRefusal::stopping;
    default:
      return LogRefusal::failed;
  }
}

LogRead read_log(Connection& connection, Lsn from, Lsn to, std::uint32_t timeline,
                 std::chrono::milliseconds timeout) {
  RT_CHECK(from < to && to.value - from.value <= kMostLogBytes, "a short piece of the log is asked for");
  if (Status begun = connection.start_copy("START_REPLICATION PHYSICAL " + to_string(from) + " TIMELINE " +
                                           std::to_string(timeline));
      !begun)
    return failed(begun.error());
  return LogCopy(connection, from, to.value - from.value, steady_clock::now() + timeout).read();
}

LogHash hash_log_bytes(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr);
  RT_CHECK(done == 1 && size >= 16, "SHA-256 is always there");
  LogHash hash;
  for (std::size_t i = 0; i < 8; ++i) hash.high = hash.high << 8 | digest[i];
  for (std::size_t i = 8; i < 16; ++i) hash.low = hash.low << 8 | digest[i];
  hash.bytes = static_cast<std::uint32_t>(bytes.size());
  return hash;
}

}  // namespace realtime::postgres
