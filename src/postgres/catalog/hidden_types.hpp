#pragma once

#include <optional>
#include <string>
#include <vector>

#include "realtime/result.hpp"

#include "config/config.hpp"
#include "postgres/connection.hpp"

namespace realtime::postgres {

/// A type of schema public, in use by a column, whose name is delivered with its schema, because the role does not
/// see it without.
struct HiddenType {
  std::string name;           ///< as it is delivered: public.mood
  std::string schema, table;  ///< of the column
  bool may_use = false;       ///< the role may use the schema: another type of that name stands before it
};

/// The first 10,000 columns with such a type. Over an ordinary connection, whose session sees what the stream's
/// does.
Result<std::vector<HiddenType>> read_hidden_types(Connection& connection);

/// What is wrong, and what mends it; none where no monitored table has such a column. Pure.
struct HiddenTypesWords {
  std::string what, remedy;
};
std::optional<HiddenTypesWords> hidden_types_words(const std::vector<HiddenType>& types,
                                                   const Config& config);

}  // namespace realtime::postgres
