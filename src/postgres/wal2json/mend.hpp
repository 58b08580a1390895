#pragma once

#include <string>
#include <string_view>

namespace realtime::postgres {

/// Appends a message with its raw type names escaped, so that it is valid JSON (see append_type_name); what
/// is right stays as it is. The slow and exact path, for messages of which has_unusual_type_name is true.
/// False where a type name is neither a JSON string nor the text of format_type; `out` is then of no use.
/// Any thread.
bool append_mended(std::string& out, std::string_view message);

}  // namespace realtime::postgres
