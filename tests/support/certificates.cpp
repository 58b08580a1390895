#include "support/certificates.hpp"

#include <cstdio>
#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace realtime::testing {
namespace {

void require(bool fine) {
  if (!fine) throw std::runtime_error("no certificate could be made");
}

EVP_PKEY* new_key() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  require(key != nullptr);
  return key;
}

X509* unsigned_certificate(EVP_PKEY* key, const std::string& name, X509* issuer, long serial) {
  X509* one = X509_new();
  require(one != nullptr);
  X509_set_version(one, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(one), serial);
  X509_gmtime_adj(X509_getm_notBefore(one), -3600);
  X509_gmtime_adj(X509_getm_notAfter(one), 3600);
  X509_set_pubkey(one, key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(one), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(one, X509_get_subject_name(issuer == nullptr ? one : issuer));
  return one;
}

void add_extension(X509* to, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, to, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr && X509_add_ext(to, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

template <typename Write>
std::string write(const std::filesystem::path& path, Write&& pem) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  require(file != nullptr && pem(file) == 1);
  std::fclose(file);
  return path.string();
}

}  // namespace

struct Authority::Secret {
  EVP_PKEY* key;
  X509* certificate;
};

Authority::Authority(std::filesystem::path folder, std::string name)
    : folder_(std::move(folder)), name_(std::move(name)), secret_(new Secret{new_key(), nullptr}) {
  secret_->certificate = unsigned_certificate(secret_->key, name_, nullptr, 1);
  add_extension(secret_->certificate, secret_->certificate, NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(secret_->certificate, secret_->key, EVP_sha256()) > 0);
  write(file(), [&](std::FILE* out) { return PEM_write_X509(out, secret_->certificate); });
}

Authority::~Authority() {
  X509_free(secret_->certificate);
  EVP_PKEY_free(secret_->key);
  delete secret_;
}

Authority::Files Authority::sign(const std::string& name, const std::string& alternative) const {
  EVP_PKEY* key = new_key();
  X509* one = unsigned_certificate(key, name, secret_->certificate, 2);
  add_extension(one, secret_->certificate, NID_subject_alt_name, alternative);
  require(X509_sign(one, secret_->key, EVP_sha256()) > 0);
  Files files;
  files.certificate =
      write(folder_ / (name + ".pem"), [&](std::FILE* out) { return PEM_write_X509(out, one); });
  files.key = write(folder_ / (name + ".key"), [&](std::FILE* out) {
    return PEM_write_PrivateKey(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  X509_free(one);
  EVP_PKEY_free(key);
  return files;
}

}  // namespace realtime::testing
