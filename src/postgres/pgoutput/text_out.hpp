#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace realtime::postgres::pgoutput {

/// Where the text of a row goes: memory (TextWriter), or nowhere, to learn how long it will be (TextSize).
/// Both have the same functions, so that one RowWriter writes to either. Values; one thread.
///
/// A TextWriter checks nothing: whoever makes one has asked for the room, and for kSpare bytes more, because
/// it copies in blocks.
class TextWriter {
 public:
  static constexpr std::size_t kSpare = 64;
  static constexpr std::size_t kBlock = 16;

  explicit TextWriter(char* at) : at_(at) {}
  char* at() const { return at_; }

  void append(std::string_view text) {
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void append(char c) { *at_++ = c; }
  /// Copies `length` bytes at `from`, behind which at least kBlock more can be read.
  void append_blocks(const char* from, std::size_t length) {
    for (std::size_t i = 0; i < length; i += kBlock) std::memcpy(at_ + i, from + i, kBlock);
    at_ += length;
  }
  /// A few bytes, each of them digits for the most part: no call.
  void append_short(std::string_view text);
  /// The text with quotes around it, escaped as PostgreSQL's escape_json does.
  void append_json_string(std::string_view text);

 private:
  char* at_;
};

class TextSize {
 public:
  std::size_t size() const { return size_; }

  void append(std::string_view text) { size_ += text.size(); }
  void append(char) { ++size_; }
  void append_blocks(const char*, std::size_t length) { size_ += length; }
  void append_short(std::string_view text) { size_ += text.size(); }
  void append_json_string(std::string_view text);

 private:
  std::size_t size_ = 0;
};

/// The most bytes that a byte becomes: \u0001.
inline constexpr std::size_t kMostGrowth = 6;

inline void TextWriter::append_short(std::string_view text) {
  const char* from = text.data();
  std::size_t left = text.size();
  for (; left >= 8; left -= 8, from += 8, at_ += 8) std::memcpy(at_, from, 8);
  if (left >= 4) {
    std::memcpy(at_, from, 4);
    at_ += 4, from += 4, left -= 4;
  }
  for (; left > 0; --left) *at_++ = *from++;
}

}  // namespace realtime::postgres::pgoutput
