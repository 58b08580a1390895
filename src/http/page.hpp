#pragma once

#include <string_view>

#include "http/response.hpp"

namespace realtime::http {

/// The page at `/`: page/page.html as the build put it into the binary. Lives as long as the process.
std::string_view page_html();

/// GET /: the page, allowed to run itself and to ask this server, and nothing else.
Response answer_page();

}  // namespace realtime::http
