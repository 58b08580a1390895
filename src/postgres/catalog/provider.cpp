#include "postgres/catalog/provider.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace realtime::postgres {
namespace {

struct Trace {
  Provider provider;
  std::string_view prefix;  ///< of a setting's or role's name
};

constexpr Trace kTraces[] = {{Provider::rds, "rds."},           {Provider::rds, "rds_"},
                             {Provider::rds, "rdsadmin"},       {Provider::cloud_sql, "cloudsql."},
                             {Provider::cloud_sql, "cloudsql"}, {Provider::azure, "azure."},
                             {Provider::azure, "azure_"}};

}  // namespace

std::string_view to_string(Provider provider) {
  switch (provider) {
    case Provider::rds:
      return "Amazon RDS or Aurora";
    case Provider::cloud_sql:
      return "Google Cloud SQL";
    case Provider::azure:
      return "Azure Database for PostgreSQL";
    case Provider::self_managed:
      break;
  }
  return "no managed service that shows";
}

Provider provider_of(const std::vector<std::string>& settings, const std::vector<std::string>& roles) {
  for (const Trace& trace : kTraces) {
    const auto begins = [&trace](const std::string& name) { return name.starts_with(trace.prefix); };
    if (std::any_of(settings.begin(), settings.end(), begins) ||
        std::any_of(roles.begin(), roles.end(), begins)) {
      return trace.provider;
    }
  }
  return Provider::self_managed;
}

Result<Provider> ask_provider(Connection& connection) {
  const auto rows = connection.query(
      "SELECT 's', name FROM pg_catalog.pg_settings WHERE name ~ '^(rds|cloudsql|azure)[.]' UNION ALL "
      "SELECT 'r', rolname FROM pg_catalog.pg_roles WHERE rolname ~ '^(rds_|rdsadmin|cloudsql|azure_)' LIMIT "
      "500");
  if (!rows) return rows.error();
  std::vector<std::string> settings, roles;
  for (int row = 0; row < rows->count(); ++row)
    (rows->text(row, 0) == "s" ? settings : roles).emplace_back(rows->text(row, 1));
  return provider_of(settings, roles);
}

std::string set_server_setting(Provider provider, std::string_view name, std::string_view value,
                               bool restart) {
  const std::string assignment = std::string(name) + " = " + std::string(value);
  switch (provider) {
    case Provider::rds:
      return "set " + assignment + " in the DB parameter group" +
             (restart ? ", then reboot the instance" : "");
    case Provider::cloud_sql:
      return "set the database flag " + assignment + (restart ? "; the instance restarts" : "");
    case Provider::azure:
      return "set the server parameter " + assignment + (restart ? ", then restart the server" : "");
    case Provider::self_managed:
      break;
  }
  return "ALTER SYSTEM SET " + assignment + ";" +
         (restart ? " then restart PostgreSQL" : " SELECT pg_reload_conf();");
}

std::string remedy_for(Provider provider, const Error& error, std::string_view role) {
  if (!error.remedy.empty()) return error.remedy;  // its cause is known better
  switch (error.kind) {
    case ErrorKind::postgres_wal_level:
      if (provider == Provider::rds)
        return set_server_setting(provider, "rds.logical_replication", "1", true);
      if (provider == Provider::cloud_sql)
        return set_server_setting(provider, "cloudsql.logical_decoding", "on", true);
      return set_server_setting(provider, "wal_level", "'logical'", true);
    case ErrorKind::postgres_right_missing:
      if (provider == Provider::rds) return "GRANT rds_replication TO " + sql_name(role) + ";";
      return "ALTER ROLE " + sql_name(role) + " WITH REPLICATION;";
    case ErrorKind::postgres_plugin_refused:
      return set_server_setting(provider, "output_plugin_libraries",
                                "'pgoutput', 'test_decoding', 'wal2json'", false) +
             " (keep in it what is listed now)";
    default:
      return std::string(error.what_to_do());
  }
}

}  // namespace realtime::postgres
