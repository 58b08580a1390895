#include "postgres/catalog/stream_notes.hpp"

#include "config/tables.hpp"
#include "postgres/pgoutput/pgoutput.hpp"
#include "postgres/pgoutput/wire.hpp"

namespace realtime::postgres {
namespace {

/// Takes nothing into the frame; notes what the stream tells.
class Noting final : public Framer {
 public:
  explicit Noting(StreamNotes& seen) : seen_(seen) {}
  Status add(const WalMessage& message, Frame&) override {
    if (message.payload.empty()) return ok();
    pgoutput::FieldReader fields(message.payload.substr(1));
    switch (message.payload[0]) {
      case 'B':
        seen_.commit = Lsn{fields.int64()};
        break;
      case 'C':
        fields.bytes(9);
        seen_.done = Lsn{fields.int64()};
        break;
      case 'R':
        if (const auto table = pgoutput::parse_relation(message.payload.substr(1))) {
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
  StreamNotes& seen_;
};

class NotingPlugin final : public OutputPlugin {
 public:
  NotingPlugin(const std::string& publication, StreamNotes& seen)
      : options_(Pgoutput({publication, {}, {}}, {}, nullptr).start_options(true)), seen_(seen) {}
  std::string_view name() const override { return "pgoutput"; }
  std::string start_options(bool) const override { return options_; }
  std::unique_ptr<Framer> make_framer() const override { return std::make_unique<Noting>(seen_); }
  std::unique_ptr<Decoder> make_decoder() const override { return nullptr; }  // nothing is decoded

 private:
  const std::string options_;
  StreamNotes& seen_;
};

}  // namespace

std::unique_ptr<OutputPlugin> make_noting_plugin(const std::string& publication, StreamNotes& notes) {
  return std::make_unique<NotingPlugin>(publication, notes);
}

}  // namespace realtime::postgres
