#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "postgres/pgoutput/pgoutput.hpp"
#include "support/wal_messages.hpp"

/// Messages of pgoutput as a server would send them, for what a real one cannot be made to send.
namespace realtime::test {

inline std::string integer(std::uint64_t value, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(value >> (8 * i));
  return out;
}
inline std::string zero_ended(const std::string& text) {
  return text + '\0';
}

struct PgColumn {
  std::string name;
  std::uint32_t type = 25;
  bool key = false;
  std::int32_t modifier = -1;
};
inline std::string begin(std::uint32_t xid, std::uint64_t committed_us = 0) {
  return "B" + integer(0x1000, 8) + integer(committed_us, 8) + integer(xid, 4);
}
inline std::string commit(std::uint64_t end) {
  return "C" + integer(0, 1) + integer(end - 1, 8) + integer(end, 8) + integer(0, 8);
}
inline std::string relation(std::uint32_t id, const std::string& schema, const std::string& name,
                            const std::vector<PgColumn>& columns, char identity = 'd') {
  std::string out =
      "R" + integer(id, 4) + zero_ended(schema) + zero_ended(name) + identity + integer(columns.size(), 2);
  for (const PgColumn& column : columns) {
    out += integer(column.key, 1) + zero_ended(column.name) + integer(column.type, 4) +
           integer(static_cast<std::uint32_t>(column.modifier), 4);
  }
  return out;
}
inline std::string type(std::uint32_t oid, const std::string& schema, const std::string& name) {
  return "Y" + integer(oid, 4) + zero_ended(schema) + zero_ended(name);
}
/// A value, NULL (none), or an unchanged one ("\x01unchanged").
using PgValue = std::optional<std::string>;
inline const PgValue kUnchanged = "\x01unchanged";
inline std::string tuple(const std::vector<PgValue>& values) {
  std::string out = integer(values.size(), 2);
  for (const PgValue& value : values) {
    if (!value) {
      out += "n";
    } else if (value == kUnchanged) {
      out += "u";
    } else {
      out += "t" + integer(value->size(), 4) + *value;
    }
  }
  return out;
}
inline std::string insert(std::uint32_t id, const std::vector<PgValue>& values) {
  return "I" + integer(id, 4) + "N" + tuple(values);
}
inline std::string update(std::uint32_t id, const std::vector<PgValue>& values) {
  return "U" + integer(id, 4) + "N" + tuple(values);
}
inline std::string update(std::uint32_t id, char kind, const std::vector<PgValue>& old,
                          const std::vector<PgValue>& values) {
  return "U" + integer(id, 4) + kind + tuple(old) + "N" + tuple(values);
}
inline std::string remove(std::uint32_t id, char kind, const std::vector<PgValue>& old) {
  return "D" + integer(id, 4) + kind + tuple(old);
}
inline std::string truncate(const std::vector<std::uint32_t>& ids) {
  std::string out = "T" + integer(ids.size(), 4) + integer(0, 1);
  for (const std::uint32_t id : ids) out += integer(id, 4);
  return out;
}

/// A catalog in which type 25 is "type25", or with a modifier "type25(7)".
inline Result<std::vector<std::string>> simple_types(std::span<const postgres::pgoutput::TypeId> types) {
  std::vector<std::string> names;
  for (const auto& each : types) {
    names.push_back("type" + std::to_string(each.oid) +
                    (each.modifier < 0 ? "" : "(" + std::to_string(each.modifier) + ")"));
  }
  return names;
}

inline postgres::Pgoutput pgoutput_of(OversizePolicy oversize = {},
                                      std::shared_ptr<DecodeObserver> observer = nullptr,
                                      postgres::pgoutput::Catalog catalog = {simple_types}) {
  const auto monitored = [](std::string_view schema, std::string_view) { return schema != "hidden"; };
  return postgres::Pgoutput({"p", monitored, std::move(catalog)}, oversize, std::move(observer));
}

}  // namespace realtime::test
