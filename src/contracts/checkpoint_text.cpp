#include "realtime/checkpoint_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/check.hpp"
#include "base/hash.hpp"
#include "base/rapidjson.hpp"

namespace realtime {
namespace {

// The text of a record: a format number, a space, one JSON object of these members in this order.
//   1 {"epoch":3,"lsn":"0/16B3748","number":42,"clean":false,"xid":751,"row":"0/16B3700","ordinal":0,
//      "system":"7412…","timeline":1,"database":"…","slot":"…","plugin":"…","tables":"…","excluded":"…"}
//   2 {"version":"1.1.0","epoch":3, … "plugin":"…","digest":"…"}
// xid, row and ordinal are the last message's identity, absent where none has passed; "committed" follows
// them, the commit time of its transaction in microseconds since 2000-01-01 UTC (absent in a record that an
// older release wrote). Optional as well: "log" and "log_bytes", the log hash of a clean record; "beat",
// "started" and "lease", the owner's sign of life; "oid" of the database; "ended", where earlier timelines did
// ("1:0/3000000,2:0/5000000"); "loss" where the queue is known to have missed something; "refused", which older
// releases wrote where they had stopped at the record. Every later format has "version" too, so that who does
// not know it can name who does.
constexpr std::uint32_t kPlain = 1, kWithDigest = 2;
constexpr std::size_t kMostNameBytes = 6 * 63 + 2;  // a name of PostgreSQL, each byte of it escaped
constexpr std::size_t kMostLossBytes = 1002, kMostRefusedBytes = 256;
constexpr std::size_t kMostPositionBytes = 340;  // LSN, numbers and names of the members
// What may be read: more than any setting can make of lists, which the last release wrote into the record.
constexpr std::size_t kMostTextBytes = 32 << 20;
constexpr std::size_t kMostEnded = 8;  // timelines before this one

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

rapidjson::SizeType size_of(std::string_view text) {
  return static_cast<rapidjson::SizeType>(text.size());
}

using Buffer = rapidjson::StringBuffer;
using Json = rapidjson::Writer<Buffer>;

void add_member(Json& json, std::string_view name, std::string_view value) {
  json.Key(name.data(), size_of(name));
  json.String(value.data(), size_of(value));
}

std::size_t json_size(std::string_view text) {
  Buffer buffer;
  Json(buffer).String(text.data(), size_of(text));
  return buffer.GetSize();
}

/// What no writer makes longer: a record that was read can be written again. A database's name has 63 bytes.
const char* too_long(const Record& record) {
  if (json_size(record.history.database) > kMostNameBytes) return "database";
  if (json_size(record.history.slot) > kMostNameBytes) return "slot";
  if (json_size(record.filter.plugin) > kMostNameBytes) return "plugin";
  if (json_size(record.loss) > kMostLossBytes) return "loss";
  return nullptr;
}

/// As much of it as may stand in a record.
std::string_view cut(std::string_view text) {
  while (json_size(text) > kMostRefusedBytes) text.remove_suffix(1);
  while (!text.empty() && (text.back() & 0xC0) == 0x80) text.remove_suffix(1);  // no half character
  return text;
}

std::string digest_of(const Filter& filter) {
  Hash128 hash;
  hash.add_part(filter.tables);
  hash.add_part(filter.excluded);
  return hash.text();
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
    return blame(name), std::string();
  }
  std::uint64_t number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsUint64()) return value->GetUint64();
    return blame(name), 0;
  }
  std::int64_t signed_number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsInt64()) return value->GetInt64();
    return blame(name), 0;
  }
  std::uint32_t small_number(const char* name) {
    const auto* value = find(name);
    if (value && value->IsUint()) return value->GetUint();
    return blame(name), 0;
  }
  bool boolean(const char* name) {
    const auto* value = find(name);
    if (value && value->IsBool()) return value->GetBool();
    return blame(name), false;
  }
  Lsn lsn(const char* name) {
    const auto parsed = parse_lsn(text(name));
    if (!parsed) blame(name);
    return parsed.value_or(Lsn{});
  }
  const std::string& wrong() const { return wrong_; }
  void blame(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }

 private:
  const rapidjson::Value* find(const char* name) const {
    const auto member = object_.FindMember(name);
    return member == object_.MemberEnd() ? nullptr : &member->value;
  }

  const rapidjson::Value& object_;
  std::string wrong_;
};

std::string format_ended(const std::vector<std::pair<std::uint32_t, Lsn>>& ended) {
  std::string text;
  for (std::size_t i = ended.size() - std::min(ended.size(), kMostEnded); i < ended.size(); ++i) {
    if (!text.empty()) text += ',';
    text += std::to_string(ended[i].first) + ':' + to_string(ended[i].second);
  }
  return text;
}

/// None: it is no such list.
std::optional<std::vector<std::pair<std::uint32_t, Lsn>>> parse_ended(std::string_view text) {
  std::vector<std::pair<std::uint32_t, Lsn>> ended;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    std::uint32_t timeline = 0;
    const auto [stop, error] = std::from_chars(one.data(), one.data() + one.size(), timeline);
    if (error != std::errc{} || stop == one.data() + one.size() || *stop != ':') return std::nullopt;
    const auto end = parse_lsn(one.substr(static_cast<std::size_t>(stop - one.data()) + 1));
    if (!end || ended.size() == kMostEnded) return std::nullopt;
    ended.emplace_back(timeline, *end);
  }
  return ended;
}

/// The members that an older release does not write.
void read_newer(Members& members, Record& record) {
  if (members.has("log")) {
    record.position.log = parse_log_hash(members.text("log"), members.small_number("log_bytes"));
    if (!record.position.log) members.blame("log");
  }
  if (members.has("beat")) record.life.beat = members.number("beat");
  if (members.has("started")) record.life.server_started_us = members.signed_number("started");
  if (members.has("lease")) record.life.lease_ms = members.small_number("lease");
  if (members.has("oid")) record.history.database_oid = members.small_number("oid");
  if (members.has("ended")) {
    auto ended = parse_ended(members.text("ended"));
    if (!ended) members.blame("ended");
    record.history.ended = ended ? std::move(*ended) : record.history.ended;
  }
}

}  // namespace

Filter make_filter(std::string plugin, std::string tables, std::string excluded) {
  Filter filter{std::move(plugin), std::move(tables), std::move(excluded)};
  if (json_size(filter.tables) + json_size(filter.excluded) > kMostListBytes)
    filter.digest = digest_of(filter);
  return filter;
}

std::string format_lists(const Filter& filter) {
  if (filter.digest.empty() || !filter.knows_its_lists()) return {};
  Buffer buffer;
  Json json(buffer);
  json.StartObject();
  add_member(json, "tables", filter.tables);
  add_member(json, "excluded", filter.excluded);
  json.EndObject();
  return std::to_string(kPlain) + " " + std::string(buffer.GetString(), buffer.GetSize());
}

bool add_lists(Filter& filter, std::string_view text) {
  if (text.size() > kMostTextBytes || !text.starts_with("1 ")) return false;
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data() + 2, text.size() - 2);
  if (document.HasParseError() || !document.IsObject()) return false;
  Members members(document);
  Filter read{filter.plugin, members.text("tables"), members.text("excluded")};
  if (!members.wrong().empty() || read.tables.empty() || digest_of(read) != filter.digest) return false;
  read.digest = filter.digest;
  filter = std::move(read);
  return true;
}

RecordWriter::RecordWriter(const Record& record) {
  const Filter& filter = record.filter;
  const bool beside = !filter.digest.empty();
  head_ = std::to_string(beside ? kWithDigest : kPlain) + " {";
  if (beside) head_ += "\"version\":\"" REALTIME_VERSION "\",";
  head_ += "\"epoch\":" + std::to_string(record.epoch) + ",\"lsn\":";
  Buffer buffer;
  Json json(buffer);
  json.StartObject();
  add_member(json, "system", std::to_string(record.history.system_identifier));
  json.Key("timeline");
  json.Uint(record.history.timeline);
  add_member(json, "database", record.history.database);
  add_member(json, "slot", record.history.slot);
  add_member(json, "plugin", filter.plugin);
  if (beside) {
    add_member(json, "digest", filter.digest);
  } else {
    add_member(json, "tables", filter.tables);
    add_member(json, "excluded", filter.excluded);
  }
  if (record.history.database_oid != 0) {
    json.Key("oid");
    json.Uint(record.history.database_oid);
  }
  if (!record.history.ended.empty()) add_member(json, "ended", format_ended(record.history.ended));
  if (record.life.server_started_us != 0) {
    json.Key("started");
    json.Int64(record.life.server_started_us);
  }
  if (record.life.lease_ms != 0) {
    json.Key("lease");
    json.Uint(record.life.lease_ms);
  }
  if (!record.loss.empty()) add_member(json, "loss", record.loss);
  if (!record.refused.empty()) add_member(json, "refused", cut(record.refused));
  json.EndObject();
  tail_.assign(buffer.GetString(), buffer.GetSize());
  tail_[0] = ',';
  RT_CHECK(head_.size() + tail_.size() + kMostPositionBytes <= kMostRecordBytes,
           "what a record holds is bounded");
}

void RecordWriter::write(const Position& position, std::uint64_t beat, std::string& text) const {
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
  if (position.log) {
    text += ",\"log\":\"";
    text += to_hex(*position.log);
    text += "\",\"log_bytes\":";
    append_number(text, position.log->bytes);
  }
  if (beat != 0) {
    text += ",\"beat\":";
    append_number(text, beat);
  }
  text += tail_;
}

std::string format_record(const Record& record) {
  std::string text;
  RecordWriter(record).write(record.position, record.life.beat, text);
  return text;
}

namespace {

/// A record of a format that is not known; the next ones all say who wrote them.
Error newer(std::uint32_t format, const rapidjson::Document& document) {
  std::string by;
  const auto version =
      document.IsObject() ? document.FindMember("version") : rapidjson::Value::ConstMemberIterator();
  if (document.IsObject() && version != document.MemberEnd() && version->value.IsString()) {
    const std::string_view text(version->value.GetString(), version->value.GetStringLength());
    const bool sound =
        text.size() <= 32 && text.find_first_not_of("0123456789.-+abcdefghijklmnopqrstuvwxyz") == text.npos;
    if (sound) by = ", written by version " + std::string(text);
  }
  return {ErrorKind::record_newer, "the position record is of format " + std::to_string(format) + by +
                                       "; this version, " REALTIME_VERSION
                                       ", does not know it and stays out"};
}

}  // namespace

Result<Record> parse_record(std::string_view text) {
  std::uint32_t format = 0;
  const auto [digits_end, wrong] = std::from_chars(text.data(), text.data() + text.size(), format);
  const auto space = static_cast<std::size_t>(digits_end - text.data());
  if (text.size() > kMostTextBytes || wrong != std::errc{} || text.starts_with('0') || space >= text.size() ||
      text[space] != ' ')
    return unreadable("it does not begin with a format number");
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(text.data() + space + 1, text.size() - space - 1);
  if (format > kWithDigest) return newer(format, document);
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
  if (format == kWithDigest && members.has("digest")) {
    record.filter.digest = members.text("digest");
    if (record.filter.digest.size() != Hash128().text().size()) return unreadable("member digest is wrong");
  } else {
    record.filter = make_filter(record.filter.plugin, members.text("tables"), members.text("excluded"));
  }
  if (members.has("loss")) record.loss = members.text("loss");
  if (members.has("refused")) record.refused = cut(members.text("refused"));
  read_newer(members, record);
  if (!members.wrong().empty()) return unreadable("member " + members.wrong() + " is missing or wrong");
  if (const char* name = too_long(record)) return unreadable("member " + std::string(name) + " is too long");
  return record;
}

}  // namespace realtime
