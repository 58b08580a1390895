#include "http/page.hpp"

namespace realtime::http {

Response answer_page() {
  Response response;
  response.content_type = "text/html; charset=utf-8";
  response.body = page_html();
  response.content_security_policy =
      "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; connect-src "
      "'self'; "
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
  return response;
}

}  // namespace realtime::http
