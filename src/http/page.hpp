#pragma once

#include <string_view>

#include "http/response.hpp"

namespace realtime::http {

/// The page at `/`: the files of page/ as the build put them together and into the binary. Lives as long as
/// the process.
std::string_view page_html();

/// GET /: the page, allowed to run itself and to ask this server, and nothing else.
Response answer_page();

}  // namespace realtime::http
