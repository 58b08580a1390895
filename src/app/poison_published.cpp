#include "app/poison_published.hpp"

#include <algorithm>

#include "config/tables.hpp"
#include "postgres/pgoutput/pgoutput.hpp"
#include "postgres/pgoutput/wire.hpp"

namespace realtime {
namespace {

constexpr std::size_t kMostTables = 10;

/// What has come so far.
struct Seen {
  std::vector<std::string> tables;  ///< told of on this connection, the last one last
  bool table_is_newest = false;     ///< no row has come since
  Lsn commit;                       ///< of the transaction that is open, where its record begins
  Lsn done;                         ///< the end of the last one that came whole
};

/// Takes nothing into the frame; notes what the stream tells.
class Noting final : public Framer {
 public:
  explicit Noting(Seen& seen) : seen_(seen) {}
  Status add(const WalMessage& message, Frame&) override {
    if (message.payload.empty()) return ok();
    postgres::pgoutput::FieldReader fields(message.payload.substr(1));
    switch (message.payload[0]) {
      case 'B':
        seen_.commit = Lsn{fields.int64()};
        break;
      case 'C':
        fields.bytes(9);
        seen_.done = Lsn{fields.int64()};
        break;
      case 'R':
        if (const auto table = postgres::pgoutput::parse_relation(message.payload.substr(1))) {
          const std::string pattern =
              to_string(TablePattern{std::string(table->schema), std::string(table->name)});
          std::erase(seen_.tables, pattern);
          seen_.tables.push_back(pattern);
        }
        break;
      default:
        break;
    }
    seen_.table_is_newest = message.payload[0] == 'R';
    return ok();
  }

 private:
  Seen& seen_;
};

class NotingPlugin final : public OutputPlugin {
 public:
  NotingPlugin(const Config& config, Seen& seen)
      : options_(postgres::Pgoutput({config.publication, {}, {}}, {}, nullptr).start_options(true)),
        seen_(seen) {}
  std::string_view name() const override { return "pgoutput"; }
  std::string start_options(bool) const override { return options_; }
  std::unique_ptr<Framer> make_framer() const override { return std::make_unique<Noting>(seen_); }
  std::unique_ptr<Decoder> make_decoder() const override { return nullptr; }  // nothing is decoded

 private:
  const std::string options_;
  Seen& seen_;
};

}  // namespace

PublishedPoison find_published_poison(const Config& config, const DecodeTrial& trial, const std::string& lsn,
                                      Lsn until) {
  PublishedPoison found;
  // First everything; then from its transaction on, in which few tables are told of before the row.
  for (Lsn at; found.tables.size() != 1;) {
    Seen seen;
    const Status ended = trial.run(NotingPlugin(config, seen), at, until);
    const bool met =
        !ended && ended.error().kind == ErrorKind::row_undecodable && lsn_of_row(ended.error()) == lsn;
    if (!met) break;
    found.behind = Lsn{seen.commit.value + 1};
    if (seen.table_is_newest) seen.tables.erase(seen.tables.begin(), seen.tables.end() - 1);
    if (seen.tables.size() > kMostTables) seen.tables.clear();
    found.tables = std::move(seen.tables);
    if (seen.done <= at) break;
    at = seen.done;
  }
  return found;
}

}  // namespace realtime
