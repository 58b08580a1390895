#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace realtime::postgres {

/// What an instance calls itself in pg_stat_activity: "hash-realtime/<version> <fingerprint>", at most 63
/// bytes (a longer one would be cut by the server). The fingerprint tells whether two instances do the same
/// work: queues, tables and Redis, as hexadecimal digits from the caller. Values; pure functions; any thread.
struct ApplicationName {
  std::string version;
  std::string fingerprint;

  bool operator==(const ApplicationName&) const = default;
};

inline constexpr std::string_view kApplicationPrefix = "hash-realtime/";
inline constexpr std::size_t kLongestApplicationName = 63;

/// What is not printable ASCII, or a space, becomes '?', as the server would do; too long a version is cut.
std::string format_application_name(const ApplicationName& name);
/// None where it is not one of ours.
std::optional<ApplicationName> parse_application_name(std::string_view text);

}  // namespace realtime::postgres
