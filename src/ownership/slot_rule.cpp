#include "ownership/slot_rule.hpp"

#include <algorithm>

namespace realtime {

SlotMismatch mismatch_of(const SlotFacts& slot, const Claim& claim) {
  if (!slot.exists) return SlotMismatch::none;
  if (slot.slot_type != "logical") return SlotMismatch::physical;
  if (slot.plugin != claim.plugin()) return SlotMismatch::plugin;
  if (slot.database != claim.database) return SlotMismatch::database;
  return SlotMismatch::none;
}

std::string describe_slot(const SlotFacts& slot, const Claim& claim) {
  return "slot " + claim.slot + " is " + slot.slot_type + ", plugin \"" + slot.plugin + "\", database \"" +
         slot.database + "\"";
}

std::string mismatch_remedy(const SlotFacts& slot, const Claim& claim) {
  const std::string other = "set HASH_REALTIME_SLOT_NAME to a name that is free.";
  switch (mismatch_of(slot, claim)) {
    case SlotMismatch::plugin:
      if (slot.plugin != "wal2json" && slot.plugin != "pgoutput") break;
      return "set HASH_REALTIME_PLUGIN=" + slot.plugin +
             ". To change the plugin and lose nothing: docs/operations.md, \"Changing the plugin of a "
             "slot\".";
    case SlotMismatch::database:
      return "set HASH_PG_DATABASE=" + slot.database + ", or " + other;
    default:
      break;
  }
  return other;
}

std::optional<Error> two_phase_error(const std::string& slot, const SlotFacts& facts) {
  if (!facts.two_phase || facts.plugin != "pgoutput") return std::nullopt;
  const std::string copy = slot.substr(0, 58) + "_copy";  // a name has 63 characters at most
  const auto move = [](const std::string& from, const std::string& to) {
    return "SELECT pg_copy_logical_replication_slot('" + from + "', '" + to +
           "', false, 'pgoutput'); SELECT pg_drop_replication_slot('" + from + "');";
  };
  return Error{
      ErrorKind::slot_unsuitable,
      "slot " + slot + " was made with two_phase: it sends what is prepared, which may never be committed",
      "Nothing is lost by: " + move(slot, copy) + " " + move(copy, slot)};
}

std::optional<Error> refuse_place(const ServerFacts& server, const SlotFacts& slot, const Claim& claim) {
  if (server.in_recovery)
    return Error{ErrorKind::postgres_starting, "the server is in recovery: waiting for a primary"};
  if (server.encoding != "UTF8") {
    return Error{ErrorKind::postgres_encoding, "database " + claim.database + " is encoded in " +
                                                   server.encoding + "; only UTF8 gives valid JSON"};
  }
  if (mismatch_of(slot, claim) != SlotMismatch::none) {
    return Error{ErrorKind::slot_unsuitable,
                 describe_slot(slot, claim) + "; needed: logical, plugin \"" + claim.plugin() +
                     "\", database \"" + claim.database + "\"",
                 mismatch_remedy(slot, claim)};
  }
  if (auto error = two_phase_error(claim.slot, slot)) return error;
  if (slot.active && !slot.temporary) {  // ours are permanent: who holds a temporary one is no owner
    return Error{ErrorKind::slot_active,
                 "slot " + claim.slot + " is streamed by process " + std::to_string(slot.active_pid)};
  }
  return std::nullopt;
}

std::optional<Error> refuse_original(const OriginalService& original, const Claim& claim) {
  if (!original.runs()) return std::nullopt;
  return Error{ErrorKind::slot_unsuitable,
               "the original HASH Realtime still runs on slot " + claim.slot +
                   (original.temporary_slot ? ", which it made as a temporary one"
                                            : " (owner " + original.owner + " in realtime.ownership)") +
                   ": waiting for its end",
               "Stop the original service; nothing of it is ended from here."};
}

std::chrono::milliseconds owner_timeout(std::chrono::milliseconds server, std::chrono::milliseconds lease) {
  return server.count() == 0 ? lease : std::min(server, lease);
}

}  // namespace realtime
