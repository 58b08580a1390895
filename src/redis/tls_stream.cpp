#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>

#include "redis/byte_stream.hpp"
#include "redis/tls_socket.hpp"

// OpenSSL manual: SSL_set1_host(3), SSL_CTX_set_verify(3), SSL_write(3) (moving write buffer),
// SSL_get_error(3).

namespace realtime::redis {
namespace {

struct FreeContext {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct FreeSession {
  void operator()(SSL* session) const { SSL_free(session); }
};
using Context = std::unique_ptr<SSL_CTX, FreeContext>;
using Session = std::unique_ptr<SSL, FreeSession>;

constexpr std::size_t kRecordBytes = 16 * 1024;  // the largest TLS record

std::string openssl_reason() {
  std::string reason;
  while (const unsigned long code = ERR_get_error()) {
    if (const char* text = ERR_reason_error_string(code); text != nullptr && reason.empty()) reason = text;
  }
  return reason.empty() ? "no reason given" : reason;
}

Error refused(std::string what) {
  return {ErrorKind::redis_tls, std::move(what)};
}

bool is_address(const std::string& name) {
  unsigned char buffer[sizeof(in6_addr)];
  return inet_pton(AF_INET, name.c_str(), buffer) == 1 || inet_pton(AF_INET6, name.c_str(), buffer) == 1;
}

Result<Context> make_context(const Tls& tls) {
  ERR_clear_error();
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return refused("TLS to Redis: " + openssl_reason());
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (tls.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get()) != 1
                          : SSL_CTX_load_verify_locations(context.get(), tls.ca_file.c_str(), nullptr) != 1)
    return refused("the authorities in HASH_REDIS_CA_FILE could not be read: " + openssl_reason());
  if (!tls.certificate_file.empty() &&
      SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate_file.c_str()) != 1)
    return refused("the certificate in HASH_REDIS_CERT_FILE could not be read: " + openssl_reason());
  if (!tls.key_file.empty() &&
      SSL_CTX_use_PrivateKey_file(context.get(), tls.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return refused("the key in HASH_REDIS_KEY_FILE could not be used: " + openssl_reason());
  return context;
}

class TlsStream final : public ByteStream {
 public:
  TlsStream(Session session, std::string name) : session_(std::move(session)), name_(std::move(name)) {}

  Result<bool> establish() override {
    if (established_) return true;
    ERR_clear_error();
    const int done = SSL_connect(session_.get());
    if (done == 1) return established_ = true;
    if (auto error = judge(done)) return *error;
    return false;
  }

  Result<std::size_t> send(std::span<const iovec> parts) override {
    // One record of small parts instead of many small records; the encryption reads every byte anyway.
    std::size_t size = 0;
    for (const iovec& part : parts) {
      const std::size_t fits = std::min(part.iov_len, record_.size() - size);
      std::memcpy(record_.data() + size, part.iov_base, fits);
      size += fits;
      if (size == record_.size()) break;
    }
    ERR_clear_error();
    const int sent = SSL_write(session_.get(), record_.data(), static_cast<int>(size));
    if (sent > 0) return static_cast<std::size_t>(sent);
    if (auto error = judge(sent)) return *error;
    return std::size_t{0};
  }

  Result<Received> receive(std::span<char> into) override {
    ERR_clear_error();
    const int got = SSL_read(session_.get(), into.data(), static_cast<int>(into.size()));
    if (got > 0) return Received{static_cast<std::size_t>(got), false, false};
    if (SSL_get_error(session_.get(), got) == SSL_ERROR_ZERO_RETURN) return Received{0, true, true};
    if (auto error = judge(got)) return *error;
    return Received{0, true, false};
  }

  short waits_for() const override { return waits_for_; }

 private:
  /// Nothing where the operation only has to wait.
  std::optional<Error> judge(int result) {
    const int why = SSL_get_error(session_.get(), result);
    waits_for_ = why == SSL_ERROR_WANT_WRITE ? POLLOUT : 0;
    if (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE) return std::nullopt;
    const long verified = SSL_get_verify_result(session_.get());
    if (!established_ && verified != X509_V_OK)
      return refused("Redis' certificate was refused (expected for '" + name_ +
                     "'): " + X509_verify_cert_error_string(verified));
    const std::string reason = openssl_reason();
    // A socket that was just cut leaves no reason; that is the network's doing, not the certificate's.
    if (why == SSL_ERROR_SYSCALL || reason.find("unexpected eof") != std::string::npos)
      return Error{ErrorKind::redis_unreachable,
                   established_ ? "the connection to Redis was cut"
                                : "Redis closed the connection during the TLS handshake"};
    return refused("TLS to Redis failed: " + reason);
  }

  Session session_;
  std::string name_;
  bool established_ = false;
  short waits_for_ = 0;
  std::array<char, kRecordBytes> record_;
};

}  // namespace

Result<std::unique_ptr<ByteStream>> tls_stream(int fd, const Endpoint& endpoint) {
  Result<Context> context = make_context(endpoint.tls);
  if (!context) return context.error();
  Session session(SSL_new(context->get()));  // keeps its own count of the context
  if (!session) return refused("TLS to Redis: " + openssl_reason());
  std::string name = endpoint.tls.server_name;
  if (name.empty()) name = endpoint.host.starts_with('/') ? "localhost" : endpoint.host;
  bool named = false;
  if (is_address(name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), name.c_str()) == 1;
  } else {
    named = SSL_set1_host(session.get(), name.c_str()) == 1 &&
            SSL_set_tlsext_host_name(session.get(), name.c_str()) == 1;  // SNI takes names, no addresses
  }
  BIO* socket = named ? make_socket_bio(fd) : nullptr;
  if (socket == nullptr) return refused("TLS to Redis could not be prepared for '" + name + "'");
  SSL_set_bio(session.get(), socket, socket);
  return std::unique_ptr<ByteStream>(std::make_unique<TlsStream>(std::move(session), std::move(name)));
}

}  // namespace realtime::redis
