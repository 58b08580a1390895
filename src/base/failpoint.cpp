#include "base/failpoint.hpp"

#ifdef REALTIME_FAILPOINTS

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <optional>

#include <unistd.h>

#include "base/check.hpp"

namespace realtime::failpoint {
namespace {

struct Armed {
  std::optional<Point> point;
  std::atomic<long> passes_left{1};

  Armed() {
    const char* variable = std::getenv("HASH_REALTIME_FAILPOINT");
    if (variable == nullptr || *variable == '\0') return;
    std::string_view text = variable;
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      const std::string_view digits = text.substr(colon + 1);
      long count = 0;
      const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
      RT_CHECK(error == std::errc{} && stop == digits.data() + digits.size() && count > 0,
               "HASH_REALTIME_FAILPOINT is name[:count]");
      passes_left = count;
      text = text.substr(0, colon);
    }
    const auto found = std::find(kNames.begin(), kNames.end(), text);
    RT_CHECK(found != kNames.end(), "HASH_REALTIME_FAILPOINT names no failpoint");
    point = static_cast<Point>(found - kNames.begin());
  }
};

}  // namespace

void hit(Point point) {
  static Armed armed;
  if (armed.point != point) return;
  if (armed.passes_left.fetch_sub(1, std::memory_order_relaxed) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace realtime::failpoint

#endif
