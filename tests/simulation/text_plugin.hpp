#pragma once

#include <charconv>
#include <cstring>
#include <memory>
#include <string>

#include "realtime/output_plugin.hpp"

namespace realtime::sim {

/// An output plugin whose raw messages are "<xid> <text>": decoded in place into real RESP bulk strings, as
/// wal2json's are. An empty text takes a number and is not delivered; "<xid> !" is a message of no interest.
class TextPlugin final : public OutputPlugin {
 public:
  static std::string raw(std::uint32_t xid, std::string_view text) {
    return std::to_string(xid) + " " + std::string(text);
  }

  std::string_view name() const override { return "wal2json"; }
  std::string start_options(bool) const override { return ""; }
  std::unique_ptr<Framer> make_framer() const override { return std::make_unique<TextFramer>(); }
  std::unique_ptr<Decoder> make_decoder() const override { return std::make_unique<TextDecoder>(); }

 private:
  struct TextFramer final : Framer {
    Status add(const WalMessage& message, Frame& frame) override {
      frame.add_message(message);
      return ok();
    }
  };
  struct TextDecoder final : Decoder {
    Status decode(Frame& frame) override {
      char* out = frame.raw();
      frame.encoded = out;
      for (const Frame::Event& event : frame.events()) {
        const auto after = static_cast<std::uint32_t>(frame.changes.size());
        if (event.kind == Frame::Event::Kind::keepalive) {
          frame.marks.push_back({Mark::Kind::keepalive, 0, after, event.lsn});
          continue;
        }
        const std::string_view payload = frame.payload(event);
        const std::size_t space = payload.find(' ');
        if (space == std::string_view::npos) return Error{ErrorKind::row_undecodable, "no xid"};
        std::uint32_t xid = 0;
        std::from_chars(payload.data(), payload.data() + space, xid);
        const std::string_view text = payload.substr(space + 1);
        if (text == "!") continue;  // not delivered: leaves no trace
        const auto offset = static_cast<std::uint32_t>(out - frame.encoded);
        if (!text.empty()) out = write(out, text);
        const auto length = static_cast<std::uint32_t>(out - frame.encoded) - offset;
        frame.changes.push_back({offset, length, xid, 0, event.lsn});
      }
      return ok();
    }
    static char* write(char* out, std::string_view text) {
      char head[16];
      head[0] = '$';
      char* end = std::to_chars(head + 1, head + sizeof head, text.size()).ptr;
      *end++ = '\r';
      *end++ = '\n';
      const auto size = static_cast<std::size_t>(end - head);
      std::memmove(out + size, text.data(), text.size());  // before the head: it may overlap the text
      std::memcpy(out, head, size);
      out += size + text.size();
      *out++ = '\r';
      *out++ = '\n';
      return out;
    }
  };
};

}  // namespace realtime::sim
