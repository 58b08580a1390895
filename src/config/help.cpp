#include "config/help.hpp"

#include "config/option_words.hpp"
#include "config/options.hpp"

namespace realtime {
namespace {

constexpr std::size_t kColumns = 100;
constexpr std::string_view kIndent = "      ";

/// Kinds whose values the meaning alone does not make plain.
bool wants_bounds(const Option& row) {
  switch (row.kind) {
    case OptionKind::count:
    case OptionKind::size:
    case OptionKind::duration:
    case OptionKind::boolean:
    case OptionKind::slot:
    case OptionKind::choice:
      return true;
    default:
      return false;
  }
}

std::string full_meaning(const Option& row) {
  std::string text(row.meaning);
  if (wants_bounds(row)) text += " Allowed: " + allowed_words(row) + ".";
  if (!row.empty_means.empty()) text += " Set but empty: " + std::string(row.empty_means) + ".";
  if (!row.alias.empty()) text += " Also read as " + std::string(row.alias) + ".";
  return text;
}

std::string wrapped(std::string_view text) {
  std::string out;
  std::string line(kIndent);
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
    if (line.size() > kIndent.size() && line.size() + 1 + word.size() > kColumns) {
      out += line + '\n';
      line = kIndent;
    }
    if (line.size() > kIndent.size()) line += ' ';
    line += word;
  }
  return out + line + '\n';
}

/// Text as Markdown shows it literally inside a table cell.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|' || c == '*' || c == '\\' || c == '<') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string settings_help() {
  std::string out;
  const Option* last = nullptr;
  for (const Option& row : all_options()) {
    if (last == nullptr || last->group != row.group) {
      out += (last == nullptr ? "" : "\n") + std::string(group_title(row.group)) + '\n';
    }
    out += "  " + std::string(row.variable) + " (" + (row.required ? "" : "default: ") + default_words(row) +
           ")\n";
    out += wrapped(full_meaning(row));
    last = &row;
  }
  return out;
}

std::string settings_markdown() {
  std::string out =
      "# Settings\n\n"
      "Environment variables, and nothing else. This file is written by `hash-realtime --help-markdown` from "
      "the "
      "table that\nthe service reads its settings by; `hash-realtime check` shows what is in effect, and "
      "where a "
      "value is wrong the service\nsays so and exits with 2. Unset and empty mean the same but where the "
      "table "
      "says otherwise. Sizes take `KiB`, `MiB`,\n`GiB`; times `ms`, `s`.\n\n";
  const Option* last = nullptr;
  for (const Option& row : all_options()) {
    if (last == nullptr || last->group != row.group) {
      out += (last == nullptr ? "## " : "\n## ") + std::string(group_title(row.group)) +
             "\n\n| variable | default | meaning |\n|---|---|---|\n";
    }
    const bool literal = !row.required && row.fallback_words.empty() && !row.fallback.empty();
    const std::string fallback = literal ? "`" + std::string(row.fallback) + "`" : cell(default_words(row));
    out += "| `" + std::string(row.variable) + "` | " + fallback + " | " + cell(full_meaning(row)) + " |\n";
    last = &row;
  }
  return out;
}

}  // namespace realtime
