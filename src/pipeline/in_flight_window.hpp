#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "realtime/frame.hpp"
#include "realtime/position.hpp"

#include "base/cache_line.hpp"
#include "base/clock.hpp"

namespace realtime {

/// One place of the window: a frame, and what the sequencer found out about it.
struct Place {
  std::unique_ptr<Frame> frame;  ///< the reader's; a decoder's between offer and stamp; then immutable
  TimePoint decoded_at{};        ///< set by its decoder before the stamp
  /// Set by the sequencer before it publishes the place:
  std::uint32_t first_live = 0;    ///< changes before it were passed before (resume) and have no number
  std::uint64_t first_number = 0;  ///< of the change `first_live`
  Position end;                    ///< the point of the stream that the place leads to
  Lsn message_restart;             ///< its restart LSN as of the last message (StreamNumbering)
};

/// The messages received and not yet taken by every queue: a ring of places and its cursors.
///
///     released <= taken[q] <= sequenced <= claimed <= released + capacity
///
/// That one line is the order, the bound and the back-pressure. A sequence counts places from 0 and never
/// wraps.
///
///   cursor / stamp      written by               read by             ordering
///   claimed             reader                   reader              plain
///   decoded (a place)   the decoder that has it  sequencer           release / acquire
///   sequenced           sequencer                writers, reader     release / acquire
///   taken[q]            writer q                 reader              release / acquire
///   released            reader                   reader              plain
///
/// Concurrency: each method names who may call. Stages may change threads between their steps as long as one
/// step happens before the next. Owns the frames. Bytes are counted by what frames hold of memory; a frame
/// larger than the bound is let in when it is alone.
class InFlightWindow {
 public:
  /// `max_bytes` bounds what frames hold; the number of places follows from it.
  InFlightWindow(std::size_t max_bytes, std::size_t queues);
  /// How many places a window of so many bytes has.
  static std::size_t places_for(std::size_t max_bytes);

  // --- the reader
  /// Whether another frame may be claimed.
  bool has_room() const {
    return claimed_ - released_ < places_.size() && (bytes_ < max_bytes_ || claimed_ == released_);
  }
  /// An empty frame to read into.
  std::unique_ptr<Frame> spare_frame() { return spare_frame(Frame::kArenas.size() - 1); }
  /// The same messages in a frame that is no larger than they need.
  std::unique_ptr<Frame> fit(std::unique_ptr<Frame> frame);
  /// Gives the frame the next place; returns its sequence.
  std::uint64_t claim(std::unique_ptr<Frame> frame);
  /// Frees the places that every queue has taken; returns how many.
  std::size_t release();
  /// Whether release() would free something.
  bool can_release() const { return taken_by_all() > released_; }
  std::uint64_t claimed() const { return claimed_; }
  std::uint64_t released() const { return released_; }
  std::size_t bytes() const { return bytes_; }
  /// With the empty frames that are kept.
  std::size_t held() const { return bytes_ + spare_bytes_; }
  std::size_t capacity() const { return places_.size(); }
  bool all_taken() const { return released_ == claimed_; }

  // --- whoever holds the sequence
  Place& at(std::uint64_t sequence) { return places_[sequence & mask_].place; }

  // --- the decoder that holds the place
  void stamp_decoded(std::uint64_t sequence) {
    places_[sequence & mask_].decoded.store(sequence + 1, std::memory_order_release);
  }

  // --- the sequencer
  bool is_decoded(std::uint64_t sequence) const {
    return places_[sequence & mask_].decoded.load(std::memory_order_acquire) == sequence + 1;
  }
  void publish_sequenced(std::uint64_t up_to) { sequenced_.store(up_to, std::memory_order_release); }

  // --- writers, reader
  /// Places below this may be delivered.
  std::uint64_t sequenced() const { return sequenced_.load(std::memory_order_acquire); }

  // --- writer q
  /// Queue q has taken every place below `up_to`: the writer will not look at them again.
  void publish_taken(std::size_t queue, std::uint64_t up_to) {
    taken_[queue].cursor.store(up_to, std::memory_order_release);
  }
  /// Any thread.
  std::uint64_t taken(std::size_t queue) const {
    return taken_[queue].cursor.load(std::memory_order_acquire);
  }

 private:
  struct Slot {
    Place place;
    /// Invariant: sequence + 1 once the place of that sequence is decoded; an old lap's stamp is smaller and
    /// never looks ready. Release by its decoder, acquire by the sequencer: makes the decoder's writes to the
    /// frame seen.
    std::atomic<std::uint64_t> decoded{0};
    std::size_t charged = 0;  ///< bytes counted for it; the reader's
  };
  struct alignas(kCacheLine) Cursor {
    /// Invariant: only grows, never passes sequenced_. Release by its writer, acquire by the reader: the
    /// writer's last reads of a frame happen before the reader recycles it.
    std::atomic<std::uint64_t> cursor{0};
  };

  std::uint64_t taken_by_all() const;
  std::unique_ptr<Frame> spare_frame(std::size_t arena);
  void return_spare(std::unique_ptr<Frame> frame);
  void drop_spares();

  std::vector<Slot> places_;
  const std::uint64_t mask_;
  const std::size_t max_bytes_;
  // The reader's own.
  std::uint64_t claimed_ = 0;
  std::uint64_t released_ = 0;
  std::size_t bytes_ = 0;
  std::array<std::vector<std::unique_ptr<Frame>>, Frame::kArenas.size()> spare_;  ///< by arena
  std::size_t spare_bytes_ = 0;  ///< what they hold; with what is in flight no more than the bound
  /// Invariant: only grows; every place below it is decoded and numbered. Release by the sequencer, acquire
  /// by writers: makes frame and numbers seen.
  alignas(kCacheLine) std::atomic<std::uint64_t> sequenced_{0};
  std::vector<Cursor> taken_;
};

}  // namespace realtime
