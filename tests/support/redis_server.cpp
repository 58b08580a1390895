#include "support/redis_server.hpp"

#include <cstdlib>
#include <stdexcept>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace realtime::testing {
namespace {

std::string make_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "rt-redis-XXXXXX").string();
  if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no folder for Redis");
  return path;
}

/// Becomes the server: REDIS_SERVER where it is set, else the first that is there. The name in argv[0]
/// decides what the program does: redis-tools has the server under the name of a tool.
void execute_server(char* const* argv) {
  if (const char* program = std::getenv("REDIS_SERVER")) {
    ::execvp(program, argv);
    return;
  }
  for (const char* program : {"redis-server", "redis-check-rdb"}) ::execvp(program, argv);
}

std::string as_text(const redisReply& reply) {
  switch (reply.type) {
    case REDIS_REPLY_NIL:
      return "(nil)";
    case REDIS_REPLY_INTEGER:
      return std::to_string(reply.integer);
    case REDIS_REPLY_ARRAY: {
      std::string text;
      for (std::size_t i = 0; i < reply.elements; ++i)
        text += (i > 0 ? "\n" : "") + as_text(*reply.element[i]);
      return text;
    }
    default:
      return std::string(redis::text_of(reply));
  }
}

}  // namespace

std::uint16_t free_port() {
  const net::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

RedisServer::RedisServer(Arguments more)
    : folder_(make_folder()), more_(std::move(more)), port_(free_port()) {
  start();
}

RedisServer::~RedisServer() {
  kill_hard();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

redis::Endpoint RedisServer::endpoint() const {
  redis::Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port_;
  endpoint.silence =
      std::chrono::seconds(120);  // a busy machine is no silent server; who tests silence sets its own
  return endpoint;
}

redis::Endpoint RedisServer::unix_endpoint() const {
  redis::Endpoint endpoint;
  endpoint.host = (folder_ / "socket").string();
  endpoint.silence = std::chrono::seconds(120);
  return endpoint;
}

void RedisServer::start() {
  Arguments arguments = {"redis-server",
                         "--port",
                         std::to_string(port_),
                         "--bind",
                         "127.0.0.1",
                         "--unixsocket",
                         "socket",
                         "--dir",
                         folder_.string(),
                         "--save",
                         "",
                         "--appendonly",
                         "yes",
                         "--appendfsync",
                         "always",
                         "--daemonize",
                         "no",
                         "--logfile",
                         "log"};
  arguments.insert(arguments.end(), more_.begin(), more_.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) throw std::runtime_error("no process for Redis");
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::signal(SIGXFSZ, SIG_IGN);             // limit_files(): an error of write(), not an end
    if (::getppid() != parent) ::_exit(1);  // the parent died before the line above
    const int nowhere = ::open("/dev/null", O_RDWR);
    for (const int fd : {0, 1, 2}) ::dup2(nowhere, fd);
    execute_server(argv.data());
    ::_exit(127);
  }
  admin_ = std::make_unique<redis::Client>(unix_endpoint());
  wait_until_ready();
}

void RedisServer::wait_until_ready() {
  for (int i = 0; i < 12'000; ++i) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("redis-server ended at once; is redis-tools installed?");
    }
    const auto replies = admin_->ask({{"PING"}});
    if (replies && redis::is_status(*replies->front(), "PONG")) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  throw std::runtime_error("redis-server does not answer");
}

void RedisServer::kill_hard() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

void RedisServer::pause() {
  ::kill(pid_, SIGSTOP);
}
void RedisServer::resume() {
  ::kill(pid_, SIGCONT);
}

void RedisServer::limit_files(long bytes) {
  rlimit limit{};
  limit.rlim_cur = bytes < 0 ? RLIM_INFINITY : static_cast<rlim_t>(bytes);
  limit.rlim_max = RLIM_INFINITY;
  if (::prlimit(pid_, RLIMIT_FSIZE, &limit, nullptr) != 0) throw std::runtime_error("no limit could be set");
}

std::string RedisServer::operator()(const redis::Client::Command& command) {
  const auto replies = admin_->ask({command});
  if (!replies) return "(no reply) " + replies.error().message;
  return as_text(*replies->front());
}

}  // namespace realtime::testing
