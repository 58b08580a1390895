#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

/// The messages of pgoutput, protocol version 1 (PostgreSQL documentation, "Logical Replication Message
/// Formats"): a letter, then fields in network byte order; strings end with a zero byte.
///
///   B final lsn:8 time:8 xid:4       C flags:1 lsn:8 end:8 time:8     O lsn:8 name
///   R relation:4 schema name identity:1 count:2 { key:1 name type:4 modifier:4 }
///   Y type:4 schema name
///   I relation:4 N tuple             U relation:4 [ K tuple | O tuple ] N tuple     D relation:4 ( K | O )
///   tuple T count:4 options:1 { relation:4 } tuple = count:2 { n | u | t length:4 bytes }     n: null, u: an
///   unchanged TOAST value, t: text
namespace realtime::postgres::pgoutput {

/// Reads fields off the front of a message. What is missing reads as zero or empty and makes good() false, so
/// that a message is checked once, at its end. A value; one thread.
class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  std::uint8_t byte() { return number<std::uint8_t>(); }
  std::uint16_t int16() { return number<std::uint16_t>(); }
  std::uint32_t int32() { return number<std::uint32_t>(); }
  std::uint64_t int64() { return number<std::uint64_t>(); }
  std::string_view bytes(std::size_t length) {
    if (static_cast<std::size_t>(end_ - at_) < length) [[unlikely]]
      return fail(), std::string_view();
    const char* const begin = at_;
    at_ += length;
    return {begin, length};
  }
  std::string_view string();

  bool good() const { return good_; }
  bool at_end() const { return at_ == end_; }
  const char* where() const { return at_; }

 private:
  template <typename Number>
  Number number() {
    if (static_cast<std::size_t>(end_ - at_) < sizeof(Number)) [[unlikely]]
      return fail();
    unsigned char raw[sizeof(Number)];
    std::memcpy(raw, at_, sizeof raw);
    at_ += sizeof raw;
    std::uint64_t value = 0;
    for (const unsigned char each : raw) value = value << 8 | each;
    return static_cast<Number>(value);
  }
  std::uint8_t fail() {
    good_ = false;
    at_ = end_;
    return 0;
  }

  const char* at_;
  const char* end_;
  bool good_ = true;
};

struct RelationMessage {
  struct Column {
    bool key;  ///< part of the replica identity
    std::string_view name;
    std::uint32_t type;
    std::int32_t modifier;
  };
  std::uint32_t id;
  std::string_view schema, name;
  char identity;  ///< relreplident: d (the primary key), i (an index), f (the whole row), n (nothing)
  std::vector<Column> columns;
};
struct TypeMessage {
  std::uint32_t id;
  std::string_view schema, name;
};

/// Both take the message without its letter; nothing where it is malformed. Views into `bytes`.
std::optional<RelationMessage> parse_relation(std::string_view bytes);
std::optional<TypeMessage> parse_type(std::string_view bytes);

/// Writes a number in network byte order over the four bytes at `at`.
inline void overwrite_int32(char* at, std::uint32_t value) {
  for (int i = 0; i < 4; ++i) at[i] = static_cast<char>(value >> (24 - 8 * i));
}

}  // namespace realtime::postgres::pgoutput
