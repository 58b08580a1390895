#include "redis/replies.hpp"

#include <algorithm>

namespace realtime::redis {
namespace {

using enum ErrorKind;

struct Row {
  std::string_view prefix;
  ErrorKind kind;
  std::string_view remedy = {};
};

// Redis 7.0, 7.4 and Valkey 8 word these alike. The first row that fits decides.
constexpr Row kTable[] = {
    {"OOM ", redis_out_of_memory},
    {"READONLY ", redis_read_only},
    {"MASTERDOWN ", redis_read_only},
    {"LOADING ", redis_loading},
    {"MISCONF ", redis_cannot_persist},
    {"NOREPLICAS ", redis_cannot_persist},
    {"BUSY ", redis_busy},
    {"TRYAGAIN ", redis_busy},
    {"ERR max number of clients", redis_busy,
     "Redis has too many clients: end some, or raise maxclients (CONFIG SET maxclients)."},
    {"NOAUTH ", redis_authentication},
    {"WRONGPASS ", redis_authentication},
    {"ERR invalid password", redis_authentication},
    {"ERR AUTH ", redis_authentication,
     "Redis expects no password: leave HASH_REDIS_PASSWORD empty, or set requirepass (or an ACL user) in "
     "Redis."},
    {"DENIED ", redis_authentication,
     "Redis is in protected mode: give it a password and set HASH_REDIS_PASSWORD, or let it bind to the "
     "loopback only."},
    {"NOPERM ", redis_right_missing},
    {"ERR The user executing the script", redis_right_missing},
    {"ERR ACL failure in script", redis_right_missing},
    {"ERR unknown command", redis_right_missing,
     "This Redis does not offer a command that is needed (rename-command, or a provider's limits): allow "
     "it."},
    {"WRONGTYPE ", queue_wrong_type},
    {"MOVED ", redis_cluster},
    {"ASK ", redis_cluster},
    {"CROSSSLOT ", redis_cluster},
    {"CLUSTERDOWN ", redis_cluster},
    {"ERR SELECT is not allowed in cluster mode", redis_cluster},
    {"ERR The ID specified in XADD", queue_ids_higher},
    {"ERR The stream has exhausted the last possible ID", queue_ids_higher},
    {"ERR Protocol error: invalid bulk length", row_too_large},
    {"ERR Protocol error: too big bulk count", row_too_large},
    {"ERR DB index is out of range", redis_unknown,
     "Set HASH_REDIS_DATABASE to a database that this Redis has."},
};

constexpr std::string_view kBecauseOf = "because of: ";
constexpr std::size_t kShownBytes = 160;

// After these Redis repeats what it was sent.
constexpr std::string_view kRepeats[] = {", with args beginning with", "unknown command",
                                         "unknown subcommand", "unknown redis command called from script"};

std::string_view cause(std::string_view reply) {
  if (!reply.starts_with("EXECABORT")) return reply;
  const std::size_t at = reply.find(kBecauseOf);
  return at == std::string_view::npos ? reply : reply.substr(at + kBecauseOf.size());
}

const Row* row_of(std::string_view reply) {
  const std::string_view text = cause(reply);
  const auto* row = std::find_if(std::begin(kTable), std::end(kTable),
                                 [&](const Row& one) { return text.starts_with(one.prefix); });
  return row == std::end(kTable) ? nullptr : row;
}

}  // namespace

ErrorKind kind_of(std::string_view reply) {
  const Row* row = row_of(reply);
  return row == nullptr ? redis_unknown : row->kind;
}

std::string shown(std::string_view reply) {
  for (const std::string_view mark : kRepeats) {
    const std::size_t at = reply.find(mark);
    if (at != std::string_view::npos) reply = reply.substr(0, mark.front() == ',' ? at : at + mark.size());
  }
  std::string text(reply.substr(0, kShownBytes));
  std::replace_if(
      text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
  if (reply.size() > kShownBytes) text += "...";
  return text;
}

Error error_from(std::string_view reply, std::string_view doing) {
  const Row* row = row_of(reply);
  Error error{row == nullptr ? redis_unknown : row->kind, std::string(doing) + ": " + shown(reply)};
  if (row != nullptr) error.remedy = row->remedy;
  return error;
}

}  // namespace realtime::redis
