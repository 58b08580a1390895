#pragma once

#include <cstddef>
#include <string_view>

#include "postgres/pgoutput/relation.hpp"
#include "postgres/pgoutput/text_out.hpp"

namespace realtime::postgres::pgoutput {

/// Appends the message of a row, as wal2json writes it, to `out`. `row` is the message from its letter on,
/// with the relation's place instead of its OID. Stops early once it has written more than `most` bytes. Any
/// thread.
enum class Written { whole, too_large, malformed };
Written write_row(TextOut& out, const Relation& relation, std::string_view row, std::size_t most);

}  // namespace realtime::postgres::pgoutput
