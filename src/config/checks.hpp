#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "config/options.hpp"

namespace realtime {

/// The number that the text is for this option (0 for texts), or std::nullopt if it is not allowed.
std::optional<std::uint64_t> checked_number(const Option& option, std::string_view text);

/// Why a value is refused, where more can be said than what is allowed: a URL or host:port as a host, what
/// Kubernetes sets as a port. Empty where there is nothing more to say. Shows no part of the value.
std::string hint(const Option& option, std::string_view variable, std::string_view text);

}  // namespace realtime
