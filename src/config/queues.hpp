#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "realtime/result.hpp"

namespace realtime {

enum class QueueKind { list, stream };
std::string_view to_string(QueueKind kind);

struct QueueSpec {
  QueueKind kind = QueueKind::list;
  std::string name;
  bool operator==(const QueueSpec&) const = default;
};

inline constexpr std::size_t kMaxQueues = 64;
inline constexpr std::size_t kMaxQueueName = 512;  ///< bytes

/// What is wrong with a queue's name, if anything: it must not be empty, hold braces (they would move the
/// companion key to another cluster slot), spaces or controls, nor end as the consumers' and our own
/// companion keys do.
std::optional<std::string> queue_name_complaint(std::string_view name);

/// "a, stream:b, list:c:d" as HASH_REALTIME_QUEUES has it; the text of an error does not name the variable.
/// Pure; any thread.
Result<std::vector<QueueSpec>> parse_queue_list(std::string_view text);

/// What is wrong with all queues together: too many, or a name twice (also with two kinds).
std::optional<std::string> queues_complaint(const std::vector<QueueSpec>& queues);

}  // namespace realtime
