#include "config/config.hpp"

#include <algorithm>
#include <thread>

#include "base/failpoint.hpp"
#include "config/effective.hpp"
#include "config/values.hpp"

namespace realtime {
namespace {

using enum OptionId;

/// Turns checked values into a Config, and collects what is wrong with several of them together.
class Loader {
 public:
  Loader(const Environment& environment, unsigned cores) : values_(read_values(environment)), cores_(cores) {}

  Result<Config> load() {
    postgres();
    stream();
    redis();
    queues_of_all();
    delivery();
    service();
    if (!values_.errors.empty()) return joined_errors();
    config_.effective = effective_settings(config_, values_);
    config_.warnings = std::move(values_.warnings);
    return std::move(config_);
  }

 private:
  std::string text(OptionId id) const { return values_[id].text; }
  std::uint64_t number(OptionId id) const { return values_[id].number; }
  std::optional<std::string> optional_text(OptionId id) const {
    return values_[id].set ? std::optional(values_[id].text) : std::nullopt;
  }
  std::chrono::milliseconds time(OptionId id) const { return std::chrono::milliseconds(number(id)); }

  void wrong(OptionId id, std::string_view why) {
    values_.errors.push_back(named(option(id), values_[id]) + ": " + std::string(why));
  }
  void warn(std::string text) { values_.warnings.push_back(std::move(text)); }

  std::optional<std::string> password(OptionId id, OptionId file) {
    if (!values_[file].set) return optional_text(id);
    if (text(file).find('/') == std::string::npos) {
      wrong(file, "allowed is the path of a file, with a / in it (the password itself goes into " +
                      std::string(option(id).variable) + ")");
    }
    if (values_[id].set) {
      warn(std::string(values_[id].variable) + " is not used: " + std::string(option(file).variable) +
           " is set, and wins");
    }
    return std::nullopt;
  }

  void postgres() {
    auto& it = config_.postgres;
    it.host = text(pg_host);
    it.port = static_cast<std::uint16_t>(number(pg_port));
    it.user = text(pg_user);
    it.password = password(pg_password, pg_password_file);
    it.password_file = text(pg_password_file);
    it.database = text(pg_database);
  }

  void stream() {
    config_.slot_name = text(slot_name);
    config_.plugin = text(plugin) == "pgoutput" ? Plugin::pgoutput : Plugin::wal2json;
    config_.publication = text(publication);
    config_.tables = patterns(tables);
    config_.excluded_tables = patterns(exclude_tables);
  }

  TablePatterns patterns(OptionId id) {
    Result<TablePatterns> parsed = TablePatterns::parse(values_[id].text);
    if (!parsed) {
      wrong(id, parsed.error().message);
      return {};
    }
    std::vector<std::string_view> said;  // one of each kind is enough to make somebody look at them all
    for (const TablePattern& pattern : parsed->patterns()) {
      const std::string_view oddity = oddity_of(pattern);
      if (oddity.empty() || std::find(said.begin(), said.end(), oddity) != said.end()) continue;
      said.push_back(oddity);
      warn(std::string(option(id).variable) + ": in " + to_string(pattern) + ": " + std::string(oddity));
    }
    return std::move(*parsed);
  }

  void redis() {
    auto& it = config_.redis;
    it.host = text(redis_host);
    it.port = static_cast<std::uint16_t>(number(redis_port));
    it.username = text(redis_username);
    it.password = password(redis_password, redis_password_file);
    it.password_file = text(redis_password_file);
    it.database = static_cast<std::uint32_t>(number(redis_database));
    it.tls.on = number(redis_tls) != 0;
    it.tls.ca_file = text(redis_ca_file);
    it.tls.cert_file = text(redis_cert_file);
    it.tls.key_file = text(redis_key_file);
    it.tls.server_name = values_[redis_tls_server_name].set ? text(redis_tls_server_name) : it.host;
    if (it.tls.cert_file.empty() != it.tls.key_file.empty()) {
      const bool key_missing = it.tls.key_file.empty();
      wrong(key_missing ? redis_cert_file : redis_key_file,
            std::string(option(key_missing ? redis_key_file : redis_cert_file).variable) +
                " must be set with it");
    }
    for (const OptionId id : {redis_ca_file, redis_cert_file, redis_key_file, redis_tls_server_name}) {
      if (values_[id].set && !it.tls.on) {
        warn(std::string(option(id).variable) + " has no effect without HASH_REDIS_ENCRYPTED_TRANSIT=true");
      }
    }
  }

  void queues_of_all() {
    for (const OptionId id : {search_queue, integration_queue}) {
      if (values_[id].text.empty()) continue;
      config_.queues.push_back({QueueKind::list, text(id)});
      if (text(id).starts_with("list:") || text(id).starts_with("stream:")) {
        warn(named(option(id), values_[id]) +
             ": all of it is the name of a list; kinds are for HASH_REALTIME_QUEUES");
      }
    }
    Result<std::vector<QueueSpec>> further = parse_queue_list(values_[queues].text);
    if (!further) return wrong(queues, further.error().message);
    config_.queues.insert(config_.queues.end(), further->begin(), further->end());
    if (const auto complaint = queues_complaint(config_.queues)) values_.errors.push_back(*complaint);
    if (values_[stream_maxlen].set) config_.stream_maxlen = number(stream_maxlen);
    const bool has_streams =
        std::any_of(config_.queues.begin(), config_.queues.end(),
                    [](const QueueSpec& queue) { return queue.kind == QueueKind::stream; });
    if (config_.stream_maxlen && has_streams) {
      warn("HASH_REALTIME_STREAM_MAXLEN=" + std::to_string(*config_.stream_maxlen) +
           " cuts off the oldest entries of a longer stream queue, unread ones too");
    }
    config_.queue_warn_length = number(queue_warn_length);
  }

  void delivery() {
    config_.lease = time(lease);
    config_.replay_window = time(replay_window);
    config_.skip_oversize = text(on_oversize) == "skip";
    config_.max_message_bytes = number(max_message_bytes);
    config_.max_in_flight_bytes = number(max_in_flight_bytes);
    config_.decoder_threads = values_[decoder_threads].set ? static_cast<unsigned>(number(decoder_threads))
                                                           : default_decoder_threads(cores_);
  }

  void service() {
    config_.bind = text(bind);
    config_.http_port = static_cast<std::uint16_t>(number(port));
    const bool development = text(node_env) == "development";
    config_.log_style = development ? log::Style::readable : log::Style::json;
    config_.log_level = development ? log::Level::debug : log::Level::info;
    for (const auto level :
         {log::Level::trace, log::Level::debug, log::Level::info, log::Level::warn, log::Level::error}) {
      if (values_[log_level].text == log_level_name(level)) config_.log_level = level;
    }
  }

  Error joined_errors() const {
    std::string all;
    for (const std::string& error : values_.errors) all += (all.empty() ? "" : "\n") + error;
    return {ErrorKind::wrong_setting, all};
  }

  Values values_;
  unsigned cores_;
  Config config_;
};

}  // namespace

unsigned default_decoder_threads(unsigned cores) {
  return std::clamp(cores, 2u, 17u) - 1;
}

Result<Config> load_config(const Environment& environment, unsigned cores) {
  Result<Config> config = Loader(environment, cores).load();
  if (!config) return config;
  if (const auto armed = environment.find(kFailpointVariable);
      !failpoint::kBuiltIn && armed != environment.end()) {
    config->warnings.push_back(armed->first + " has no effect: this build has no failpoints");
  }
  for (std::string& warning : unknown_variable_warnings(environment))
    config->warnings.push_back(std::move(warning));
  return config;
}

Result<Config> load_config(const Environment& environment) {
  return load_config(environment, std::thread::hardware_concurrency());
}

}  // namespace realtime
