// drain_to_nowhere: the service without Redis. It streams a slot through the real pipeline into queues that
// keep nothing, until a number of messages has come: what the service could reach if Redis cost nothing.
#include <cstdio>

#include "capture/arguments.hpp"
#include "postgres/slot.hpp"
#include "postgres/slot_stream.hpp"
#include "support/null_pipeline.hpp"

namespace realtime::bench {
namespace {

constexpr const char* kUsage =
    "drain_to_nowhere --slot=NAME --messages=N [--tables=public.*] [--decoders=1] [--queues=2]\n"
    "  PostgreSQL is found through HASH_PG_HOST, HASH_PG_PORT, HASH_PG_USER, HASH_PG_PASSWORD, "
    "HASH_PG_DATABASE.\n";

int run(const Arguments& arguments) {
  const auto plugin = make_plugin(arguments.text("tables", "public.*"));
  const std::string slot = arguments.text("slot", "");
  auto connection =
      postgres::Connection::open(postgres_from_environment(), postgres::ConnectionKind::replication);
  if (!connection) return failed(connection.error());
  const auto facts = postgres::read_slot(**connection, slot);
  if (!facts) return failed(facts.error());
  auto stream = postgres::SlotStream::start(std::move(*connection),
                                            {.slot = slot, .at = facts->confirmed_flush_lsn}, *plugin);
  if (!stream) return failed(stream.error());

  NullPipeline::Settings settings{.decoders = arguments.number("decoders", 1),
                                  .queues = arguments.number("queues", 2)};
  settings.messages = arguments.number("messages", 1);
  settings.start = facts->confirmed_flush_lsn;
  NullPipeline pipeline(std::move(*stream), plugin, settings);
  pipeline.start();
  if (const auto error = pipeline.wait()) return failed(*error);
  return 0;
}

}  // namespace
}  // namespace realtime::bench

int main(int count, char** words) {
  return realtime::bench::run(
      {count, words, {"slot", "tables", "messages", "decoders", "queues"}, realtime::bench::kUsage});
}
