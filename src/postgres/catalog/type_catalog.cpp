#include "postgres/catalog/type_catalog.hpp"

#include <algorithm>

#include "postgres/slot_columns.hpp"

namespace realtime {

Result<std::vector<std::string>> TypeCatalog::names(std::span<const postgres::pgoutput::TypeId> types) {
  const auto rows = ask(postgres::pgoutput::type_names_query(types));
  if (!rows) return rows.error();
  std::vector<std::string> names;
  for (int row = 0; row < rows->count(); ++row) names.emplace_back(rows->text(row, 0));
  return names;
}

Result<bool> TypeCatalog::has_generated_key(std::uint32_t relation) {
  const auto rows = ask(postgres::pgoutput::generated_key_query(relation));
  if (!rows) return rows.error();
  return rows->truth(0, 0);
}

Result<postgres::pgoutput::GoneRelations> TypeCatalog::gone(std::span<const std::uint32_t> relations) {
  const auto rows = ask(postgres::pgoutput::gone_query(relations));
  if (!rows) return rows.error();
  postgres::pgoutput::GoneRelations gone;
  for (int row = 0; row < rows->count(); ++row) {
    const auto id = postgres::number_of<std::uint32_t>(rows->text(row, 0));
    const auto by = postgres::lsn_of(rows->value(row, 1));
    if (!by) return by.error();
    if (!id) continue;
    gone.ids.push_back(*id);
    gone.by = std::max(gone.by, *by);
  }
  return gone;
}

Result<postgres::Rows> TypeCatalog::ask(const std::string& statement) {
  if (!connection_ || !connection_->usable()) {
    const auto options = options_();
    if (!options) return options.error();
    auto opened = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
    if (!opened) return opened.error();
    connection_ = std::move(*opened);
  }
  auto rows = connection_->query(statement);
  if (!rows) connection_.reset();
  return rows;
}

}  // namespace realtime
