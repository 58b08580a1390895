#include "redis/rights.hpp"

#include "redis/keys.hpp"

namespace realtime::redis {
namespace {

/// A key as a pattern that fits nothing else.
std::string pattern(std::string_view key) {
  std::string text;
  for (const char c : key) {
    if (c == '*' || c == '?' || c == '[' || c == ']' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string acl_statement(std::string_view user, std::span<const std::string> queues) {
  std::string text = "ACL SETUSER " + std::string(user) + " on ><password>";
  for (const std::string& queue : queues) text += " ~" + pattern(queue) + " ~" + pattern(record_key(queue));
  for (const std::string_view rights : {kNeededRights, kStreamRights, kUsefulRights}) {
    text += ' ';
    text += rights;
  }
  return text;
}

}  // namespace realtime::redis
