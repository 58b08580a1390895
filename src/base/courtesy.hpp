#pragma once

namespace realtime {

/// Whether the calling thread, when it wakes, takes the processor from who runs there (the default) or waits
/// for the end of his slice: SCHED_BATCH, sched(7). A thread that wakes by the clock a thousand times a
/// second to do bulk work should not interrupt a server beside it; one that passes on a lone change should. A
/// refusal changes nothing. Costs one system call.
void set_courteous(bool courteous);

}  // namespace realtime
