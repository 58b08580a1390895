#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/result.hpp"

#include "base/log.hpp"
#include "config/environment.hpp"
#include "config/queues.hpp"
#include "config/tables.hpp"

namespace realtime {

enum class Plugin { wal2json, pgoutput };
/// As PostgreSQL knows it.
constexpr std::string_view to_string(Plugin plugin) {
  return plugin == Plugin::pgoutput ? "pgoutput" : "wal2json";
}

/// A setting as `check` and the start of the log show it.
struct EffectiveSetting {
  std::string_view variable;
  std::string value;  ///< secrets are ***; never empty
  bool from_user = false;
};

/// All settings, checked and typed. A value: read once at the start, then constant; any thread.
struct Config {
  struct Postgres {
    std::string host;  ///< a directory is a Unix socket
    std::uint16_t port = 0;
    std::string user;
    std::optional<std::string> password;  ///< none where password_file is set
    std::string password_file;            ///< empty: none; read_secret() at every connect
    std::string database;
  } postgres;

  std::string slot_name;
  Plugin plugin = Plugin::wal2json;
  std::string publication;
  TablePatterns tables, excluded_tables;  ///< excluded wins; see monitors()

  struct Redis {
    std::string host;
    std::uint16_t port = 0;
    std::string username;                 ///< empty: none
    std::optional<std::string> password;  ///< none where password_file is set
    std::string password_file;            ///< empty: none
    std::uint32_t database = 0;
    struct Tls {
      bool on = false;
      std::string ca_file, cert_file, key_file;  ///< empty: none
      std::string server_name;                   ///< what the certificate must name; never empty
    } tls;
  } redis;

  std::vector<QueueSpec> queues;  ///< search, integration, then the further ones; at least one
  std::optional<std::uint64_t> stream_maxlen;
  std::uint64_t queue_warn_length = 0;

  std::chrono::milliseconds lease{}, replay_window{};
  bool skip_oversize = false;
  std::size_t max_message_bytes = 0, max_in_flight_bytes = 0;
  unsigned decoder_threads = 0;

  std::string bind;
  std::uint16_t http_port = 0;
  log::Style log_style = log::Style::json;
  log::Level log_level = log::Level::info;

  std::vector<EffectiveSetting> effective;  ///< in the order of --help
  std::vector<std::string> warnings;        ///< to be logged once at the start

  bool monitors(std::string_view schema, std::string_view table) const {
    return tables.matches(schema, table) && !excluded_tables.matches(schema, table);
  }
};

/// The configuration that the environment asks for. An error (wrong_setting) names every wrong setting, one a
/// line: the variable, its value (masked; a secret never), and what is allowed. `cores` decides the default
/// of the decoder pool; 0 counts as 1. Pure; any thread.
Result<Config> load_config(const Environment& environment, unsigned cores);
Result<Config> load_config(const Environment& environment);  ///< with the cores of this machine

/// max(1, cores - 1), at most 16: one core is left to reader and writers, and no walsender feeds more.
unsigned default_decoder_threads(unsigned cores);

}  // namespace realtime
