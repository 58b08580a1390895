#include "postgres/errors.hpp"

#include <gtest/gtest.h>

namespace realtime::postgres {
namespace {

struct Case {
  const char* sqlstate;
  const char* text;
  ErrorKind kind;
};

// Texts as PostgreSQL 15.20, wal2json 2.5 and PgBouncer write them.
constexpr Case kServer[] = {
    {"55006", "replication slot \"s3\" is active for PID 25349", ErrorKind::slot_active},
    {"42704", "replication slot \"nope\" does not exist", ErrorKind::slot_missing},
    {"42704", "publication \"nopub\" does not exist", ErrorKind::postgres_publication},
    {"42602", "replication slot name \"Bad-Name\" contains invalid character", ErrorKind::wrong_setting},
    {"42602", "could not parse value \"t1\" for parameter \"add-tables\"", ErrorKind::wrong_setting},
    {"42710", "replication slot \"s3\" already exists", ErrorKind::slot_active},
    {"55000", "replication slot \"s3\" was not created in this database", ErrorKind::slot_unsuitable},
    {"55000", "cannot use physical replication slot for logical decoding", ErrorKind::slot_unsuitable},
    {"55000", "cannot read from logical replication slot \"sl1\"", ErrorKind::slot_lost},
    {"55000", "can no longer get changes from replication slot \"sl1\"", ErrorKind::slot_lost},
    {"58P01", "requested WAL segment 000000010000000000000001 has already been removed",
     ErrorKind::slot_lost},
    {"57P01", "terminating connection due to administrator command", ErrorKind::postgres_unreachable},
    {"57014", "canceling statement due to user request", ErrorKind::postgres_unreachable},
    {"40P01", "deadlock detected", ErrorKind::postgres_unreachable},
    {"57P03", "the database system is starting up", ErrorKind::postgres_starting},
    {"55000", "recovery is in progress", ErrorKind::postgres_starting},
    {"0A000", "logical decoding cannot be used while in recovery", ErrorKind::postgres_starting},
    {"42501", "library \"wal2json\" may not be used as an output plugin", ErrorKind::postgres_plugin_refused},
    {"42501", "must be superuser or replication role to start walsender", ErrorKind::postgres_right_missing},
    {"42501", "permission denied to start WAL sender", ErrorKind::postgres_right_missing},
    {"42501", "permission denied for database \"test\"", ErrorKind::postgres_authentication},
    {"58P01", "could not access file \"wal2json\": No such file or directory",
     ErrorKind::postgres_plugin_missing},
    {"58P01", "could not access file \"$libdir/hstore\": No such file or directory",
     ErrorKind::postgres_plugin_missing},
    {"XX000", "unrecognized pgoutput option: format-version", ErrorKind::slot_unsuitable},
    {"22023", "option \"format-version\" = \"2\" is unknown", ErrorKind::slot_unsuitable},
    {"55000", "logical decoding requires wal_level >= logical", ErrorKind::postgres_wal_level},
    {"55000", "logical decoding requires \"wal_level\" >= \"logical\"", ErrorKind::postgres_wal_level},
    {"53400", "all replication slots are in use", ErrorKind::postgres_no_free_slot},
    {"53300", "number of requested standby connections exceeds max_wal_senders (currently 20)",
     ErrorKind::postgres_no_free_walsender},
    {"53300", "sorry, too many clients already", ErrorKind::postgres_unreachable},
    {"53100", "could not write to data file for XID 743: No space left on device",
     ErrorKind::postgres_unreachable},
    {"28P01", "password authentication failed for user \"rep\"", ErrorKind::postgres_authentication},
    {"28000", "no pg_hba.conf entry for host \"127.0.0.1\", user \"norep\"",
     ErrorKind::postgres_authentication},
    {"28000", "role \"ghost\" does not exist", ErrorKind::postgres_authentication},
    {"3D000", "database \"ghost\" does not exist", ErrorKind::postgres_authentication},
    {"54000", "out of memory", ErrorKind::row_undecodable},
    {"42601", "syntax error at or near \"START_REPLICATION\"", ErrorKind::postgres_pooler},
    {"08P01", "unsupported startup parameter: replication", ErrorKind::postgres_pooler},
    {"42883", "function f() does not exist", ErrorKind::postgres_protocol},
};

TEST(PostgresErrors, EveryKnownErrorHasItsKind) {
  for (const Case& one : kServer)
    EXPECT_EQ(kind_of(one.sqlstate, one.text), one.kind) << one.sqlstate << one.text;
}

TEST(PostgresErrors, AnUnknownErrorInsideTheChangeCallbackIsTheRows) {
  const char* context =
      "slot \"s6\", output plugin \"wal2json\", in the change callback, associated LSN 0/498AA4D0";
  EXPECT_EQ(kind_of("XX000", "something odd", context), ErrorKind::row_undecodable);
  EXPECT_EQ(kind_of("57P01", "terminating connection", context), ErrorKind::postgres_unreachable);
  EXPECT_EQ(kind_of("42704", "publication \"p\" does not exist", context), ErrorKind::postgres_publication);
}

TEST(PostgresErrors, AVerboseConnectTextTellsTheSqlstateWhateverTheLanguage) {
  const auto kind = [](const char* text) { return connect_error(text).kind; };
  EXPECT_EQ(
      kind("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  42501: must be superuser or "
           "replication role to start walsender\nLOCATION:  InitPostgres, postinit.c:909\n"),
      ErrorKind::postgres_right_missing);
  EXPECT_EQ(kind("Verbindung fehlgeschlagen: FATAL:  57P03: das Datenbanksystem startet\n"),
            ErrorKind::postgres_starting);
  EXPECT_EQ(kind("connection to server failed: FATAL:  08P01: unsupported startup parameter: replication\n"),
            ErrorKind::postgres_pooler);
}

TEST(PostgresErrors, LibpqsOwnTextsHaveTheirKinds) {
  const auto kind = [](const char* text) { return connect_error(text).kind; };
  EXPECT_EQ(kind("connection to server at \"x\" failed: fe_sendauth: no password supplied\n"),
            ErrorKind::postgres_authentication);
  EXPECT_EQ(kind("connection to server failed: server does not support SSL, but SSL was required\n"),
            ErrorKind::postgres_authentication);
  EXPECT_EQ(kind("could not translate host name \"nope\" to address: Name or service not known\n"),
            ErrorKind::postgres_unreachable);
  EXPECT_EQ(kind("connection to server failed: Connection refused\n\tIs the server running on that host?\n"),
            ErrorKind::postgres_unreachable);
  EXPECT_EQ(kind("server closed the connection unexpectedly\n"), ErrorKind::postgres_unreachable);
  EXPECT_EQ(kind(""), ErrorKind::postgres_unreachable);
}

struct Mended {
  const char* sqlstate;
  const char* text;
  const char* remedy;
};

// Texts as PostgreSQL 15.20 and libpq write them; provoked.
constexpr Mended kMended[] = {
    {"28000", "role \"nl\" is not permitted to log in", "ALTER ROLE \"r\" LOGIN;"},
    {"28000", "role \"ghost\" does not exist", "CREATE ROLE \"r\" LOGIN REPLICATION;"},
    {"28000", "no pg_hba.conf entry for host \"10.0.0.7\", user \"u\", database \"d\", no encryption",
     "host \"d\" \"r\" 10.0.0.7/32 scram-sha-256; then SELECT pg_reload_conf(); Where there is such a line "
     "with hostssl: "
     "set PGSSLMODE=require."},
    {"28000", "pg_hba.conf rejects connection for host \"::1\", user \"nl\", database \"d\", SSL encryption",
     "before a line that rejects it: host \"d\" \"r\" ::1/128 scram-sha-256;"},
    {"28P01", "password authentication failed for user \"u\"", "HASH_PG_PASSWORD"},
    {"55000", "database \"closed\" is not currently accepting connections",
     "ALTER DATABASE \"d\" ALLOW_CONNECTIONS true;"},
    {"42501", "permission denied for database \"d\"", "GRANT CONNECT ON DATABASE \"d\" TO \"r\";"},
    {"42501", "permission denied for view pg_stat_replication",
     "GRANT SELECT ON TABLE pg_catalog.pg_stat_replication TO \"r\";"},
    {"42501", "permission denied for table orders", "GRANT SELECT ON TABLE \"orders\" TO \"r\";"},
    {"42501", "permission denied for function pg_control_system",
     "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system TO \"r\";"},
    {"42501", "permission denied for schema public", "GRANT USAGE ON SCHEMA public TO \"r\";"},
    {"53300", "too many connections for role \"few\"", "ALTER ROLE \"r\" CONNECTION LIMIT -1;"},
    {"53300", "too many connections for database \"d\"", "ALTER DATABASE \"d\" CONNECTION LIMIT -1;"},
    {"53300", "remaining connection slots are reserved for non-replication superuser connections",
     "max_connections"},
    {"53100", "could not write to data file for XID 743: No space left on device", "disk"},
    {"40P01", "deadlock detected", "locks system catalogs"},
    {"", "connection to server failed: server does not support SSL, but SSL was required", "ssl = on"},
    {"", "fe_sendauth: no password supplied", "HASH_PG_PASSWORD"},
};

TEST(PostgresErrors, TheRemedyFollowsTheCause) {
  for (const Mended& one : kMended) {
    const std::string remedy = filled(remedy_of(one.sqlstate, one.text), "r", "d");
    EXPECT_NE(remedy.find(one.remedy), std::string::npos) << one.text << "\n" << remedy;
    EXPECT_EQ(remedy.find('<'), std::string::npos) << remedy;
    EXPECT_EQ(remedy.find("firewall"), std::string::npos) << remedy;
  }
  EXPECT_EQ(remedy_of("42501", "must be superuser or replication role to start walsender"), "")
      << "the kind's will do";
}

TEST(PostgresErrors, AMessageIsOneBoundedPrintableLine) {
  EXPECT_EQ(one_line("a: FATAL:  28P01: no\nLOCATION:  auth_failed, auth.c:338\n\tb\x01\n"),
            "a: FATAL:  28P01: no; b ");
  const std::string cut = one_line(std::string(599, 'a') + "\xc3\xa9" + std::string(5000, 'b'));
  EXPECT_EQ(cut, std::string(599, 'a')) << "not within a character";
}

}  // namespace
}  // namespace realtime::postgres
