#include "http/json.hpp"

#include <cstdio>
#include <ctime>

namespace realtime::http {

void Json::string(std::string_view value) {
  if (is_utf8(value)) {
    writer_.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    return;
  }
  std::string mended;
  while (!value.empty()) {
    const std::size_t length = utf8_length(value);
    mended += length == 0 ? std::string_view("\xEF\xBF\xBD") : value.substr(0, length);
    value.remove_prefix(length == 0 ? 1 : length);
  }
  writer_.String(mended.data(), static_cast<rapidjson::SizeType>(mended.size()));
}

/// RFC 3339, UTC, milliseconds; the epoch itself is "not known".
Json& Json::time(std::string_view name, std::chrono::system_clock::time_point value) {
  if (value.time_since_epoch().count() == 0) return null(name);
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(value.time_since_epoch()).count();
  const std::time_t seconds = ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char date[32], whole[48];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(whole, sizeof whole, "%s.%03dZ", date, static_cast<int>(ms % 1000));
  return text(name, whole);
}

}  // namespace realtime::http
