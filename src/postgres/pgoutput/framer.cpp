#include "postgres/pgoutput/framer.hpp"

#include <exception>

namespace realtime::postgres::pgoutput {
namespace {

Error malformed(const WalMessage& message, std::string_view what) {
  return {ErrorKind::postgres_protocol, "the message at " + to_string(message.lsn) +
                                            " is not one of pgoutput's version 1: " + std::string(what)};
}

/// The payload of the message that was added last, which is the frame's own copy.
char* newest_payload(Frame& frame) {
  return frame.raw() + frame.events().back().offset;
}

}  // namespace

Status PgoutputFramer::add(const WalMessage& message, Frame& frame) {
  try {
    return add_known(message, frame);
  } catch (const std::exception&) {
    return malformed(message, "it could not be taken (out of memory?)");
  }
}

Status PgoutputFramer::add_known(const WalMessage& message, Frame& frame) {
  if (message.payload.empty()) return malformed(message, "it is empty");
  switch (message.payload[0]) {
    case 'I':
    case 'U':
    case 'D':
      return add_row(message, frame);
    case 'B':
      return begin(message, frame);
    case 'C':
      return commit(message, frame);
    case 'R':
      return learn_relation(message);
    case 'Y':
      return learn_type(message);
    case 'T':
      return add_truncate(message, frame);
    case 'O':
    case 'M':
      return ok();
    case 'b':  // and P, K, r: the slot was altered while nobody looked, see the check of it at the start
    case 'P':
    case 'K':
    case 'r':
      return Error{
          ErrorKind::slot_unsuitable,
          "the slot was made with two_phase: it sends what is prepared, which may never be committed",
          "`hash-realtime check` has the statements that make it one without."};
    default:
      return malformed(message, "an unknown kind");
  }
}

Status PgoutputFramer::begin(const WalMessage& message, Frame& frame) {
  FieldReader fields(message.payload.substr(1));
  fields.bytes(8);  // where the commit's record begins
  committed_us_ = static_cast<std::int64_t>(fields.int64());
  xid_ = fields.int32();
  if (!fields.good() || xid_ == 0) return malformed(message, "a begin without a transaction");
  if (Status status = relations_.begin(); !status) return status;
  frame.add_begin(xid_, message.lsn, committed_us_);
  return ok();
}

Status PgoutputFramer::commit(const WalMessage& message, Frame& frame) {
  FieldReader fields(message.payload.substr(1));
  fields.bytes(9);
  const Lsn end{fields.int64()};
  if (!fields.good() || xid_ == 0) return malformed(message, "a commit of nothing");
  xid_ = 0;
  relations_.committed(end);
  // What a keepalive says: everything below this has been sent, and later transactions commit at or after it.
  frame.add_keepalive(end);
  return ok();
}

Status PgoutputFramer::learn_type(const WalMessage& message) {
  const auto type = parse_type(message.payload.substr(1));
  if (!type) return malformed(message, "a type that cannot be read");
  relations_.declare(*type);
  return ok();
}

Status PgoutputFramer::learn_relation(const WalMessage& message) {
  const auto relation = parse_relation(message.payload.substr(1));
  if (!relation) return malformed(message, "a relation that cannot be read");
  return relations_.learn(*relation, message.payload.substr(1));
}

Status PgoutputFramer::add_row(const WalMessage& message, Frame& frame) {
  FieldReader fields(message.payload.substr(1));
  Known* const known = relations_.find(fields.int32());
  if (!fields.good() || known == nullptr) return malformed(message, "a row of an unknown relation");
  if (xid_ == 0) return malformed(message, "a row outside of any transaction");
  if (!known->relation) return ok();
  const std::uint32_t place = place_in(frame, *known);
  frame.add_message(message, xid_, committed_us_);
  overwrite_int32(newest_payload(frame) + 1, place);
  frame.expect_output(known->relation->most_around_values + message.payload.size());
  return ok();
}

Status PgoutputFramer::add_truncate(const WalMessage& message, Frame& frame) {
  FieldReader fields(message.payload.substr(1));
  const std::size_t count = fields.int32();
  fields.byte();
  std::vector<std::uint32_t> places;
  bool any = false;
  for (std::size_t i = 0; i < count && fields.good(); ++i) {
    Known* const known = relations_.find(fields.int32());
    const bool ours = known != nullptr && known->relation;
    places.push_back(ours ? place_in(frame, *known) : FrameRelations::kNotMonitored);
    any = any || ours;
  }
  if (!fields.good() || !fields.at_end()) return malformed(message, "a truncate that cannot be read");
  if (!any) return ok();
  frame.add_message(message, xid_, committed_us_);
  char* at = newest_payload(frame) + 1 + 4 + 1;
  for (const std::uint32_t place : places) {
    overwrite_int32(at, place);
    at += 4;
  }
  return ok();
}

std::uint32_t PgoutputFramer::place_in(Frame& frame, Known& known) {
  if (!frame.schema) frame.schema = std::make_shared<FrameRelations>();
  // The frame is still the reader's alone: nobody else sees the relations that we add to.
  auto& relations =
      const_cast<FrameRelations*>(static_cast<const FrameRelations*>(frame.schema.get()))->relations;
  if (known.place >= relations.size() || relations[known.place] != known.relation) {
    known.place = static_cast<std::uint32_t>(relations.size());
    relations.push_back(known.relation);
  }
  return known.place;
}

}  // namespace realtime::postgres::pgoutput
