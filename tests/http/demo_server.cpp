// Serves the page with made-up figures, for looking at it: demo_server [situation] [port] [hostile]. Says its
// port, then runs until its input ends.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "http/demo_service.hpp"
#include "http/server.hpp"

int main(int count, char** words) {
  using namespace realtime::http;
  testing::DemoService service(count > 1 ? words[1] : "streaming",
                               count > 3 && std::string_view(words[3]) == "hostile");
  ServerSettings settings;
  settings.bind = "127.0.0.1";
  settings.port = count > 2 ? static_cast<unsigned>(std::strtoul(words[2], nullptr, 10)) : 0;
  settings.threads = 16;
  auto server = Server::start(settings, service_routes(service.sources()));
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().message.c_str());
    return 1;
  }
  std::printf("%u\n", (*server)->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  (*server)->finish_stop();
  return 0;
}
