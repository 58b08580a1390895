// What pgoutput's rows cost, time and allocated bytes a message; the sizes are those of the JSON that comes
// out:
//   frame/437, /1129, /3319    the framer alone: what the reader pays
//   decode/437, /1129, /3319   framer and decoder; a decoder's own share is the difference
//   decoders/437/threads:N     that by N threads at once; items_per_second should be N times as many
//   escape/437                 text full of quotes, as JSON in a text column
#include <benchmark/benchmark.h>

#include "postgres/pgoutput/pgoutput_messages.hpp"
#include "support/report.hpp"

namespace realtime::postgres {
namespace {

using namespace realtime::test;

/// A table of id, timestamps, jsonb and text, wide enough for rows of `json` bytes as messages.
struct Table {
  explicit Table(std::size_t json, const std::string& text = "a value of a text column") {
    columns = {{"id", 20, true}};
    row = {"123456"};
    for (int i = 0; size() + 120 < json; ++i) {
      columns.push_back({"column_" + std::to_string(i), i % 2 ? 1184u : 25u});
      row.push_back(i % 2 ? "2024-01-02 04:05:06.789+00" : text);
    }
    columns.push_back({"rest"});
    row.push_back("");
    row.back() = std::string(json - std::min(json, size()), 'x');
  }
  std::size_t size() const {
    const auto plugin = pgoutput_of();
    return decode_all(plugin, {{Lsn{1}, begin(7)},
                               {Lsn{1}, relation(5, "public", "entity_editions", columns)},
                               {Lsn{1}, insert(5, row)}})
        .texts[0]
        .size();
  }
  std::vector<PgColumn> columns;
  std::vector<PgValue> row;
};

void run(benchmark::State& state, const Table& table, bool decode) {
  const auto plugin = pgoutput_of();
  const auto framer = plugin.make_framer();
  const auto decoder = plugin.make_decoder();
  Frame frame;
  (void)framer->add({Lsn{1}, 0, begin(7), nullptr}, frame);
  (void)framer->add({Lsn{1}, 0, relation(5, "public", "entity_editions", table.columns), nullptr}, frame);
  const std::string message = insert(5, table.row);
  std::size_t messages = 0, bytes = 0;
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    frame.clear();
    while (frame.has_room(message.size())) (void)framer->add({Lsn{1}, 0, message, nullptr}, frame);
    messages += frame.events().size();
    if (!decode) continue;
    if (!decoder->decode(frame)) state.SkipWithError("not decoded");
    bytes += frame.output.size();
  }
  bench::report(state, messages, bench::allocations() - before, bytes);
}

void frame_only(benchmark::State& state) {
  run(state, Table(static_cast<std::size_t>(state.range(0))), false);
}
void decode(benchmark::State& state) {
  run(state, Table(static_cast<std::size_t>(state.range(0))), true);
}
void escape(benchmark::State& state) {
  run(state, Table(static_cast<std::size_t>(state.range(0)), R"({"a": "b", "c": ["d", "e"]})"), true);
}

BENCHMARK(frame_only)->Name("frame")->Arg(437)->Arg(1129)->Arg(3319);
BENCHMARK(decode)->Arg(437)->Arg(1129)->Arg(3319);
BENCHMARK(decode)->Name("decoders")->Arg(437)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(escape)->Arg(437);

}  // namespace
}  // namespace realtime::postgres
