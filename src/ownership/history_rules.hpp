#pragma once

namespace realtime {

/// The rules by which a record is known to belong to a server's history. All of them hold, always; a test
/// leaves each one out in turn and shows what is lost, doubled or foreign without it
/// (tests/ownership/history_proof_test.cpp).
struct HistoryRules {
  bool log = true;     ///< a clean record's log hash must be that of the server's log
  bool demand = true;  ///< the stream must bring the last message of a record that is not clean
  bool all = true;     ///< every queue is asked, and before anything is fenced or written
  bool status = true;  ///< the transaction of a clean record's last message must have been committed here
  bool again = true;   ///< a slot that has moved meanwhile is seen once the stream has begun
  // Refuse early and in the right words; safety does not need them.
  bool lineage = true;  ///< the record's timelines ended where the server's did
  bool ends = true;     ///< the position is past the end of neither its timeline nor the log
  // Where the server gives no log:
  bool ask = true;    ///< a clean record's stream begins where its last message must still come, if it can
  bool look = true;   ///< ... and else is read until the message comes or the position has been passed
  bool lower = true;  ///< ... and the record gets the start as its position: its own may be another history's
};

}  // namespace realtime
