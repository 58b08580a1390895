#include "redis/queue_fixture.hpp"
#include "support/certificates.hpp"

namespace realtime::redis {
namespace {

class ConnectionTest : public QueueTest {
 protected:
  Observation open_with(const Endpoint& endpoint) {
    ListQueue queue(endpoint, "q");
    return open(queue);
  }
  static std::function<Result<std::string>()> password(std::string text) {
    return [text] { return Result<std::string>(text); };
  }
};

TEST_F(ConnectionTest, OverAUnixSocket) {
  ListQueue queue(server.unix_endpoint(), "q");
  open(queue);
  EXPECT_EQ(push(queue, {"a"}, "R1").record, "R1");
}

TEST_F(ConnectionTest, ByName) {
  Endpoint endpoint = server.endpoint();
  endpoint.host = "localhost";  // ::1 first, perhaps, where nobody listens
  EXPECT_FALSE(open_with(endpoint).error);
}

TEST_F(ConnectionTest, NobodyThere) {
  Endpoint endpoint = server.endpoint();
  endpoint.port = testing::free_port();
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_unreachable);
  endpoint.host = "no-such-host.invalid";
  const Observation seen = open_with(endpoint);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_unreachable);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("no-such-host.invalid"));
  endpoint.host = "/no/such/socket";
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_unreachable);
}

TEST_F(ConnectionTest, DatabaseAndName) {
  Endpoint endpoint = server.endpoint();
  endpoint.database = 3;
  endpoint.client_name = "our name";
  ListQueue queue(endpoint, "q");
  open(queue);
  push(queue, {"a"}, "R1");
  EXPECT_EQ(list(), "");
  server({"SELECT", "3"});
  EXPECT_EQ(list(), "a");
  EXPECT_THAT(server({"CLIENT", "LIST"}), ::testing::HasSubstr("name=our-name"));
  endpoint.database = 99;
  EXPECT_THAT(open_with(endpoint).error->message, ::testing::HasSubstr("database 99"));
}

TEST_F(ConnectionTest, ThePasswordIsAskedForAtEveryConnect) {
  server({"CONFIG", "SET", "requirepass", "first"});
  std::string current = "first";
  Endpoint endpoint = server.endpoint();
  endpoint.password = [&] { return Result<std::string>(current); };
  ListQueue queue(endpoint, "q");
  EXPECT_FALSE(open(queue).error);
  server({"CONFIG", "SET", "requirepass", "second"});
  const Observation refused = open(queue);
  EXPECT_EQ(refused.error->kind, ErrorKind::redis_authentication);
  EXPECT_THAT(refused.error->message, ::testing::Not(::testing::HasSubstr("first")));
  EXPECT_FALSE(queue.is_open());
  current = "second";
  EXPECT_FALSE(open(queue).error);
  endpoint.password = [] { return Result<std::string>(Error{ErrorKind::wrong_setting, "the file is gone"}); };
  EXPECT_EQ(open_with(endpoint).error->message, "the file is gone");
}

TEST_F(ConnectionTest, PasswordsThatDoNotFit) {
  Endpoint endpoint = server.endpoint();
  endpoint.password = password("not needed");
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_authentication);
  server({"CONFIG", "SET", "requirepass", "needed"});
  EXPECT_EQ(open_with(server.endpoint()).error->kind, ErrorKind::redis_authentication);  // NOAUTH
}

TEST_F(ConnectionTest, TooManyClients) {
  server({"CONFIG", "SET", "maxclients", "1"});
  for (const std::string name : {"", "named"}) {
    Endpoint endpoint = server.endpoint();
    endpoint.client_name = name;
    const Observation seen = open_with(endpoint);
    EXPECT_EQ(seen.error->kind, ErrorKind::redis_busy) << seen.error->message;
    EXPECT_FALSE(seen.record_read);
  }
}

class TlsTest : public ConnectionTest {
 protected:
  TlsTest() {
    const testing::Authority::Files files = authority.sign("redis.test", "DNS:localhost,DNS:redis.test");
    certificate = files;
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"tls-cert-file", files.certificate},
                                      {"tls-key-file", files.key},
                                      {"tls-ca-cert-file", authority.file()},
                                      {"tls-auth-clients", "no"}})
      EXPECT_EQ(server({"CONFIG", "SET", name, value}), "OK");
    port = testing::free_port();
    EXPECT_EQ(server({"CONFIG", "SET", "tls-port", std::to_string(port)}), "OK");
    endpoint = server.endpoint();
    endpoint.host = "localhost";
    endpoint.port = port;
    endpoint.tls.enabled = true;
    endpoint.tls.ca_file = authority.file();
  }
  testing::Authority authority{server.folder(), "ours"};
  testing::Authority::Files certificate;
  std::uint16_t port = 0;
  Endpoint endpoint;
};

TEST_F(TlsTest, VerifiedAndInUse) {
  ListQueue queue(endpoint, "q");
  const Observation seen = open(queue);
  ASSERT_FALSE(seen.error) << seen.error->message;
  const std::string large(5 << 20, 'x');
  EXPECT_EQ(push(queue, {"a", large, "b"}, "R1").record, "R1");
  EXPECT_EQ(server({"EVAL", "return #redis.call('LINDEX', 'q', 1)", "1", "q"}), std::to_string(large.size()));
  EXPECT_EQ(push(queue, {"c"}, "R2").length, 4u);
}

TEST_F(TlsTest, AServerThatReadsSlowlyGetsItAll) {
  ListQueue queue(endpoint, "q");
  open(queue);
  server.pause();
  Frame frame = frame_of({std::string(8 << 20, 'y'), "end"});
  fill_encoded(frame);
  queue.push(batch_of({{&frame, 0, 2, 1}}), "R1");
  EXPECT_FALSE(queue.poll(std::chrono::steady_clock::now()));
  server.resume();
  EXPECT_EQ(finish(queue).record, "R1");
  EXPECT_EQ(server({"LLEN", "q"}), "2");
}

TEST_F(TlsTest, AnUnknownAuthorityIsRefused) {
  const testing::Authority other(server.folder(), "other");
  endpoint.tls.ca_file = other.file();
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_tls);
  endpoint.tls.ca_file = "";  // the system's
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_tls);
  endpoint.tls.ca_file = "/no/such/file";
  EXPECT_THAT(open_with(endpoint).error->message, ::testing::HasSubstr("HASH_REDIS_CA_FILE"));
}

TEST_F(TlsTest, AnotherNameIsRefusedUnlessExpected) {
  endpoint.host = "127.0.0.1";  // the certificate names no address
  const Observation seen = open_with(endpoint);
  ASSERT_TRUE(seen.error);
  EXPECT_EQ(seen.error->kind, ErrorKind::redis_tls);
  EXPECT_THAT(seen.error->message, ::testing::HasSubstr("127.0.0.1"));
  endpoint.tls.server_name = "elsewhere.test";
  EXPECT_EQ(open_with(endpoint).error->kind, ErrorKind::redis_tls);
  endpoint.tls.server_name = "redis.test";  // a tunnel
  EXPECT_FALSE(open_with(endpoint).error);
}

TEST_F(TlsTest, AnAddressInTheCertificate) {
  const testing::Authority::Files files = authority.sign("address", "IP:127.0.0.1");
  server({"CONFIG", "SET", "tls-cert-file", files.certificate, "tls-key-file", files.key});
  endpoint.host = "127.0.0.1";
  const Observation seen = open_with(endpoint);
  EXPECT_FALSE(seen.error) << seen.error->message;
}

TEST_F(TlsTest, AClientCertificateWhereTheServerWantsOne) {
  server({"CONFIG", "SET", "tls-auth-clients", "yes"});
  EXPECT_TRUE(open_with(endpoint).error);
  const testing::Authority::Files ours = authority.sign("client", "DNS:client");
  endpoint.tls.certificate_file = ours.certificate;
  endpoint.tls.key_file = ours.key;
  EXPECT_FALSE(open_with(endpoint).error);
  endpoint.tls.key_file = certificate.key;  // of another certificate
  EXPECT_THAT(open_with(endpoint).error->message, ::testing::HasSubstr("HASH_REDIS_KEY_FILE"));
}

TEST_F(TlsTest, PlainAndTlsMixedUp) {
  endpoint.port = server.port();
  endpoint.silence = std::chrono::milliseconds(200);  // a plain Redis waits for the end of the line
  EXPECT_THAT(std::string(open_with(endpoint).error->what_to_do()), ::testing::HasSubstr("TLS port"));
  endpoint.port = port;
  endpoint.tls.enabled = false;
  EXPECT_THAT(std::string(open_with(endpoint).error->what_to_do()),
              ::testing::HasSubstr("HASH_REDIS_ENCRYPTED_TRANSIT"));
}

TEST_F(TlsTest, AKilledConnectionIsNoSignal) {
  ListQueue queue(endpoint, "q");
  open(queue);
  server({"CLIENT", "KILL", "TYPE", "NORMAL"});
  for (int i = 0; i < 2; ++i) {
    if (queue.is_open()) {
      EXPECT_EQ(push(queue, {std::string(1 << 20, 'x')}, "R1").error->kind, ErrorKind::redis_unreachable);
    }
  }
  EXPECT_FALSE(open(queue).error);
}

}  // namespace
}  // namespace realtime::redis
