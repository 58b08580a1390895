#include "realtime/log_hash.hpp"

#include <charconv>
#include <cstdio>
#include <utility>

namespace realtime {

std::string to_hex(const LogHash& hash) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high),
                static_cast<unsigned long long>(hash.low));
  return {text, 32};
}

std::optional<LogHash> parse_log_hash(std::string_view hex, std::uint32_t bytes) {
  if (hex.size() != 32 || bytes == 0 || bytes > kMostLogBytes) return std::nullopt;
  LogHash hash;
  hash.bytes = bytes;
  for (const auto& [text, half] : {std::pair{hex.substr(0, 16), &hash.high}, {hex.substr(16), &hash.low}}) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), *half, 16);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  }
  return hash;
}

}  // namespace realtime
