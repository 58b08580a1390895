#include "config/option_words.hpp"

#include "config/units.hpp"

namespace realtime {

using Kind = OptionKind;

std::string_view group_title(OptionGroup group) {
  constexpr std::string_view titles[] = {"PostgreSQL", "What is streamed", "Redis",
                                         "Queues",     "Delivery",         "The service"};
  return titles[static_cast<std::size_t>(group)];
}

std::string default_words(const Option& row) {
  if (row.required) return "required";
  if (!row.fallback_words.empty()) return std::string(row.fallback_words);
  return row.fallback.empty() ? "none" : std::string(row.fallback);
}

std::string allowed_words(const Option& row) {
  const auto range = [&](auto&& written) {
    return " from " + written(row.least) + " to " + written(row.most);
  };
  const auto plain = [](std::uint64_t n) { return std::to_string(n); };
  switch (row.kind) {
    case Kind::text:
      return "text of at most " + plain(row.most) + " bytes" +
             (row.secret ? "" : ", without control characters");
    case Kind::list:
      return "a comma-separated list";
    case Kind::queue:
      return "a queue's name";
    case Kind::host:
      return "one host name or address";
    case Kind::host_or_directory:
      return "one host name or address, or the directory of a Unix socket";
    case Kind::address:
      return "an IPv4 address such as 0.0.0.0 or 127.0.0.1";
    case Kind::slot:
      return "lower-case letters, digits and underscores, at most " + plain(row.most);
    case Kind::path:
      return "the path of a file";
    case Kind::port:
      return "a port" + range(plain);
    case Kind::count:
      return "a whole number" + range(plain);
    case Kind::size:
      return "bytes, or a number with KiB, MiB or GiB," + range(size_text);
    case Kind::duration:
      return "a time with its unit, ms or s," + range(duration_text);
    case Kind::boolean:
      return "true or false";
    case Kind::choice:
      break;
  }
  std::string words(row.choices);
  for (std::size_t bar = words.rfind('|'), last = bar; bar != std::string::npos;
       bar = words.rfind('|', bar)) {
    words.replace(bar, 1, bar == last ? " or " : ", ");
  }
  return words;
}

}  // namespace realtime
