#include "config/secret.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace realtime {
namespace {

class ReadSecret : public testing::Test {
 protected:
  ReadSecret() {
    char name[] = "/tmp/secret_test.XXXXXX";
    folder_ = ::mkdtemp(name);
  }
  ~ReadSecret() override { std::filesystem::remove_all(folder_); }

  std::string file(std::string_view content) {
    std::ofstream(folder_ + "/password", std::ios::binary) << content;
    return folder_ + "/password";
  }
  static Result<std::string> read(const std::string& path) {
    return read_secret(path, ErrorKind::redis_authentication);
  }

  std::string folder_;
};

TEST_F(ReadSecret, WithoutTheNewlineAtItsEnd) {
  EXPECT_EQ(*read(file("hunter2")), "hunter2");
  EXPECT_EQ(*read(file("hunter2\n")), "hunter2");
  EXPECT_EQ(*read(file("hunter2\r\n")), "hunter2");
  EXPECT_EQ(*read(file("hunter2\n\n")), "hunter2\n");
  EXPECT_EQ(*read(file(" two words ")), " two words ");
}

TEST_F(ReadSecret, IsReadAnewEachTime) {
  const std::string path = file("old");
  EXPECT_EQ(*read(path), "old");
  file("new");
  EXPECT_EQ(*read(path), "new");
}

TEST_F(ReadSecret, FailuresNameThePathAndNeverTheContent) {
  const std::string too_large(kMaxSecret + 1, 'z');
  for (const std::string& content :
       {std::string(), std::string("\n"), std::string("zzz\0zzz", 7), too_large}) {
    const auto secret = read(file(content));
    ASSERT_FALSE(secret);
    EXPECT_EQ(secret.error().kind, ErrorKind::redis_authentication);
    EXPECT_NE(secret.error().message.find(folder_), std::string::npos);
    EXPECT_EQ(secret.error().message.find("zzz"), std::string::npos);
  }
  EXPECT_EQ(read(file(std::string(kMaxSecret, 'z')))->size(), kMaxSecret);
}

TEST_F(ReadSecret, OnlyRegularFilesAndNeverBlocks) {
  EXPECT_FALSE(read(folder_ + "/missing"));
  EXPECT_FALSE(read(folder_));
  ASSERT_EQ(::mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  EXPECT_FALSE(read(folder_ + "/pipe"));
}

}  // namespace
}  // namespace realtime
