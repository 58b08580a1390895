#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "app/service_board.hpp"
#include "app/table_faults.hpp"
#include "base/clock.hpp"
#include "config/config.hpp"
#include "postgres/catalog/catalog_mark.hpp"
#include "postgres/connection.hpp"

namespace realtime {

/// Watches what the server filters: whether all changes of the monitored tables arrive, under their right names. A
/// publication that is altered, a table that is swapped, a right that is taken away change no message and end no
/// connection, so that nobody else would tell. Says in the log when a fault begins and when it ends, and puts
/// it on the board: a table that has arrived before and does not any more makes the owner not ready.
///
/// On the monitor's thread and connection: one short question a look, and more only where the answer differs
/// from the last one.
class TableWatch {
 public:
  TableWatch(const Config& config, ServiceBoard& board) : config_(config), board_(board) {}

  /// Looks, if it is time; false where the connection failed.
  bool look(postgres::Connection& connection, TimePoint now);
  /// We are not the owner: nothing that is wrong is ours to say.
  void forget();

  /// Takes in a view: says what is new in it and what is over. For tests, too.
  void take(const TableView& view, TimePoint now);

 private:
  struct Begun {
    TableFault fault;
    TimePoint since{};
    bool said = false;
  };
  Status read(postgres::Connection& connection, TimePoint now);
  void remember_arrived(const TableView& view, const std::vector<TableFault>& faults);
  bool stops(const TableFault& fault) const;
  void say_begun(Begun& begun, std::size_t& lines) const;
  void say_over(const Begun& begun, TimePoint now) const;
  void show(const std::vector<TableFault>& faults);

  const Config& config_;
  ServiceBoard& board_;
  postgres::CatalogMark seen_;
  TimePoint next_{};
  std::map<std::string, Begun> faults_;  ///< by what they say
  std::set<std::string> arrived_;        ///< tables that have arrived whole, by their pattern
  bool all_arrived_ = false;             ///< there was a publication at one time
};

}  // namespace realtime
