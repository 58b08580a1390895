#include "postgres/wal2json/bulk_run.hpp"

#include <charconv>
#include <cstring>

#include "base/check.hpp"

namespace realtime::postgres {
namespace {

/// "$437\r\n": '$', at most 10 digits (a payload's length has 32 bits), two more.
struct BulkHead {
  explicit BulkHead(std::size_t length) {
    text[0] = '$';
    char* end = std::to_chars(text + 1, text + 11, static_cast<std::uint32_t>(length)).ptr;
    *end++ = '\r';
    *end++ = '\n';
    size = static_cast<std::size_t>(end - text);
  }
  char text[13];
  std::size_t size;
};
static_assert(sizeof(BulkHead::text) <= Frame::kHeadroom);
static_assert(Frame::kTailroom >= 2);

}  // namespace

void BulkRun::add(const Frame::Event& event, const Wal2jsonHead& of) {
  const std::size_t cut_at = of.cut_at, cut_length = of.cut_length;
  RT_CHECK(cut_at + cut_length <= event.length, "the cut lies within the message");
  char* const payload = frame_.raw() + event.offset;
  const std::size_t length = event.length - cut_length;
  const BulkHead head(length);
  const std::size_t begin = size();
  if (in_output_) {
    frame_.output.append(head.text, head.size).append(payload, cut_at);
    frame_.output.append(payload + cut_at + cut_length, length - cut_at).append("\r\n");
  } else if (begin_ == nullptr) {
    char* const text = payload + cut_length;
    std::memmove(text, payload, cut_at);
    begin_ = text - head.size;
    std::memcpy(begin_, head.text, head.size);
    end_ = payload + event.length;
    *end_++ = '\r';
    *end_++ = '\n';
  } else {
    RT_CHECK(end_ + head.size <= payload, "the run's end is at or before this message's gap");
    std::memcpy(end_, head.text, head.size);
    end_ += head.size;
    std::memmove(end_, payload, cut_at);
    std::memmove(end_ + cut_at, payload + cut_at + cut_length, length - cut_at);
    end_ += length;
    *end_++ = '\r';
    *end_++ = '\n';
    RT_CHECK(end_ <= payload + event.length + Frame::kTailroom,
             "the encoded text is not longer than the raw");
  }
  note(event, of, begin, size() - begin);
}

void BulkRun::add_text(const Frame::Event& event, const Wal2jsonHead& of, std::string_view text) {
  move_to_output();
  const std::size_t begin = size();
  const BulkHead head(text.size());
  frame_.output.append(head.text, head.size).append(text).append("\r\n");
  note(event, of, begin, size() - begin);
}

void BulkRun::add_nothing(const Frame::Event& event, const Wal2jsonHead& of) {
  note(event, of, size(), 0);
}

void BulkRun::finish() {
  if (in_output_) {
    frame_.encoded = frame_.output.data();
  } else {
    frame_.encoded = begin_ != nullptr ? begin_ : frame_.raw();
  }
}

void BulkRun::move_to_output() {
  if (in_output_) return;
  frame_.output.clear();
  if (begin_ != nullptr) frame_.output.assign(begin_, end_);
  in_output_ = true;
}

void BulkRun::note(const Frame::Event& event, const Wal2jsonHead& of, std::size_t begin, std::size_t length) {
  frame_.changes.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(length), of.xid, 0,
                            event.lsn, of.committed_us});
}

}  // namespace realtime::postgres
