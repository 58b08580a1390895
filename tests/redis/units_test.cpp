#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/keys.hpp"
#include "redis/output.hpp"
#include "redis/replies.hpp"
#include "redis/reply.hpp"
#include "redis/rights.hpp"
#include "redis/server_facts.hpp"

namespace realtime::redis {
namespace {

std::string sent_in_steps_of(Output& output, std::size_t step, std::size_t parts_a_call) {
  std::string sent;
  while (!output.empty()) {
    std::vector<iovec> parts(parts_a_call);
    const std::size_t used = output.gather(parts);
    std::size_t left = step;
    for (std::size_t i = 0; i < used && left > 0; ++i) {
      const std::size_t size = std::min(left, parts[i].iov_len);
      sent.append(static_cast<const char*>(parts[i].iov_base), size);
      left -= size;
    }
    output.advance(step - left);
  }
  return sent;
}

TEST(Output, WhatTheSocketTakesInPartsArrivesWhole) {
  const std::string large(Output::kBorrowBytes, 'x');
  const std::string expected = "*2\r\n$5\r\nLPUSH\r\n" + large + large + "small*1\r\n$4\r\nEXEC\r\n";
  for (const std::size_t step : {1u, 7u, 4095u, 4096u, 100'000u}) {
    for (const std::size_t parts : {1u, 2u, 64u}) {
      Output output;
      output.begin_command(2);
      output.argument("LPUSH");
      output.borrow(large);
      output.borrow(large);
      output.borrow("small");
      output.command({"EXEC"});
      EXPECT_EQ(sent_in_steps_of(output, step, parts), expected) << step << " " << parts;
      EXPECT_TRUE(output.empty());
    }
  }
}

TEST(Output, LargeBytesAreNotCopied) {
  const std::string large(1 << 20, 'x');
  Output output;
  output.borrow(large);
  iovec part;
  ASSERT_EQ(output.gather({&part, 1}), 1u);
  EXPECT_EQ(part.iov_base, large.data());
}

TEST(ReplyReader, GivesRepliesAsTheyComplete) {
  ReplyReader reader;
  const std::string bytes = "+OK\r\n*2\r\n:1\r\n$-1\r\n";
  std::vector<int> types;
  for (const char byte : bytes) {
    ASSERT_TRUE(reader.feed({&byte, 1}));
    auto reply = reader.next();
    ASSERT_TRUE(reply);
    if (*reply) types.push_back((**reply)->type);
  }
  EXPECT_THAT(types, ::testing::ElementsAre(REDIS_REPLY_STATUS, REDIS_REPLY_ARRAY));
}

Status read_all(ReplyReader& reader, std::string_view bytes) {
  if (Status fed = reader.feed({bytes.data(), bytes.size()}); !fed) return fed;
  for (;;) {
    auto reply = reader.next();
    if (!reply) return reply.error();
    if (!*reply) return ok();
  }
}

TEST(ReplyReader, RefusesWhatIsNoProtocolAndWhatIsTooMuch) {
  std::string deep;
  for (int level = 0; level < 8; ++level) deep += "*1\r\n";
  deep += ":1\r\n";
  for (const std::string_view bytes :
       {std::string_view("HTTP/1.1 400 Bad Request\r\n"), std::string_view("*2147483647\r\n"),
        std::string_view("*1048577\r\n"), std::string_view("$abc\r\n"), std::string_view("*-7\r\n"),
        std::string_view(":12x\r\n"), std::string_view(deep)}) {
    ReplyReader reader;
    EXPECT_FALSE(read_all(reader, bytes)) << bytes;
  }
  ReplyReader reader(1000);
  EXPECT_TRUE(read_all(reader, "$1000000\r\n" + std::string(900, 'x')));
  EXPECT_FALSE(read_all(reader, std::string(900, 'x')));
}

TEST(ReplyReader, ManySmallRepliesAreNotTooMuch) {
  ReplyReader reader(1000);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(read_all(reader, "+OK\r\n+OK\r\n"));
}

TEST(Replies, EachErrorHasItsKind) {
  using enum ErrorKind;
  const std::pair<std::string_view, ErrorKind> cases[] = {
      {"OOM command not allowed when used memory > 'maxmemory'.", redis_out_of_memory},
      {"EXECABORT Transaction discarded because of: OOM command not allowed", redis_out_of_memory},
      {"EXECABORT Transaction discarded because of previous errors.", redis_unknown},
      {"READONLY You can't write against a read only replica.", redis_read_only},
      {"MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", redis_read_only},
      {"LOADING Redis is loading the dataset in memory", redis_loading},
      {"MISCONF Redis is configured to save RDB snapshots", redis_cannot_persist},
      {"NOREPLICAS Not enough good replicas to write.", redis_cannot_persist},
      {"BUSY Redis is busy running a script.", redis_busy},
      {"TRYAGAIN Multiple keys request during rehashing of slot", redis_busy},
      {"ERR max number of clients reached", redis_busy},
      {"NOAUTH Authentication required.", redis_authentication},
      {"WRONGPASS invalid username-password pair or user is disabled.", redis_authentication},
      {"ERR AUTH <password> called without any password configured", redis_authentication},
      {"DENIED Redis is running in protected mode", redis_authentication},
      {"NOPERM this user has no permissions to run the 'set' command", redis_right_missing},
      {"ERR The user executing the script can't run this command or subcommand script", redis_right_missing},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", queue_wrong_type},
      {"MOVED 3999 127.0.0.1:6381", redis_cluster},
      {"CROSSSLOT Keys in request don't hash to the same slot", redis_cluster},
      {"CLUSTERDOWN Hash slot not served", redis_cluster},
      {"ERR SELECT is not allowed in cluster mode", redis_cluster},
      {"ERR The ID specified in XADD is equal or smaller than the target stream top item", queue_ids_higher},
      {"ERR Protocol error: invalid bulk length", row_too_large},
      {"NOSCRIPT No matching script. Please use EVAL.", redis_unknown},
      {"OOMPH something else", redis_unknown},
      {"", redis_unknown},
  };
  for (const auto& [text, kind] : cases) EXPECT_EQ(kind_of(text), kind) << text;
}

TEST(Replies, WhatRedisRepeatsOfOurArgumentsIsNotShown) {
  for (const std::string_view text :
       {"ERR unknown command 'secret', with args beginning with: 'secret' ", "ERR unknown command `secret`",
        "ERR wrong number of arguments, with args beginning with: secret"})
    EXPECT_THAT(shown(text), ::testing::Not(::testing::HasSubstr("secret"))) << text;
  EXPECT_EQ(shown("ERR a\x01\xff\nb"), "ERR a???b");
  EXPECT_LE(shown(std::string(100'000, 'x')).size(), 200u);
  EXPECT_EQ(error_from("OOM x", "no push to queue 'q'").message, "no push to queue 'q': OOM x");
}

TEST(ServerFacts, FieldsOfInfo) {
  const std::string_view info = "# Server\r\nredis_version:7.0.15\r\nrole:master\r\nempty:\r\nlast:1";
  EXPECT_EQ(info_field(info, "redis_version"), "7.0.15");
  EXPECT_EQ(info_field(info, "empty"), "");
  EXPECT_EQ(info_field(info, "last"), "1");
  EXPECT_EQ(info_field(info, "version"), std::nullopt);
  EXPECT_EQ(info_field(info, "rol"), std::nullopt);
  EXPECT_EQ(info_field("", "role"), std::nullopt);
}

TEST(Keys, TheRecordStandsBesideItsQueue) {
  EXPECT_EQ(record_key("my queue"), "{my queue}:position");
  EXPECT_EQ(lists_key("my queue"), "{my queue}:stream");
}

TEST(Rights, AKeyIsNeverAPattern) {
  const std::vector<std::string> queues{"a*b"};
  EXPECT_THAT(
      acl_statement("user", queues, false),
      ::testing::StartsWith("ACL SETUSER user on ><password> ~a\\*b ~{a\\*b}:position ~{a\\*b}:stream +"));
}

TEST(Rights, ThoseOfStreamsAreForStreams) {
  const std::vector<std::string> queues{"q"};
  for (const char* right : {"+xadd", "+xrange", "+xtrim", "+xlen", "+xinfo|stream", "+xinfo|groups"}) {
    EXPECT_EQ(acl_statement("user", queues, false).find(right), std::string::npos) << right;
    EXPECT_NE(acl_statement("user", queues, true).find(right), std::string::npos) << right;
  }
}

}  // namespace
}  // namespace realtime::redis
