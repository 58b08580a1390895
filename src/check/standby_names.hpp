#pragma once

#include <string_view>

namespace realtime::preflight {

/// Whether synchronous_standby_names makes commits wait for a walsender of this application_name: "*", or the
/// name itself, quoted or not, case ignored (PostgreSQL documentation, "synchronous_standby_names"). Pure.
bool names_standby(std::string_view setting, std::string_view application_name);

}  // namespace realtime::preflight
