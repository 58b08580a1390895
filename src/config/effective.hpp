#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"
#include "config/values.hpp"

namespace realtime {

/// Every setting with the value that holds, derived defaults filled in, secrets as ***. Pure; any thread.
std::vector<EffectiveSetting> effective_settings(const Config& config, const Values& values);

std::string_view log_level_name(log::Level level);

}  // namespace realtime
