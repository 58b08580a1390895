#pragma once

#include <string>
#include <string_view>

#include "config/options.hpp"

namespace realtime {

/// What a value of this option may be: "a port from 1 to 65535".
std::string allowed_words(const Option& option);
/// The default for people: "5432", "none", "from the cores", "required".
std::string default_words(const Option& option);

std::string_view group_title(OptionGroup group);

}  // namespace realtime
