#include "config/config.hpp"

#include "config/options.hpp"
#include "config/settings.hpp"

namespace realtime {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string effective(const Config& config, std::string_view variable) {
  for (const auto& setting : config.effective) {
    if (setting.variable == variable) return setting.value;
  }
  return "(not there)";
}

TEST(Config, DefaultsAreThoseOfTheTable) {
  const Config config = loaded(with());
  EXPECT_EQ(config.postgres.host, "localhost");
  EXPECT_EQ(config.postgres.port, 5432);
  EXPECT_EQ(config.postgres.user, "postgres");
  EXPECT_EQ(config.postgres.password, std::nullopt);
  EXPECT_EQ(config.postgres.database, "postgres");
  EXPECT_EQ(config.slot_name, "realtime");
  EXPECT_EQ(config.plugin, Plugin::wal2json);
  EXPECT_EQ(config.publication, "hash_realtime");
  EXPECT_EQ(config.tables.canonical(), "public.*");
  EXPECT_TRUE(config.excluded_tables.empty());
  EXPECT_EQ(config.redis.host, "localhost");
  EXPECT_EQ(config.redis.port, 6379);
  EXPECT_EQ(config.redis.database, 0u);
  EXPECT_FALSE(config.redis.tls.on);
  EXPECT_EQ(config.redis.tls.server_name, "localhost");
  EXPECT_EQ(config.queues,
            (std::vector<QueueSpec>{{QueueKind::list, "search"}, {QueueKind::list, "integration"}}));
  EXPECT_EQ(config.stream_maxlen, std::nullopt);
  EXPECT_EQ(config.queue_warn_length, 100'000u);
  EXPECT_EQ(config.lease, 10s);
  EXPECT_EQ(config.replay_window, 5s);
  EXPECT_FALSE(config.skip_oversize);
  EXPECT_EQ(config.max_message_bytes, 512u << 20);
  EXPECT_EQ(config.max_in_flight_bytes, 16u << 20);
  EXPECT_EQ(config.decoder_threads, 3u);
  EXPECT_EQ(config.bind, "0.0.0.0");
  EXPECT_EQ(config.http_port, 3333);
  EXPECT_EQ(config.log_style, log::Style::json);
  EXPECT_EQ(config.log_level, log::Level::info);
  EXPECT_THAT(config.warnings, IsEmpty());
}

TEST(Config, EverySettingArrives) {
  const Config config = loaded({{"HASH_PG_HOST", "/var/run/postgresql"},
                                {"HASH_PG_PORT", "5433"},
                                {"HASH_PG_USER", "rep"},
                                {"HASH_PG_PASSWORD", "pw1"},
                                {"HASH_PG_DATABASE", "graph"},
                                {"HASH_REALTIME_SLOT_NAME", "slot_2"},
                                {"HASH_REALTIME_PLUGIN", "pgoutput"},
                                {"HASH_REALTIME_PUBLICATION", "pub"},
                                {"HASH_REALTIME_TABLES", "a.*, b.c"},
                                {"HASH_REALTIME_EXCLUDE_TABLES", "a.x"},
                                {"HASH_REDIS_HOST", "::1"},
                                {"HASH_REDIS_PORT", "6380"},
                                {"HASH_REDIS_USERNAME", "u"},
                                {"HASH_REDIS_PASSWORD", "pw2"},
                                {"HASH_REDIS_DATABASE", "3"},
                                {"HASH_REDIS_ENCRYPTED_TRANSIT", "true"},
                                {"HASH_REDIS_CA_FILE", "/ca"},
                                {"HASH_REDIS_CERT_FILE", "/cert"},
                                {"HASH_REDIS_KEY_FILE", "/key"},
                                {"HASH_REDIS_TLS_SERVER_NAME", "redis.example"},
                                {"HASH_SEARCH_QUEUE_NAME", "s"},
                                {"HASH_INTEGRATION_QUEUE_NAME", "i"},
                                {"HASH_REALTIME_QUEUES", "stream:x,y"},
                                {"HASH_REALTIME_STREAM_MAXLEN", "7"},
                                {"HASH_REALTIME_QUEUE_WARN_LENGTH", "8"},
                                {"HASH_REALTIME_LEASE", "3s"},
                                {"HASH_REALTIME_REPLAY_WINDOW", "0ms"},
                                {"HASH_REALTIME_ON_OVERSIZE", "skip"},
                                {"HASH_REALTIME_MAX_MESSAGE_BYTES", "1MiB"},
                                {"HASH_REALTIME_MAX_IN_FLIGHT_BYTES", "2097152"},
                                {"HASH_REALTIME_DECODER_THREADS", "9"},
                                {"HASH_REALTIME_BIND", "127.0.0.1"},
                                {"HASH_REALTIME_PORT", "3334"},
                                {"NODE_ENV", "development"},
                                {"HASH_REALTIME_LOG_LEVEL", "warn"}});
  EXPECT_EQ(config.postgres.host, "/var/run/postgresql");
  EXPECT_EQ(config.postgres.port, 5433);
  EXPECT_EQ(config.postgres.user, "rep");
  EXPECT_EQ(config.postgres.password, "pw1");
  EXPECT_EQ(config.postgres.database, "graph");
  EXPECT_EQ(config.slot_name, "slot_2");
  EXPECT_EQ(config.plugin, Plugin::pgoutput);
  EXPECT_EQ(config.publication, "pub");
  EXPECT_TRUE(config.monitors("a", "y"));
  EXPECT_TRUE(config.monitors("b", "c"));
  EXPECT_FALSE(config.monitors("a", "x"));
  EXPECT_EQ(config.redis.host, "::1");
  EXPECT_EQ(config.redis.port, 6380);
  EXPECT_EQ(config.redis.username, "u");
  EXPECT_EQ(config.redis.password, "pw2");
  EXPECT_EQ(config.redis.database, 3u);
  EXPECT_TRUE(config.redis.tls.on);
  EXPECT_EQ(config.redis.tls.ca_file, "/ca");
  EXPECT_EQ(config.redis.tls.cert_file, "/cert");
  EXPECT_EQ(config.redis.tls.key_file, "/key");
  EXPECT_EQ(config.redis.tls.server_name, "redis.example");
  EXPECT_EQ(
      config.queues,
      (std::vector<QueueSpec>{
          {QueueKind::list, "s"}, {QueueKind::list, "i"}, {QueueKind::stream, "x"}, {QueueKind::list, "y"}}));
  EXPECT_EQ(config.stream_maxlen, 7u);
  EXPECT_EQ(config.queue_warn_length, 8u);
  EXPECT_EQ(config.lease, 3s);
  EXPECT_EQ(config.replay_window, 0s);
  EXPECT_TRUE(config.skip_oversize);
  EXPECT_EQ(config.max_message_bytes, 1u << 20);
  EXPECT_EQ(config.max_in_flight_bytes, 2u << 20);
  EXPECT_EQ(config.decoder_threads, 9u);
  EXPECT_EQ(config.bind, "127.0.0.1");
  EXPECT_EQ(config.http_port, 3334);
  EXPECT_EQ(config.log_style, log::Style::readable);
  EXPECT_EQ(config.log_level, log::Level::warn);
  EXPECT_THAT(config.warnings, ElementsAre(HasSubstr("cuts off the oldest entries")));
  for (const auto& setting : config.effective) {
    EXPECT_EQ(setting.from_user, !setting.variable.ends_with("_PASSWORD_FILE")) << setting.variable;
  }
}

TEST(Config, DevelopmentLogsFromDebugOn) {
  EXPECT_EQ(loaded(with({{"NODE_ENV", "development"}})).log_level, log::Level::debug);
}

TEST(Config, DecoderThreadsComeFromTheCores) {
  EXPECT_EQ(default_decoder_threads(0), 1u);
  EXPECT_EQ(default_decoder_threads(1), 1u);
  EXPECT_EQ(default_decoder_threads(2), 1u);
  EXPECT_EQ(default_decoder_threads(8), 7u);
  EXPECT_EQ(default_decoder_threads(17), 16u);
  EXPECT_EQ(default_decoder_threads(128), 16u);
}

TEST(Config, ARefusalNamesTheVariableItsValueAndWhatIsAllowed) {
  EXPECT_EQ(refusal(with({{"HASH_PG_PORT", "0"}})),
            "HASH_PG_PORT is \"0\": allowed is a port from 1 to 65535");
  EXPECT_EQ(refusal(with({{"NODE_ENV", "test"}})),
            "NODE_ENV is \"test\": allowed is production or development");
  EXPECT_THAT(refusal({}), HasSubstr("HASH_SEARCH_QUEUE_NAME is not set"));
  EXPECT_THAT(refusal({{"HASH_SEARCH_QUEUE_NAME", ""}}), HasSubstr("HASH_SEARCH_QUEUE_NAME is not set"));
}

TEST(Config, EveryWrongValueOfEverySettingIsRefusedByName) {
  const std::vector<std::pair<const char*, std::vector<std::string>>> wrong = {
      {"HASH_PG_HOST",
       {"a b", "a,b", "host:5432", "[::1]", "::zz", "a/b", "postgres://h", "x=y", "a\nb",
        std::string(300, 'a')}},
      {"HASH_PG_PORT", {"0", "65536", "-1", "5432 ", "abc", "tcp://10.0.0.1:5432"}},
      {"HASH_PG_USER", {"a\nb", "a\xFF", std::string(64, 'u')}},
      {"HASH_PG_DATABASE", {"a\tb", std::string(64, 'd')}},
      {"HASH_REALTIME_SLOT_NAME", {"Upper", "with-dash", "with space", "ü", std::string(64, 's')}},
      {"HASH_REALTIME_PLUGIN", {"test_decoding", "WAL2JSON", "wal2json|pgoutput", "|"}},
      {"HASH_REALTIME_PUBLICATION", {"a\nb", std::string(64, 'p')}},
      {"HASH_REALTIME_TABLES", {"t1", "a.b,", "a b.c", "a.\xFF"}},
      {"HASH_REALTIME_EXCLUDE_TABLES", {"t1", ",", "a."}},
      {"HASH_REDIS_HOST", {"/run/redis.sock", "redis://h", "h:6379", "user:pw@h"}},
      {"HASH_REDIS_PORT", {"0", "70000", "tcp://10.0.0.1:6379"}},
      {"HASH_REDIS_USERNAME", {"a\nb"}},
      {"HASH_REDIS_DATABASE", {"-1", "x", "2147483648"}},
      {"HASH_REDIS_ENCRYPTED_TRANSIT", {"yes", "TRUE", "2"}},
      {"HASH_REDIS_CA_FILE", {"a\nb", std::string(2000, 'f')}},
      {"HASH_REDIS_TLS_SERVER_NAME", {"https://x", "a b"}},
      {"HASH_SEARCH_QUEUE_NAME", {"a b", "{a}", "a-processing", "a-owner", "a:position"}},
      {"HASH_INTEGRATION_QUEUE_NAME", {" ", "a}b"}},
      {"HASH_REALTIME_QUEUES", {"a,", "zset:a", "a-owner"}},
      {"HASH_REALTIME_STREAM_MAXLEN", {"0", "-1", "1KiB"}},
      {"HASH_REALTIME_QUEUE_WARN_LENGTH", {"0", "many"}},
      {"HASH_REALTIME_LEASE", {"10", "0s", "999ms", "601s", "1m"}},
      {"HASH_REALTIME_REPLAY_WINDOW", {"5", "601s", "-1s"}},
      {"HASH_REALTIME_ON_OVERSIZE", {"drop", "Stop"}},
      {"HASH_REALTIME_MAX_MESSAGE_BYTES", {"1023", "2GiB", "1MB"}},
      {"HASH_REALTIME_MAX_IN_FLIGHT_BYTES", {"1", "17GiB", "16 MiB"}},
      {"HASH_REALTIME_DECODER_THREADS", {"0", "257", "auto"}},
      {"HASH_REALTIME_BIND", {"localhost", "::", "0.0.0.0:3333", "1.2.3"}},
      {"HASH_REALTIME_PORT", {"0", "65536", "tcp://10.0.0.1:3333"}},
      {"NODE_ENV", {"test", "Production"}},
      {"HASH_REALTIME_LOG_LEVEL", {"verbose", "INFO"}},
  };
  for (const auto& [variable, values] : wrong) {
    for (const std::string& value : values) {
      Environment environment = with();
      environment[variable] = value;
      const std::string message = refusal(environment);
      EXPECT_TRUE(message.starts_with(variable)) << variable << "=" << value << ": " << message;
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_LT(message.size(), 700u);
    }
  }
}

TEST(Config, AllWrongSettingsAreSaidAtOnceOneALine) {
  const std::string message =
      refusal({{"HASH_PG_PORT", "x"}, {"HASH_REDIS_PORT", "y"}, {"HASH_REALTIME_TABLES", "t"}});
  EXPECT_EQ(std::count(message.begin(), message.end(), '\n'), 3) << message;
  EXPECT_THAT(message, AllOf(HasSubstr("HASH_PG_PORT"), HasSubstr("HASH_REDIS_PORT"),
                             HasSubstr("HASH_REALTIME_TABLES"), HasSubstr("HASH_SEARCH_QUEUE_NAME")));
}

TEST(Config, AQueueNamedTwiceIsRefused) {
  EXPECT_THAT(refusal(with({{"HASH_INTEGRATION_QUEUE_NAME", "search"}})),
              HasSubstr("\"search\" is named twice"));
  EXPECT_THAT(refusal(with({{"HASH_REALTIME_QUEUES", "stream:integration"}})), HasSubstr("named twice"));
}

TEST(Config, EmptyIsUnsetExceptWhereItIsSaid) {
  Environment environment;
  for (const Option& row : all_options()) environment[std::string(row.variable)] = "";
  environment["HASH_SEARCH_QUEUE_NAME"] = "search";
  const Config config = loaded(environment);
  EXPECT_EQ(config.postgres.port, 5432);
  EXPECT_EQ(config.tables.canonical(), "public.*");
  EXPECT_EQ(config.queues, (std::vector<QueueSpec>{{QueueKind::list, "search"}}));
  EXPECT_EQ(effective(config, "HASH_INTEGRATION_QUEUE_NAME"), "no such queue");
}

TEST(Config, AliasesAreReadAndTheOwnNameWins) {
  const Config aliased = loaded(with({{"HASH_GRAPH_PG_HOST", "h"},
                                      {"HASH_GRAPH_PG_PORT", "1"},
                                      {"HASH_GRAPH_PG_DATABASE", "d"},
                                      {"HASH_GRAPH_REALTIME_PG_USER", "u"},
                                      {"HASH_GRAPH_REALTIME_PG_PASSWORD", "p"}}));
  EXPECT_EQ(aliased.postgres.host, "h");
  EXPECT_EQ(aliased.postgres.port, 1);
  EXPECT_EQ(aliased.postgres.database, "d");
  EXPECT_EQ(aliased.postgres.user, "u");
  EXPECT_EQ(aliased.postgres.password, "p");
  EXPECT_THAT(aliased.warnings, IsEmpty());
  EXPECT_THAT(refusal(with({{"HASH_GRAPH_PG_PORT", "x"}})), HasSubstr("HASH_GRAPH_PG_PORT is \"x\""));

  const Config both = loaded(with({{"HASH_PG_HOST", "own"}, {"HASH_GRAPH_PG_HOST", "alias"}}));
  EXPECT_EQ(both.postgres.host, "own");
  EXPECT_THAT(both.warnings, ElementsAre("HASH_PG_HOST and HASH_GRAPH_PG_HOST differ: HASH_PG_HOST is used"));
  EXPECT_THAT(loaded(with({{"HASH_PG_HOST", "same"}, {"HASH_GRAPH_PG_HOST", "same"}})).warnings, IsEmpty());
  EXPECT_EQ(loaded(with({{"HASH_PG_HOST", ""}, {"HASH_GRAPH_PG_HOST", "alias"}})).postgres.host, "alias");
}

TEST(Config, APortThatKubernetesSetIsExplained) {
  for (const char* variable :
       {"HASH_REALTIME_PORT", "HASH_REDIS_PORT", "HASH_PG_PORT", "HASH_GRAPH_PG_PORT"}) {
    EXPECT_THAT(refusal(with({{variable, "tcp://10.0.0.1:1"}})),
                AllOf(HasSubstr(variable), HasSubstr("enableServiceLinks: false")));
  }
  EXPECT_THAT(refusal(with({{"HASH_REDIS_PORT", "tcp://10.0.0.1:1"}})),
              HasSubstr("a service named hash-redis"));
}

TEST(Config, APasswordFileWinsAndIsSaid) {
  const Config config = loaded(with({{"HASH_PG_PASSWORD", "hunter2"},
                                     {"HASH_PG_PASSWORD_FILE", "/run/pg"},
                                     {"HASH_REDIS_PASSWORD_FILE", "/run/redis"}}));
  EXPECT_EQ(config.postgres.password, std::nullopt);
  EXPECT_EQ(config.postgres.password_file, "/run/pg");
  EXPECT_EQ(config.redis.password_file, "/run/redis");
  EXPECT_THAT(config.warnings, ElementsAre(HasSubstr("HASH_PG_PASSWORD is not used")));
}

TEST(Config, TlsSettingsThatDoNotFitAreSaid) {
  EXPECT_THAT(refusal(with({{"HASH_REDIS_ENCRYPTED_TRANSIT", "true"}, {"HASH_REDIS_CERT_FILE", "/c"}})),
              HasSubstr("HASH_REDIS_KEY_FILE must be set"));
  EXPECT_THAT(refusal(with({{"HASH_REDIS_ENCRYPTED_TRANSIT", "true"}, {"HASH_REDIS_KEY_FILE", "/k"}})),
              HasSubstr("HASH_REDIS_CERT_FILE must be set"));
  EXPECT_THAT(loaded(with({{"HASH_REDIS_CA_FILE", "/ca"}})).warnings,
              ElementsAre(HasSubstr("HASH_REDIS_CA_FILE has no effect")));
}

TEST(Config, PatternsThatAreHardlyMeantAreWarnedOf) {
  EXPECT_THAT(loaded(with({{"HASH_REALTIME_TABLES", "public.\"T\""}})).warnings,
              ElementsAre(HasSubstr("quotes")));
  EXPECT_THAT(loaded(with({{"HASH_REALTIME_TABLES", "public.t_*"}})).warnings,
              ElementsAre(HasSubstr("star")));
  EXPECT_THAT(loaded(with({{"HASH_REALTIME_TABLES", "public.\\*"}})).warnings, IsEmpty());
}

TEST(Config, UnknownVariablesAreWarningsNotErrors) {
  EXPECT_THAT(loaded(with({{"HASH_REALTIME_TABELS", "x"}})).warnings,
              ElementsAre(HasSubstr("HASH_REALTIME_TABLES?")));
}

TEST(Config, NoSecretIsEverShown) {
  const std::string secret = "hunter2";
  Environment environment = with({{"HASH_PG_PASSWORD", secret},
                                  {"HASH_GRAPH_REALTIME_PG_PASSWORD", secret + "x"},
                                  {"HASH_REDIS_PASSWORD", secret},
                                  {"HASH_PG_PASSWORD_FILE", "/f"},
                                  {"HASH_REALTIME_PASSWORD", secret},
                                  {"HASH_REDIS_PASSWRD", secret}});
  const Config config = loaded(environment);
  for (const auto& setting : config.effective)
    EXPECT_THAT(setting.value, Not(HasSubstr(secret))) << setting.variable;
  EXPECT_THAT(config.warnings, Not(Contains(HasSubstr(secret))));
  EXPECT_EQ(effective(config, "HASH_PG_PASSWORD"), "***");

  environment["HASH_REDIS_PASSWORD"] = std::string(70'000, 'z') + secret;
  environment["HASH_GRAPH_REALTIME_PG_PASSWORD"] = std::string(70'000, 'z') + secret;
  environment.erase("HASH_PG_PASSWORD");
  for (const char* host : {"HASH_PG_HOST", "HASH_REDIS_HOST", "HASH_REDIS_TLS_SERVER_NAME"}) {
    environment[host] = "redis://user:" + secret + "@host:6379/0?password=" + secret;
  }
  environment["HASH_REALTIME_BIND"] = "user:" + secret + "@host";
  environment["HASH_PG_PORT"] = "postgres://" + secret + "@host";
  environment["NODE_ENV"] = "host=h password=" + secret;
  const std::string message = refusal(environment);
  EXPECT_THAT(message,
              AllOf(Not(HasSubstr(secret)), Not(HasSubstr("zzz")), HasSubstr("HASH_REDIS_PASSWORD"),
                    HasSubstr("HASH_GRAPH_REALTIME_PG_PASSWORD"), HasSubstr("redis://user:***@host")));
}

TEST(Config, NoSettingIsAUrlOrAConnectionString) {
  const std::string secret = "hunter2";
  const std::string values[] = {"postgres://user:" + secret + "@db/app",
                                "host=db password = '" + secret + "'",
                                "redis://:" + secret + "@cache:6379/0"};
  for (const char* variable :
       {"HASH_PG_HOST", "HASH_PG_DATABASE", "HASH_PG_USER", "HASH_REALTIME_PUBLICATION", "HASH_REDIS_HOST",
        "HASH_REDIS_USERNAME", "HASH_SEARCH_QUEUE_NAME", "HASH_INTEGRATION_QUEUE_NAME",
        "HASH_REALTIME_QUEUES", "HASH_REALTIME_TABLES", "HASH_REALTIME_EXCLUDE_TABLES",
        "HASH_PG_PASSWORD_FILE"}) {
    for (const std::string& value : values) {
      Environment environment = with();
      environment[variable] = value;
      EXPECT_THAT(refusal(environment), AllOf(HasSubstr(variable), Not(HasSubstr(secret)))) << value;
    }
  }
  EXPECT_THAT(refusal(with({{"HASH_PG_DATABASE", "postgres://u:p@h/d"}})),
              HasSubstr("have variables of their own"));
}

TEST(Config, AUserWithItsPasswordIsShownWithout) {
  for (const char* variable : {"HASH_PG_HOST", "HASH_REDIS_HOST"}) {
    EXPECT_THAT(refusal(with({{variable, "app:hunter2"}})),
                AllOf(HasSubstr("app:***"), Not(HasSubstr("hunter2"))));
    EXPECT_THAT(refusal(with({{variable, "db.internal:5432"}})), HasSubstr("db.internal:5432"));
  }
  EXPECT_EQ(effective(loaded(with({{"HASH_PG_USER", "app:hunter2"}})), "HASH_PG_USER"), "app:***");
  EXPECT_EQ(effective(loaded(with({{"HASH_PG_HOST", "fe80::1%eth0"}})), "HASH_PG_HOST"), "fe80::1%eth0");
}

TEST(Config, APasswordFileThatIsThePasswordIsNotShown) {
  EXPECT_THAT(refusal(with({{"HASH_PG_PASSWORD_FILE", "hunter2"}})),
              AllOf(HasSubstr("HASH_PG_PASSWORD_FILE"), HasSubstr("goes into HASH_PG_PASSWORD"),
                    Not(HasSubstr("hunter2"))));
  for (const char* value : {"hun/ter2==", "/hunter2", "/nowhere/hunter2"}) {
    const Config config = loaded(with({{"HASH_REDIS_PASSWORD_FILE", value}}));
    EXPECT_EQ(effective(config, "HASH_REDIS_PASSWORD_FILE"), "***") << value;
  }
  const Config config = loaded(with({{"HASH_REDIS_PASSWORD_FILE", "/tmp/not-there-yet"}}));
  EXPECT_EQ(effective(config, "HASH_REDIS_PASSWORD_FILE"), "/tmp/not-there-yet");
}

TEST(Config, TheEffectiveSettingsAreCompleteAndSayWhatHolds) {
  const Config config = loaded(with({{"HASH_REALTIME_TABLES", " a.b , c.* "}}));
  EXPECT_EQ(config.effective.size(), all_options().size());
  for (const auto& setting : config.effective) EXPECT_FALSE(setting.value.empty()) << setting.variable;
  EXPECT_EQ(effective(config, "HASH_REALTIME_TABLES"), "a.b,c.*");
  EXPECT_EQ(effective(config, "HASH_REALTIME_DECODER_THREADS"), "3");
  EXPECT_EQ(effective(config, "HASH_REALTIME_LOG_LEVEL"), "info");
  EXPECT_EQ(effective(config, "HASH_PG_PASSWORD"), "none");
}

}  // namespace
}  // namespace realtime
