#include "postgres/wal2json/commit_time.hpp"

#include <chrono>
#include <optional>

namespace realtime::postgres {
namespace {

/// Takes a text apart from its beginning; what does not fit makes it bad for good.
class Digits {
 public:
  explicit Digits(std::string_view text) : text_(text) {}

  bool good() const { return good_; }
  bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) { good_ = take(c) && good_; }
  /// Exactly `count` digits.
  std::int64_t number(int count) {
    std::int64_t value = 0;
    for (; count > 0 && good_; --count) value = value * 10 + digit().value_or(0);
    return value;
  }
  /// The digits after a point, of which trailing zeros are left out, in microseconds.
  std::int64_t fraction() {
    std::int64_t value = 0;
    int places = 0;
    for (; places < 6 && !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; ++places)
      value = value * 10 + digit().value_or(0);
    good_ = good_ && places > 0;
    for (; places < 6; ++places) value *= 10;
    return value;
  }

 private:
  std::optional<int> digit() {
    good_ = good_ && !text_.empty() && text_.front() >= '0' && text_.front() <= '9';
    if (!good_) return std::nullopt;
    const int value = text_.front() - '0';
    text_.remove_prefix(1);
    return value;
  }

  std::string_view text_;
  bool good_ = true;
};

/// "+00", "-03:30", "+05:53:28": seconds east of UTC.
std::int64_t read_offset(Digits& digits) {
  const bool west = digits.take('-');
  if (!west) digits.expect('+');
  std::int64_t seconds = digits.number(2) * 3600;
  if (digits.take(':')) seconds += digits.number(2) * 60;
  if (digits.take(':')) seconds += digits.number(2);
  return west ? -seconds : seconds;
}

}  // namespace

std::int64_t parse_commit_time(std::string_view text) {
  using namespace std::chrono;
  Digits digits(text);
  const auto y = digits.number(4);
  digits.expect('-');
  const auto m = digits.number(2);
  digits.expect('-');
  const auto d = digits.number(2);
  digits.expect(' ');
  std::int64_t seconds_of_day = digits.number(2) * 3600;
  digits.expect(':');
  seconds_of_day += digits.number(2) * 60;
  digits.expect(':');
  seconds_of_day += digits.number(2);
  const std::int64_t micros = digits.take('.') ? digits.fraction() : 0;
  seconds_of_day -= read_offset(digits);
  const year_month_day date{year(static_cast<int>(y)), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d))};
  if (!digits.good() || !digits.at_end() || !date.ok()) return 0;
  const auto days = (sys_days(date) - sys_days(January / 1 / 2000)).count();
  return (std::int64_t{days} * 86'400 + seconds_of_day) * 1'000'000 + micros;
}

}  // namespace realtime::postgres
