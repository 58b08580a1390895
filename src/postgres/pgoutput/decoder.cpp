#include "postgres/pgoutput/decoder.hpp"

#include <cstring>
#include <exception>

#include "base/utf8_text.hpp"
#include "postgres/decoding/decode_events.hpp"
#include "postgres/pgoutput/row_writer.hpp"

namespace realtime::postgres::pgoutput {
namespace {

Error malformed(const Frame::Event& event, std::string_view what) {
  return {ErrorKind::postgres_protocol, "the message at " + to_string(event.lsn) +
                                            " is not one of pgoutput's version 1: " + std::string(what)};
}

/// Longer rows are gone through twice, so that no more memory is taken than they need.
constexpr std::size_t kLongRow = 16 * 1024;

}  // namespace

Status PgoutputDecoder::decode(Frame& frame) {
  try {
    static const FrameRelations none;
    const auto* const schema = static_cast<const FrameRelations*>(frame.schema.get());
    const FrameRelations& relations = schema != nullptr ? *schema : none;
    TextRun run(room_);
    Status status = decode_events(
        frame, [&](const Frame::Event& event) { return decode_message(frame, event, relations, run); });
    run.give_to(frame);
    return status;
  } catch (const std::exception&) {  // its text could hold a piece of a row
    return Error{ErrorKind::postgres_protocol, "decoding pgoutput's messages failed (out of memory?)"};
  }
}

Status PgoutputDecoder::decode_message(Frame& frame, const Frame::Event& event,
                                       const FrameRelations& relations, TextRun& run) {
  const std::string_view message = frame.payload(event);
  if (message.empty()) return malformed(event, "it is empty");
  if (message[0] == 'T') {
    hear_truncate(event, message, relations);
    return ok();
  }
  FieldReader fields(message.substr(1));
  const Relation* const relation = relations.find(fields.int32());
  if (!fields.good() || relation == nullptr) return malformed(event, "a row without a relation");
  return decode_row(frame, event, *relation, run);
}

Status PgoutputDecoder::decode_row(Frame& frame, const Frame::Event& event, const Relation& relation,
                                   TextRun& run) {
  const std::string_view row = frame.payload(event);
  if (!identifies(relation, row)) [[unlikely]] {
    if (observer_) observer_->identity_incomplete(relation.schema, relation.name, event.lsn);
    return pass_over(frame, event, run.size());
  }
  std::size_t most = most_row_size(relation, row);
  if (row.size() > kLongRow) [[unlikely]] {
    const std::optional<std::size_t> exact = row_size(relation, row);
    if (!exact) return malformed(event, "a row that does not fit its relation");
    if (*exact > oversize_.max_message_bytes) return refuse_size(frame, event, relation, *exact, run.size());
    most = *exact;
  }
  const std::size_t begin = run.size();
  const char* end = write_row(run.begin_bulk(most, usual_digits_), relation, row);
  if (end == nullptr) return malformed(event, "a row that does not fit its relation");
  if (!is_utf8_text(run.bulk(end))) [[unlikely]]
    end = mend(event, relation, run, end);
  if (run.bulk_size(end) > oversize_.max_message_bytes) [[unlikely]]
    return refuse_size(frame, event, relation, run.bulk_size(end), begin);
  usual_digits_ = run.end_bulk(end);
  frame.changes.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(run.size() - begin),
                           event.xid, 0, event.lsn, event.committed_us});
  return ok();
}

Status PgoutputDecoder::refuse_size(Frame& frame, const Frame::Event& event, const Relation& relation,
                                    std::size_t bytes, std::size_t at) {
  if (!oversize_.skip) {
    return Error{ErrorKind::row_too_large, "a message of table " + relation.schema + "." + relation.name +
                                               " at " + to_string(event.lsn) + " has " +
                                               std::to_string(bytes) + " bytes, more than the " +
                                               std::to_string(oversize_.max_message_bytes) + " allowed"};
  }
  if (observer_) observer_->oversize_skipped(relation.schema, relation.name, bytes, event.lsn);
  return pass_over(frame, event, at);
}

/// A change that takes a number, as it does with wal2json, and is not delivered.
Status PgoutputDecoder::pass_over(Frame& frame, const Frame::Event& event, std::size_t at) {
  frame.changes.push_back({static_cast<std::uint32_t>(at), 0, event.xid, 0, event.lsn, event.committed_us});
  return ok();
}

/// Writes the message that was begun anew, as valid UTF-8; gives its end.
const char* PgoutputDecoder::mend(const Frame::Event& event, const Relation& relation, TextRun& run,
                                  const char* end) {
  mended_.clear();
  const std::size_t replaced = append_utf8_text(mended_, run.bulk(end));
  if (observer_) observer_->text_mended(relation.schema, relation.name, replaced, event.lsn);
  char* const at = run.begin_bulk(mended_.size(), usual_digits_);
  std::memcpy(at, mended_.data(), mended_.size());
  const char* const new_end = at + mended_.size();
  if (mended_.capacity() > Frame::kCapacity) std::string().swap(mended_);
  return new_end;
}

void PgoutputDecoder::hear_truncate(const Frame::Event& event, std::string_view message,
                                    const FrameRelations& relations) {
  FieldReader fields(message.substr(1));
  const std::size_t count = fields.int32();
  fields.byte();
  for (std::size_t i = 0; i < count && fields.good(); ++i) {
    const Relation* const relation = relations.find(fields.int32());
    if (relation != nullptr && observer_)
      observer_->truncate_ignored(relation->schema, relation->name, event.lsn);
  }
}

}  // namespace realtime::postgres::pgoutput
