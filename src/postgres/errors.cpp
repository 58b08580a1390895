#include "postgres/errors.hpp"

#include <algorithm>
#include <array>

namespace realtime::postgres {
namespace {

constexpr std::size_t kLongestMessage = 600;

struct Row {
  std::string_view sqlstate;  ///< a whole code, a class (two characters), or empty: any
  std::string_view text;      ///< a part of the primary message; empty: any
  ErrorKind kind;
};

// The first matching row decides, so the particular stands before the general. The codes are of PostgreSQL
// documentation, Appendix A. Texts are matched only where a code says too little; they follow 13 to 18, whose
// wording differs here and there. A server whose lc_messages is another language falls through to the row of
// the bare code.
constexpr Row kRows[] = {
    // A pooler in between: it refuses the startup parameter, or hands us a session that knows only SQL.
    {"", "unsupported startup parameter", ErrorKind::postgres_pooler},
    {"", "pgbouncer", ErrorKind::postgres_pooler},
    {"42601", "IDENTIFY_SYSTEM", ErrorKind::postgres_pooler},
    {"42601", "CREATE_REPLICATION_SLOT", ErrorKind::postgres_pooler},
    {"42601", "START_REPLICATION", ErrorKind::postgres_pooler},
    // The server is on its way up or down, or a standby.
    {"57P03", "", ErrorKind::postgres_starting},
    {"55000", "recovery", ErrorKind::postgres_starting},
    {"0A000", "recovery", ErrorKind::postgres_starting},
    {"25006", "", ErrorKind::postgres_starting},
    // Who we are and where we want to go.
    {"28", "", ErrorKind::postgres_authentication},
    {"3D000", "", ErrorKind::postgres_authentication},
    {"57P04", "", ErrorKind::postgres_authentication},
    {"55000", "not currently accepting connections", ErrorKind::postgres_authentication},
    {"42501", "permission denied for database", ErrorKind::postgres_authentication},
    {"42501", "may not be used as an output plugin", ErrorKind::postgres_plugin_refused},
    {"42501", "", ErrorKind::postgres_right_missing},
    // Places that are taken.
    {"53300", "max_wal_senders", ErrorKind::postgres_no_free_walsender},
    {"53400", "", ErrorKind::postgres_no_free_slot},
    // The slot. 42710: another instance made it in the same moment, and streams from it soon.
    {"55006", "", ErrorKind::slot_active},
    {"42710", "replication slot", ErrorKind::slot_active},
    {"42704", "publication", ErrorKind::postgres_publication},
    {"42704", "replication slot", ErrorKind::slot_missing},
    {"55000", "was not created in this database", ErrorKind::slot_unsuitable},
    {"55000", "physical replication slot", ErrorKind::slot_unsuitable},
    {"55000", "cannot read from logical replication slot", ErrorKind::slot_lost},
    {"55000", "can no longer", ErrorKind::slot_lost},
    {"55000", "invalidated", ErrorKind::slot_lost},
    {"58P01", "requested WAL segment", ErrorKind::slot_lost},
    {"55000", "wal_level", ErrorKind::postgres_wal_level},
    {"XX000", "unrecognized pgoutput option", ErrorKind::slot_unsuitable},
    {"22023", "is unknown", ErrorKind::slot_unsuitable},
    {"58P01", "could not access file", ErrorKind::postgres_plugin_missing},
    {"58P01", "could not load library", ErrorKind::postgres_plugin_missing},
    // What we asked for came from a setting.
    {"42602", "", ErrorKind::wrong_setting},
    {"22023", "could not parse value", ErrorKind::wrong_setting},
    // A row that the plugin cannot write: the same error on every connection.
    {"54000", "", ErrorKind::row_undecodable},
    {"XX000", "invalid memory alloc request size", ErrorKind::row_undecodable},
    // It was cut, cancelled or short of something for a while.
    {"08P01", "", ErrorKind::postgres_protocol},
    {"08", "", ErrorKind::postgres_unreachable},
    {"40", "", ErrorKind::postgres_unreachable},
    {"53", "", ErrorKind::postgres_unreachable},
    {"57", "", ErrorKind::postgres_unreachable},
    {"58", "", ErrorKind::postgres_unreachable},
};

// Without a SQLSTATE: libpq's own words (translated only where the client's locale asks for it, which we do
// not set).
constexpr Row kLibpqRows[] = {
    {"", "unsupported startup parameter", ErrorKind::postgres_pooler},
    {"", "password", ErrorKind::postgres_authentication},
    {"", "pg_hba.conf", ErrorKind::postgres_authentication},
    {"", "does not support SSL", ErrorKind::postgres_authentication},
    {"", "certificate", ErrorKind::postgres_authentication},
    {"", "authentication", ErrorKind::postgres_authentication},
    {"", "channel binding", ErrorKind::postgres_authentication},
};

bool code_matches(std::string_view row, std::string_view sqlstate) {
  return row.empty() || (row.size() == 2 ? sqlstate.starts_with(row) : sqlstate == row);
}

template <std::size_t N>
const Row* find(const Row (&rows)[N], std::string_view sqlstate, std::string_view text) {
  const auto* row = std::find_if(std::begin(rows), std::end(rows), [&](const Row& candidate) {
    return code_matches(candidate.sqlstate, sqlstate) && text.find(candidate.text) != std::string_view::npos;
  });
  return row == std::end(rows) ? nullptr : row;
}

/// The SQLSTATE in a verbose text: "FATAL:  28P01: password ...". The severity before it may be translated.
std::string_view sqlstate_in(std::string_view text) {
  constexpr std::string_view kBefore = ":  ", kAfter = ": ";
  for (auto at = text.find(kBefore); at != std::string_view::npos; at = text.find(kBefore, at + 1)) {
    const std::string_view code = text.substr(at + kBefore.size(), 5);
    const bool valid = code.size() == 5 && std::all_of(code.begin(), code.end(), [](char c) {
                         return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
                       });
    if (valid && text.substr(at + kBefore.size() + 5).starts_with(kAfter)) return code;
  }
  return {};
}

/// Raised while the plugin wrote a row: by its own limits, or by what it calls for it, a type's output
/// function above all. Comes again on every connection, but for what a server runs short of or is told to
/// end.
bool is_of_row(std::string_view sqlstate, std::string_view text, std::string_view context) {
  if (context.find("change callback") == std::string_view::npos) return false;
  if (sqlstate == "58P01") return true;  // a type's library is gone
  if (sqlstate == "42704" && text.find("publication") != std::string_view::npos) return false;
  constexpr std::string_view kPassing[] = {"08", "40", "53", "57", "58"};
  return std::none_of(std::begin(kPassing), std::end(kPassing),
                      [sqlstate](std::string_view one) { return sqlstate.starts_with(one); });
}

}  // namespace

ErrorKind kind_of(std::string_view sqlstate, std::string_view text, std::string_view context) {
  if (sqlstate.empty()) {
    const Row* row = find(kLibpqRows, sqlstate, text);
    return row ? row->kind : ErrorKind::postgres_unreachable;
  }
  if (is_of_row(sqlstate, text, context)) return ErrorKind::row_undecodable;
  if (const Row* row = find(kRows, sqlstate, text)) return row->kind;
  return ErrorKind::postgres_protocol;
}

Error connect_error(std::string_view libpq_text) {
  std::string text = one_line(libpq_text);
  const ErrorKind kind = kind_of(sqlstate_in(libpq_text), text);
  return {kind, text.empty() ? "no connection to PostgreSQL" : std::move(text)};
}

std::string one_line(std::string_view text) {
  std::string line;
  while (!text.empty() && line.size() < kLongestMessage) {
    const std::size_t end = text.find('\n');
    std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    while (!part.empty() && (part.front() == ' ' || part.front() == '\t')) part.remove_prefix(1);
    if (part.empty() || part.starts_with("LOCATION:")) continue;
    if (!line.empty()) line += "; ";
    line += part.substr(0, kLongestMessage + 1);
  }
  if (line.size() > kLongestMessage) {
    line.resize(kLongestMessage);
    while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xC0u) == 0x80u) line.pop_back();
    if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0x80u) line.pop_back();
  }
  std::replace_if(
      line.begin(), line.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; },
      ' ');
  return line;
}

}  // namespace realtime::postgres
