#include "postgres/wal2json/wal2json.hpp"

#include "postgres/wal2json/decoder.hpp"

namespace realtime::postgres {
namespace {

/// A message prefix that nobody uses: "only messages with this prefix" is wal2json's way to say "no
/// messages".
constexpr std::string_view kNoMessages = "hash-realtime:no-messages";

/// Appends `, "name" 'value'` (PostgreSQL documentation, "START_REPLICATION"): only quotes need doubling.
void append_option(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() ? "(\"" : ", \"";
  out.append(name).append("\" '");
  for (const char c : value) {
    if (c == '\'') out += '\'';
    out += c;
  }
  out += '\'';
}

/// Order tells nothing here: each message has its xid.
class Wal2jsonFramer final : public Framer {
 public:
  Status add(const WalMessage& message, Frame& frame) override {
    frame.add_message(message);
    return ok();
  }
};

}  // namespace

std::string Wal2json::start_options(bool transactions) const {
  std::string options;
  append_option(options, "format-version", "2");
  append_option(options, "include-transaction", transactions ? "1" : "0");
  append_option(options, "include-xids", "1");
  append_option(options, "include-timestamp", "1");
  append_option(options, "add-tables", tables_);
  if (!excluded_.empty()) append_option(options, "filter-tables", excluded_);
  append_option(options, "add-msg-prefixes", kNoMessages);
  return options + ")";
}

std::unique_ptr<Framer> Wal2json::make_framer() const {
  return std::make_unique<Wal2jsonFramer>();
}

std::unique_ptr<Decoder> Wal2json::make_decoder() const {
  return std::make_unique<Wal2jsonDecoder>(oversize_, observer_);
}

}  // namespace realtime::postgres
