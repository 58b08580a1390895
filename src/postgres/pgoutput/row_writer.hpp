#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "postgres/pgoutput/relation.hpp"

namespace realtime::postgres::pgoutput {

/// Whether the row, if it is an update or a delete, tells all of the identity of what it changed. Any thread.
bool identifies(const Relation& relation, std::string_view row);

/// The message of a row as wal2json writes it. `row` is pgoutput's message from its letter on, with the
/// relation's place instead of its OID. All three: any thread.

/// How many bytes it has, found by going through the row; nothing where the row does not fit its relation.
std::optional<std::size_t> row_size(const Relation& relation, std::string_view row);

/// A quick answer: not more than this.
std::size_t most_row_size(const Relation& relation, std::string_view row);

/// Writes it at `at`, where there is room for either size and TextWriter::kSpare bytes more; returns its end,
/// or null where the row does not fit its relation.
char* write_row(char* at, const Relation& relation, std::string_view row);

}  // namespace realtime::postgres::pgoutput
