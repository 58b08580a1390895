#include "pipeline/message_table.hpp"

#include <optional>

namespace realtime {
namespace {

constexpr std::size_t kLongestHead = 1024;  // two names of 63 characters, each of them escaped at the worst

/// The JSON string that follows `key`, its simple escapes undone.
std::optional<std::string> string_after(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  std::string value;
  for (std::size_t i = at + key.size(); i < text.size(); ++i) {
    if (text[i] == '"') return value;
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    value += text[i];
  }
  return std::nullopt;
}

}  // namespace

std::string table_of_message(std::string_view message) {
  const std::string_view head = message.substr(0, kLongestHead);
  const auto schema = string_after(head, "\"schema\":\""), table = string_after(head, "\",\"table\":\"");
  return schema && table ? *schema + "." + *table : "an unknown table";
}

}  // namespace realtime
