// What wal2json 2.5 writes for type names, and what must become of it. The raw form is what its source does:
// a name that begins with a quote and does not end in ] is written as it is, every other one escaped.
#include <random>

#include <gtest/gtest.h>

#include "base/rapidjson.hpp"
#include "postgres/decoding/json_text.hpp"
#include "postgres/wal2json/mend.hpp"
#include "postgres/wal2json/type_scan.hpp"

namespace realtime::postgres {
namespace {

std::string as_wal2json_writes(const std::string& name) {
  if (name.front() == '"' && name.back() != ']') return name;
  std::string out;
  append_json_string(out, name);
  return out;
}

std::string message_with(const std::string& type, const std::string& value = "1") {
  return R"({"action":"I","schema":"public","table":"t","columns":[{"name":"id","type":"integer","value":1},)"
         R"({"name":"v","type":)" +
         type + R"(,"value":)" + value + "}]}";
}

bool is_json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  return !document.HasParseError();
}

/// The name that a consumer reads.
std::string parsed_type(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.data(), text.size());
  return document["columns"][1]["type"].GetString();
}

std::string mended(const std::string& message) {
  std::string out;
  return append_mended(out, message) ? out : "(unreadable)";
}

TEST(TypeNames, RightOnesStayAsTheyAre) {
  for (const std::string name :
       {"integer", "character varying(10)", "timestamp(3) with time zone", "\"My Type\"", "\"My Type\"[]",
        "public.\"Q t\"", "\"char\"", "\"Odd\".t[]", "\"a\"\"b\"[]", "odd.\"a\\b\""}) {
    const std::string message = message_with(as_wal2json_writes(name));
    ASSERT_TRUE(is_json(message)) << message;
    EXPECT_EQ(mended(message), message) << name;
  }
}

TEST(TypeNames, WrongOnesAreFoundAndMended) {
  for (const std::string name :
       {"\"Odd Sch.ema\".\"Q t\"", "\"Odd Sch.ema\".t", "\"q\"\"t\"", "\"\"\"\"",
        "\"Odd\".geometry(Point,4326)", "\"Q t\"(3)", "\"a\\\"", "\"a\\xb\"", "\"a\nb\"", "\"A\".\"\"\"b\"",
        "\"a.b\".\".\"", "\"\\u00\"", "\",\"\"value\"\":\".x", "\"\"\"type\"\":\".\"\"\"type\"\":\"",
        "\"a\\\".\"b\\\""}) {
    const std::string message = message_with(as_wal2json_writes(name));
    ASSERT_FALSE(is_json(message)) << message;
    EXPECT_TRUE(has_unusual_type_name(message)) << name;
    ASSERT_TRUE(is_json(mended(message))) << name << " became " << mended(message);
    EXPECT_EQ(parsed_type(mended(message)), name);
  }
}

// The name "a\n" of four letters would arrive as a line feed: valid, and wrong.
TEST(TypeNames, ARawNameThatHappensToBeAnEscapedStringIsMended) {
  for (const std::string name : {"\"a\\n\"", "\"a\\\\b\"", "\"\\u0041\""}) {
    const std::string message = message_with(as_wal2json_writes(name));
    ASSERT_TRUE(is_json(message));
    EXPECT_TRUE(has_unusual_type_name(message));
    EXPECT_EQ(parsed_type(mended(message)), name);
  }
}

TEST(TypeNames, ValuesThatLookLikeWrongNamesAreNone) {
  for (const std::string value :
       {"\".\"", "\"\"", "\"\\\"\\\"\"", "\"\\\".\\\"\"", "\"(1,\\\"\\\")\"", "\"\\\"type\\\":\\\"x\"",
        "\"\\\\\"", "\",\\\"type\\\":\\\"Odd\\\".t,\\\"value\\\":1\"", "\"type\"",
        "\"\\\\\\\"type\\\\\\\":\\\\\\\"\""}) {
    const std::string message = message_with("\"text\"", value);
    ASSERT_TRUE(is_json(message)) << message;
    EXPECT_FALSE(has_unusual_type_name(message)) << message;
    EXPECT_EQ(mended(message), message);
  }
}

TEST(TypeNames, ATextThatIsNeitherIsRefused) {
  for (const std::string& type : std::vector<std::string>{"\"", "\"a\"x", "\"a\".", "\"a\".A", "\"a\"(\"",
                                                          "\"a\"(", "\"a", "\"a\".\"\"", "\"a\\\"x"}) {
    std::string out;
    const std::string message = message_with(type);
    EXPECT_TRUE(has_unusual_type_name(message)) << type;
    EXPECT_FALSE(append_mended(out, message)) << type << " became " << out;
  }
}

std::string quoted_if_needed(const std::string& identifier) {
  bool plain = !identifier.empty() && (std::islower(identifier[0]) || identifier[0] == '_');
  for (const char c : identifier) plain = plain && (std::islower(c) || std::isdigit(c) || c == '_');
  if (plain) return identifier;
  std::string out = "\"";
  for (const char c : identifier) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

// Names of few letters, the ones that can do harm, in every place: what is read must be the name, as a string
// without escapes in the one case where wal2json's quoting is JSON's too.
TEST(TypeNames, EveryNameOfRandomLettersComesThrough) {
  std::mt19937 random(20261122);
  const std::string letters = "a\".\\(),: n\nu0[]";
  const auto identifier = [&] {
    std::string text;
    for (auto length = 1 + random() % 6; length > 0; --length) text += letters[random() % letters.size()];
    return text;
  };
  for (int round = 0; round < 50000; ++round) {
    std::string name = quoted_if_needed(identifier());
    if (random() % 2) name += "." + quoted_if_needed(identifier());
    if (random() % 4 == 0) name += "(10,2)";
    if (random() % 4 == 0) name += "[]";
    const std::string message =
        message_with(as_wal2json_writes(name), random() % 2 ? "\"\\\"x\\\"\"" : "null");
    const std::string text = has_unusual_type_name(message) ? mended(message) : message;
    ASSERT_TRUE(is_json(text)) << name << " became " << text;
    const bool json_already =
        is_json(message) && name.find('\\') == std::string::npos && name.front() == '"' && name.back() == '"';
    ASSERT_EQ(parsed_type(text), json_already ? name.substr(1, name.size() - 2) : name) << text;
    std::string alone;
    append_type_name(alone, name);
    ASSERT_NE(
        text.find("\"type\":" + alone + ",\"value\":" + (text.ends_with("null}]}") ? "null" : "\"\\\"x")),
        std::string::npos)
        << alone << " is not in " << text;
  }
}

TEST(TypeNames, TheScanSeesEveryPlaceOfAMessage) {
  for (std::size_t shift = 0; shift < 70; ++shift) {
    for (std::size_t length = 1; length < 40; ++length) {
      const std::string before(shift, 'y');
      const std::string text = before + "\"type\":\"" + std::string(length, 'x') + "\",\"value\":1";
      const char* found = find_type_name(text.data(), text.data() + text.size());
      ASSERT_EQ(found, text.data() + shift + 7);
      EXPECT_FALSE(has_unusual_type_name(text));
      for (const char odd : {'"', '\\', '\n'}) {
        std::string wrong = text;
        wrong[shift + 8 + length - 1] = odd;
        EXPECT_TRUE(has_unusual_type_name(wrong)) << wrong;
      }
      for (std::size_t cut = shift + 8; cut < text.size() - 1; ++cut) {
        EXPECT_TRUE(has_unusual_type_name(text.substr(0, cut)));
      }
    }
  }
}

}  // namespace
}  // namespace realtime::postgres
