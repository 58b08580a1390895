#include "postgres/pgoutput/decoder.hpp"

#include <charconv>
#include <cstring>
#include <exception>

#include "postgres/pgoutput/row_writer.hpp"

namespace realtime::postgres::pgoutput {
namespace {

Error malformed(const Frame::Event& event, std::string_view what) {
  return {ErrorKind::postgres_protocol, "the message at " + to_string(event.lsn) +
                                            " is not one of pgoutput's version 1: " + std::string(what)};
}

Mark mark(const Frame& frame, Mark::Kind kind, std::uint32_t xid, Lsn lsn) {
  return {kind, xid, static_cast<std::uint32_t>(frame.changes.size()), lsn};
}

/// Writes "$437\r\n" at `begin`, where "$" and `room` digits' space were left, and moves the text after it
/// where its length has another number of digits. Returns that number.
std::size_t finish_head(TextOut& out, std::size_t begin, std::size_t room) {
  char digits[20];
  const std::size_t length = out.size() - begin - room - 3;
  const auto count =
      static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, length).ptr - digits);
  if (count != room)
    out.shift(begin + room + 3, static_cast<std::ptrdiff_t>(count) - static_cast<std::ptrdiff_t>(room));
  char* const head = out.at(begin);
  head[0] = '$';
  std::memcpy(head + 1, digits, count);
  head[1 + count] = '\r';
  head[2 + count] = '\n';
  return count;
}

}  // namespace

Status PgoutputDecoder::decode(Frame& frame) {
  try {
    TextOut out(frame.output);
    Status status = decode_events(frame, out);
    out.finish();
    frame.encoded = frame.output.data();
    return status;
  } catch (const std::exception&) {  // its text could hold a piece of a row
    return Error{ErrorKind::postgres_protocol, "decoding pgoutput's messages failed (out of memory?)"};
  }
}

Status PgoutputDecoder::decode_events(Frame& frame, TextOut& out) {
  static const FrameRelations none;
  const auto* const schema = static_cast<const FrameRelations*>(frame.schema.get());
  const FrameRelations& relations = schema != nullptr ? *schema : none;
  for (const Frame::Event& event : frame.events()) {
    switch (event.kind) {
      case Frame::Event::Kind::message:
        if (Status status = decode_message(frame, event, relations, out); !status) return status;
        break;
      case Frame::Event::Kind::keepalive:
        frame.marks.push_back(mark(frame, Mark::Kind::keepalive, 0, event.lsn));
        break;
      case Frame::Event::Kind::begin:
        frame.marks.push_back(mark(frame, Mark::Kind::begin, event.xid, event.lsn));
        break;
    }
  }
  return ok();
}

Status PgoutputDecoder::decode_message(Frame& frame, const Frame::Event& event,
                                       const FrameRelations& relations, TextOut& out) {
  const std::string_view message = frame.payload(event);
  if (message.empty()) return malformed(event, "it is empty");
  if (message[0] == 'T') {
    hear_truncate(event, message, relations);
    return ok();
  }
  FieldReader fields(message.substr(1));
  const Relation* const relation = relations.find(fields.int32());
  if (!fields.good() || relation == nullptr) return malformed(event, "a row without a relation");
  return decode_row(frame, event, *relation, out);
}

Status PgoutputDecoder::decode_row(Frame& frame, const Frame::Event& event, const Relation& relation,
                                   TextOut& out) {
  const std::size_t begin = out.size();
  out.append(std::string_view("$0000000000\r\n").substr(0, 1 + usual_digits_ + 2));
  const std::size_t text = out.size();
  switch (write_row(out, relation, frame.payload(event), oversize_.max_message_bytes)) {
    case Written::whole:
      break;
    case Written::malformed:
      return malformed(event, "a row that does not fit its relation");
    case Written::too_large: {
      const std::size_t bytes = std::max<std::size_t>(out.size() - text, event.length);
      out.cut(begin);
      return refuse_size(frame, event, relation, bytes, begin);
    }
  }
  usual_digits_ = finish_head(out, begin, usual_digits_);
  out.append("\r\n");
  frame.changes.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(out.size() - begin),
                           event.xid, 0, event.lsn});
  return ok();
}

Status PgoutputDecoder::refuse_size(Frame& frame, const Frame::Event& event, const Relation& relation,
                                    std::size_t bytes, std::size_t at) {
  if (!oversize_.skip) {
    return Error{ErrorKind::row_too_large,
                 "a message of table " + relation.schema + "." + relation.name + " at " +
                     to_string(event.lsn) + " has " + std::to_string(bytes) +
                     " bytes or more, the most allowed are " + std::to_string(oversize_.max_message_bytes)};
  }
  if (observer_) observer_->oversize_skipped(relation.schema, relation.name, bytes, event.lsn);
  frame.changes.push_back({static_cast<std::uint32_t>(at), 0, event.xid, 0, event.lsn});
  return ok();
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
