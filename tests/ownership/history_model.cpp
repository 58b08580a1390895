#include "ownership/history_model.hpp"

namespace realtime::model {

HistoryLog::HistoryLog(Chance& chance, std::int64_t& clock, int steps, const HistoryLog* source, Lsn cut)
    : clock_(clock) {
  std::uint64_t lsn = cut.value;
  std::uint32_t xid = 700;
  std::vector<std::uint32_t> open;
  if (source != nullptr) {
    std::set<std::uint32_t> dead;  // rolled back by the crash
    for (const Entry& entry : source->entries_) {
      if (entry.end > cut.value) continue;
      entries_.push_back(entry);
      xid = std::max(xid, entry.xid);
      if (entry.kind == Kind::row) dead.insert(entry.xid);
    }
    for (const Entry& entry : entries_) {
      if (entry.kind == Kind::commit) dead.erase(entry.xid);
    }
    int lockstep = chance.pick({0, 0, 1, 3, 8, 20});
    if (lockstep == 0) lsn += static_cast<std::uint64_t>(chance.pick({0, 0, 1, 3}));
    for (const Entry& entry : source->entries_) {
      if (entry.end <= cut.value || lockstep-- <= 0) continue;
      if (dead.contains(entry.xid)) continue;
      put(entry.kind, entry.xid, entry.lsn, entry.end, entry.messages);
      lsn = entry.end;
      xid = std::max(xid, entry.xid);
      const auto at = std::find(open.begin(), open.end(), entry.xid);
      if (entry.kind == Kind::row && at == open.end()) open.push_back(entry.xid);
      if (entry.kind == Kind::commit && at != open.end()) open.erase(at);
    }
  }
  for (int count = chance.between(5, 5 + steps); count > 0; --count) {
    const int what = chance.between(0, 99);
    auto size = static_cast<std::uint64_t>(chance.pick({1, 1, 5}));
    if (what < 20 || open.empty()) open.push_back(++xid);
    if (what < 60) {
      const int messages = chance.happens(0.85) ? chance.pick({1, 1, 1, 3}) : 0;
      put(Kind::row, chance.one_of(open), lsn, lsn + size, messages);
    } else if (what < 85) {
      const auto at = open.begin() + chance.between(0, static_cast<int>(open.size()) - 1);
      size = 1;
      put(Kind::commit, *at, lsn, lsn + 1, 0);
      open.erase(at);
    } else {
      size = static_cast<std::uint64_t>(chance.pick({1, 7}));
      put(Kind::other, 0, lsn, lsn + size, 0);
    }
    lsn += size;
  }
  for (const std::uint32_t left : open) {
    put(Kind::commit, left, lsn, lsn + 1, 0);
    ++lsn;
  }
  end_ = {lsn};
  index();
}

void HistoryLog::put(Kind kind, std::uint32_t xid, std::uint64_t lsn, std::uint64_t end, int messages) {
  entries_.push_back({kind, xid, lsn, end, messages, kind == Kind::commit ? ++clock_ : 0});
}

void HistoryLog::index() {
  std::set<std::uint64_t> ends{kBegin};
  std::map<std::uint32_t, std::vector<Identity>> rows;
  for (const Entry& entry : entries_) {
    ends.insert(entry.end);
    if (entry.kind == Kind::row) {
      for (int i = 0; i < entry.messages; ++i)
        rows[entry.xid].push_back({entry.xid, {entry.lsn}, static_cast<std::uint32_t>(i)});
    } else if (entry.kind == Kind::commit) {
      Transaction done{entry.xid, {entry.lsn}, {entry.end}, entry.time, std::move(rows[entry.xid])};
      for (Identity& message : done.messages) message.committed_us = entry.time;
      rows.erase(entry.xid);
      transactions_.push_back(std::move(done));
    }
  }
  for (const std::uint64_t end : ends) bounds_.push_back({end});
}

std::vector<Identity> HistoryLog::all() const {
  std::vector<Identity> all;
  for (const Transaction& one : transactions_)
    all.insert(all.end(), one.messages.begin(), one.messages.end());
  return all;
}

LogHash HistoryLog::hash_before(Lsn at) const {
  LogHash hash{14'695'981'039'346'656'037u, 0, kMostLogBytes};
  const auto mix = [&hash](std::uint64_t value) {
    hash.high = (hash.high ^ value) * 1'099'511'628'211u;
    hash.low = hash.low * 31 + value;
  };
  for (const Entry& entry : entries_) {
    if (entry.end > at.value) continue;
    if (entry.kind == Kind::commit) hash = {14'695'981'039'346'656'037u, 0, kMostLogBytes};
    for (const std::uint64_t value :
         {static_cast<std::uint64_t>(entry.kind), std::uint64_t{entry.xid}, entry.lsn, entry.end,
          static_cast<std::uint64_t>(entry.messages), static_cast<std::uint64_t>(entry.time)})
      mix(value);
  }
  return hash;
}

bool HistoryLog::committed(std::uint32_t xid, Lsn available) const {
  return std::any_of(transactions_.begin(), transactions_.end(),
                     [&](const Transaction& one) { return one.xid == xid && one.end <= available; });
}

std::vector<HistoryLog::Item> HistoryLog::stream(Lsn start, Lsn available, Chance& chance) const {
  std::vector<Item> items;
  Lsn position = start;
  const auto maybe_keepalive = [&](Lsn limit, double probability) {
    std::vector<Lsn> candidates;
    for (const Lsn bound : bounds_) {
      if (position <= bound && bound <= limit) candidates.push_back(bound);
    }
    if (!chance.happens(probability) || candidates.empty()) return;
    // Often one of the last two: as a rule the server is that far.
    const int count = static_cast<int>(candidates.size());
    const int at = chance.between(0, count + 1);
    position = at < count ? candidates[static_cast<std::size_t>(at)]
                          : candidates[static_cast<std::size_t>(std::max(0, count - 1 - (at - count)))];
    items.push_back({false, {}, position});
  };
  for (const Transaction& one : transactions_) {
    if (one.start < start || one.end > available) continue;
    maybe_keepalive(one.start, 0.4);
    for (const Identity& message : one.messages) {
      if (chance.happens(0.15)) {  // in the middle of a transaction: where its commit begins
        position = one.start;
        items.push_back({false, {}, position});
      }
      items.push_back({true, message, {}});
    }
    position = std::max(position, one.end);
  }
  while (chance.happens(0.6)) maybe_keepalive(available, 1);
  return items;
}

}  // namespace realtime::model
