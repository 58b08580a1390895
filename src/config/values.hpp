#pragma once

#include <string>
#include <vector>

#include "config/environment.hpp"
#include "config/options.hpp"

namespace realtime {

/// One setting as it was found, checked against its row alone.
struct Value {
  bool set = false;           ///< by the environment or by a default
  bool from_user = false;     ///< by the environment
  std::string_view variable;  ///< the name it was read from, for messages: the variable or its alias
  std::string text;
  std::uint64_t number = 0;  ///< of a port, count, size (bytes), duration (milliseconds), boolean
};

/// All settings by OptionId, each with its own error if its value is not allowed. No text shows a secret.
struct Values {
  std::vector<Value> values;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;

  const Value& operator[](OptionId id) const { return values[static_cast<std::size_t>(id)]; }
};

/// Reads every row of the table: the variable, else its alias, else the default; empty counts as not set,
/// except where the row says what it means. Pure; any thread.
Values read_values(const Environment& environment);

/// `NAME is "value"`, the value masked, or `NAME is set` for a secret: how a message about a setting begins.
std::string named(const Option& option, const Value& value);

}  // namespace realtime
