#include "app/decode_trial.hpp"

#include "postgres/connection.hpp"
#include "postgres/decode_probe.hpp"

namespace realtime {
namespace {

constexpr Duration kPause = std::chrono::milliseconds(100);  // until the walsender before has let the slot go

}  // namespace

Status DecodeTrial::run(const OutputPlugin& plugin, Lsn at, Lsn until) const {
  const postgres::DecodeProbe probe{config_.slot_name, plugin, until, at, deadline_, stop_.fd()};
  while (std::chrono::steady_clock::now() < deadline_) {
    const auto options = wiring_.postgres_options(stop_.fd());
    if (!options) return options.error();
    auto connection = postgres::Connection::open(*options, postgres::ConnectionKind::replication);
    if (!connection) return connection.error();
    const Status decoded = postgres::try_to_decode(std::move(*connection), probe);
    if (decoded || decoded.error().kind != ErrorKind::slot_active) return decoded;
    if (stop_.wait_until(std::chrono::steady_clock::now() + kPause)) break;
  }
  return Error{ErrorKind::stopped, "no time was left to try the slot"};
}

std::string lsn_of_row(const Error& error) {
  constexpr std::string_view kBefore = "associated LSN ";
  const std::size_t at = error.message.find(kBefore);
  if (at == std::string::npos) return {};
  const std::size_t begin = at + kBefore.size();
  return error.message.substr(begin, error.message.find_first_not_of("0123456789ABCDEF/", begin) - begin);
}

}  // namespace realtime
