#include "postgres/pgoutput/row_writer.hpp"

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kLargeValue = 1 << 20;
constexpr std::size_t kMostGrowth = 6;  ///< a control character becomes \u0001

bool is_numeral(std::string_view text) {
  for (const char c : text) {
    if ((c < '0' || c > '9') && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') return false;
  }
  return !text.empty();
}

/// JSON has no NaN and no infinities: null, as wal2json.
bool is_special(std::string_view text) {
  return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

class RowWriter {
 public:
  RowWriter(TextOut& out, const Relation& relation, std::string_view row, std::size_t most)
      : out_(out), relation_(relation), fields_(row.substr(5)), begin_(out.size()), most_(most) {}

  Written write(char action) {
    switch (action) {
      case 'I':
        insert();
        break;
      case 'U':
        update();
        break;
      case 'D':
        remove();
        break;
      default:
        return Written::malformed;
    }
    if (too_large_ || out_.size() - begin_ > most_) return Written::too_large;
    return good_ && fields_.good() && fields_.at_end() ? Written::whole : Written::malformed;
  }

 private:
  enum class Which { all, key };

  void insert() {
    out_.append(relation_.insert);
    expect(fields_.byte(), 'N');
    tuple(Which::all);
    out_.append("]}");
  }

  /// K: the old key, where it changed. O: the whole old row, with replica identity full. Without both the
  /// identity is in the new row. On the wire the old tuple comes first, in the message last.
  void update() {
    out_.append(relation_.update);
    char kind = static_cast<char>(fields_.byte());
    FieldReader identity = fields_;
    const Which which = kind == 'O' ? Which::all : Which::key;
    if (kind == 'K' || kind == 'O') {
      skip_tuple();
      kind = static_cast<char>(fields_.byte());
    }
    expect(static_cast<std::uint8_t>(kind), 'N');
    tuple(Which::all);
    const FieldReader rest = fields_;
    out_.append("],\"identity\":[");
    fields_ = identity;
    tuple(which);
    fields_ = rest;
    out_.append("]}");
  }

  void remove() {
    out_.append(relation_.remove);
    const char kind = static_cast<char>(fields_.byte());
    good_ = good_ && (kind == 'K' || kind == 'O');
    tuple(kind == 'O' ? Which::all : Which::key);
    out_.append("]}");
  }

  void expect(std::uint8_t byte, char letter) { good_ = good_ && byte == static_cast<std::uint8_t>(letter); }

  void tuple(Which which) {
    const std::size_t list = out_.size();
    good_ = good_ && fields_.int16() == relation_.columns.size();
    if (!good_) return;
    for (const Relation::Column& column : relation_.columns) {
      const std::uint8_t kind = fields_.byte();
      const std::string_view text = kind == 't' ? fields_.bytes(fields_.int32()) : std::string_view();
      if (!fields_.good() || (kind != 't' && kind != 'n' && kind != 'u')) {
        good_ = false;
        return;
      }
      // An unchanged TOAST value is left out; so are the columns beside the key in an identity.
      if (kind == 'u' || (which == Which::key && !column.key)) continue;
      if (!has_room_for(text)) return;
      const bool first = out_.size() == list;
      out_.append(std::string_view(column.before).substr(first ? 1 : 0));
      if (kind == 'n') {
        out_.append("null}");
      } else {
        value(column.kind, text);
        out_.append('}');
      }
    }
  }

  void skip_tuple() {
    for (std::size_t left = fields_.int16(); left > 0 && fields_.good(); --left) {
      if (fields_.byte() == 't') fields_.bytes(fields_.int32());
    }
  }

  void value(Relation::Kind kind, std::string_view text) {
    switch (kind) {
      case Relation::Kind::number:
        if (is_numeral(text)) {
          out_.append(text);
        } else {
          good_ = good_ && is_special(text);
          out_.append("null");
        }
        break;
      case Relation::Kind::boolean:
        out_.append(text == "t" ? "true" : "false");
        break;
      case Relation::Kind::bytes:
        good_ = good_ && text.starts_with("\\x");  // the session has bytea_output hex
        out_.append_json_string(text.substr(good_ ? 2 : 0));
        break;
      case Relation::Kind::text:
        out_.append_json_string(text);
        break;
    }
  }

  /// Whether a large value may be written at all: checked before its memory is asked for.
  bool has_room_for(std::string_view text) {
    if (text.size() < kLargeValue) [[likely]] {
      too_large_ = too_large_ || out_.size() - begin_ > most_;
    } else if (const std::size_t written = out_.size() - begin_;
               written + text.size() * kMostGrowth > most_) {
      std::size_t escaped = text.size();
      for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
          escaped += c == '\b' || c == '\f' || c == '\n' || c == '\r' || c == '\t' ? 1 : 5;
        } else if (c == '"' || c == '\\') {
          ++escaped;
        }
      }
      too_large_ = too_large_ || written + escaped > most_;
    }
    return !too_large_;
  }

  TextOut& out_;
  const Relation& relation_;
  FieldReader fields_;
  const std::size_t begin_, most_;
  bool good_ = true;
  bool too_large_ = false;
};

}  // namespace

Written write_row(TextOut& out, const Relation& relation, std::string_view row, std::size_t most) {
  if (row.size() < 5) return Written::malformed;
  return RowWriter(out, relation, row, most).write(row[0]);
}

}  // namespace realtime::postgres::pgoutput
