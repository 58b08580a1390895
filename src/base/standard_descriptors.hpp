#pragma once

namespace realtime {

/// Opens those of the descriptors 0 to 2 that are closed, on /dev/null and for the wrong direction: reading
/// and writing fail as they did before, and no socket of ours becomes standard output. First thing in main().
void keep_standard_descriptors();

}  // namespace realtime
