#pragma once

#include <string>
#include <string_view>

#include "config/options.hpp"

namespace realtime {

/// The value of a setting as a message or a list of settings may show it: printable(), and more by what the
/// setting is for. A secret is ***; of a host or user "name:password" what follows the colon is, unless it is
/// a port; so is a password file that cannot be one, because it may be the password itself. Any thread.
std::string shown_value(const Option& option, std::string_view text, std::size_t limit = 200);

/// The path of a password file, or *** where neither it nor its folder exists. Any thread; looks at the file
/// system.
std::string shown_path(std::string_view path);

}  // namespace realtime
