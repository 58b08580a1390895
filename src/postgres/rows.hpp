#pragma once

#include <memory>
#include <optional>
#include <string_view>

struct pg_result;

namespace realtime::postgres {

struct ClearResult {
  void operator()(pg_result* result) const;
};
using ResultPtr = std::unique_ptr<pg_result, ClearResult>;

/// The rows of one statement, as text. Owns them; the views live as long as it does. One thread.
class Rows {
 public:
  Rows() = default;
  explicit Rows(ResultPtr result) : result_(std::move(result)) {}

  int count() const;
  bool empty() const { return count() == 0; }
  /// None where the value is NULL, or where there is no such row or column.
  std::optional<std::string_view> value(int row, int column) const;
  /// Empty where the value is NULL.
  std::string_view text(int row, int column) const { return value(row, column).value_or(std::string_view()); }
  bool truth(int row, int column) const { return text(row, column) == "t"; }

 private:
  ResultPtr result_;
};

}  // namespace realtime::postgres
