#include "postgres/wal2json/decoder.hpp"

#include <exception>

#include "base/utf8_text.hpp"
#include "postgres/decoding/decode_events.hpp"
#include "postgres/wal2json/mend.hpp"
#include "postgres/wal2json/type_scan.hpp"

namespace realtime::postgres {
namespace {

/// Says what is wrong and where, and nothing of what the message holds.
Error malformed(const Frame::Event& event, std::string_view what) {
  return {ErrorKind::postgres_protocol,
          "the message at " + to_string(event.lsn) +
              " is not one of wal2json's format-version 2: " + std::string(what)};
}

}  // namespace

Status Wal2jsonDecoder::decode(Frame& frame) {
  try {
    BulkRun run(frame);
    Status status =
        decode_events(frame, [&](const Frame::Event& event) { return decode_message(frame, event, run); });
    run.finish();
    return status;
  } catch (const std::exception&) {  // its text could hold a piece of a row
    return Error{ErrorKind::postgres_protocol, "decoding wal2json's messages failed (out of memory?)"};
  }
}

Status Wal2jsonDecoder::decode_message(Frame& frame, const Frame::Event& event, BulkRun& run) {
  const std::string_view message = frame.payload(event);
  Wal2jsonHead head;
  if (!head_reader_.read(message, head)) return malformed(event, "it has no action and xid at its beginning");
  switch (head.action) {
    case 'I':
    case 'U':
    case 'D':
      return decode_change(event, message, head, run);
    case 'B':
      add_mark(frame, Mark::Kind::begin, head.xid, event.lsn, head.committed_us);
      return ok();
    case 'T':
      if (!head_reader_.read_names(message, names_))
        return malformed(event, "a truncate that names no table");
      if (observer_) observer_->truncate_ignored(names_.schema, names_.table, event.lsn);
      break;
    default:  // C and M
      break;
  }
  // No mark for what is not delivered. The LSN of a truncate or commit may lie beyond the commit of the last
  // row before it: a record with such a restart LSN could never be resumed from, for that row would not come
  // again.
  return ok();
}

Status Wal2jsonDecoder::decode_change(const Frame::Event& event, std::string_view message,
                                      const Wal2jsonHead& head, BulkRun& run) {
  if (message.size() - head.cut_length > oversize_.max_message_bytes) {
    return refuse_size(event, message, head, message.size() - head.cut_length, run);
  }
  if (!has_unusual_type_name(message) && is_utf8_text(message)) [[likely]] {
    run.add(event, head);
    return ok();
  }
  const Status status = decode_mended(event, message, head, run);
  for (std::string* kept : {&mended_, &valid_}) {
    if (kept->capacity() > Frame::kCapacity) std::string().swap(*kept);
  }
  return status;
}

/// The slow path: a text that may have to be written anew.
Status Wal2jsonDecoder::decode_mended(const Frame::Event& event, std::string_view message,
                                      const Wal2jsonHead& head, BulkRun& run) {
  mended_.assign(message.substr(0, head.cut_at));
  if (!append_mended(mended_, message.substr(head.cut_at + head.cut_length))) {
    return malformed(event, "a type name in it cannot be read");
  }
  bool changed = mended_.size() != message.size() - head.cut_length;  // else: escapes that are right
  if (!is_utf8_text(mended_)) {
    valid_.clear();
    const std::size_t replaced = append_utf8_text(valid_, mended_);
    mended_.swap(valid_);
    changed = true;
    if (!head_reader_.read_names(message, names_)) return malformed(event, "a change that names no table");
    if (observer_) observer_->text_mended(names_.schema, names_.table, replaced, event.lsn);
  }
  if (mended_.size() > oversize_.max_message_bytes)
    return refuse_size(event, message, head, mended_.size(), run);
  if (changed) {
    run.add_text(event, head, mended_);
  } else {
    run.add(event, head);
  }
  return ok();
}

Status Wal2jsonDecoder::refuse_size(const Frame::Event& event, std::string_view message,
                                    const Wal2jsonHead& head, std::size_t bytes, BulkRun& run) {
  if (!head_reader_.read_names(message, names_)) return malformed(event, "a change that names no table");
  if (!oversize_.skip) {
    return Error{ErrorKind::row_too_large, "a message of table " + names_.schema + "." + names_.table +
                                               " at " + to_string(event.lsn) + " has " +
                                               std::to_string(bytes) + " bytes, more than the " +
                                               std::to_string(oversize_.max_message_bytes) + " allowed"};
  }
  if (observer_) observer_->oversize_skipped(names_.schema, names_.table, bytes, event.lsn);
  run.add_nothing(event, head);
  return ok();
}

}  // namespace realtime::postgres
