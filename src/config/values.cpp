#include "config/values.hpp"

#include "config/checks.hpp"
#include "config/option_words.hpp"
#include "config/shown_value.hpp"

namespace realtime {
namespace {

/// The text of a variable; nullptr where it is not set, or empty without a meaning of its own.
const std::string* find_text(const Environment& environment, std::string_view name, const Option& row) {
  const auto found = environment.find(name);
  if (found == environment.end()) return nullptr;
  return found->second.empty() && row.empty_means.empty() ? nullptr : &found->second;
}

Value find_value(const Environment& environment, const Option& row, std::vector<std::string>& warnings) {
  const std::string* own = find_text(environment, row.variable, row);
  const std::string* alias = row.alias.empty() ? nullptr : find_text(environment, row.alias, row);
  if (own != nullptr && alias != nullptr && *own != *alias) {
    warnings.push_back(std::string(row.variable) + " and " + std::string(row.alias) +
                       " differ: " + std::string(row.variable) + " is used");
  }
  if (own != nullptr) return {true, true, row.variable, *own};
  if (alias != nullptr) return {true, true, row.alias, *alias};
  return {!row.fallback.empty(), false, row.variable, std::string(row.fallback)};
}

std::string refusal(const Option& row, const Value& value) {
  std::string text = named(row, value) + ": allowed is " + allowed_words(row);
  if (const std::string more = hint(row, value.variable, value.text); !more.empty())
    text += " (" + more + ")";
  return text;
}

}  // namespace

std::string named(const Option& row, const Value& value) {
  if (row.secret) return std::string(value.variable) + " is not as it must be";
  return std::string(value.variable) + " is \"" + shown_value(row, value.text) + '"';
}

Values read_values(const Environment& environment) {
  Values all;
  all.values.reserve(all_options().size());
  for (const Option& row : all_options()) {
    Value value = find_value(environment, row, all.warnings);
    if (!value.set) {
      if (row.required)
        all.errors.push_back(std::string(row.variable) +
                             " is not set and has no default: " + std::string(row.meaning));
    } else if (!value.text.empty() || row.empty_means.empty()) {
      if (const auto number = checked_number(row, value.text)) {
        value.number = *number;
      } else {
        all.errors.push_back(refusal(row, value));
      }
    }
    all.values.push_back(std::move(value));
  }
  return all;
}

}  // namespace realtime
