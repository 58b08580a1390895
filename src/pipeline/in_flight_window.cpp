#include "pipeline/in_flight_window.hpp"

#include <algorithm>
#include <bit>

#include "base/check.hpp"

namespace realtime {
namespace {

constexpr std::size_t kLeastPlaces = 16;
constexpr std::size_t kSlack = 2 * Frame::kCapacity;  ///< what may be held above the bound: a frame each
                                                      ///< being filled and let in last

}  // namespace

std::size_t InFlightWindow::places_for(std::size_t max_bytes) {
  return std::bit_ceil(std::max(max_bytes / Frame::kArenas.front(), kLeastPlaces));
}

InFlightWindow::InFlightWindow(std::size_t max_bytes, std::size_t queues)
    : places_(places_for(max_bytes)), mask_(places_.size() - 1), max_bytes_(max_bytes), taken_(queues) {
  RT_CHECK(queues > 0, "a window without queues would never be released");
}

std::unique_ptr<Frame> InFlightWindow::spare_frame(std::size_t arena) {
  auto& spare = spare_[arena];
  if (spare.empty()) return std::make_unique<Frame>(arena);
  auto frame = std::move(spare.back());  // the one used last: its memory is still in the cache
  spare.pop_back();
  spare_bytes_ -= frame->footprint();
  return frame;
}

void InFlightWindow::return_spare(std::unique_ptr<Frame> frame) {
  frame->clear();
  spare_bytes_ += frame->footprint();
  spare_[frame->arena()].push_back(std::move(frame));
}

/// What was small and is large now would else hold the bound's memory twice.
void InFlightWindow::drop_spares() {
  for (auto& spare : spare_) {
    for (; bytes_ + spare_bytes_ > max_bytes_ + kSlack && !spare.empty(); spare.pop_back()) {
      spare_bytes_ -= spare.back()->footprint();
    }
  }
}

std::unique_ptr<Frame> InFlightWindow::fit(std::unique_ptr<Frame> frame) {
  const std::size_t arena = frame->fitting_arena();
  if (arena == frame->arena()) return frame;
  auto smaller = spare_frame(arena);
  frame->move_to(*smaller);
  return_spare(std::move(frame));
  return smaller;
}

std::uint64_t InFlightWindow::claim(std::unique_ptr<Frame> frame) {
  RT_CHECK(claimed_ - released_ < places_.size(), "claimed <= released + capacity");
  Slot& slot = places_[claimed_ & mask_];
  slot.charged = frame->footprint();
  slot.place.frame = std::move(frame);
  bytes_ += slot.charged;
  drop_spares();
  return claimed_++;
}

std::uint64_t InFlightWindow::taken_by_all() const {
  std::uint64_t taken = sequenced();
  for (const Cursor& queue : taken_) taken = std::min(taken, queue.cursor.load(std::memory_order_acquire));
  return taken;
}

std::size_t InFlightWindow::release() {
  const std::uint64_t taken = taken_by_all();
  const std::size_t freed = taken - released_;
  for (; released_ < taken; ++released_) {
    Slot& slot = places_[released_ & mask_];
    bytes_ -= slot.charged;
    return_spare(std::move(slot.place.frame));
  }
  return freed;
}

}  // namespace realtime
