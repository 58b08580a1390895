#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "realtime/error.hpp"
#include "realtime/result.hpp"

#include "postgres/connection.hpp"

namespace realtime::postgres {

/// Who runs the PostgreSQL server, because each has its own way to change a setting.
enum class Provider { self_managed, rds, cloud_sql, azure };
std::string_view to_string(Provider provider);

/// From what shows: names of settings and roles that only a provider's servers have. Pure.
Provider provider_of(const std::vector<std::string>& settings, const std::vector<std::string>& roles);

/// The provider of the server that this connection leads to, as far as settings and roles show it.
Result<Provider> ask_provider(Connection& connection);

/// How a server setting is changed there: the statement or the provider's words. `value` as ALTER SYSTEM
/// takes it. Pure.
std::string set_server_setting(Provider provider, std::string_view name, std::string_view value,
                               bool restart);

/// The remedy of an error of the server, for this provider and this role. Pure.
std::string remedy_for(Provider provider, const Error& error, std::string_view role);

}  // namespace realtime::postgres
