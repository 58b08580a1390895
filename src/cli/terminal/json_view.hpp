#pragma once

#include <cmath>
#include <string>

#include "base/rapidjson.hpp"
#include "cli/terminal/human.hpp"

namespace realtime::http {

/// A JSON value from outside, read without trust: every access answers, a missing or odd one with nothing.
/// Only for .cpp files of this folder. Borrows the document.
class JsonView {
 public:
  explicit JsonView(const rapidjson::Value* value) : value_(value) {}

  JsonView operator[](const char* name) const {
    if (value_ == nullptr || !value_->IsObject()) return JsonView(nullptr);
    const auto member = value_->FindMember(name);
    return JsonView(member == value_->MemberEnd() ? nullptr : &member->value);
  }
  explicit operator bool() const { return value_ != nullptr && !value_->IsNull(); }
  bool is_object() const { return value_ != nullptr && value_->IsObject(); }
  bool flag() const { return value_ != nullptr && value_->IsBool() && value_->GetBool(); }
  Number number() const {
    return value_ != nullptr && value_->IsNumber() ? Number(value_->GetDouble()) : std::nullopt;
  }
  /// Harmless for a terminal; empty where it is no text.
  std::string text() const {
    if (value_ == nullptr || !value_->IsString()) return {};
    return harmless({value_->GetString(), value_->GetStringLength()});
  }
  std::size_t size() const { return value_ != nullptr && value_->IsArray() ? value_->Size() : 0; }
  JsonView at(std::size_t i) const { return JsonView(&(*value_)[static_cast<rapidjson::SizeType>(i)]); }

 private:
  const rapidjson::Value* value_;
};

}  // namespace realtime::http
