#include "status/process_stats.hpp"

#include <chrono>
#include <ctime>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace realtime {
namespace {

TEST(ProcessStats, SaysWhatTheKernelKnows) {
  const ProcessStats stats = read_process_stats();
  ASSERT_TRUE(stats.cpu_seconds && stats.start_time_seconds && stats.resident_bytes && stats.threads);
  EXPECT_GE(*stats.resident_bytes, std::uint64_t{1} << 20);
  EXPECT_LT(*stats.resident_bytes, *stats.virtual_bytes);
  EXPECT_GE(*stats.threads, 1u);
  EXPECT_NEAR(*stats.start_time_seconds, static_cast<double>(std::time(nullptr)), 120);
}

TEST(ProcessStats, CountsOpenFilesExactly) {
  const auto before = *read_process_stats().open_fds;
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(*read_process_stats().open_fds, before + 1);
  ::close(fd);
  EXPECT_EQ(*read_process_stats().open_fds, before);
}

TEST(ProcessStats, ProcessorTimeGrowsWithWork) {
  const double before = *read_process_stats().cpu_seconds;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (*read_process_stats().cpu_seconds < before + 0.05)
    ASSERT_LT(std::chrono::steady_clock::now(), until);
}

}  // namespace
}  // namespace realtime
