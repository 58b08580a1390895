#pragma once

#include <string>
#include <string_view>

#include "realtime/error.hpp"

namespace realtime::redis {

/// The kind of an error reply ("OOM command not allowed ..."), from the one table of prefixes in replies.cpp.
/// An EXECABORT that names its cause is of the cause's kind. Any thread.
ErrorKind kind_of(std::string_view reply);

/// What of an error reply may be shown: printable, bounded, and without what Redis repeats of a command's
/// arguments, which may be row values.
std::string shown(std::string_view reply);

/// "<doing>: <the reply>" with the reply's kind, and a remedy where it can be more exact than the kind's.
Error error_from(std::string_view reply, std::string_view doing);

}  // namespace realtime::redis
