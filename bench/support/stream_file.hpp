#pragma once

#include <cstdio>
#include <memory>
#include <string>

#include "realtime/result.hpp"

#include "support/stream.hpp"

namespace realtime::bench {

/// A stream as a file, for benchmarks and bug reports:
///
///   hash-realtime stream 1\n
///   It holds the contents of database rows as the server sent them. Treat it as you treat the database.\n
///   plugin wal2json\n
///   \n
///   event ...
///   event := 'w' lsn(8) sent_at_us(8) length(4) payload | 'k' lsn(8)         numbers in network order
///
/// Writes as it goes. One thread.
class StreamFile {
 public:
  /// Makes the file, readable by its owner alone; one that is there already is not touched.
  static Result<StreamFile> create(const std::string& path, std::string_view plugin);

  void message(Lsn lsn, std::int64_t sent_at_us, std::string_view payload);
  void keepalive(Lsn lsn);
  /// Writes the rest. Fails where anything could not be written.
  Status close();

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  explicit StreamFile(std::FILE* file) : file_(file) {}
  void put(std::uint64_t number, int size);

  std::unique_ptr<std::FILE, Close> file_;
};

/// Reads a whole file. Refuses what StreamFile has not written, and one that ends within an event.
Result<Stream> read_stream(const std::string& path);

}  // namespace realtime::bench
