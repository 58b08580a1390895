#include "postgres/replication_messages.hpp"

#include <random>
#include <string>

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace realtime::postgres {
namespace {

using namespace std::string_literals;

std::string u64(std::uint64_t value) {
  std::string bytes(8, '\0');
  for (int i = 7; i >= 0; --i, value >>= 8)
    bytes[static_cast<std::size_t>(i)] = static_cast<char>(value & 0xFF);
  return bytes;
}

TEST(ReplicationMessages, XLogDataIsReadFieldByField) {
  const std::string bytes =
      "w"s + u64(0x16B374D848) + u64(0xFFFFFFFFFFFFFFFF) + u64(0x0102030405060708) + "{}";
  const auto message = parse_replication_message(bytes);
  ASSERT_TRUE(message);
  const auto& data = std::get<XLogData>(*message);
  EXPECT_EQ(to_string(data.start), "16/B374D848");
  EXPECT_EQ(to_string(data.wal_end), "FFFFFFFF/FFFFFFFF");
  EXPECT_EQ(data.sent_at_us, 0x0102030405060708);
  EXPECT_EQ(data.payload, "{}");
  EXPECT_EQ(data.payload.data(), bytes.data() + kXLogDataHeader) << "no copy";
}

TEST(ReplicationMessages, KeepaliveIsReadFieldByField) {
  const auto message = parse_replication_message("k"s + u64(0x1681528) + u64(7) + "\1");
  ASSERT_TRUE(message);
  const auto& alive = std::get<PrimaryKeepalive>(*message);
  EXPECT_EQ(to_string(alive.wal_end), "0/1681528");
  EXPECT_EQ(alive.sent_at_us, 7);
  EXPECT_TRUE(alive.reply_requested);
  EXPECT_FALSE(
      std::get<PrimaryKeepalive>(*parse_replication_message("k"s + u64(1) + u64(7) + "\0"s)).reply_requested);
}

TEST(ReplicationMessages, WhatIsCutTooLongOrUnknownIsRefused) {
  const std::string data = "w"s + u64(1) + u64(2) + u64(3), alive = "k"s + u64(1) + u64(2) + "\0"s;
  EXPECT_TRUE(parse_replication_message(data)) << "an empty payload is one";
  for (const std::string& bytes : {""s, "x"s + data.substr(1), data.substr(0, 24), "w"s, "k"s,
                                   alive.substr(0, 17), alive + "\0"s, alive.substr(0, 17) + "\2"}) {
    const auto message = parse_replication_message(bytes);
    ASSERT_FALSE(message) << bytes.size();
    EXPECT_EQ(message.error().kind, ErrorKind::postgres_protocol);
  }
}

TEST(ReplicationMessages, RandomBytesAreReadOrRefused) {
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string bytes(random() % 60, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty() && i % 3 != 0) bytes[0] = i % 3 == 1 ? 'w' : 'k';
    const auto message = parse_replication_message(bytes);
    if (message && std::holds_alternative<XLogData>(*message)) {
      EXPECT_EQ(std::get<XLogData>(*message).payload.size(), bytes.size() - kXLogDataHeader);
    }
  }
}

TEST(ReplicationMessages, AStatusUpdateHasItsFieldsInPlace) {
  const auto bytes = build_status_update(Lsn{0x16B374D848}, Lsn{0x1681528}, -1, true);
  EXPECT_EQ(std::string(bytes.data(), bytes.size()),
            "r"s + u64(0x16B374D848) + u64(0x1681528) + u64(0x1681528) + u64(0xFFFFFFFFFFFFFFFF) + "\1");
}

TEST(ReplicationMessages, TheServersClockBeginsWithTheYear2000) {
  EXPECT_GT(server_clock_us(), 800'000'000LL * 1'000'000);    // 2025
  EXPECT_LT(server_clock_us(), 3'000'000'000LL * 1'000'000);  // 2095
}

}  // namespace
}  // namespace realtime::postgres
