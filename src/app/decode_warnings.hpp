#pragma once

#include <mutex>
#include <set>
#include <string>

#include "realtime/output_plugin.hpp"

#include "metrics/pipeline_metrics.hpp"

namespace realtime {

/// Says once a table what is not delivered, and counts every time. Any thread; a mutex, since all of it is
/// rare.
class DecodeWarnings final : public DecodeObserver {
 public:
  DecodeWarnings(std::string slot, PipelineMetrics::Decoders& metrics)
      : slot_(std::move(slot)), metrics_(metrics) {}

  void truncate_ignored(std::string_view schema, std::string_view table, Lsn lsn) override;
  void oversize_skipped(std::string_view schema, std::string_view table, std::size_t bytes, Lsn lsn) override;
  void text_mended(std::string_view schema, std::string_view table, std::size_t replaced, Lsn lsn) override;
  void identity_incomplete(std::string_view schema, std::string_view table, Lsn lsn) override;
  /// An UPDATE or DELETE that PostgreSQL cannot express; `table` as in a statement.
  void dropped_without_identity(std::string_view table);

 private:
  static constexpr std::size_t kMostTables = 10'000;  // beyond it tables are only counted
  bool is_first(const std::string& what);

  const std::string slot_;
  PipelineMetrics::Decoders& metrics_;
  std::mutex mutex_;
  std::set<std::string> said_;
};

}  // namespace realtime
