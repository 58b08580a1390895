#include "redis/server_facts.hpp"

#include <charconv>

namespace realtime::redis {
namespace {

std::optional<std::uint64_t> number(const std::optional<std::string>& text) {
  if (!text) return std::nullopt;
  std::uint64_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<bool> flag(const std::optional<std::string>& text) {
  if (text == "1" || text == "yes") return true;
  if (text == "0" || text == "no") return false;
  return std::nullopt;
}

/// The value in a reply of CONFIG GET: name, value.
std::optional<std::string> config_value(const redisReply& reply) {
  if (reply.type != REDIS_REPLY_ARRAY || reply.elements != 2) return std::nullopt;
  const redisReply& value = *elements_of(reply)[1];
  if (value.type != REDIS_REPLY_STRING) return std::nullopt;
  return std::string(text_of(value));
}

template <typename T>
std::optional<T> first_known(std::optional<T> one, std::optional<T> other) {
  return one ? one : other;
}

}  // namespace

std::optional<std::string> info_field(std::string_view info, std::string_view field) {
  while (!info.empty()) {
    const std::size_t end = info.find('\n');
    std::string_view line = info.substr(0, end);
    info.remove_prefix(end == std::string_view::npos ? info.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(field) && line.substr(field.size()).starts_with(':'))
      return std::string(line.substr(field.size() + 1));
  }
  return std::nullopt;
}

Result<ServerFacts> ask_facts(Client& client) {
  Result<std::vector<Reply>> replies = client.ask({{"INFO"},
                                                   {"CONFIG", "GET", "maxmemory"},
                                                   {"CONFIG", "GET", "maxmemory-policy"},
                                                   {"CONFIG", "GET", "appendonly"},
                                                   {"CONFIG", "GET", "appendfsync"},
                                                   {"CONFIG", "GET", "save"},
                                                   {"CONFIG", "GET", "proto-max-bulk-len"}});
  if (!replies) return replies.error();
  const redisReply& told = *replies->front();
  const std::string_view info = told.type == REDIS_REPLY_STRING ? text_of(told) : std::string_view();
  const auto config = [&](std::size_t i) { return config_value(*(*replies)[i]); };

  ServerFacts facts;
  facts.version = info_field(info, "redis_version");
  facts.product = info_field(info, "server_name");
  facts.role = info_field(info, "role");
  facts.cluster = flag(info_field(info, "cluster_enabled"));
  facts.used_memory = number(info_field(info, "used_memory"));
  facts.max_memory = first_known(number(info_field(info, "maxmemory")), number(config(1)));
  facts.eviction = first_known(info_field(info, "maxmemory_policy"), config(2));
  facts.append_only = first_known(flag(info_field(info, "aof_enabled")), flag(config(3)));
  if (const auto status = info_field(info, "aof_last_write_status")) facts.append_written = *status == "ok";
  facts.append_fsync = config(4);
  facts.snapshots = config(5);
  facts.max_message_bytes = number(config(6));
  return facts;
}

std::optional<std::uint64_t> ask_longest_message(Client& client) {
  const Result<std::vector<Reply>> replies = client.ask({{"CONFIG", "GET", "proto-max-bulk-len"}});
  return replies ? number(config_value(*replies->front())) : std::nullopt;
}

Result<Evictions> ask_evictions(Client& client) {
  Result<std::vector<Reply>> replies = client.ask({{"INFO", "stats"}, {"INFO", "memory"}});
  if (!replies) return replies.error();
  const auto text = [&replies](std::size_t i) {
    const redisReply& told = *(*replies)[i];
    return told.type == REDIS_REPLY_STRING ? text_of(told) : std::string_view();
  };
  return Evictions{number(info_field(text(0), "evicted_keys")), info_field(text(1), "maxmemory_policy")};
}

}  // namespace realtime::redis
