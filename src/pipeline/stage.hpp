#pragma once

#include <cstddef>
#include <string>

#include "base/clock.hpp"

namespace realtime {

/// An agent of the pipeline: reader, a decoder, sequencer, a writer. It has no thread of its own; a
/// StageRunner decides which thread takes its next step (its own, one that carries a lone change through
/// several stages, or a Relief), and a simulation steps all of them on one thread. One step at a time, each
/// happening before the next.
class Stage {
 public:
  virtual ~Stage() = default;

  virtual std::string name() const = 0;

  /// Does what can be done without waiting and returns how much that was; 0: nothing to do. Never throws:
  /// failures go to the pipeline's Outcome.
  virtual std::size_t do_work() = 0;

  /// Whether do_work would find something: asked between announcing sleep and sleeping. Cheap.
  virtual bool has_work() const = 0;

  /// What to wait for after do_work has returned 0.
  struct Idle {
    int fd = -1;  ///< also wake when this is ready for `events` (poll)
    short events = 0;
    TimePoint until = TimePoint::max();
    bool deaf = false;  ///< new work from upstream is of no use before `fd` or `until`: do not wake
  };
  virtual Idle idle() const = 0;
};

}  // namespace realtime
