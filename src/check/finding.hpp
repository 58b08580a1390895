#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "realtime/error.hpp"

namespace realtime::preflight {

enum class Level {
  ok,
  warning,  ///< the service runs, and something is missing, slow or at risk
  error,    ///< the service does not run, or may lose what it was trusted with
  unknown,  ///< hidden by a provider or by missing rights; never a failure
};
std::string_view to_string(Level level);

/// What one check found. Values; no secret and no row's value in any text.
struct Finding {
  Level level = Level::unknown;
  std::string_view area;   ///< "postgres", "tables", "redis", "http", "positions"; a literal
  std::string_view check;  ///< its name in the table of its area; a literal
  std::string what;
  std::string remedy;  ///< the very statement or setting that mends it; empty where nothing is to be done
};
using Findings = std::vector<Finding>;

/// Where one check writes down what it finds. One thread.
class Notes {
 public:
  Notes(std::string_view area, std::string_view check, Findings& findings)
      : area_(area), check_(check), findings_(findings) {}

  void ok(std::string what) { add(Level::ok, std::move(what), {}); }
  void warning(std::string what, std::string remedy = {}) {
    add(Level::warning, std::move(what), std::move(remedy));
  }
  void error(std::string what, std::string remedy = {}) {
    add(Level::error, std::move(what), std::move(remedy));
  }
  void error(const Error& error) { add(Level::error, error.message, std::string(error.what_to_do())); }
  void unknown(std::string what, std::string remedy = {}) {
    add(Level::unknown, std::move(what), std::move(remedy));
  }

  std::string_view area() const { return area_; }
  std::string_view check() const { return check_; }

 private:
  void add(Level level, std::string what, std::string remedy) {
    findings_.push_back({level, area_, check_, std::move(what), std::move(remedy)});
  }

  std::string_view area_, check_;
  Findings& findings_;
};

/// One requirement: its name and how it is tried. A check never throws further, never waits beyond the side's
/// deadline, and leaves nothing behind.
template <typename Side>
struct Check {
  std::string_view name;
  void (*run)(Side&, Notes&);
};

/// Runs a table of checks in order, until the side has no connection left to try them on.
template <typename Side, typename Table>
Findings run_all(std::string_view area, const Table& checks, Side& side) {
  Findings findings;
  for (const Check<Side>& check : checks) {
    Notes notes(area, check.name, findings);
    if (!side.reachable()) {
      notes.unknown("not tried, nor what follows: there is no connection");
      break;
    }
    try {
      check.run(side, notes);
    } catch (const std::exception& failure) {
      notes.unknown(std::string("could not be tried: ") + failure.what());
    }
  }
  return findings;
}

}  // namespace realtime::preflight
