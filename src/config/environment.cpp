#include "config/environment.hpp"

#include <algorithm>
#include <numeric>

#include <unistd.h>

#include "config/masking.hpp"
#include "config/options.hpp"

namespace realtime {
namespace {

constexpr std::size_t kMaxWarnings = 32;
constexpr std::size_t kLongestName = 64;  // of ours; what is longer is near to none
constexpr std::string_view kOurs = "HASH_REALTIME_";

/// Prefixes of our settings that other services of HASH use too: there only what is spelled nearly right is
/// said.
bool may_be_meant_for_us(std::string_view name) {
  constexpr std::string_view kShared[] = {"HASH_PG_", "HASH_REDIS_", "HASH_SEARCH_QUEUE",
                                          "HASH_INTEGRATION_QUEUE"};
  return std::any_of(std::begin(kShared), std::end(kShared),
                     [name](std::string_view prefix) { return name.starts_with(prefix); });
}

bool injected_by_kubernetes(std::string_view name) {
  if (name.find("_SERVICE_") != std::string_view::npos) return true;
  constexpr std::string_view mark = "_PORT_";
  for (std::size_t at = name.find(mark); at != std::string_view::npos; at = name.find(mark, at + 1)) {
    const std::string_view rest = name.substr(at + mark.size());
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789"), rest.size());
    if (digits > 0 && digits < rest.size() && rest[digits] == '_') return true;
  }
  return false;
}

/// Levenshtein's distance: letters inserted, left out or changed.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, change});
    }
  }
  return row.back();
}

// Names of HASH itself and of other services, which nothing would lead from to ours.
struct Foreign {
  std::string_view name, advice;
};
constexpr Foreign kForeign[] = {
    {"HASH_COLLAB_QUEUE_NAME",
     "use HASH_INTEGRATION_QUEUE_NAME for collab's queue, or HASH_REALTIME_QUEUES for a further one"},
    {"ENABLE_REALTIME_SYNC", "the service runs when it is started"},
};

/// Whether one is the beginning of the other, and they share more than a prefix of ours: HASH_PG_PASS,
/// HASH_PG_HOSTNAME.
bool one_begins_the_other(std::string_view a, std::string_view b) {
  const std::string_view shorter = a.size() < b.size() ? a : b, longer = a.size() < b.size() ? b : a;
  const bool beyond_prefix = shorter.size() >= std::string_view("HASH_PG_HOST").size();
  return beyond_prefix && longer.starts_with(shorter);
}

struct Near {
  std::string_view name;
  std::size_t distance = kLongestName;
};

Near nearest(std::string_view name) {
  Near best;
  if (name.size() > kLongestName) return best;
  for (const Option& row : all_options()) {
    if (const std::size_t d = distance(name, row.variable); d < best.distance) best = {row.variable, d};
  }
  if (best.distance <= 2) return best;
  for (const Option& row : all_options()) {
    if (one_begins_the_other(name, row.variable)) return {row.variable, 0};
  }
  return best;
}

}  // namespace

Environment process_environment() {
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    environment.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return environment;
}

std::vector<std::string> unknown_variable_warnings(const Environment& environment) {
  std::vector<std::string> warnings;
  for (const auto& [name, value] : environment) {
    if (warnings.size() == kMaxWarnings) break;
    const auto* foreign = std::find_if(std::begin(kForeign), std::end(kForeign),
                                       [&name = name](const Foreign& one) { return one.name == name; });
    if (foreign != std::end(kForeign)) {
      warnings.push_back(name + " has no effect: " + std::string(foreign->advice));
      continue;
    }
    const bool ours = name.starts_with(kOurs);
    if (!ours && !may_be_meant_for_us(name)) continue;
    if (find_option(name) != nullptr || name == kFailpointVariable || injected_by_kubernetes(name)) continue;
    const Near near = nearest(name);
    // Two letters, or a third of what follows the prefix: beyond it the nearest is only some other setting.
    const std::size_t tolerance = std::max<std::size_t>(2, ours ? (name.size() - kOurs.size()) / 3 : 2);
    const bool spelled_nearly = near.distance <= tolerance;
    if (!ours && !spelled_nearly) continue;
    warnings.push_back(
        printable(name) + " is not a setting" +
        (spelled_nearly ? "; did you mean " + std::string(near.name) + "?" : " and has no effect"));
  }
  return warnings;
}

}  // namespace realtime
