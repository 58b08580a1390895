// Each queue and the rights on it.

#include <algorithm>

#include "base/text.hpp"
#include "check/redis_side.hpp"
#include "redis/keys.hpp"
#include "redis/replies.hpp"

namespace realtime::preflight {
namespace {

using Command = redis::Client::Command;

/// One right: a command with a key, as the service uses it.
struct Trial {
  Command command;
  bool useful_only = false;  ///< without it something is unknown, and nothing stops
};

std::vector<Trial> trials(const RedisSide& side) {
  std::vector<Trial> all;
  for (const QueueSpec& queue : side.config.queues) {
    const std::string &name = queue.name, record = redis::record_key(queue.name);
    all.push_back({{"TYPE", name}});
    all.push_back({{"GET", record}});
    all.push_back({{"SET", record, ""}});
    all.push_back({{"PERSIST", record}});
    all.push_back({{"EVAL", "return 1", "2", name, record}});
    if (side.long_lists) {
      const std::string lists = redis::lists_key(name);
      all.push_back({{"GET", lists}});
      all.push_back({{"SET", lists, ""}});
    }
    if (queue.kind == QueueKind::list) {
      all.push_back({{"LPUSH", name, ""}});
      all.push_back({{"LLEN", name}, true});
    } else {
      all.push_back({{"XADD", name, "*", "payload", ""}});
      all.push_back({{"XRANGE", name, "-", "+"}});
      if (side.config.stream_maxlen) all.push_back({{"XTRIM", name, "MAXLEN", "1000000000"}});
      all.push_back({{"XLEN", name}, true});
      all.push_back({{"XINFO", "STREAM", name}, true});
      all.push_back({{"XINFO", "GROUPS", name}, true});
    }
  }
  all.push_back({{"INFO"}, true});
  all.push_back({{"CONFIG", "GET", "maxmemory"}, true});
  all.push_back({{"CLIENT", "SETNAME", "hash-realtime"}, true});
  return all;
}

std::string name_of(const Command& command) {
  const bool has_subcommand = command[0] == "CONFIG" || command[0] == "CLIENT" || command[0] == "XINFO";
  return has_subcommand ? command[0] + " " + command[1] : command[0];
}

bool queued(const redis::Reply& reply) {
  return redis::is_status(*reply, "QUEUED");
}

void add_once(std::vector<std::string>& names, std::string name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
}

/// Names of commands that may not be used.
struct Missing {
  std::vector<std::string> needed;
  std::vector<std::string> useful;
  std::vector<std::string> hidden;  ///< useful, and not offered at all: some providers have no CONFIG
};

/// What of the answers is a missing right goes to `missing`; any other refusal is said at once.
void judge(const std::vector<redis::Reply>& replies, const std::vector<Trial>& tried, Notes& notes,
           Missing& missing) {
  std::vector<ErrorKind> said;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (!redis::is_error(*replies[i])) continue;
    const std::string name = name_of(tried[i].command);
    const std::string_view text = redis::text_of(*replies[i]);
    const Error error = redis::error_from(text, "Redis refuses " + name);
    if (error.kind == ErrorKind::redis_right_missing) {
      const bool hidden = text.starts_with("ERR unknown");
      add_once(!tried[i].useful_only ? missing.needed : hidden ? missing.hidden : missing.useful, name);
    } else if (!tried[i].useful_only && std::find(said.begin(), said.end(), error.kind) == said.end()) {
      said.push_back(error.kind);
      notes.error(error);
    }
  }
}

}  // namespace

void detail::try_rights(RedisSide& side, Notes& notes) {
  // Inside a transaction Redis checks rights, memory and role as it queues a command. The transaction is
  // never executed: its connection is closed. Nothing that writes is sent before it is sure that commands are
  // queued.
  redis::Client client(side.endpoint, [&side] { return side.deadline.is_over(); });
  Missing missing;
  const std::string record = redis::record_key(side.queues.front());
  const std::vector<Trial> alone = {{{"WATCH", record}}, {{"UNWATCH"}}, {{"MULTI"}}};
  const auto first = client.ask(
      {{"EXEC"}, alone[0].command, alone[1].command, alone[2].command, {"TYPE", side.queues.front()}});
  if (!first) return notes.error(first.error());
  // EXEC without MULTI is refused for that reason, once the right is there.
  if (redis::kind_of(redis::text_of(*first->front())) == ErrorKind::redis_right_missing)
    missing.needed.push_back("EXEC");
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const redis::Reply& reply = (*first)[i + 1];
    if (redis::is_error(*reply) && redis::kind_of(redis::text_of(*reply)) == ErrorKind::redis_right_missing) {
      missing.needed.push_back(name_of(alone[i].command));
    }
  }
  const bool in_transaction =
      redis::is_status(*(*first)[3], "OK") && (queued(first->back()) || redis::is_error(*first->back()));
  if (in_transaction) {
    const std::vector<Trial> all = trials(side);
    std::vector<Command> commands;
    for (const Trial& trial : all) commands.push_back(trial.command);
    const auto replies = client.ask(commands);
    client.close();
    if (!replies) return notes.error(replies.error());
    judge(*replies, all, notes, missing);
  } else if (missing.needed.empty()) {
    return notes.unknown("Redis did not begin a transaction to try them in");
  }
  if (!missing.hidden.empty())
    notes.unknown("this Redis does not offer " + joined(missing.hidden, ", ") + ": what it tells is unknown");
  if (!missing.needed.empty()) {
    return notes.error(
        "the Redis user may not use " + joined(missing.needed, ", ") + " on the queues and their records",
        side.acl());
  }
  if (!missing.useful.empty()) {
    return notes.warning(
        "the Redis user may not use " + joined(missing.useful, ", ") + ": what they tell is unknown",
        side.acl());
  }
  notes.ok("every command that is needed may be used on every queue");
}

namespace {

std::string number_of(std::uint64_t number, const char* one, const char* many) {
  return std::to_string(number) + " " + (number == 1 ? one : many);
}

/// How much waits in a queue: of a stream not its length, which is what has been read as well.
void say_length(const RedisSide& side, const std::string& text, const redis::QueueKey& key, Notes& notes) {
  const bool stream = key.type == "stream";
  std::string told =
      text + ": " + number_of(*key.length, stream ? "entry" : "message", stream ? "entries" : "messages");
  if (stream && !key.waiting)
    told += "; without a consumer group (or before Redis 7) it is not known how many are unread";
  if (stream && key.waiting)
    told += ", " + std::to_string(*key.waiting) + " of them not read or not acknowledged";
  if (key.cut_unread > 0)
    told += "; " + std::to_string(key.cut_unread) + " were cut off before the slowest group had read them";
  if (key.waiting.value_or(*key.length) > side.config.queue_warn_length) {
    if (!stream) told += " wait";
    return notes.warning(told,
                         stream && !key.waiting ? "see whether it is read" : "see whether its consumer runs");
  }
  if (key.cut_unread > 0)
    return notes.warning(told, "raise HASH_REALTIME_STREAM_MAXLEN, or let the group read faster");
  notes.ok(told);
}

}  // namespace

void detail::look_at_queues(RedisSide& side, Notes& notes) {
  const auto keys = side.store.look_at(side.queues);
  if (!keys) return notes.error(keys.error());
  for (std::size_t q = 0; q < keys->size(); ++q) {
    const redis::QueueKey& key = (*keys)[q];
    const std::string kind(to_string(side.config.queues[q].kind));
    const std::string text = kind + " " + side.queues[q];
    if (!key.type) {
      notes.unknown(text + ": its type may not be asked");
    } else if (*key.type == "none") {
      notes.ok(text + ": empty");
    } else if (*key.type != kind) {
      notes.error(
          text + ": the key holds a " + *key.type,
          "RENAME " + side.queues[q] + " " + side.queues[q] + "-old, or give the queue another name or kind");
    } else if (!key.length) {
      notes.unknown(text + ": its length may not be asked");
    } else {
      say_length(side, text, key, notes);
    }
  }
}

}  // namespace realtime::preflight
