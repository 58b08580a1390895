#pragma once

#include <string>
#include <vector>

#include "realtime/result.hpp"

#include "config/config.hpp"
#include "postgres/catalog/relations.hpp"
#include "postgres/connection.hpp"

namespace realtime {

/// A publication as the server has it. A value.
struct PublicationFacts {
  bool exists = false;
  bool via_root = false;  ///< rows of partitions come under their root's name
  bool inserts = false, updates = false, deletes = false;
};

/// How the publication is made for the monitored tables.
struct PublicationPlan {
  /// FOR TABLE with those that there are, a partitioned one for its partitions: tables that are made later are not
  /// in it. Never for all tables or a schema: PostgreSQL would refuse the application's updates and deletes of
  /// any table without replica identity that somebody makes later.
  std::string statement;
  /// Of these tables, as a statement names them, PostgreSQL would refuse updates and deletes from then on: they
  /// have no replica identity. Not empty: it is not made from here.
  std::vector<std::string> refused;

  /// What would happen, for a person; empty where nothing is refused.
  std::string words() const;
  /// The statements that give the tables an identity, and the statement itself. Where there are very many
  /// tables, one that takes in whole schemas, and what it means.
  std::string remedy(const Config& config, int server_version) const;
};

/// Over any connection. The role `sql` need not see more than the catalog.
Result<PublicationFacts> read_publication(postgres::Connection& connection, const std::string& name);
/// Pure.
PublicationPlan plan_publication(const Config& config, const std::vector<postgres::Relation>& relations,
                                 int server_version);

/// For whole schemas, or for all tables where a pattern needs it or the server is too old for schemas
/// (`server_version` as PQserverVersion() has it): takes in what is made later. For a person to execute. Pure.
std::string wide_publication_statement(const std::string& name, const TablePatterns& tables,
                                       int server_version);

/// Makes the publication where it is missing; over any connection. Where a table would be refused its updates,
/// or the role may not, an error of kind postgres_publication whose remedy are the exact statements. Must be
/// there before the slot is: decoding looks for it as of each change's moment.
Status ensure_publication(postgres::Connection& connection, const Config& config);

}  // namespace realtime
