#include "postgres/wal2json/head.hpp"

#include <algorithm>
#include <cstring>

#include "base/rapidjson.hpp"
#include "postgres/wal2json/commit_time.hpp"

namespace realtime::postgres {
namespace {

constexpr std::size_t kMaxHead = 2048;
constexpr std::string_view kXidKey = R"(,"xid")";
constexpr std::string_view kTimeKey = R"(,"timestamp":)";
constexpr std::size_t kLongestTime = 64;

/// A RapidJSON input stream over bytes that no NUL ends.
class HeadStream {
 public:
  using Ch = char;
  explicit HeadStream(std::string_view text)
      : begin_(text.data()), at_(begin_), end_(begin_ + std::min(text.size(), kMaxHead)) {}
  Ch Peek() const { return at_ != end_ ? *at_ : '\0'; }
  Ch Take() { return at_ != end_ ? *at_++ : '\0'; }
  std::size_t Tell() const { return static_cast<std::size_t>(at_ - begin_); }
  std::string_view taken() const { return {begin_, Tell()}; }
  // Writing belongs to in-situ parsing, which we do not do; the concept asks for the names.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  std::size_t PutEnd(Ch*) { return 0; }

 private:
  const char* begin_;
  const char* at_;
  const char* end_;
};

/// Ends the parse (by answering false) when it has what it wants, and at everything unexpected.
struct HeadHandler : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, HeadHandler> {
  enum class Key_ : std::uint8_t { none, action, xid, time, schema, table, other };

  HeadHandler(const HeadStream& input, Wal2jsonHead* wanted_head, HeadReader::Names* wanted_names)
      : stream(input), head(wanted_head), names(wanted_names) {}

  bool Default() { return false; }
  bool StartObject() { return depth++ == 0; }
  bool Key(const char* text, rapidjson::SizeType length, bool) {
    const std::string_view name(text, length);
    if (name == "action") {
      key = Key_::action;
    } else if (name == "xid") {
      key = Key_::xid;
      return begin_cut();
    } else if (name == "timestamp") {
      key = Key_::time;
    } else if (name == "schema") {
      key = Key_::schema;
    } else if (name == "table") {
      key = Key_::table;
    } else {
      key = Key_::other;
    }
    return true;
  }
  bool String(const char* text, rapidjson::SizeType length, bool) {
    switch (key) {
      case Key_::action:
        if (length != 1) return false;
        if (head != nullptr) head->action = *text;
        return true;
      case Key_::time:
        return true;
      case Key_::schema:
        if (names != nullptr) names->schema.assign(text, length);
        return true;
      case Key_::table:
        if (names != nullptr) names->table.assign(text, length);
        done = names != nullptr && !names->schema.empty();
        return !done;
      default:
        return false;
    }
  }
  bool Uint(unsigned value) {
    if (key != Key_::xid) return false;
    if (head != nullptr) head->xid = value;
    return end_cut();
  }
  bool Null() { return key == Key_::time || (key == Key_::xid && end_cut()); }

  bool begin_cut() {
    // What is cut out is this text and no other, so it must stand here letter by letter.
    if (!stream.taken().ends_with(kXidKey)) return false;
    if (head != nullptr) head->cut_at = static_cast<std::uint32_t>(stream.Tell() - kXidKey.size());
    return true;
  }
  bool end_cut() {
    if (head == nullptr) return true;
    head->cut_length = static_cast<std::uint32_t>(stream.Tell()) - head->cut_at;
    done = head->action != 0;
    return !done;
  }

  const HeadStream& stream;
  Wal2jsonHead* head;
  HeadReader::Names* names;
  int depth = 0;
  Key_ key = Key_::none;
  bool done = false;
};

}  // namespace

struct HeadReader::Parser {
  rapidjson::Reader reader;
  bool parse(std::string_view message, Wal2jsonHead* head, Names* names) {
    HeadStream stream(message);
    HeadHandler handler(stream, head, names);
    reader.Parse<rapidjson::kParseStopWhenDoneFlag>(stream, handler);
    return handler.done;
  }
};

HeadReader::HeadReader() : parser_(std::make_unique<Parser>()) {}
HeadReader::~HeadReader() = default;

bool HeadReader::read(std::string_view message, Wal2jsonHead& head) {
  head = {};
  if (!parser_->parse(message, &head, nullptr)) return false;
  take_time(message, head);
  return true;
}

/// The time stands behind the xid, letter by letter, or not at all; it is cut out with it.
void HeadReader::take_time(std::string_view message, Wal2jsonHead& head) {
  const std::string_view rest = message.substr(head.cut_at + head.cut_length);
  if (!rest.starts_with(kTimeKey)) return;
  const std::string_view value = rest.substr(kTimeKey.size(), kLongestTime);
  if (value.starts_with("null")) {
    head.cut_length += static_cast<std::uint32_t>(kTimeKey.size() + 4);
    return;
  }
  const std::size_t end = value.find('"', 1);
  if (!value.starts_with('"') || end == std::string_view::npos) return;
  const std::string_view text = value.substr(1, end - 1);
  if (text != time_text_) {
    time_text_ = text;
    time_us_ = parse_commit_time(text);
  }
  head.committed_us = time_us_;
  head.cut_length += static_cast<std::uint32_t>(kTimeKey.size() + end + 1);
}

bool HeadReader::read_names(std::string_view message, Names& names) {
  names.schema.clear();
  names.table.clear();
  return parser_->parse(message, nullptr, &names);
}

}  // namespace realtime::postgres
