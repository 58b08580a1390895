#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/terminal/human.hpp"

namespace realtime::http {

enum class Tone : std::uint8_t { plain, strong, soft, good, warn, bad };

/// Lines of text for a terminal, with colours where it has them. A value; one thread.
class TextCanvas {
 public:
  TextCanvas(bool colour, std::size_t columns);

  std::size_t columns() const { return columns_; }
  std::string tone(Tone tone, std::string_view text) const;
  /// How much of `columns` is full; an unknown share is nothing.
  std::string bar(Number share, std::size_t columns) const;

  void line(std::string_view text = {}) { out_.append(text).append("\n"); }
  /// A name at the left, in a column of its own.
  void row(std::string_view name, std::string_view text);
  /// A text of several words, broken at spaces.
  void wrapped(std::string_view text, Tone how);
  std::string take() { return std::move(out_); }

 private:
  const bool colour_;
  const std::size_t columns_;
  std::string out_;
};

}  // namespace realtime::http
