#include "postgres/errors.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace realtime::postgres {
namespace {

constexpr std::size_t kLongestMessage = 600;

struct Row {
  std::string_view sqlstate;  ///< a whole code, a class (two characters), or empty: any
  std::string_view text;      ///< a part of the primary message; empty: any
  ErrorKind kind;
  std::string_view remedy = {};  ///< where the cause needs another than the kind's; see filled()
};

constexpr std::string_view kTls =
    "Check PGSSLMODE and PGSSLROOTCERT (and PGSSLCERT, PGSSLKEY where the server asks for a client "
    "certificate).";
constexpr std::string_view kLibrary =
    "Install on the PostgreSQL server the library that the message names: an extension that the database "
    "uses is "
    "missing it. The service goes on by itself.";
constexpr std::string_view kEnded =
    "Nothing, if it was a restart or a failover: the service connects again by itself. If it happens again "
    "and again: "
    "PostgreSQL's log says who ended the connection.";
constexpr std::string_view kShort =
    "PostgreSQL lacks disk, memory or connections: see its log. The service goes on by itself.";

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
    {"28000", "is not permitted to log in", ErrorKind::postgres_authentication, "ALTER ROLE <role> LOGIN;"},
    {"28000", "client certificate", ErrorKind::postgres_authentication,
     "The server asks for a client certificate: set PGSSLCERT and PGSSLKEY."},
    {"28000", "does not exist", ErrorKind::postgres_authentication,
     "Set HASH_PG_USER to a role that exists, or: CREATE ROLE <role> LOGIN REPLICATION;"},
    {"28P01", "", ErrorKind::postgres_authentication,
     "Set HASH_PG_PASSWORD (or the content of HASH_PG_PASSWORD_FILE) to the password of role <role>; "
     "pg_hba.conf decides "
     "how it is asked for."},
    {"28", "", ErrorKind::postgres_authentication},
    {"3D000", "", ErrorKind::postgres_authentication,
     "Set HASH_PG_DATABASE to a database that exists: SELECT datname FROM pg_database;"},
    {"57P04", "", ErrorKind::postgres_authentication,
     "Set HASH_PG_DATABASE to a database that exists: SELECT datname FROM pg_database;"},
    {"55000", "not currently accepting connections", ErrorKind::postgres_authentication,
     "ALTER DATABASE <database> ALLOW_CONNECTIONS true;"},
    {"42501", "permission denied for database", ErrorKind::postgres_authentication,
     "GRANT CONNECT ON DATABASE <database> TO <role>;"},
    {"42501", "may not be used as an output plugin", ErrorKind::postgres_plugin_refused},
    {"42501", "WAL sender", ErrorKind::postgres_right_missing},
    {"42501", "walsender", ErrorKind::postgres_right_missing},
    {"42501", "replication slots", ErrorKind::postgres_right_missing},
    {"42501", "", ErrorKind::postgres_right_missing,
     "Grant role <role> what the message names. For replication: ALTER ROLE <role> WITH REPLICATION;"},
    // Places that are taken.
    {"53300", "max_wal_senders", ErrorKind::postgres_no_free_walsender},
    {"53300", "too many connections for role", ErrorKind::postgres_unreachable,
     "ALTER ROLE <role> CONNECTION LIMIT -1; or end some of its connections."},
    {"53300", "too many connections for database", ErrorKind::postgres_unreachable,
     "ALTER DATABASE <database> CONNECTION LIMIT -1; or end some of its connections."},
    {"53300", "", ErrorKind::postgres_unreachable,
     "Every connection of the server is in use. See by whom: SELECT usename, application_name, state, "
     "count(*) FROM "
     "pg_stat_activity GROUP BY 1, 2, 3 ORDER BY 4 DESC; or raise max_connections and restart PostgreSQL."},
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
    {"58P01", "\"wal2json\"", ErrorKind::postgres_plugin_missing},
    {"", "/wal2json", ErrorKind::postgres_plugin_missing},
    {"58P01", "could not access file", ErrorKind::postgres_plugin_missing, kLibrary},
    {"", "could not load library", ErrorKind::postgres_plugin_missing, kLibrary},
    // What we asked for came from a setting.
    {"42602", "", ErrorKind::wrong_setting},
    {"22023", "could not parse value", ErrorKind::wrong_setting},
    // A row that the plugin cannot write: the same error on every connection.
    {"54000", "", ErrorKind::row_undecodable},
    {"XX000", "invalid memory alloc request size", ErrorKind::row_undecodable},
    // It was cut, cancelled or short of something for a while.
    {"08P01", "", ErrorKind::postgres_protocol},
    {"08", "", ErrorKind::postgres_unreachable},
    {"40P01", "", ErrorKind::postgres_unreachable,
     "Nothing: the service tries again by itself. A session that locks system catalogs (REINDEX, VACUUM FULL "
     "or CLUSTER "
     "of one) met the WAL sender."},
    {"40", "", ErrorKind::postgres_unreachable, kEnded},
    {"53100", "", ErrorKind::postgres_unreachable,
     "The disk of the PostgreSQL server is full: free space there. The service goes on by itself."},
    {"53200", "", ErrorKind::postgres_unreachable,
     "PostgreSQL got no memory from its system: see its log. The service goes on by itself."},
    {"53", "", ErrorKind::postgres_unreachable, kShort},
    {"57", "", ErrorKind::postgres_unreachable, kEnded},
    {"58030", "", ErrorKind::postgres_unreachable,
     "PostgreSQL could not read or write a file: see its log and its disk. The service goes on by itself."},
    {"58", "", ErrorKind::postgres_unreachable},
};

// Without a SQLSTATE: libpq's own words (translated only where the client's locale asks for it, which we do
// not set).
constexpr Row kLibpqRows[] = {
    {"", "Too many open files", ErrorKind::machine_limit},
    {"", "unsupported startup parameter", ErrorKind::postgres_pooler},
    {"", "does not support SSL", ErrorKind::postgres_authentication,
     "The server offers no TLS: set ssl = on there, with a certificate, or set PGSSLMODE=prefer, which goes "
     "on without."},
    {"", "root certificate file", ErrorKind::postgres_authentication,
     "PGSSLROOTCERT must name a file with the certificate of the authority that signed the server's."},
    {"", "certificate verify failed", ErrorKind::postgres_authentication,
     "The server's certificate is not signed by the authority in PGSSLROOTCERT: name the right authority."},
    {"", "does not match host name", ErrorKind::postgres_authentication,
     "Let HASH_PG_HOST be a name that stands in the server's certificate; PGSSLMODE=verify-ca does not look "
     "at the name."},
    {"", "certificate", ErrorKind::postgres_authentication, kTls},
    {"", "SSL error", ErrorKind::postgres_authentication, kTls},
    {"", "private key", ErrorKind::postgres_authentication, kTls},
    {"", "no password supplied", ErrorKind::postgres_authentication,
     "The server asks for a password: set HASH_PG_PASSWORD or HASH_PG_PASSWORD_FILE."},
    {"", "password", ErrorKind::postgres_authentication},
    {"", "pg_hba.conf", ErrorKind::postgres_authentication},
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

/// What stands between two marks of a text; empty where they do not.
std::string_view between(std::string_view text, std::string_view before, std::string_view after) {
  const std::size_t at = text.find(before);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + before.size());
  return text.substr(0, std::min(text.find(after), text.size()));
}

/// "permission denied for view pg_stat_replication": the GRANT; empty where the text says something else.
std::string grant_for(std::string_view text) {
  struct Privilege {
    std::string_view kind, grant;
  };
  constexpr Privilege kPrivileges[] = {{"materialized view ", "SELECT ON TABLE "},
                                       {"table ", "SELECT ON TABLE "},
                                       {"view ", "SELECT ON TABLE "},
                                       {"sequence ", "SELECT ON SEQUENCE "},
                                       {"function ", "EXECUTE ON FUNCTION "},
                                       {"schema ", "USAGE ON SCHEMA "}};
  constexpr std::string_view kDenied = "permission denied for ";
  const std::size_t at = text.find(kDenied);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + kDenied.size());
  for (const Privilege& one : kPrivileges) {
    if (!text.starts_with(one.kind)) continue;
    const std::string_view object =
        text.substr(one.kind.size(), text.find_first_of(" ;(", one.kind.size()) - one.kind.size());
    if (object.empty()) return {};
    const bool of_catalog = one.kind != "schema " && object.starts_with("pg_");
    return "GRANT " + std::string(one.grant) + (of_catalog ? "pg_catalog." : "") +
           (of_catalog || one.kind == "schema " ? std::string(object) : sql_name(object)) + " TO <role>;";
  }
  return {};
}

/// "no pg_hba.conf entry for host "10.0.0.7", user "u", database "d", no encryption": the line that lets us in.
std::string hba_line_for(std::string_view text) {
  if (text.find("pg_hba.conf") == std::string_view::npos) return {};
  const std::string_view host = between(text, "host \"", "\"");
  if (host.empty()) return {};
  const std::string address =
      host == "[local]" ? ""
                        : std::string(host) + (host.find(':') == std::string_view::npos ? "/32" : "/128");
  const bool plain =
      text.find("no encryption") != std::string_view::npos || text.find("SSL off") != std::string_view::npos;
  return "Put into pg_hba.conf, before a line that rejects it: " +
         std::string(address.empty() ? "local" : "host") + " <database> <role> " + address +
         (address.empty() ? "" : " ") + "scram-sha-256; then SELECT pg_reload_conf();" +
         (plain && !address.empty() ? " Where there is such a line with hostssl: set PGSSLMODE=require."
                                    : "");
}

std::string remedy_of(const Row& row, std::string_view text) {
  if (row.sqlstate == "42501" && row.text.empty()) {
    if (std::string grant = grant_for(text); !grant.empty()) return grant;
  }
  if (row.kind == ErrorKind::postgres_authentication && row.remedy.empty()) return hba_line_for(text);
  return std::string(row.remedy);
}

const Row* row_of(std::string_view sqlstate, std::string_view text) {
  return sqlstate.empty() ? find(kLibpqRows, sqlstate, text) : find(kRows, sqlstate, text);
}

std::string replaced(std::string text, std::string_view mark, const std::string& by) {
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + by.size()))
    text.replace(at, mark.size(), by);
  return text;
}

}  // namespace

ErrorKind kind_of(std::string_view sqlstate, std::string_view text, std::string_view context) {
  if (!sqlstate.empty() && is_of_row(sqlstate, text, context)) return ErrorKind::row_undecodable;
  if (const Row* row = row_of(sqlstate, text)) return row->kind;
  if (sqlstate.empty()) return ErrorKind::postgres_unreachable;
  return ErrorKind::postgres_protocol;
}

std::string remedy_of(std::string_view sqlstate, std::string_view text) {
  const Row* row = row_of(sqlstate, text);
  return row == nullptr ? std::string() : remedy_of(*row, text);
}

std::string filled(std::string remedy, std::string_view role, std::string_view database) {
  return replaced(replaced(std::move(remedy), "<role>", sql_name(role)), "<database>", sql_name(database));
}

Error connect_error(std::string_view libpq_text) {
  std::string text = one_line(libpq_text);
  const std::string_view sqlstate = sqlstate_in(libpq_text);
  const ErrorKind kind = kind_of(sqlstate, text);
  std::string remedy = remedy_of(sqlstate, text);
  return {kind, text.empty() ? "no connection to PostgreSQL" : std::move(text), std::move(remedy)};
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
