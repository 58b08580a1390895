#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "postgres/connection.hpp"
#include "postgres/pgoutput/catalog.hpp"

namespace realtime {

/// Asks the catalog what pgoutput's framer must know (postgres/pgoutput/catalog.hpp) over an ordinary
/// connection of its own, which it opens when first asked and anew after an error. One thread: the reader's.
/// A question waits at most the connection's query timeout.
class TypeCatalog {
 public:
  using Options = std::function<Result<postgres::ConnectOptions>()>;
  explicit TypeCatalog(Options options) : options_(std::move(options)) {}

  Result<std::vector<std::string>> names(std::span<const postgres::pgoutput::TypeId> types);
  Result<bool> has_generated_key(std::uint32_t relation);
  Result<postgres::pgoutput::GoneRelations> gone(std::span<const std::uint32_t> relations);

 private:
  Result<postgres::Rows> ask(const std::string& statement);

  const Options options_;
  std::unique_ptr<postgres::Connection> connection_;
};

}  // namespace realtime
