#include "postgres/wal2json/mend.hpp"

#include <optional>

#include "postgres/decoding/json_text.hpp"
#include "postgres/wal2json/type_scan.hpp"

namespace realtime::postgres {
namespace {

constexpr std::string_view kAfterName = R"(,"value":)";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20;
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

struct JsonName {
  std::size_t length;
  bool escapes;
};

/// A JSON string at the front of `text` that the value follows.
std::optional<JsonName> json_name(std::string_view text) {
  bool escapes = false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (is_control(text[i])) return std::nullopt;
    if (text[i] == '"') {
      if (!text.substr(i + 1).starts_with(kAfterName)) return std::nullopt;
      return JsonName{i + 1, escapes};
    }
    if (text[i] != '\\') continue;
    escapes = true;
    if (++i == text.size()) return std::nullopt;
    if (text[i] == 'u') {
      for (int digit = 0; digit < 4; ++digit) {
        if (++i == text.size() || !is_hex(text[i])) return std::nullopt;
      }
    } else if (std::string_view("\"\\/bfnrt").find(text[i]) == std::string_view::npos) {
      return std::nullopt;
    }
  }
  return std::nullopt;
}

/// Length of a quoted identifier at the front of `text`; 0 where there is none.
std::size_t quoted_identifier(std::string_view text) {
  if (!text.starts_with('"')) return 0;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '"') continue;
    if (i + 1 == text.size() || text[i + 1] != '"') return i > 1 ? i + 1 : 0;
    ++i;
  }
  return 0;
}

/// Length of an identifier that needs no quotes: what quote_identifier leaves alone.
std::size_t plain_identifier(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (text.empty() || !letter(text[0])) return 0;
  std::size_t i = 1;
  while (i < text.size() && (letter(text[i]) || (text[i] >= '0' && text[i] <= '9'))) ++i;
  return i;
}

/// The text of format_type for a type that is not an array and whose name begins with a quote, that the value
/// follows: "a", "A".t, "A"."b", each perhaps with a (modifier).
std::size_t raw_name(std::string_view text) {
  std::size_t at = quoted_identifier(text);
  if (at == 0) return 0;
  if (text.substr(at).starts_with('.')) {
    const std::string_view rest = text.substr(++at);
    const std::size_t part = rest.starts_with('"') ? quoted_identifier(rest) : plain_identifier(rest);
    if (part == 0) return 0;
    at += part;
  }
  if (text.substr(at).starts_with('(')) {
    while (++at < text.size() && text[at] != ')') {
      if (is_control(text[at]) || text[at] == '"' || text[at] == '\\') return 0;
    }
    if (at++ >= text.size()) return 0;
  }
  return text.substr(at).starts_with(kAfterName) ? at : 0;
}

}  // namespace

bool append_mended(std::string& out, std::string_view message) {
  const char* const end = message.data() + message.size();
  const char* done = message.data();
  while (const char* name = find_type_name(done, end)) {
    const std::string_view text(name, static_cast<std::size_t>(end - name));
    // A name that has escapes may also be a raw one with backslashes of its own. No text is both: an escaped
    // one has \" where a quoted part of the name begins, and a raw one cannot go on after that quote with
    // what an escaped part may begin with.
    const auto json = json_name(text);
    const std::size_t raw = !json || json->escapes ? raw_name(text) : 0;
    if (!json && raw == 0) return false;
    out.append(done, name);
    if (raw != 0) {
      append_type_name(out, text.substr(0, raw));
    } else {
      out.append(text.substr(0, json->length));
    }
    done = name + (raw != 0 ? raw : json->length);
  }
  out.append(done, end);
  return true;
}

}  // namespace realtime::postgres
