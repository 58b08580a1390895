#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "realtime/lsn.hpp"

#include "base/rapidjson.hpp"
#include "base/utf8.hpp"

namespace realtime::http {

/// Writes one JSON document, valid whatever the strings hold. Only for the .cpp files of this folder, because
/// it brings RapidJSON along. One thread.
class Json {
 public:
  Json& begin() { return writer_.StartObject(), *this; }
  Json& begin(std::string_view name) { return key(name), writer_.StartObject(), *this; }
  Json& end() { return writer_.EndObject(), *this; }
  Json& begin_array(std::string_view name) { return key(name), writer_.StartArray(), *this; }
  Json& end_array() { return writer_.EndArray(), *this; }

  Json& text(std::string_view name, std::string_view value) { return key(name), string(value), *this; }
  Json& element(std::string_view value) { return string(value), *this; }  ///< of an array
  Json& flag(std::string_view name, bool value) { return key(name), writer_.Bool(value), *this; }
  Json& number(std::string_view name, std::uint64_t value) { return key(name), writer_.Uint64(value), *this; }
  Json& null(std::string_view name) { return key(name), writer_.Null(), *this; }
  /// Rounded to six places; what is no number is null.
  Json& real(std::string_view name, double value) {
    key(name);
    return std::isfinite(value) ? writer_.Double(std::round(value * 1e6) / 1e6) : writer_.Null(), *this;
  }
  Json& lsn(std::string_view name, Lsn value) { return value ? text(name, to_string(value)) : null(name); }
  template <typename T>
  Json& maybe(std::string_view name, const std::optional<T>& value) {
    if (!value) return null(name);
    key(name);
    if constexpr (std::is_same_v<T, double>) {
      std::isfinite(*value) ? writer_.Double(std::round(*value * 1e6) / 1e6) : writer_.Null();
    } else if constexpr (std::is_signed_v<T>) {
      writer_.Int64(*value);
    } else {
      writer_.Uint64(*value);
    }
    return *this;
  }
  Json& time(std::string_view name, std::chrono::system_clock::time_point value);

  std::string take() {
    std::string text(buffer_.GetString(), buffer_.GetSize());
    return text += '\n';
  }

 private:
  void key(std::string_view name) { writer_.Key(name.data(), static_cast<rapidjson::SizeType>(name.size())); }
  void string(std::string_view value);

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

}  // namespace realtime::http
