#include <algorithm>

#include "base/text.hpp"
#include "check/report.hpp"

namespace realtime::preflight {
namespace {

constexpr std::size_t kLevelColumns = 9, kSettingColumns = 34;

struct Area {
  std::string_view name, title;
};
constexpr Area kAreas[] = {{"postgres", "PostgreSQL"},
                           {"tables", "Tables"},
                           {"redis", "Redis"},
                           {"http", "HTTP"},
                           {"positions", "Positions"}};

std::string_view title_of(std::string_view area) {
  const auto* found = std::find_if(std::begin(kAreas), std::end(kAreas),
                                   [area](const Area& one) { return one.name == area; });
  return found == std::end(kAreas) ? area : found->title;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string copy(text);
  copy.resize(std::max(width, copy.size()), ' ');
  return copy;
}

std::string number_of(std::size_t number, std::string_view one) {
  return std::to_string(number) + " " + std::string(one) + (number == 1 ? "" : "s");
}

/// One character is one column; the bytes that continue one take none.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

class Writer {
 public:
  explicit Writer(const ReportStyle& style) : style_(style) {}

  void title(std::string_view text) { text_ += (text_.empty() ? "" : "\n") + colour("1", text) + "\n"; }

  void setting(const EffectiveSetting& setting) {
    text_ += "  " + padded(setting.variable, kSettingColumns) + shown(setting.value) +
             (setting.from_user ? "\n" : "  (default)\n");
  }

  /// A level, what was found and its fix: on one line, or broken with the fix on lines of its own.
  void finding(Level level, const std::string& what, const std::string& remedy) {
    const std::string fix = remedy.empty() ? "" : "fix: " + shown(remedy);
    text_ += "  " + colour(code_of(level), padded(to_string(level), kLevelColumns));
    if (style_.columns == 0) {
      text_ += shown(what) + (fix.empty() ? "" : "; " + fix) + "\n";
      return;
    }
    broken(shown(what), {});
    if (fix.empty()) return;
    text_.append(2 + kLevelColumns, ' ');
    broken(fix, "1");
  }

  void last(bool ready, const std::string& counts) {
    text_ += (text_.empty() ? "" : "\n") + colour(ready ? "32" : "31", ready ? "ready" : "not ready") + ": " +
             counts + "\n";
  }

  std::string take() { return std::move(text_); }

 private:
  static std::string_view code_of(Level level) {
    switch (level) {
      case Level::ok:
        return "32";
      case Level::warning:
        return "33";
      case Level::error:
        return "31";
      case Level::unknown:
        break;
    }
    return "2";
  }

  std::string colour(std::string_view code, std::string_view text) const {
    if (!style_.colour || code.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
  }

  /// Words from the level's column to the right edge; what is longer than a line has one to itself.
  void broken(std::string_view words, std::string_view code) {
    const std::size_t indent = 2 + kLevelColumns;
    const std::size_t room = std::max<std::size_t>(style_.columns, indent + 20) - indent;
    std::string line;
    while (!words.empty()) {
      const std::string_view word = words.substr(0, words.find(' '));
      words.remove_prefix(std::min(word.size() + 1, words.size()));
      if (!line.empty() && columns_of(line) + 1 + columns_of(word) > room) {
        text_ += colour(code, line) + "\n" + std::string(indent, ' ');
        line.clear();
      }
      line += (line.empty() ? "" : " ") + std::string(word);
    }
    text_ += colour(code, line) + "\n";
  }

  const ReportStyle style_;
  std::string text_;
};

void say(Writer& writer, const Finding& one) {
  writer.finding(one.level, std::string(one.check) + ": " + one.what, one.remedy);
}

}  // namespace

std::string text_report(const Config& config, const Findings& findings, const ReportStyle& style) {
  const auto wanted = [&style](const Finding& one) {
    return !style.quiet || one.level == Level::error || one.level == Level::warning;
  };
  Writer writer(style);
  if (!style.quiet || !config.warnings.empty()) writer.title("Settings");
  for (const EffectiveSetting& setting : config.effective) {
    if (!style.quiet) writer.setting(setting);
  }
  for (const std::string& warning : config.warnings) writer.finding(Level::warning, warning, {});
  std::string_view area;
  for (const Finding& one : findings) {
    if (!wanted(one)) continue;
    if (one.area != area) writer.title(title_of(one.area));
    area = one.area;
    say(writer, one);
  }
  const std::size_t errors = count(findings, Level::error);
  if (errors > 0 && !style.quiet) {
    writer.title("Errors, once more");
    for (const Finding& one : findings) {
      if (one.level == Level::error) say(writer, one);
    }
  }
  writer.last(errors == 0,
              number_of(errors, "error") + ", " +
                  number_of(count(findings, Level::warning) + config.warnings.size(), "warning") + ", " +
                  std::to_string(count(findings, Level::unknown)) + " unknown");
  return writer.take();
}

}  // namespace realtime::preflight
