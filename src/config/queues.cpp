#include "config/queues.hpp"

#include <array>
#include <set>

#include "base/utf8.hpp"
#include "config/masking.hpp"

namespace realtime {
namespace {

constexpr std::array<std::string_view, 2> kKinds = {"list", "stream"};  // in the order of QueueKind
constexpr std::string_view kSpaces = " \t\n\v\f\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpaces) - begin + 1);
}

std::string in_quotes(std::string_view text) {
  return '"' + printable(text) + '"';
}

Result<QueueSpec> parse_queue(std::string_view item) {
  QueueSpec queue{QueueKind::list, std::string(item)};
  if (const std::size_t colon = item.find(':'); colon != std::string_view::npos) {
    const std::string_view kind = item.substr(0, colon);
    queue.name = item.substr(colon + 1);
    if (kind == kKinds[1]) {
      queue.kind = QueueKind::stream;
    } else if (kind != kKinds[0]) {
      return Error{ErrorKind::wrong_setting,
                   in_quotes(kind) +
                       " is not a kind of queue: allowed are list and stream (a name "
                       "that holds a colon is written list:" +
                       printable(item) + ")"};
    }
  }
  if (const auto complaint = queue_name_complaint(queue.name)) {
    return Error{ErrorKind::wrong_setting, "the name " + in_quotes(queue.name) + " " + *complaint};
  }
  return queue;
}

}  // namespace

std::string_view to_string(QueueKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<std::string> queue_name_complaint(std::string_view name) {
  if (name.empty()) return "is empty";
  if (name.size() > kMaxQueueName) return "is longer than " + std::to_string(kMaxQueueName) + " bytes";
  if (!is_utf8(name)) return "is not UTF-8";
  if (is_connection_string(name)) return "is a URL or a connection string";
  for (std::string_view rest = name; !rest.empty(); rest.remove_prefix(utf8_length(rest))) {
    const std::string_view character = rest.substr(0, utf8_length(rest));
    if (character == " " || is_control(character)) return "holds a space or a control character";
    if (character == "{" || character == "}") return "holds a brace";
  }
  for (const std::string_view suffix : {"-processing", "-owner", ":position"}) {
    if (name.ends_with(suffix)) {
      return "ends in " + std::string(suffix) + ", which is kept for keys beside a queue";
    }
  }
  return std::nullopt;
}

Result<std::vector<QueueSpec>> parse_queue_list(std::string_view text) {
  std::vector<QueueSpec> queues;
  if (trimmed(text).empty()) return queues;
  for (bool last = false; !last;) {
    const std::size_t comma = text.find(',');
    last = comma == std::string_view::npos;
    const std::string_view item = trimmed(text.substr(0, comma));
    text.remove_prefix(last ? text.size() : comma + 1);
    if (item.empty()) return Error{ErrorKind::wrong_setting, "a name is missing beside a comma"};
    if (queues.size() == kMaxQueues) {
      return Error{ErrorKind::wrong_setting, "more than " + std::to_string(kMaxQueues) + " queues"};
    }
    Result<QueueSpec> queue = parse_queue(item);
    if (!queue) return queue.error();
    queues.push_back(std::move(*queue));
  }
  return queues;
}

std::optional<std::string> queues_complaint(const std::vector<QueueSpec>& queues) {
  if (queues.size() > kMaxQueues) {
    return std::to_string(queues.size()) + " queues: at most " + std::to_string(kMaxQueues) + " are allowed";
  }
  std::set<std::string_view> names;
  for (const QueueSpec& queue : queues) {
    if (!names.insert(queue.name).second) {
      return "the queue " + in_quotes(queue.name) +
             " is named twice (HASH_SEARCH_QUEUE_NAME, HASH_INTEGRATION_QUEUE_NAME and "
             "HASH_REALTIME_QUEUES together)";
    }
  }
  return std::nullopt;
}

}  // namespace realtime
