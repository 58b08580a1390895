#include "check/standby_names.hpp"

#include <algorithm>
#include <string>

namespace realtime::preflight {
namespace {

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool same(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](char a, char b) { return lower(a) == lower(b); });
}

}  // namespace

bool names_standby(std::string_view setting, std::string_view application_name) {
  constexpr std::string_view kBetween = " \t\r\n,()";
  while (!setting.empty()) {
    if (kBetween.find(setting.front()) != std::string_view::npos) {
      setting.remove_prefix(1);
      continue;
    }
    std::string name;
    if (setting.front() == '"') {
      std::size_t at = 1;
      for (; at < setting.size(); ++at) {
        if (setting[at] == '"') {
          if (at + 1 == setting.size() || setting[at + 1] != '"') break;
          ++at;
        }
        name += setting[at];
      }
      setting.remove_prefix(std::min(at + 1, setting.size()));
    } else {
      const std::size_t end = setting.find_first_of(kBetween);
      name = setting.substr(0, end);
      setting.remove_prefix(std::min(end, setting.size()));
    }
    if (name == "*" || same(name, application_name)) return true;  // the server does not tell "*" from *
  }
  return false;
}

}  // namespace realtime::preflight
