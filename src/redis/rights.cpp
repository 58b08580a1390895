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

std::string acl_statement(std::string_view user, std::span<const std::string> queues, bool has_streams) {
  std::string text = "ACL SETUSER " + std::string(user) + " on ><password>";
  for (const std::string& queue : queues)
    text += " ~" + pattern(queue) + " ~" + pattern(record_key(queue)) + " ~" + pattern(lists_key(queue));
  const auto add = [&text](std::string_view rights) { text.append(" ").append(rights); };
  add(kNeededRights);
  if (has_streams) add(kStreamRights);
  add(kUsefulRights);
  if (has_streams) add(kUsefulStreamRights);
  return text;
}

}  // namespace realtime::redis
