#include "postgres/pgoutput/pgoutput.hpp"

#include "postgres/pgoutput/decoder.hpp"

namespace realtime::postgres {

std::string Pgoutput::start_options(bool) const {
  // The value is a list of SQL identifiers inside an SQL string: quoted as both.
  std::string names = "\"";
  for (const char c : options_.publication) names.append(c == '"' || c == '\'' ? 2 : 1, c);
  return "(\"proto_version\" '1', \"publication_names\" '" + names + "\"')";
}

std::unique_ptr<Framer> Pgoutput::make_framer() const {
  return std::make_unique<pgoutput::PgoutputFramer>(options_.monitored, options_.catalog);
}

std::unique_ptr<Decoder> Pgoutput::make_decoder() const {
  return std::make_unique<pgoutput::PgoutputDecoder>(oversize_, observer_);
}

}  // namespace realtime::postgres
