#include "status/prometheus_text.hpp"

#include <charconv>
#include <cmath>

#include "base/utf8.hpp"

namespace realtime {
namespace {

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;  // shortest that reads back the same
  return {text, end};
}

}  // namespace

void PrometheusText::begin(std::string_view name, std::string_view type, std::string_view help) {
  name_ = name;
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void PrometheusText::line(std::string_view suffix, std::string_view labels, std::string_view more,
                          std::string_view value) {
  text_.append(name_).append(suffix);
  if (!labels.empty() || !more.empty()) {
    text_.append("{").append(labels);
    if (!labels.empty() && !more.empty()) text_.append(",");
    text_.append(more).append("}");
  }
  text_.append(" ").append(value).append("\n");
}

void PrometheusText::sample(double value, std::string_view labels) {
  line("", labels, "", number(value));
}

void PrometheusText::sample(std::uint64_t value, std::string_view labels) {
  line("", labels, "", std::to_string(value));
}

void PrometheusText::histogram(const Histogram& histogram, std::string_view labels) {
  std::uint64_t up_to = 0;
  for (std::size_t i = 0; i < Histogram::kBuckets; ++i) {
    up_to += histogram.bucket(i);
    const bool last = i + 1 == Histogram::kBuckets;
    const std::string bound = last ? "+Inf" : number(static_cast<double>(Histogram::upper_bound_us(i)) / 1e6);
    line("_bucket", labels, "le=\"" + bound + "\"", std::to_string(up_to));
  }
  line("_sum", labels, "", number(static_cast<double>(histogram.sum_us()) / 1e6));
  line("_count", labels, "",
       std::to_string(up_to));  // of the same reading, so that it equals the +Inf bucket
}

std::string prometheus_label(std::string_view name, std::string_view value) {
  std::string text{name};
  text += "=\"";
  while (!value.empty()) {
    const std::size_t length = utf8_length(value);
    const std::string_view character = value.substr(0, length == 0 ? 1 : length);
    if (length == 0) {
      text += "\xEF\xBF\xBD";
    } else if (character == "\\") {
      text += "\\\\";
    } else if (character == "\"") {
      text += "\\\"";
    } else if (character == "\n") {
      text += "\\n";
    } else {
      text += character;
    }
    value.remove_prefix(character.size());
  }
  return text += '"';
}

}  // namespace realtime
