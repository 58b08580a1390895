#include "postgres/application_name.hpp"

#include <algorithm>

namespace realtime::postgres {
namespace {

constexpr std::size_t kLongestFingerprint = 32;

std::string plain(std::string_view text, std::size_t most) {
  std::string copy(text.substr(0, most));
  std::replace_if(
      copy.begin(), copy.end(), [](char c) { return c <= ' ' || c >= 0x7F; }, '?');
  return copy;
}

}  // namespace

std::string format_application_name(const ApplicationName& name) {
  const std::string fingerprint = plain(name.fingerprint, kLongestFingerprint);
  const std::size_t room = kLongestApplicationName - kApplicationPrefix.size() - 1 - fingerprint.size();
  return std::string(kApplicationPrefix) + plain(name.version, room) + " " + fingerprint;
}

std::optional<ApplicationName> parse_application_name(std::string_view text) {
  if (!text.starts_with(kApplicationPrefix) || text.size() > kLongestApplicationName) return std::nullopt;
  text.remove_prefix(kApplicationPrefix.size());
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || space == 0 || space + 1 == text.size()) return std::nullopt;
  if (text.find(' ', space + 1) != std::string_view::npos) return std::nullopt;
  return ApplicationName{std::string(text.substr(0, space)), std::string(text.substr(space + 1))};
}

}  // namespace realtime::postgres
