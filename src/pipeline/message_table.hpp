#pragma once

#include <string>
#include <string_view>

namespace realtime {

/// The table that a message is of, "schema.table", read from the beginning of its text; "an unknown table"
/// where it names none. Pure.
std::string table_of_message(std::string_view message);

}  // namespace realtime
