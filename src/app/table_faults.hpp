#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "postgres/catalog/hidden_types.hpp"
#include "postgres/catalog/publication.hpp"
#include "postgres/catalog/relations.hpp"

namespace realtime {

/// What the server's catalog says of the monitored tables at one moment.
struct TableView {
  int server_version = 0;        ///< 150020
  PublicationFacts publication;  ///< with pgoutput
  std::vector<postgres::Relation> relations;
  std::vector<postgres::HiddenType> hidden_types;
};

/// Something that keeps changes from arriving whole. A value.
struct TableFault {
  enum class Harm {
    names,    ///< everything arrives, a type is called otherwise
    changes,  ///< rows, columns, or a kind of change of it are missing
    table,    ///< nothing of it arrives
  };
  std::string subject;  ///< the table's pattern; "publication" or "types" where it is more than a table
  Harm harm = Harm::changes;
  std::string what;    ///< as a sentence: what is wrong, and with what
  std::string remedy;  ///< the statement that mends it
  bool operator==(const TableFault&) const = default;
};

/// All of them: what is wrong as a whole comes first, then by table. Pure.
std::vector<TableFault> find_table_faults(const Config& config, const TableView& view);

}  // namespace realtime
