#include "cli/terminal/status_text.hpp"

#include <algorithm>
#include <vector>

#include "cli/terminal/json_view.hpp"
#include "cli/terminal/text_canvas.hpp"

namespace realtime::http {
namespace {

std::string or_dash(std::string text) {
  return text.empty() ? "—" : text;
}

/// Draws one screen: `show_…` in the order of the screen.
class Screen : private TextCanvas {
 public:
  Screen(JsonView status, const ScreenOptions& options)
      : TextCanvas(options.colour, options.columns), s_(status) {}

  std::string draw() {
    show_head();
    show_troubles();
    show_catch_up();
    show_line();
    show_queues();
    show_positions();
    show_peers();
    return take();
  }

 private:
  void show_head() {
    line(tone(Tone::strong, "hash-realtime") +
         tone(Tone::soft, " " + s_["version"].text() + "  " + s_["instance"].text() + "  up " +
                              human_duration(s_["uptime_seconds"].number())));
    const bool well = s_["ready"].flag() && !s_["trouble"] && s_["degraded"].size() == 0;
    const std::string role = s_["role"].text();
    const bool has_part = role == "owner" || role == "standby";
    line(tone(Tone::strong, or_dash(role)) + (has_part ? " of slot " : ", slot ") +
         or_dash(s_["slot"]["name"].text()) + ", " +
         tone(well ? Tone::good : Tone::bad, or_dash(s_["state"].text())));
  }

  void trouble(const std::string& title, JsonView trouble) {
    line();
    wrapped(title + trouble["error"].text() + (trouble["since"] ? " since " + trouble["since"].text() : ""),
            Tone::bad);
    wrapped(trouble["message"].text(), Tone::plain);
    if (const std::string remedy = trouble["remedy"].text(); !remedy.empty()) {
      wrapped("Fix: " + remedy, Tone::strong);
    }
  }
  void show_troubles() {
    if (s_["trouble"].is_object()) trouble("", s_["trouble"]);
    for (std::size_t i = 0; i < s_["degraded"].size(); ++i) {
      line();
      const std::string text = s_["degraded"].at(i).text();
      if (!text.starts_with("queue ")) {  // its fix stands in it
        wrapped("Degraded: " + text, Tone::bad);
        continue;
      }
      wrapped("Degraded: lost in " + text, Tone::bad);
      wrapped("Fix: hash-realtime accept-loss, once you know what is lost", Tone::strong);
    }
    show_stuck_queues();
  }

  /// One paragraph a cause, with the queues that wait for it.
  void show_stuck_queues() {
    std::vector<std::string> told = {s_["trouble"]["error"].text()};
    for (std::size_t i = 0; i < s_["queues"].size(); ++i) {
      const JsonView queue = s_["queues"].at(i);
      const std::string error = queue["trouble"]["error"].text();
      if (!queue["stuck"].flag() || !queue["trouble"].is_object()) continue;
      if (std::find(told.begin(), told.end(), error) != told.end()) continue;
      told.push_back(error);
      trouble(stuck_by(error) + ": ", queue["trouble"]);
    }
  }
  std::string stuck_by(const std::string& error) const {
    std::string names;
    for (std::size_t i = 0; i < s_["queues"].size(); ++i) {
      const JsonView queue = s_["queues"].at(i);
      if (!queue["stuck"].flag() || queue["trouble"]["error"].text() != error) continue;
      names += (names.empty() ? "" : ", ") + queue["name"].text();
    }
    return names;
  }

  std::string catch_up_words(Number seconds_left) const {
    if (seconds_left) return "about " + human_duration(seconds_left);
    const bool takes = s_["rates"]["taken_wal_bytes_per_second"].number().value_or(0) > 0;
    return takes ? "the server writes faster than the queues take" : "nothing has come of it yet";
  }
  void show_catch_up() {
    const JsonView catch_up = s_["catch_up"];
    if (!catch_up.is_object()) return;
    const Number left = catch_up["seconds_left"].number();
    line();
    line("  Catching up  " + bar(catch_up["done"].number(), std::min<std::size_t>(columns() - 40, 40)) +
         "  " + human_percent(catch_up["done"].number()));
    line("  " + human_bytes(s_["lag"]["bytes"].number()) + " of " +
         human_bytes(catch_up["from_bytes"].number()) + " left, " + catch_up_words(left));
  }

  void show_line() {
    const JsonView rates = s_["rates"], flight = s_["in_flight"];
    line();
    row("Postgres", or_dash(s_["postgres"].text()) + ", " +
                        human_bytes(rates["server_wal_bytes_per_second"].number()) + "/s of WAL");
    row("Reader", human_rate(rates["received_messages_per_second"].number()) + " messages/s, " +
                      human_bytes(rates["received_bytes_per_second"].number()) + "/s");
    const Number used = flight["bytes"].number(), limit = flight["limit_bytes"].number();
    row("Window", bar(used && limit && *limit > 0 ? Number(*used / *limit) : std::nullopt, 20) + "  " +
                      human_bytes(used) + " of " + human_bytes(limit));
    row("Decoders", bar(s_["decoders"]["busy"].number(), 20) + "  " +
                        human_percent(s_["decoders"]["busy"].number()) + " of " +
                        human_count(s_["decoders"]["threads"].number()) + " busy");
    row("Sequencer", human_rate(rates["sequenced_messages_per_second"].number()) + " changes/s, number " +
                         human_count(s_["totals"]["number"].number()));
    row("Redis", or_dash(s_["redis"].text()));
    row("Pace", or_dash(s_["limited_by"]["words"].text()));
    row("Behind",
        human_bytes(s_["lag"]["bytes"].number()) + ", " + human_duration(s_["lag"]["seconds"].number()));
  }

  void show_queues() {
    if (s_["queues"].size() == 0) return;
    const bool narrow = columns() < 78;  // the delivery times leave room for the names
    const std::size_t name_columns = columns() - 3 - 12 - 11 - 11 - (narrow ? 0 : 22);
    line();
    line("  " + tone(Tone::soft, padded("QUEUE", name_columns) + " " + padded("STATE", 12) +
                                     padded("WAITING", 11, true) + padded("RATE/S", 11, true) +
                                     (narrow ? "" : padded("DELIVERY p50, p99", 22, true))));
    for (std::size_t i = 0; i < s_["queues"].size(); ++i) {
      const JsonView q = s_["queues"].at(i);
      const Number entries = q["length"].number(), waits = q["waiting"].number(),
                   warn = q["warn_length"].number();
      const Number length = waits ? waits : q["kind"].text() == "stream" ? std::nullopt : entries;
      const std::string delivery = human_latency(q["delivery_p50_seconds"].number()) + ", " +
                                   human_latency(q["delivery_p99_seconds"].number());
      line("  " + padded(q["name"].text(), name_columns) + " " +
           tone(q["stuck"].flag() || q["degraded"] ? Tone::bad : Tone::good,
                padded(or_dash(q["state"].text()), 12)) +
           tone(length && warn && *length > *warn ? Tone::warn : Tone::plain,
                padded(human_count(length), 11, true)) +
           padded(human_rate(q["messages_per_second"].number()), 11, true) +
           (narrow ? "" : padded(delivery, 22, true)));
    }
  }

  void show_positions() {
    line();
    const JsonView lsn = s_["lsn"];
    row("Server", padded(or_dash(lsn["server"].text()), 20) + "received  " + or_dash(lsn["received"].text()));
    row("Sequenced",
        padded(or_dash(lsn["sequenced"].text()), 20) + "written   " + or_dash(lsn["written"].text()));
    row("Confirmed",
        padded(or_dash(lsn["confirmed"].text()), 20) + "restart   " + or_dash(lsn["restart"].text()));
    const std::string status = s_["slot"]["wal_status"].text();
    const bool fine = status.empty() || status == "reserved" || status == "extended";
    row("Slot",
        tone(fine ? Tone::plain : Tone::bad, or_dash(status)) + ", holds " +
            human_bytes(s_["slot"]["retained_wal_bytes"].number()) + " of WAL" +
            (s_["slot"]["safe_wal_bytes"]
                 ? ", may be lost after " + human_bytes(s_["slot"]["safe_wal_bytes"].number()) + " more"
                 : ""));
  }

  void show_peers() {
    for (std::size_t i = 0; i < s_["peers"].size(); ++i) {
      const JsonView peer = s_["peers"].at(i);
      row(i == 0 ? "Others" : "", or_dash(peer["instance"].text()) + ", " + or_dash(peer["state"].text()));
    }
  }

  const JsonView s_;
};

}  // namespace

std::optional<std::string> status_screen(std::string_view status_json, const ScreenOptions& options) try {
  rapidjson::Document document;
  // Iterative: a thousand brackets must not use up the stack.
  document.Parse<rapidjson::kParseIterativeFlag>(status_json.data(), status_json.size());
  if (document.HasParseError() || !document.IsObject() || !document.HasMember("role")) return std::nullopt;
  return Screen(JsonView(&document), options).draw();
} catch (const std::exception&) {
  return std::nullopt;
}

}  // namespace realtime::http
