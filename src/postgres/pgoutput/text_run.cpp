#include "postgres/pgoutput/text_run.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <utility>

namespace realtime::postgres::pgoutput {
namespace {

constexpr std::size_t kMostDigits = 20;
constexpr std::size_t kStep = 8 * 1024;                  ///< frames of one stream take much the same
constexpr std::size_t kLargeRun = 4 * Frame::kCapacity;  ///< given away instead of copied

}  // namespace

char* TextRun::begin_bulk(std::size_t most, std::size_t digits) {
  digits_ = digits;
  const std::size_t wanted = used_ + most + kMostDigits + kAroundDigits + 2 + TextWriter::kSpare;
  if (room_.size() < wanted) [[unlikely]]
    room_.resize(wanted < kLargeRun ? std::max(wanted, 2 * room_.size()) : wanted);
  return text();
}

std::size_t TextRun::end_bulk(const char* end) {
  const std::size_t length = bulk_size(end);
  char text_of_length[kMostDigits];
  const auto digits = static_cast<std::size_t>(
      std::to_chars(text_of_length, text_of_length + kMostDigits, length).ptr - text_of_length);
  char* at = room_.data() + used_;
  if (digits != digits_) [[unlikely]]
    std::memmove(at + digits + kAroundDigits, text(), length);
  *at++ = '$';
  std::memcpy(at, text_of_length, digits);
  at += digits;
  *at++ = '\r';
  *at++ = '\n';
  at += length;
  *at++ = '\r';
  *at++ = '\n';
  used_ = static_cast<std::size_t>(at - room_.data());
  return digits;
}

void TextRun::give_to(Frame& frame) {
  if (used_ > kLargeRun) {
    room_.resize(used_);
    frame.output = std::exchange(room_, std::string());
  } else {
    if (frame.output.capacity() < used_) {
      std::string().swap(frame.output);  // it would keep twice of what it had
      frame.output.reserve((used_ + kStep - 1) / kStep * kStep);
    }
    frame.output.assign(room_, 0, used_);
  }
  frame.encoded = frame.output.data();
}

}  // namespace realtime::postgres::pgoutput
