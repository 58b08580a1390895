#include "config/shown_value.hpp"

#include <algorithm>

#include <unistd.h>

#include "config/masking.hpp"
#include "config/units.hpp"

namespace realtime {
namespace {

using enum OptionId;

constexpr std::string_view kMask = "***";

bool exists(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

bool is_port(std::string_view text) {
  const auto number = text.size() <= 5 ? parse_count(text) : std::nullopt;
  return number && *number > 0 && *number <= 65535;
}

/// "user:password" as "user:***".
std::string without_password(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::string(text);
  const bool is_ipv6 = std::count(text.begin(), text.end(), ':') > 1 &&
                       text.substr(0, text.find('%')).find_first_not_of("0123456789ABCDEFabcdef:.[]") ==
                           std::string_view::npos;
  if (is_ipv6 || is_port(text.substr(colon + 1))) return std::string(text);
  return std::string(text.substr(0, colon + 1)) + std::string(kMask);
}

bool is_name_of_somebody(const Option& row) {
  return row.kind == OptionKind::host || row.kind == OptionKind::host_or_directory || row.id == pg_user ||
         row.id == redis_username;
}

}  // namespace

std::string shown_path(std::string_view path) {
  const std::string whole(path);
  const std::size_t slash = whole.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : whole.substr(0, slash + 1);
  const bool is_path = exists(whole) || (whole.starts_with('/') && folder.size() > 1 && exists(folder));
  return is_path ? printable(path) : std::string(kMask);
}

std::string shown_value(const Option& row, std::string_view text, std::size_t limit) {
  if (text.empty()) return {};
  if (row.secret) return std::string(kMask);
  if (row.id == pg_password_file || row.id == redis_password_file) return shown_path(text);
  // Where there is an @, printable() knows better where the password ends.
  if (is_name_of_somebody(row) && text.find('@') == std::string_view::npos)
    return printable(without_password(text), limit);
  return printable(text, limit);
}

}  // namespace realtime
