// What decoding wal2json's messages costs one decoder, time and allocated bytes a message:
//   decode/437, /1129, /3319   inserts of the sizes of the end-to-end benchmarks, in frames of 256 KiB
//   decode/120000000           one large row
//   mend/437                   with a type name that wal2json writes wrongly
//   decode_cyrillic/3319       nine tenths of it in letters of two bytes
//   mend_text/437              with a byte that is not UTF-8
//   head, scan                 its parts: RapidJSON over the head, the search for such type names,
//   utf8, utf8_cyrillic        and whether the text is UTF-8
//   copy                       filling the frame alone, which decode includes (the message must be raw again)
#include <benchmark/benchmark.h>

#include "base/utf8_text.hpp"
#include "postgres/wal2json/head.hpp"
#include "postgres/wal2json/type_scan.hpp"
#include "postgres/wal2json/wal2json.hpp"
#include "support/report.hpp"

namespace realtime::postgres {
namespace {

/// An insert of `size` bytes in all, with columns of about 60 bytes, one in six of them a JSON document.
std::string insert_of(std::size_t size, std::string_view type = R"("text")") {
  std::string text =
      R"({"action":"I","xid":728123,"timestamp":"2026-11-22 06:00:53.165619+00","schema":"public",)"
      R"("table":"entity_editions","columns":[)";
  text += R"({"name":"id","type":"bigint","value":123456})";
  for (int i = 0; text.size() + 130 < size; ++i) {
    text += R"(,{"name":"column_)" + std::to_string(i) + R"(","type":)";
    text += i % 6 == 4 ? R"("jsonb","value":"{\"name\": \"x\", \"type\": \"y\"}"})"
                       : std::string(i % 2 ? "\"timestamp with time zone\"" : type) +
                             R"(,"value":"2024-01-02 04:05:06.7"})";
  }
  text += R"(,{"name":"rest","type":"text","value":")";
  text.append(size - text.size() - 4, 'x');
  return text + "\"}]}";
}

/// The same size, mostly in letters of two bytes.
std::string cyrillic_of(std::size_t size) {
  std::string text = insert_of(300);
  text.resize(text.size() - 4);
  while (text.size() + 6 < size) text += "\xD0\xB6";
  return text + "\"}]}";
}

void fill(Framer& framer, Frame& frame, const std::string& message) {
  frame.clear();
  if (message.size() < Frame::kCapacity / 2) {
    while (frame.has_room(message.size())) (void)framer.add({Lsn{1}, 0, message, nullptr}, frame);
    return;
  }
  MallocBuffer buffer(static_cast<char*>(std::malloc(25 + message.size())));
  std::copy(message.begin(), message.end(), buffer.get() + 25);
  (void)framer.add({Lsn{1}, 0, {buffer.get() + 25, message.size()}, &buffer}, frame);
}

void decode(benchmark::State& state, const std::string& message) {
  const Wal2json plugin({}, {}, nullptr);
  const auto framer = plugin.make_framer();
  const auto decoder = plugin.make_decoder();
  Frame frame;
  std::size_t messages = 0;
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    fill(*framer, frame, message);
    if (!decoder->decode(frame)) state.SkipWithError("not decoded");
    messages += frame.changes.size();
  }
  bench::report(state, messages, bench::allocations() - before, messages * message.size());
}

void decode_insert(benchmark::State& state) {
  decode(state, insert_of(static_cast<std::size_t>(state.range(0))));
}
void decode_mended(benchmark::State& state) {
  decode(state, insert_of(static_cast<std::size_t>(state.range(0)), R"("Odd Schema"."Odd Type")"));
}
void decode_cyrillic(benchmark::State& state) {
  decode(state, cyrillic_of(static_cast<std::size_t>(state.range(0))));
}
void decode_broken(benchmark::State& state) {
  std::string message = insert_of(static_cast<std::size_t>(state.range(0)));
  message[message.size() - 10] = '\xE9';
  decode(state, message);
}
void copy(benchmark::State& state) {
  const std::string message = insert_of(static_cast<std::size_t>(state.range(0)));
  const auto framer = Wal2json({}, {}, nullptr).make_framer();
  Frame frame;
  std::size_t messages = 0;
  const bench::Allocations before = bench::allocations();
  for (auto _ : state) {
    fill(*framer, frame, message);
    messages += frame.events().size();
  }
  bench::report(state, messages, bench::allocations() - before, messages * message.size());
}
void head(benchmark::State& state) {
  const std::string message = insert_of(437);
  HeadReader reader;
  Wal2jsonHead read;
  for (auto _ : state) benchmark::DoNotOptimize(reader.read(message, read));
}
void scan(benchmark::State& state) {
  const std::string message = insert_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(has_unusual_type_name(message));
}

void utf8(benchmark::State& state) {
  const std::string message = insert_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(is_utf8_text(message));
}
void utf8_cyrillic(benchmark::State& state) {
  const std::string message = cyrillic_of(static_cast<std::size_t>(state.range(0)));
  for (auto _ : state) benchmark::DoNotOptimize(is_utf8_text(message));
}

BENCHMARK(decode_insert)->Name("decode")->Arg(437)->Arg(1129)->Arg(3319)->Arg(120'000'000);
BENCHMARK(decode_mended)->Name("mend")->Arg(437);
BENCHMARK(decode_cyrillic)->Arg(3319);
BENCHMARK(decode_broken)->Name("mend_text")->Arg(437);
BENCHMARK(utf8)->Arg(437)->Arg(1129)->Arg(3319);
BENCHMARK(utf8_cyrillic)->Arg(3319);
BENCHMARK(copy)->Arg(437)->Arg(1129)->Arg(3319);
BENCHMARK(head);
BENCHMARK(scan)->Arg(437)->Arg(1129)->Arg(3319);

}  // namespace
}  // namespace realtime::postgres
