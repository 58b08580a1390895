#pragma once

#include <utility>
#include <variant>

#include "realtime/error.hpp"

#include "base/check.hpp"

namespace realtime {

/// A value or an Error: how every operation that can fail answers. Nothing throws across a stage.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  explicit operator bool() const { return state_.index() == 0; }
  T& operator*() {
    RT_CHECK(*this, "a failed Result has no value");
    return std::get<0>(state_);
  }
  const T& operator*() const {
    RT_CHECK(*this, "a failed Result has no value");
    return std::get<0>(state_);
  }
  T* operator->() { return &**this; }
  const T* operator->() const { return &**this; }
  Error& error() {
    RT_CHECK(!*this, "a successful Result has no error");
    return std::get<1>(state_);
  }
  const Error& error() const {
    RT_CHECK(!*this, "a successful Result has no error");
    return std::get<1>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
/// Success without a value, or an Error.
using Status = Result<Done>;
inline Status ok() {
  return Done{};
}

}  // namespace realtime
