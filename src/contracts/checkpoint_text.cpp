#include "realtime/checkpoint_text.hpp"

#include <charconv>
#include <cstring>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/rapidjson.hpp"

namespace realtime {
namespace {

// The text of a record: a format number, a space, one JSON object of these members in this order.
//   1 {"epoch":3,"lsn":"0/16B3748","number":42,"clean":false,"xid":751,"row":"0/16B3700","ordinal":0,
//      "system":"7412…","timeline":1,"database":"…","slot":"…","plugin":"…","tables":"…","excluded":"…"}
// xid, row and ordinal are the last message's identity, absent where none has passed; "committed" follows
// them, the commit time of its transaction in microseconds since 2000-01-01 UTC (absent in a record that an
// older release wrote); "loss" follows where the queue is known to have missed something, "refused" where the
// service has stopped at the record.
constexpr std::string_view kFormat = "1 ";
constexpr std::size_t kMaxBytes = 64 * 1024;

template <typename Number>
void append_number(std::string& text, Number number) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  (void)error;
  text.append(digits, end);
}

void append_lsn(std::string& text, Lsn lsn) {
  text += '"';
  text += to_string(lsn);
  text += '"';
}

Error unreadable(const std::string& why) {
  return {ErrorKind::record_unreadable, "the position record cannot be read: " + why};
}

/// Typed members of a parsed record; remembers the first one that is missing or of a wrong type.
class Members {
 public:
  explicit Members(const rapidjson::Value& object) : object_(object) {}

  bool has(const char* name) const { return object_.HasMember(name); }
  std::string text(const char* name) {
    const auto* value = find(name);
    if (value && value->IsString()) return {value->GetString(), value->GetStringLength()};
    return fail(name), std::string();
  }
  std::uint64_t number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsUint64()) return value->GetUint64();
    return fail(name), 0;
  }
  std::int64_t signed_number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsInt64()) return value->GetInt64();
    return fail(name), 0;
  }
  std::uint32_t small_number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsUint()) return value->GetUint();
    return fail(name), 0;
  }
  bool boolean(const char* name) {
    const auto* value = find(name);
    if (value && value->IsBool()) return value->GetBool();
    return fail(name), false;
  }
  Lsn lsn(const char* name) {
    const auto parsed = parse_lsn(text(name));
    if (!parsed) fail(name);
    return parsed.value_or(Lsn{});
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const rapidjson::Value* find(const char* name) const {
    const auto member = object_.FindMember(name);
    return member == object_.MemberEnd() ? nullptr : &member->value;
  }
  void fail(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }

  const rapidjson::Value& object_;
  std::string wrong_;
};

}  // namespace

RecordWriter::RecordWriter(const Record& record) {
  head_ = std::string(kFormat) + "{\"epoch\":" + std::to_string(record.epoch) + ",\"lsn\":";
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> json(buffer);
  const auto member = [&json](const char* name, const std::string& value) {
    json.Key(name);
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
  };
  json.StartObject();
  member("system", std::to_string(record.history.system_identifier));
  json.Key("timeline");
  json.Uint(record.history.timeline);
  member("database", record.history.database);
  member("slot", record.history.slot);
  member("plugin", record.filter.plugin);
  member("tables", record.filter.tables);
  member("excluded", record.filter.excluded);
  if (!record.loss.empty()) member("loss", record.loss);
  if (!record.refused.empty()) member("refused", record.refused);
  json.EndObject();
  tail_.assign(buffer.GetString(), buffer.GetSize());
  tail_[0] = ',';
}

void RecordWriter::write(const Position& position, std::string& text) const {
  text.assign(head_);
  append_lsn(text, position.restart);
  text += ",\"number\":";
  append_number(text, position.number);
  text += position.clean ? ",\"clean\":true" : ",\"clean\":false";
  if (position.last) {
    text += ",\"xid\":";
    append_number(text, position.last->xid);
    text += ",\"row\":";
    append_lsn(text, position.last->lsn);
    text += ",\"ordinal\":";
    append_number(text, position.last->ordinal);
    if (position.last->committed_us != 0) {
      text += ",\"committed\":";
      append_number(text, position.last->committed_us);
    }
  }
  text += tail_;
}

std::string format_record(const Record& record) {
  std::string text;
  RecordWriter(record).write(record.position, text);
  return text;
}

Result<Record> parse_record(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (text.size() > kMaxBytes || space == std::string_view::npos || space == 0 || space > 9 ||
      text.find_first_not_of("0123456789") != space) {
    return unreadable("it does not begin with a format number");
  }
  if (text.substr(0, space + 1) != kFormat) {
    return unreadable("it is of format " + std::string(text.substr(0, space)) +
                      ", which this version does not know");
  }
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data() + space + 1, text.size() - space - 1);
  if (document.HasParseError() || !document.IsObject()) return unreadable("it is not JSON");

  Members members(document);
  Record record;
  record.epoch = members.number("epoch");
  record.position.restart = members.lsn("lsn");
  record.position.number = members.number("number");
  record.position.clean = members.boolean("clean");
  if (members.has("xid")) {
    record.position.last =
        Identity{members.small_number("xid"), members.lsn("row"), members.small_number("ordinal")};
    if (members.has("committed")) record.position.last->committed_us = members.signed_number("committed");
  }
  const std::string system = members.text("system");
  const auto [end, error] =
      std::from_chars(system.data(), system.data() + system.size(), record.history.system_identifier);
  if (error != std::errc{} || end != system.data() + system.size())
    return unreadable("member system is wrong");
  record.history.timeline = members.small_number("timeline");
  record.history.database = members.text("database");
  record.history.slot = members.text("slot");
  record.filter.plugin = members.text("plugin");
  record.filter.tables = members.text("tables");
  record.filter.excluded = members.text("excluded");
  if (members.has("loss")) record.loss = members.text("loss");
  if (members.has("refused")) record.refused = members.text("refused");
  if (!members.wrong().empty()) return unreadable("member " + members.wrong() + " is missing or wrong");
  return record;
}

}  // namespace realtime
