#include "config/checks.hpp"

#include <algorithm>

#include <arpa/inet.h>

#include "base/utf8.hpp"
#include "config/masking.hpp"
#include "config/queues.hpp"
#include "config/units.hpp"

namespace realtime {
namespace {

using Kind = OptionKind;

constexpr std::size_t kMaxHost = 255;  // RFC 1035, 2.3.4
constexpr std::size_t kMaxPath = 1024;

bool only(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

bool printable_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0 || is_control(text.substr(0, length))) return false;
    text.remove_prefix(length);
  }
  return true;
}

bool is_host(std::string_view text) {
  if (text.empty() || text.size() > kMaxHost) return false;
  if (text.find(':') != std::string_view::npos) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(text.substr(0, text.find('%'))).c_str(), &address) == 1 &&
           only(text, "0123456789ABCDEFabcdefghijklmnopqrstuvwxyz:.%-_");
  }
  return only(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_");
}

bool is_directory_name(std::string_view text) {
  return text.starts_with('/') && text.size() <= kMaxPath && printable_text(text) &&
         text.find(',') == std::string_view::npos;
}

bool is_choice(std::string_view choices, std::string_view text) {
  if (text.empty() || text.find('|') != std::string_view::npos) return false;
  return ("|" + std::string(choices) + "|").find("|" + std::string(text) + "|") != std::string::npos;
}

std::optional<std::uint64_t> within(const Option& row, std::optional<std::uint64_t> number) {
  return number && *number >= row.least && *number <= row.most ? number : std::nullopt;
}

bool is_allowed_text(const Option& row, std::string_view text) {
  if (!row.secret && is_connection_string(text)) return false;
  switch (row.kind) {
    case Kind::text:
      return text.size() <= row.most && (row.secret || printable_text(text));
    case Kind::path:
      return text.size() <= row.most && printable_text(text);
    case Kind::list:
      return text.size() <= row.most;
    case Kind::queue:
      return !queue_name_complaint(text);
    case Kind::slot:
      return text.size() <= row.most && only(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    case Kind::host:
      return is_host(text);
    case Kind::host_or_directory:
      return is_directory_name(text) || is_host(text);
    case Kind::address: {
      in_addr address{};
      return inet_pton(AF_INET, std::string(text).c_str(), &address) == 1;
    }
    case Kind::choice:
      return is_choice(row.choices, text);
    default:
      return false;
  }
}

constexpr const char* kNoConnectionString =
    "no URL and no connection string: host, port, user, password and database have variables of their own";

std::string host_hint(std::string_view text) {
  if (text.find('@') != std::string_view::npos) return kNoConnectionString;
  if (std::count(text.begin(), text.end(), ':') == 1)
    return "without the port, which has a variable of its own";
  if (text.starts_with('[')) return "an IPv6 address is written without brackets";
  return {};
}

}  // namespace

std::optional<std::uint64_t> checked_number(const Option& row, std::string_view text) {
  switch (row.kind) {
    case Kind::port:
    case Kind::count:
      return within(row, parse_count(text));
    case Kind::size:
      return within(row, parse_size(text));
    case Kind::duration:
      return within(row, parse_duration(text));
    case Kind::boolean: {
      const auto value = parse_boolean(text);
      return value ? std::optional<std::uint64_t>(*value) : std::nullopt;
    }
    default:
      return is_allowed_text(row, text) ? std::optional<std::uint64_t>(0) : std::nullopt;
  }
}

std::string hint(const Option& row, std::string_view variable, std::string_view text) {
  if (row.kind == Kind::port && text.find("://") != std::string_view::npos) {
    std::string service(variable.substr(0, variable.rfind("_PORT")));
    for (char& c : service) c = c == '_' ? '-' : static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return "Kubernetes sets this for a service named " + service +
           "; put enableServiceLinks: false into the pod's specification";
  }
  if (is_connection_string(text)) return kNoConnectionString;
  if (row.kind == Kind::host || row.kind == Kind::host_or_directory) return host_hint(text);
  if (row.kind == Kind::queue) return "the name " + queue_name_complaint(text).value_or("");
  return {};
}

}  // namespace realtime
