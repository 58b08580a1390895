#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "postgres/pgoutput/wire.hpp"

namespace realtime::postgres::pgoutput {

/// One version of a table, prepared so that a row costs no more than copying: the pieces of its messages that
/// are the same for every row. Immutable once made; any thread.
struct Relation {
  enum class Kind : std::uint8_t { number, boolean, bytes, text };  ///< how a value becomes JSON
  struct Column {
    std::uint32_t begin, length;  ///< its piece
    Kind kind;
    bool key;  ///< part of the replica identity
  };
  std::string schema, name;
  std::string insert;  ///< {"action":"I","schema":"public","table":"t","columns":[
  std::string update;  ///< {"action":"U",... "columns":[
  std::string remove;  ///< {"action":"D",... "identity":[
  /// Of each column in turn: ,{"name":"id","type":"integer","value":
  /// and so much behind the last that a block can be read from any byte of them.
  std::string pieces;
  std::vector<Column> columns;
  bool has_generated_key;      ///< the replica identity has a column that is not sent
  bool has_whole_key = false;  ///< no part of the replica identity is missing among the columns
  /// No message is longer than this and its values' own text, once for an insert or a delete, twice for an
  /// update.
  std::size_t most_around_values = 0;

  /// `types` are the texts of format_type for the message's columns; `generated_key`: a generated column,
  /// which the message does not have, is part of the replica identity.
  Relation(const RelationMessage& message, const std::vector<std::string>& types, bool generated_key = false);
  /// Bytes of memory, about.
  std::size_t footprint() const;
};

/// The relations that the rows of one frame belong to, each in the version that held for it. In the frame's
/// rows the relation's OID is overwritten with its place in here, so rows before and after a change of the
/// table may stand in one frame, and no decoder ever looks at anything that still changes. Filled by the
/// framer while it fills the frame; immutable from then on.
struct FrameRelations {
  static constexpr std::uint32_t kNotMonitored = 0xFFFFFFFF;
  std::vector<std::shared_ptr<const Relation>> relations;

  const Relation* find(std::uint32_t place) const {
    return place < relations.size() ? relations[place].get() : nullptr;
  }
};

}  // namespace realtime::postgres::pgoutput
