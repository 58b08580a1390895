#include "postgres/catalog/type_catalog.hpp"

namespace realtime {

Result<std::vector<std::string>> TypeCatalog::names(std::span<const postgres::pgoutput::TypeId> types) {
  if (!connection_ || !connection_->usable()) {
    const auto options = options_();
    if (!options) return options.error();
    auto opened = postgres::Connection::open(*options, postgres::ConnectionKind::ordinary);
    if (!opened) return opened.error();
    connection_ = std::move(*opened);
  }
  const auto rows = connection_->query(postgres::pgoutput::type_names_query(types));
  if (!rows) {
    connection_.reset();
    return rows.error();
  }
  std::vector<std::string> names;
  for (int row = 0; row < rows->count(); ++row) names.emplace_back(rows->text(row, 0));
  return names;
}

}  // namespace realtime
