#include "config/masking.hpp"

#include <algorithm>

#include "base/log_format.hpp"

namespace realtime {
namespace {

constexpr std::string_view kMask = "***";

/// Where `word` begins in `text` from `begin` on, whatever its case.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t begin) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto found = std::search(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), word.begin(),
                                 word.end(), [&](char a, char b) { return lower(a) == lower(b); });
  return found == text.end() ? std::string_view::npos : static_cast<std::size_t>(found - text.begin());
}

/// Where the first password of a connection string begins: behind "password=" or "password = ", as libpq
/// takes them.
std::size_t find_password(std::string_view text) {
  std::size_t first = std::string_view::npos;
  for (const std::string_view word : {"password", "passwd"}) {
    for (std::size_t at = 0; (at = find_word(text, word, at)) != std::string_view::npos; at += word.size()) {
      const std::size_t sign = text.find_first_not_of(" \t\r\n", at + word.size());
      if (sign == std::string_view::npos || text[sign] != '=') continue;
      first = std::min(first, sign + 1);
      break;
    }
  }
  return first;
}

std::string masked(std::string_view value) {
  std::string text(value);
  // The last @ ends the user part: a password may hold further ones, a host may not.
  if (const std::size_t at = text.rfind('@'); at != std::string::npos) {
    const std::size_t scheme = text.find("://");
    const std::size_t begin = scheme == std::string::npos || scheme > at ? 0 : scheme + 3;
    const std::size_t colon = text.find(':', begin);
    const std::size_t secret = colon < at ? colon + 1 : begin;
    text.replace(secret, at - secret, kMask);
  }
  if (text.find("://") != std::string::npos) {
    if (const std::size_t query = text.find('?'); query != std::string::npos)
      text.replace(query + 1, std::string::npos, kMask);
  }
  if (const std::size_t found = find_password(text); found != std::string_view::npos)
    text.replace(found, std::string::npos, kMask);
  return text;
}

}  // namespace

bool is_connection_string(std::string_view value) {
  return value.find("://") != std::string_view::npos || find_password(value) != std::string_view::npos;
}

std::string printable(std::string_view value, std::size_t limit) {
  std::string text;
  log::append_json_text(text, masked(value), limit);
  return text;
}

}  // namespace realtime
