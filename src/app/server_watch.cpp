#include "app/server_watch.hpp"

#include <utility>

namespace realtime {

void ServerWatch::begin(TimePoint now) {
  heard_at_ = now;
  stopping_since_ = {};
  said_ = false;
}

const char* ServerWatch::look(const ServiceBoard::Server& server, std::uint64_t messages, bool stuck,
                              TimePoint now) {
  if (std::exchange(messages_, messages) != messages) heard_at_ = now;
  stopping_since_ = server.seen == ServerSeen::stopping ? server.since : TimePoint{};
  const char* why = said_ ? nullptr : reason(server.seen, stuck, now);
  said_ = said_ || why != nullptr;
  return why;
}

const char* ServerWatch::reason(ServerSeen seen, bool stuck, TimePoint now) const {
  const bool stopping = stopping_since_ != TimePoint{};
  if (stopping && stuck) return "the server is stopping, and a queue is stuck";
  if (stopping && now - stopping_since_ >= patience_)
    return "the server is stopping and has waited for the replay window";
  if (seen != ServerSeen::answers && now - heard_at_ > kMostSilence)
    return "nothing was heard of the server for too long";
  return nullptr;
}

TimePoint ServerWatch::next_due() const {
  return said_ || stopping_since_ == TimePoint{} ? TimePoint::max() : stopping_since_ + patience_;
}

}  // namespace realtime
