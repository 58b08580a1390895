#pragma once

#include <filesystem>
#include <string>

namespace realtime::testing {

/// A certificate authority of the test's own, and what it signs, as PEM files in a folder.
class Authority {
 public:
  /// Writes `<name>.ca.pem` into the folder.
  Authority(std::filesystem::path folder, std::string name);
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string file() const { return (folder_ / (name_ + ".ca.pem")).string(); }

  struct Files {
    std::string certificate, key;
  };
  /// A certificate for `alternative`, written as OpenSSL's subjectAltName: "DNS:redis.test,IP:127.0.0.1".
  Files sign(const std::string& name, const std::string& alternative) const;

 private:
  struct Secret;
  std::filesystem::path folder_;
  std::string name_;
  Secret* secret_;
};

}  // namespace realtime::testing
