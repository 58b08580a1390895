#include "redis/output.hpp"

#include <charconv>

#include "base/check.hpp"

namespace realtime::redis {
namespace {

constexpr std::size_t kKeptBytes = 1 << 20;

}  // namespace

void Output::copy(std::string_view bytes) {
  if (parts_.empty() || parts_.back().borrowed != nullptr) parts_.push_back({nullptr, copied_.size(), 0});
  copied_ += bytes;
  parts_.back().size += bytes.size();
}

void Output::borrow(std::string_view bytes) {
  if (bytes.size() < kBorrowBytes) return copy(bytes);
  parts_.push_back({bytes.data(), 0, bytes.size()});
}

void Output::begin_command(std::size_t arguments) {
  char head[32] = {'*'};
  char* end = std::to_chars(head + 1, head + sizeof head - 2, arguments).ptr;
  *end++ = '\r';
  *end++ = '\n';
  copy({head, static_cast<std::size_t>(end - head)});
}

void Output::argument(std::string_view value) {
  char head[32] = {'$'};
  char* end = std::to_chars(head + 1, head + sizeof head - 2, value.size()).ptr;
  *end++ = '\r';
  *end++ = '\n';
  copy({head, static_cast<std::size_t>(end - head)});
  copy(value);
  copy("\r\n");
}

void Output::command(std::initializer_list<std::string_view> arguments) {
  begin_command(arguments.size());
  for (const std::string_view value : arguments) argument(value);
}

std::size_t Output::gather(std::span<iovec> into) const {
  std::size_t used = 0;
  std::size_t skip = within_;
  for (std::size_t i = first_; i < parts_.size() && used < into.size(); ++i, skip = 0) {
    const Part& part = parts_[i];
    const char* data = part.borrowed != nullptr ? part.borrowed : copied_.data() + part.offset;
    into[used++] = {const_cast<char*>(data) + skip, part.size - skip};
  }
  return used;
}

void Output::advance(std::size_t bytes) {
  while (bytes > 0) {
    RT_CHECK(first_ < parts_.size(), "no more is sent than was there");
    const std::size_t left = parts_[first_].size - within_;
    if (bytes < left) {
      within_ += bytes;
      return;
    }
    bytes -= left;
    within_ = 0;
    ++first_;
  }
  if (first_ == parts_.size()) clear();
}

void Output::clear() {
  if (copied_.capacity() > kKeptBytes) std::string().swap(copied_);
  copied_.clear();
  parts_.clear();
  first_ = within_ = 0;
}

}  // namespace realtime::redis
