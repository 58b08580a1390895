#pragma once

#include <cstdint>
#include <string>

namespace realtime::machine {

/// How many threads could be started now, at most `most`: by starting them. What binds (a cgroup's pids
/// limit, RLIMIT_NPROC, kernel.threads-max, address space) shows in nothing else for sure. The first `large`
/// get a stack as threads of ours have it, the others one of `small_stack` bytes. Some milliseconds.
unsigned free_threads(unsigned large, unsigned most, std::size_t small_stack);

/// The descriptors that may be open, after the soft limit was raised towards the hard one as far as `wanted`.
std::uint64_t raise_descriptor_limit(std::uint64_t wanted);

/// The limits that hold for threads, descriptors and memory, each as a person sets it: "RLIMIT_NPROC (ulimit
/// -u) = 20, pids limit of the cgroup = 100". Those without a bound are left out; "none found" without any.
std::string thread_limits();
std::string descriptor_limits();
std::string memory_limits();

}  // namespace realtime::machine
