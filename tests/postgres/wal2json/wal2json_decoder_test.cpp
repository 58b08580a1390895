#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "postgres/wal2json/wal2json.hpp"
#include "support/wal_messages.hpp"

namespace realtime::postgres {
namespace {

using test::SlotMessage;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct Heard : DecodeObserver {
  void truncate_ignored(std::string_view schema, std::string_view table, Lsn) override {
    lines.push_back("truncate " + std::string(schema) + "." + std::string(table));
  }
  void oversize_skipped(std::string_view schema, std::string_view table, std::size_t bytes, Lsn) override {
    lines.push_back("skipped " + std::string(schema) + "." + std::string(table) + " " +
                    std::to_string(bytes));
  }
  void text_mended(std::string_view schema, std::string_view table, std::size_t replaced, Lsn) override {
    lines.push_back("mended " + std::string(schema) + "." + std::string(table) + " " +
                    std::to_string(replaced));
  }
  void identity_incomplete(std::string_view schema, std::string_view table, Lsn) override {
    lines.push_back("incomplete " + std::string(schema) + "." + std::string(table));
  }
  std::vector<std::string> lines;
};

struct Wal2jsonDecoder : testing::Test {
  std::shared_ptr<Heard> heard = std::make_shared<Heard>();
  OversizePolicy oversize;
  std::vector<SlotMessage> messages;

  void send(std::uint64_t lsn, std::string data) { messages.push_back({Lsn{lsn}, std::move(data)}); }
  test::Decoded decode() const {
    return decode_all(Wal2json({"wal2json", "*.*", ""}, oversize, heard), messages);
  }
};

std::string row(char action, const std::string& xid, const std::string& value,
                const std::string& type = "\"text\"") {
  return std::string(R"({"action":")") + action + '"' + (xid.empty() ? "" : ",\"xid\":" + xid) +
         R"(,"schema":"public","table":"t","columns":[{"name":"v","type":)" + type + R"(,"value":")" + value +
         "\"}]}";
}

TEST_F(Wal2jsonDecoder, CutsTheXidOutAndNothingElse) {
  send(0x10, row('I', "728", "a"));
  send(0x20, row('U', "4294967295", "bb"));
  send(0x30, row('D', "1", ""));
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_THAT(decoded.texts, ElementsAre(row('I', "", "a"), row('U', "", "bb"), row('D', "", "")));
  EXPECT_TRUE(decoded.contiguous);
  EXPECT_EQ(decoded.changes[1].xid, 4294967295u);
  EXPECT_EQ(decoded.changes[1].lsn, Lsn{0x20});
}

TEST_F(Wal2jsonDecoder, EverySizeOfMessageStaysWhole) {
  std::vector<std::string> expected;
  for (std::size_t size = 0; size < 1200; size += 7) {
    send(size, row('I', "7", std::string(size, 'x')));
    expected.push_back(row('I', "", std::string(size, 'x')));
  }
  for (const std::size_t size : {65300u, 65400u, 65500u, 65600u, 99990u, 3000000u}) {
    send(size, row('I', "4000000000", std::string(size, 'y')));
    expected.push_back(row('I', "", std::string(size, 'y')));
  }
  const auto decoded = decode();
  EXPECT_EQ(decoded.texts, expected);
  EXPECT_TRUE(decoded.contiguous);
}

TEST_F(Wal2jsonDecoder, ALargeRowIsNotMoved) {
  const std::string text = row('I', "728", std::string(1 << 20, 'x'));
  const auto framer = Wal2json({}, {}, nullptr).make_framer();
  Frame frame;
  ASSERT_TRUE(test::add_to_frame(*framer, frame, {Lsn{1}, text}));
  const char* const end_of_row = frame.payload(frame.events()[0]).data() + text.size();
  ASSERT_TRUE(Wal2json({}, {}, nullptr).make_decoder()->decode(frame));
  EXPECT_EQ(frame.message(frame.changes[0]).data() + frame.message(frame.changes[0]).size(), end_of_row);
}

TEST_F(Wal2jsonDecoder, MarksStandBetweenTheChanges) {
  const auto plugin = Wal2json({}, {}, heard);
  const auto framer = plugin.make_framer();
  Frame frame;
  frame.add_keepalive(Lsn{5});
  ASSERT_TRUE(test::add_to_frame(*framer, frame, {Lsn{0x10}, R"({"action":"B","xid":9})"}));
  ASSERT_TRUE(test::add_to_frame(*framer, frame, {Lsn{0x10}, row('I', "9", "a")}));
  ASSERT_TRUE(
      test::add_to_frame(*framer, frame, {Lsn{0x20}, R"({"action":"T","xid":9,"schema":"s","table":"u"})"}));
  ASSERT_TRUE(test::add_to_frame(*framer, frame, {Lsn{0x30}, R"({"action":"C","xid":9})"}));
  frame.add_keepalive(Lsn{0x40});
  ASSERT_TRUE(plugin.make_decoder()->decode(frame));
  std::vector<std::string> seen;
  for (const Mark& mark : frame.marks) {
    seen.push_back(std::to_string(static_cast<int>(mark.kind)) + " " + std::to_string(mark.xid) + " " +
                   std::to_string(mark.after) + " " + to_string(mark.lsn));
  }
  EXPECT_THAT(seen, ElementsAre("0 0 0 0/5", "1 9 0 0/10", "0 0 1 0/40"));
  EXPECT_THAT(heard->lines, ElementsAre("truncate s.u"));
}

TEST_F(Wal2jsonDecoder, AFrameWithoutChangesHasARunOfNothing) {
  send(1, R"({"action":"C","xid":9})");
  EXPECT_TRUE(decode().texts.empty());
  Frame frame;
  frame.add_keepalive(Lsn{5});
  ASSERT_TRUE(Wal2json({}, {}, heard).make_decoder()->decode(frame));
  EXPECT_NE(frame.encoded, nullptr);
}

TEST_F(Wal2jsonDecoder, MendedMessagesStandInOrderWithTheOthers) {
  const std::string odd = R"("Odd Sch.ema"."Q t")";
  send(1, row('I', "7", "a"));
  send(2, row('I', "7", "b", odd));
  send(3, row('I', "7", std::string(2000, 'c')));
  send(4, row('I', "7", std::string(70000, 'd'), odd));
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  const std::string mended = R"("\"Odd Sch.ema\".\"Q t\"")";
  EXPECT_THAT(decoded.texts,
              ElementsAre(row('I', "", "a"), row('I', "", "b", mended), row('I', "", std::string(2000, 'c')),
                          row('I', "", std::string(70000, 'd'), mended)));
  EXPECT_TRUE(decoded.contiguous);
}

TEST_F(Wal2jsonDecoder, AnOversizeRowStopsWithTableSizeAndPlace) {
  oversize.max_message_bytes = row('I', "", "1234").size();
  send(1, row('I', "4294967295", "1234"));
  EXPECT_EQ(decode().error, "");
  send(0x100000002, row('I', "7", "12345"));
  const auto decoded = decode();
  EXPECT_THAT(decoded.error, HasSubstr("public.t"));
  EXPECT_THAT(decoded.error, HasSubstr("1/2"));
  EXPECT_THAT(decoded.error, HasSubstr(std::to_string(oversize.max_message_bytes + 1)));
  EXPECT_THAT(decoded.error, Not(HasSubstr("12345")));
}

TEST_F(Wal2jsonDecoder, AnOversizeRowThatIsSkippedTakesItsNumber) {
  oversize = {row('I', "", "12").size(), true};
  send(1, row('I', "7", "a"));
  send(2, row('I', "7", std::string(100000, 'x')));
  send(3, row('I', "7", "b"));
  const auto decoded = decode();
  EXPECT_THAT(decoded.texts, ElementsAre(row('I', "", "a"), "", row('I', "", "b")));
  EXPECT_EQ(decoded.changes[1].length, 0u);
  EXPECT_EQ(decoded.changes[1].xid, 7u);
  EXPECT_THAT(heard->lines, ElementsAre("skipped public.t " +
                                        std::to_string(row('I', "", std::string(100000, 'x')).size())));
}

TEST_F(Wal2jsonDecoder, WhatIsMalformedIsSaidWithItsPlaceAndWithoutItsText) {
  for (const std::string& message :
       {std::string("secret"), std::string(), row('I', "x", "secret"), row('I', "7", "secret", "\"a\"secret"),
        std::string(R"({"action":"T","xid":1,"secret":1})")}) {
    messages.clear();
    send(0xAB, message);
    const auto decoded = decode();
    EXPECT_THAT(decoded.error, HasSubstr("0/AB")) << message;
    EXPECT_THAT(decoded.error, Not(HasSubstr("secret")));
  }
}

TEST(Wal2jsonOptions, QuotesAreDoubled) {
  const Wal2json plugin({"wal2json", "public.o'brien,a.b\\,c", ""}, {}, nullptr);
  EXPECT_EQ(
      plugin.start_options(false),
      R"(("format-version" '2', "include-transaction" '0', "include-xids" '1', "include-timestamp" '1', "add-tables" 'public.o''brien,a.b\,c', )"
      R"("add-msg-prefixes" 'hash-realtime:no-messages'))");
  const Wal2json excluding({"wal2json", "*.*", "public.big"}, {}, nullptr);
  EXPECT_THAT(excluding.start_options(true), HasSubstr(R"("include-transaction" '1')"));
  EXPECT_THAT(excluding.start_options(true), HasSubstr(R"("filter-tables" 'public.big')"));
}

TEST_F(Wal2jsonDecoder, WhatIsNotUtf8IsReplacedAndHeard) {
  send(0x10, row('I', "728", "caf\xE9"));
  send(0x20, row('I', "728", "caf\xC3\xA9"));
  send(0x30, row('I', "728", std::string(100'000, 'x') + "\xF0\x90\x80"));  // three bytes become three
  send(0x40, row('I', "728", "\xFF", "\"My\".\"T\""));                      // and a type name
  send(0x50, row('I', "728", "ok"));
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  const std::string bad = "\xEF\xBF\xBD";
  EXPECT_THAT(decoded.texts, ElementsAre(row('I', "", "caf" + bad), row('I', "", "caf\xC3\xA9"),
                                         row('I', "", std::string(100'000, 'x') + bad),
                                         row('I', "", bad, R"("\"My\".\"T\"")"), row('I', "", "ok")));
  EXPECT_TRUE(decoded.contiguous);
  EXPECT_THAT(heard->lines, ElementsAre("mended public.t 1", "mended public.t 1", "mended public.t 1"));
}

TEST_F(Wal2jsonDecoder, TextThatGrowsOverTheLimitWhenItIsMendedIsOversize) {
  send(0x10, row('I', "728", std::string(20'000, '\xFF')));
  oversize = {40'000, true};
  EXPECT_THAT(decode().texts, ElementsAre(""));
  EXPECT_THAT(heard->lines,
              ElementsAre("mended public.t 20000",
                          "skipped public.t " + std::to_string(60'000 + row('I', "", "").size())));
}

}  // namespace
}  // namespace realtime::postgres
