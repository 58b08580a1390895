#include "app/peers.hpp"

#include <cstdint>
#include <cstdio>

#include "config/fingerprint.hpp"

namespace realtime {
namespace {

constexpr std::string_view kPrefix = "hash-realtime:";
constexpr std::size_t kHash = 8;
constexpr std::size_t kSlotEnd = kPrefix.size() + kHash;
constexpr std::size_t kRole = kSlotEnd + kHash;
constexpr std::size_t kInstance = kRole + 2;
constexpr std::size_t kLongest = 63;  // NAMEDATALEN - 1

std::string hashed(std::string_view text) {
  std::uint32_t state = 2166136261u;
  for (const char c : text) state = (state ^ static_cast<unsigned char>(c)) * 16777619u;
  char digits[kHash + 1];
  std::snprintf(digits, sizeof digits, "%08x", static_cast<unsigned>(state));
  return digits;
}

}  // namespace

std::string owner_peer_prefix(const Config& config) {
  return std::string(kPrefix) + hashed(config.slot_name) + fingerprint(config) + "o ";
}

std::string peer_name(const Config& config, const ServiceFacts& facts) {
  std::string name = owner_peer_prefix(config);
  if (facts.role != Role::owner) name[kRole] = 's';
  const std::size_t room = kLongest - name.size();
  const std::string& instance = facts.instance;
  return name + (instance.size() > room ? instance.substr(instance.size() - room) : instance);
}

std::optional<PeerFacts> parse_peer_name(std::string_view name, std::string_view own) {
  if (name.size() <= kInstance || name.substr(0, kSlotEnd) != own.substr(0, kSlotEnd)) return std::nullopt;
  PeerFacts peer{std::string(name.substr(kInstance)), name[kRole] == 'o' ? "owner" : "standby"};
  if (name.substr(kSlotEnd, kHash) != own.substr(kSlotEnd, kHash)) peer.state = "differs";
  return peer;
}

Result<std::vector<PeerFacts>> read_peers(postgres::Connection& connection, std::string_view own) {
  const auto rows = connection.query(
      "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE datname = "
      "pg_catalog.current_database() "
      "AND usename = session_user AND pid <> pg_catalog.pg_backend_pid() AND "
      "pg_catalog.starts_with(application_name, " +
      connection.literal(std::string(own.substr(0, kSlotEnd))) + ") ORDER BY 1 LIMIT 100");
  if (!rows) return rows.error();
  std::vector<PeerFacts> peers;
  for (int row = 0; row < rows->count(); ++row) {
    if (auto peer = parse_peer_name(rows->text(row, 0), own)) peers.push_back(std::move(*peer));
  }
  return peers;
}

}  // namespace realtime
