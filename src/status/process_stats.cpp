#include "status/process_stats.hpp"

#include <cstdio>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

namespace realtime {
namespace {

using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File open_file(const char* path) {
  return {std::fopen(path, "re"), std::fclose};
}

std::optional<double> boot_time_seconds() {
  const File file = open_file("/proc/stat");
  if (!file) return std::nullopt;
  char line[8192];
  long long seconds = 0;
  while (std::fgets(line, sizeof line, file.get()) != nullptr) {
    if (std::sscanf(line, "btime %lld", &seconds) == 1) return static_cast<double>(seconds);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> count_open_fds() {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder{opendir("/proc/self/fd"), closedir};
  if (!folder) return std::nullopt;
  std::uint64_t count = 0;
  while (const dirent* entry = readdir(folder.get())) count += entry->d_name[0] != '.';
  return count > 0 ? count - 1 : 0;  // without the one that reads the folder
}

void read_stat(ProcessStats& stats) {
  const File file = open_file("/proc/self/stat");
  char text[2048];
  if (!file || std::fgets(text, sizeof text, file.get()) == nullptr) return;
  const char* after_name = std::strrchr(text, ')');  // the name in brackets may hold spaces and brackets
  unsigned long user = 0, system = 0, virtual_bytes = 0;
  long threads = 0, resident_pages = 0;
  unsigned long long start_ticks = 0;
  if (after_name == nullptr ||
      std::sscanf(after_name + 1,
                  " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %ld %*d %llu %lu %ld",
                  &user, &system, &threads, &start_ticks, &virtual_bytes, &resident_pages) != 6) {
    return;
  }
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  stats.cpu_seconds = static_cast<double>(user + system) / ticks;
  stats.threads = static_cast<std::uint64_t>(threads);
  stats.virtual_bytes = virtual_bytes;
  stats.resident_bytes =
      static_cast<std::uint64_t>(resident_pages) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
  if (const auto boot = boot_time_seconds())
    stats.start_time_seconds = *boot + static_cast<double>(start_ticks) / ticks;
}

}  // namespace

ProcessStats read_process_stats() {
  ProcessStats stats;
  read_stat(stats);
  stats.open_fds = count_open_fds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
    stats.max_fds = limit.rlim_cur;
  return stats;
}

}  // namespace realtime
