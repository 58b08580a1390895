#include "postgres/pgoutput/row_writer.hpp"

#include <algorithm>

#include "postgres/pgoutput/text_out.hpp"

namespace realtime::postgres::pgoutput {
namespace {

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

/// Goes through a row once; `Out` is a TextWriter or a TextSize.
template <typename Out>
class RowWriter {
 public:
  RowWriter(Out out, const Relation& relation, std::string_view row)
      : out_(out), relation_(relation), fields_(row.substr(std::min<std::size_t>(row.size(), 5))) {}

  /// Whether the row fits its relation.
  bool write(char action) {
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
        return false;
    }
    return good_ && fields_.good() && fields_.at_end();
  }
  const Out& out() const { return out_; }

 private:
  enum class Which { all, key };

  void insert() {
    out_.append(relation_.insert);
    good_ = fields_.byte() == 'N';
    tuple(Which::all);
    out_.append("]}");
  }

  /// K: the old key, where it changed. O: the whole old row, with replica identity full. Without both the
  /// identity is in the new row. On the wire the old tuple comes first, in the message last.
  void update() {
    out_.append(relation_.update);
    std::uint8_t kind = fields_.byte();
    FieldReader identity = fields_;
    const Which which = kind == 'O' ? Which::all : Which::key;
    if (kind == 'K' || kind == 'O') {
      skip_tuple();
      kind = fields_.byte();
    }
    good_ = kind == 'N';
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
    const std::uint8_t kind = fields_.byte();
    good_ = kind == 'K' || kind == 'O';
    tuple(kind == 'O' ? Which::all : Which::key);
    out_.append("]}");
  }

  void tuple(Which which) {
    good_ = good_ && fields_.int16() == relation_.columns.size();
    if (!good_) return;
    Out out = out_;  // in registers
    std::size_t comma = 1;
    for (const Relation::Column& column : relation_.columns) {
      const std::uint8_t kind = fields_.byte();
      const std::string_view text = kind == 't' ? fields_.bytes(fields_.int32()) : std::string_view();
      if (!fields_.good() || (kind != 't' && kind != 'n' && kind != 'u')) {
        good_ = false;
        return;
      }
      // An unchanged TOAST value is left out; so are the columns beside the key in an identity.
      if (kind == 'u' || (which == Which::key && !column.key)) continue;
      out.append_blocks(relation_.pieces.data() + column.begin + comma, column.length - comma);
      comma = 0;
      if (kind == 'n') {
        out.append(std::string_view("null}"));
      } else {
        value(out, column.kind, text);
        out.append('}');
      }
    }
    out_ = out;
  }

  void skip_tuple() {
    for (std::size_t left = fields_.int16(); left > 0 && fields_.good(); --left) {
      if (fields_.byte() == 't') fields_.bytes(fields_.int32());
    }
  }

  void value(Out& out, Relation::Kind kind, std::string_view text) {
    switch (kind) {
      case Relation::Kind::number:
        if (is_numeral(text)) {
          out.append_short(text);
        } else {
          good_ = good_ && is_special(text);
          out.append(std::string_view("null"));
        }
        break;
      case Relation::Kind::boolean:
        out.append(text == "t" ? std::string_view("true") : std::string_view("false"));
        break;
      case Relation::Kind::bytes: {
        const bool hex = text.starts_with("\\x");  // the session has bytea_output hex
        good_ = good_ && hex;
        out.append_json_string(text.substr(hex ? 2 : 0));
        break;
      }
      case Relation::Kind::text:
        out.append_json_string(text);
        break;
    }
  }

  Out out_;
  const Relation& relation_;
  FieldReader fields_;
  bool good_ = true;
};

}  // namespace

bool identifies(const Relation& relation, std::string_view row) {
  constexpr std::size_t kKind = 5;  // behind the letter and the relation
  if (row.size() <= kKind || row[0] == 'I') return true;
  return row[kKind] == 'O' ? !relation.columns.empty() : relation.has_whole_key;
}

std::optional<std::size_t> row_size(const Relation& relation, std::string_view row) {
  RowWriter<TextSize> writer(TextSize(), relation, row);
  if (row.empty() || !writer.write(row[0])) return std::nullopt;
  return writer.out().size();
}

std::size_t most_row_size(const Relation& relation, std::string_view row) {
  return 2 * (relation.most_around_values + kMostGrowth * row.size());
}

char* write_row(char* at, const Relation& relation, std::string_view row) {
  RowWriter<TextWriter> writer(TextWriter(at), relation, row);
  return row.empty() || !writer.write(row[0]) ? nullptr : writer.out().at();
}

}  // namespace realtime::postgres::pgoutput
