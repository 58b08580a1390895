#include "cli/status_target.hpp"

#include <algorithm>
#include <charconv>

#include "config/config.hpp"

namespace realtime::cli {
namespace {

constexpr std::chrono::seconds kPatience{3};
constexpr std::string_view kScheme = "http://";

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 127; });
}

Error refused(std::string_view why) {
  return {ErrorKind::wrong_setting, "--url " + std::string(why) + ": allowed is http://host[:port][/prefix]"};
}

}  // namespace

http::Answer StatusTarget::get(std::string_view path) const {
  return http::get(host, port, prefix + std::string(path), kPatience);
}

Result<StatusTarget> target_of_url(std::string_view url) {
  if (url.starts_with("https://")) return refused("is https, which this command does not speak");
  if (!url.starts_with(kScheme)) return refused("does not begin with http://");
  if (!is_plain(url)) return refused("holds a space or a character that is not ASCII");
  url.remove_prefix(kScheme.size());
  if (url.find_first_of("?#") != std::string_view::npos) return refused("has a query or a fragment");
  const std::size_t slash = std::min(url.find('/'), url.size());
  std::string_view place = url.substr(0, slash), prefix = url.substr(slash);
  if (place.find('@') != std::string_view::npos) return refused("has a user or a password");
  while (prefix.ends_with('/')) prefix.remove_suffix(1);

  StatusTarget target{{}, 80, std::string(prefix), "--url"};
  std::string_view port;
  if (place.starts_with('[')) {
    const std::size_t end = place.find(']');
    if (end == std::string_view::npos) return refused("has a bracket that is not closed");
    target.host = place.substr(1, end - 1);
    port = place.substr(end + 1);
  } else {
    const std::size_t colon = std::min(place.find(':'), place.size());
    target.host = place.substr(0, colon);
    port = place.substr(colon);
  }
  if (target.host.empty()) return refused("names no host");
  if (port.empty()) return target;
  const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), target.port);
  const bool whole = port.starts_with(':') && error == std::errc() && end == port.data() + port.size();
  if (!whole || target.port < 1 || target.port > 65535) return refused("has a wrong port");
  return target;
}

Result<StatusTarget> target_of_environment() {
  const Environment all = process_environment();
  Environment few = {{"HASH_SEARCH_QUEUE_NAME", "any"}};
  for (const char* name : {"HASH_REALTIME_PORT", "HASH_REALTIME_BIND"}) {
    if (const auto found = all.find(name); found != all.end()) few.insert(*found);
  }
  const Result<Config> config = load_config(few);
  if (!config) return config.error();
  return StatusTarget{config->bind, config->http_port, {}, "HASH_REALTIME_BIND and HASH_REALTIME_PORT"};
}

}  // namespace realtime::cli
