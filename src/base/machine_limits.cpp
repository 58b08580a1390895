#include "base/machine_limits.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <latch>
#include <vector>

#include <pthread.h>
#include <sys/resource.h>

namespace realtime::machine {
namespace {

void* park(void* latch) {
  static_cast<std::latch*>(latch)->wait();
  return nullptr;
}

/// What a file's first line says; empty where it cannot be read.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// The path of our group in a hierarchy of /proc/self/cgroup: "pids" (version 1), "" (version 2).
std::string group_of(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    if (line.substr(first + 1, second - first - 1) == controller) return line.substr(second + 1);
  }
  return {};
}

/// The least number that this group and those above it have in a file; empty where none limits.
std::string least_of_groups(const std::string& root, std::string group, const std::string& file) {
  std::string least;
  for (;;) {
    const std::string text = first_line(root + (group == "/" ? "" : group) + "/" + file);
    const bool limits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos &&
                        text.size() < 16;  // version 1 says "no limit" with 2^63
    if (limits && (least.empty() || std::stoull(text) < std::stoull(least))) least = text;
    if (group.size() <= 1) return least;
    group.resize(std::max<std::size_t>(group.rfind('/'), 0));
  }
}

void add(std::string& all, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  all += (all.empty() ? "" : ", ") + name + " = " + value;
}

std::string soft_limit(__rlimit_resource_t resource) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return {};
  return std::to_string(limit.rlim_cur);
}

std::string or_none(std::string text) {
  return text.empty() ? "none found" : text;
}

}  // namespace

unsigned free_threads(unsigned large, unsigned most, std::size_t small_stack) {
  std::latch release{1};
  std::vector<pthread_t> threads;
  threads.reserve(most);
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, small_stack);
  while (threads.size() < most) {
    pthread_t thread;
    if (pthread_create(&thread, threads.size() < large ? nullptr : &small, park, &release) != 0) break;
    threads.push_back(thread);
  }
  pthread_attr_destroy(&small);
  release.count_down();
  for (const pthread_t thread : threads) pthread_join(thread, nullptr);
  return static_cast<unsigned>(threads.size());
}

std::uint64_t raise_descriptor_limit(std::uint64_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
  if (limit.rlim_cur < wanted && limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

std::string thread_limits() {
  std::string all;
  add(all, "RLIMIT_NPROC (ulimit -u)", soft_limit(RLIMIT_NPROC));
  std::string pids = least_of_groups("/sys/fs/cgroup", group_of(""), "pids.max");
  if (pids.empty()) pids = least_of_groups("/sys/fs/cgroup/pids", group_of("pids"), "pids.max");
  add(all, "the cgroup's pids limit (TasksMax, --pids-limit)", pids);
  add(all, "RLIMIT_AS (ulimit -v), bytes", soft_limit(RLIMIT_AS));
  add(all, "kernel.threads-max", first_line("/proc/sys/kernel/threads-max"));
  return or_none(all);
}

std::string descriptor_limits() {
  std::string all;
  add(all, "RLIMIT_NOFILE (ulimit -n)", soft_limit(RLIMIT_NOFILE));
  return or_none(all);
}

std::string memory_limits() {
  std::string all;
  add(all, "RLIMIT_AS (ulimit -v), bytes", soft_limit(RLIMIT_AS));
  add(all, "RLIMIT_DATA, bytes", soft_limit(RLIMIT_DATA));
  std::string group = least_of_groups("/sys/fs/cgroup", group_of(""), "memory.max");
  if (group.empty())
    group = least_of_groups("/sys/fs/cgroup/memory", group_of("memory"), "memory.limit_in_bytes");
  add(all, "the cgroup's memory limit, bytes", group);
  return or_none(all);
}

}  // namespace realtime::machine
