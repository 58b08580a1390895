#pragma once

#include <string>

namespace realtime {

/// What the process says when the machine denies it something in the middle of its work and nobody could go
/// on without: no memory (operator new), no thread or descriptor where an exception was not caught. It ends
/// with exit code 1, which is safe at any moment (a restart resumes from the records), instead of
/// std::terminate's abort. `memory` and `threads` say which limits hold and what they must be; they are made
/// beforehand, because then there is no memory left to make them. Call once, at the start.
void install_last_words(std::string memory, std::string threads);

}  // namespace realtime
