// wal2json's own output with its default options is the oracle: what we make of the stream with our options
// must be the same text, byte for byte, save for the type names that wal2json writes as invalid JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/rapidjson.hpp"
#include "postgres/decoding/json_text.hpp"
#include "postgres/wal2json/type_scan.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "support/change_corpus.hpp"
#include "support/plugin_database.hpp"

namespace realtime::postgres {
namespace {

using test::SlotMessage;

bool is_row(const std::string& text) {
  return text.starts_with(R"({"action":"I")") || text.starts_with(R"({"action":"U")") ||
         text.starts_with(R"({"action":"D")");
}

bool is_json(const std::string& text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(text.data(),
                                                                                         text.size());
  return !document.HasParseError();
}

struct Wal2jsonLive : test::PluginDatabase {
  void SetUp() override {
    PluginDatabase::SetUp();
    if (connection_) make_slot("slot", "wal2json");
  }
  /// The rows as wal2json writes them by default.
  std::vector<std::string> default_rows() {
    std::vector<std::string> rows;
    for (const SlotMessage& message : peek("slot", R"(("format-version" '2', "add-msg-prefixes" 'none'))")) {
      if (is_row(message.data)) rows.push_back(message.data);
    }
    return rows;
  }
  test::Decoded decode(bool transactions = false) {
    const Wal2json plugin({"wal2json", "*.*", ""}, {}, nullptr);
    return decode_all(plugin, peek("slot", plugin.start_options(transactions)));
  }
  /// format_type's text of every column type that begins with a quote.
  std::vector<std::string> quoted_types() {
    std::vector<std::string> names;
    auto rows = connection_->query(
        "select distinct format_type(atttypid, atttypmod) from pg_attribute where format_type(atttypid, "
        "atttypmod) like '\"%'");
    EXPECT_TRUE(rows);
    for (int row = 0; row < rows->count(); ++row) names.emplace_back(rows->text(row, 0));
    return names;
  }
};

TEST_F(Wal2jsonLive, EveryChangeIsTheTextOfTheDefaultOptions) {
  for (const auto& part : {test::type_changes(), test::name_changes(), test::identity_changes(),
                           test::event_changes(), test::many_changes(), test::generated_changes()}) {
    run(part);
  }
  const auto expected = default_rows();
  ASSERT_GT(expected.size(), 4000u);
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  EXPECT_TRUE(decoded.contiguous);
  ASSERT_EQ(decoded.texts.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(decoded.texts[i], expected[i]);
    ASSERT_TRUE(is_json(decoded.texts[i])) << decoded.texts[i];
  }
}

TEST_F(Wal2jsonLive, OnlyWrongTypeNamesAreMended) {
  run(test::odd_type_changes());
  const auto expected = default_rows();
  const auto decoded = decode();
  EXPECT_EQ(decoded.error, "");
  ASSERT_EQ(decoded.texts.size(), expected.size());
  const auto types = quoted_types();
  ASSERT_GE(types.size(), 10u);
  int mended = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    std::string text = expected[i];
    for (const std::string& name : types) {
      const std::string raw = "\"type\":" + name + ",\"value\":";
      std::string right = "\"type\":";
      append_type_name(right, name);
      right += ",\"value\":";
      for (std::size_t at = 0; (at = text.find(raw, at)) != std::string::npos; at += right.size()) {
        text.replace(at, raw.size(), right);
        mended += raw != right;
      }
    }
    EXPECT_EQ(decoded.texts[i], text);
    EXPECT_TRUE(is_json(decoded.texts[i])) << decoded.texts[i];
  }
  EXPECT_GE(mended, 20);
}

TEST_F(Wal2jsonLive, ValuesDoNotTakeTheSlowPath) {
  run(test::type_changes());
  for (const std::string& text : default_rows()) EXPECT_FALSE(has_unusual_type_name(text)) << text;
}

TEST_F(Wal2jsonLive, XidsAreThoseOfTheTransactionsAndBeginsComeOnDemand) {
  run({"create table t (id int primary key)", "insert into t values (1), (2)", "insert into t values (3)"});
  const auto decoded = decode();
  ASSERT_EQ(decoded.changes.size(), 3u);
  EXPECT_EQ(std::to_string(decoded.changes[0].xid), sql("select xmin from t where id = 1"));
  EXPECT_EQ(decoded.changes[0].xid, decoded.changes[1].xid);
  EXPECT_EQ(std::to_string(decoded.changes[2].xid), sql("select xmin from t where id = 3"));
  EXPECT_TRUE(decoded.marks.empty());
  const auto with_begins = decode(true);
  EXPECT_EQ(with_begins.texts, decoded.texts);
  std::size_t begins = 0;
  for (const Mark& mark : with_begins.marks)
    begins += mark.kind == Mark::Kind::begin && mark.xid == decoded.changes[2].xid;
  EXPECT_EQ(begins, 1u);
}

TEST_F(Wal2jsonLive, TablesAreChosenAndMessagesSuppressed) {
  run(
      {"create table a (id int primary key); create table b (id int primary key); create table \"c,d\" (id "
       "int primary key)",
       "insert into a values (1); insert into b values (1); insert into \"c,d\" values (1); truncate a, b; "
       "select pg_logical_emit_message(true, 'x', 'y')"});
  const Wal2json plugin({"wal2json", "public.*", R"(public.b,public.c\,d)"}, {}, nullptr);
  const auto messages = peek("slot", plugin.start_options(false));
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0].data.find("\"table\":\"a\"") != std::string::npos, true);
  EXPECT_EQ(messages[1].data.starts_with("{\"action\":\"T\""), true);
}

}  // namespace
}  // namespace realtime::postgres
