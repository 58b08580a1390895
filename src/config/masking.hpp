#pragma once

#include <string>
#include <string_view>

namespace realtime {

/// A value of a setting as a message may show it: what looks like a password in it is *** (the user part of a
/// URL or of user:password@host, a query, whatever follows "password ="), controls are escaped, and it is cut
/// at `limit` bytes. For values of settings that are no secret; those are never shown at all. Pure; any
/// thread.
std::string printable(std::string_view value, std::size_t limit = 200);

/// Whether it is a URL, or holds "password =" as libpq's connection strings do: no setting is meant to. Pure.
bool is_connection_string(std::string_view value);

}  // namespace realtime
