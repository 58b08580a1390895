#pragma once

#include <vector>

#include "config/config.hpp"
#include "pipeline/resume_decision.hpp"
#include "postgres/connection.hpp"
#include "postgres/slot.hpp"

namespace realtime {

/// What a take-over must know of the server and the slot.
struct Server {
  ServerView view;
  postgres::ServerFacts facts;
};

/// Asks the server; an error in words where it is no place to stream from: in recovery, of another encoding,
/// the slot of another kind, streamed by another owner, or by the original service. `queues` tell whether
/// older timelines matter. Over either kind of connection.
Result<Server> look_at_server(postgres::Connection& connection, const Config& config,
                              const std::vector<QueueView>& queues);

}  // namespace realtime
