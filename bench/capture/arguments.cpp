#include "capture/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

#include "postgres/wal2json/wal2json.hpp"

namespace realtime::bench {
namespace {

std::string environment(const char* name, const char* fallback) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : fallback;
}

std::uint64_t to_number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc{} && end == text.data() + text.size()) return value;
  std::fprintf(stderr, "%s must be a number, not %s\n", name.c_str(), text.c_str());
  std::exit(2);
}

}  // namespace

Arguments::Arguments(int count, char** words, const std::vector<std::string>& known, const char* usage) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (!word.starts_with("--")) {
      words_.push_back(word);
      continue;
    }
    const std::size_t equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::fputs(usage, stderr);
      std::exit(2);
    }
    values_[name] = equals == std::string::npos ? "1" : word.substr(equals + 1);
  }
}

std::string Arguments::text(const std::string& name, const std::string& fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : found->second;
}

std::uint64_t Arguments::number(const std::string& name, std::uint64_t fallback) const {
  const auto found = values_.find(name);
  return found == values_.end() ? fallback : to_number("--" + name, found->second);
}

postgres::ConnectOptions postgres_from_environment() {
  postgres::ConnectOptions options;
  options.host = environment("HASH_PG_HOST", "localhost");
  options.port = static_cast<int>(to_number("HASH_PG_PORT", environment("HASH_PG_PORT", "5432")));
  options.user = environment("HASH_PG_USER", "postgres");
  options.password = environment("HASH_PG_PASSWORD", "");
  options.database = environment("HASH_PG_DATABASE", "postgres");
  options.application_name = "hash-realtime bench";
  return options;
}

std::shared_ptr<const OutputPlugin> make_plugin(const std::string& tables) {
  return std::make_shared<postgres::Wal2json>(Filter{"wal2json", tables, ""}, OversizePolicy{}, nullptr);
}

int failed(const Error& error) {
  std::fprintf(stderr, "%s\n%s\n", error.message.c_str(), std::string(error.what_to_do()).c_str());
  return 1;
}

}  // namespace realtime::bench
