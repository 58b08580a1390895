#include "config/fingerprint.hpp"

#include <cstdio>
#include <set>

namespace realtime {
namespace {

/// FNV-1a, 32 bits, over parts that are told apart by their lengths.
class Hash {
 public:
  void add(std::string_view part) {
    bytes(std::to_string(part.size()));
    bytes(":");
    bytes(part);
  }
  void add(const std::set<std::string>& parts) {
    add(std::to_string(parts.size()));
    for (const std::string& part : parts) add(part);
  }
  std::string text() const {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(state_));
    return digits;
  }

 private:
  void bytes(std::string_view part) {
    for (const char c : part) state_ = (state_ ^ static_cast<unsigned char>(c)) * 16777619u;
  }
  std::uint32_t state_ = 2166136261u;
};

std::set<std::string> texts(const TablePatterns& patterns) {
  std::set<std::string> all;
  for (const TablePattern& pattern : patterns.patterns()) all.insert(to_string(pattern));
  return all;
}

}  // namespace

std::string fingerprint(const Config& config) {
  std::set<std::string> queues;
  for (const QueueSpec& queue : config.queues)
    queues.insert(std::string(to_string(queue.kind)) + ':' + queue.name);
  Hash hash;
  hash.add(queues);
  hash.add(texts(config.tables));
  hash.add(texts(config.excluded_tables));
  hash.add(config.redis.host);
  hash.add(std::to_string(config.redis.port));
  hash.add(std::to_string(config.redis.database));
  return hash.text();
}

}  // namespace realtime
