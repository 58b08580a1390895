#include "config/tables.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "config/masking.hpp"

namespace realtime {
namespace {

constexpr std::string_view kSpaces = " \t\n\v\f\r";  // isspace() of the C locale, as wal2json asks it
constexpr std::size_t kMaxName = 63;                 // NAMEDATALEN - 1

bool is_space(char c) {
  return kSpaces.find(c) != std::string_view::npos;
}

void skip_spaces(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpaces), text.size()));
}

/// Up to the first character that `ends` and is not escaped.
template <typename Ends>
std::string_view take_until(std::string_view text, Ends ends) {
  std::size_t i = 0;
  while (i < text.size() && !ends(text[i])) i += text[i] == '\\' ? 2 : 1;
  return text.substr(0, std::min(i, text.size()));
}

Error complaint(std::string_view pattern, std::string_view why) {
  return {ErrorKind::wrong_setting, '"' + printable(pattern) + "\" " + std::string(why)};
}

/// A raw part without its escapes; std::nullopt for the wildcard.
std::optional<std::string> unescaped(std::string_view raw) {
  if (raw == "*") return std::nullopt;
  std::string name;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '\\') ++i;
    name += raw[i];
  }
  return name;
}

Result<TablePattern> parse_pattern(std::string_view raw) {
  std::size_t backslashes = 0;
  while (backslashes < raw.size() && raw[raw.size() - 1 - backslashes] == '\\') ++backslashes;
  if (backslashes % 2 == 1) return complaint(raw, "ends in a backslash that escapes nothing");
  const std::string_view schema = take_until(raw, [](char c) { return c == '.'; });
  if (schema.size() == raw.size())
    return complaint(raw, "has no schema: a pattern is schema.table, such as public.orders");
  const std::string_view table = raw.substr(schema.size() + 1);
  if (schema.empty() || table.empty())
    return complaint(raw, "lacks a name beside the dot: a pattern is schema.table");
  TablePattern pattern{unescaped(schema), unescaped(table)};
  for (const auto& name : {pattern.schema, pattern.table}) {
    if (name && name->size() > kMaxName)
      return complaint(raw, "holds a name of more than 63 bytes, which no table has");
  }
  return pattern;
}

std::string escaped(const std::optional<std::string>& name, bool is_schema) {
  if (!name) return "*";
  if (*name == "*") return "\\*";
  std::string text;
  for (const char c : *name) {
    if (c == '\\' || c == ',' || is_space(c) || (is_schema && c == '.')) text += '\\';
    text += c;
  }
  return text;
}

}  // namespace

std::string_view oddity_of(const TablePattern& pattern) {
  for (const auto& name : {pattern.schema, pattern.table}) {
    if (!name) continue;
    if (name->find('"') != std::string::npos)
      return "the quotes are taken as part of the name: write the name without quotes";
    if (name->size() > 1 && name->find_first_of("*?%") != std::string::npos)
      return "a star is a wildcard only for a whole schema or table name (public.*, *.orders); inside a name "
             "*, ? and % are ordinary characters: name each table";
  }
  return {};
}

std::string to_string(const TablePattern& pattern) {
  return escaped(pattern.schema, true) + '.' + escaped(pattern.table, false);
}

Result<TablePatterns> TablePatterns::parse(std::string_view text) {
  TablePatterns list;
  if (!is_utf8(text)) return Error{ErrorKind::wrong_setting, "it is not UTF-8"};
  skip_spaces(text);
  for (bool more = !text.empty(); more;) {
    const std::string_view raw = take_until(text, [](char c) { return c == ',' || is_space(c); });
    text.remove_prefix(raw.size());
    skip_spaces(text);
    if (raw.empty()) return Error{ErrorKind::wrong_setting, "a pattern is missing beside a comma"};
    more = text.starts_with(',');
    if (more) {
      text.remove_prefix(1);
      skip_spaces(text);
    } else if (!text.empty()) {
      return complaint(
          raw, "is followed by a space: within a name a space needs a backslash, between patterns a comma");
    }
    if (list.patterns_.size() == kMaxPatterns)
      return Error{ErrorKind::wrong_setting, "more than 10000 patterns"};
    Result<TablePattern> pattern = parse_pattern(raw);
    if (!pattern) return pattern.error();
    list.patterns_.push_back(std::move(*pattern));
    if (!list.canonical_.empty()) list.canonical_ += ',';
    list.canonical_ += to_string(list.patterns_.back());
  }
  return list;
}

bool TablePatterns::matches(std::string_view schema, std::string_view table) const {
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const TablePattern& pattern) { return pattern.matches(schema, table); });
}

}  // namespace realtime
