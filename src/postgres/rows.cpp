#include "postgres/rows.hpp"

#include <libpq-fe.h>

namespace realtime::postgres {

void ClearResult::operator()(pg_result* result) const {
  PQclear(result);
}

int Rows::count() const {
  return result_ ? PQntuples(result_.get()) : 0;
}

std::optional<std::string_view> Rows::value(int row, int column) const {
  if (row < 0 || row >= count() || column < 0 || column >= PQnfields(result_.get())) return std::nullopt;
  if (PQgetisnull(result_.get(), row, column)) return std::nullopt;
  return std::string_view(PQgetvalue(result_.get(), row, column),
                          static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
}

}  // namespace realtime::postgres
