#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace realtime {

/// Every setting, in the order of the table and of --help.
enum class OptionId {
  pg_host,
  pg_port,
  pg_user,
  pg_password,
  pg_password_file,
  pg_database,
  slot_name,
  plugin,
  publication,
  tables,
  exclude_tables,
  redis_host,
  redis_port,
  redis_username,
  redis_password,
  redis_password_file,
  redis_database,
  redis_tls,
  redis_ca_file,
  redis_cert_file,
  redis_key_file,
  redis_tls_server_name,
  search_queue,
  integration_queue,
  queues,
  stream_maxlen,
  queue_warn_length,
  lease,
  replay_window,
  on_oversize,
  max_message_bytes,
  max_in_flight_bytes,
  decoder_threads,
  bind,
  port,
  node_env,
  log_level,
};

enum class OptionGroup { postgres, stream, redis, queues, delivery, service };

/// How a value is written and checked. `least` and `most` are bounds of the number, or of the text's bytes.
enum class OptionKind {
  text,
  list,
  queue,
  host,
  host_or_directory,
  address,
  slot,
  path,
  port,
  count,
  size,
  duration,
  boolean,
  choice
};

/// One row of the one table of settings (options.cpp). Help text, documentation, checks, defaults and masking
/// all come from it. Constant; any thread.
struct Option {
  OptionId id{};
  OptionGroup group{};
  std::string_view variable;
  std::string_view alias = {};  ///< read where the variable itself is not set
  OptionKind kind = OptionKind::text;
  std::string_view fallback = {};        ///< the default, as a user would write it; empty: none
  std::string_view fallback_words = {};  ///< the default in words, where it is not a value
  std::uint64_t least = 0;
  std::uint64_t most = 0;
  std::string_view choices = {};  ///< "production|development"
  bool secret = false;            ///< shown as *** everywhere
  bool required = false;
  std::string_view empty_means = {};  ///< where set-but-empty is a value of its own, not "unset"
  std::string_view meaning;
};

std::span<const Option> all_options();
const Option& option(OptionId id);
/// The row of a variable or an alias; none: nullptr.
const Option* find_option(std::string_view name);

/// Variables that are known and are no settings of users.
inline constexpr std::string_view kFailpointVariable = "HASH_REALTIME_FAILPOINT";

}  // namespace realtime
