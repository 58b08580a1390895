#pragma once

#include <algorithm>
#include <cstring>
#include <istream>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string>

/// The one way to include RapidJSON: its assertions abort by default; here a broken one is an exception,
/// which the caller's boundary turns into an Error, so that no text from outside can end the process. Defined
/// once, because two definitions in one program would break the one-definition rule of RapidJSON's templates.
#ifndef RAPIDJSON_ASSERT
#define RAPIDJSON_ASSERT(condition) ((condition) ? void() : throw std::logic_error("RapidJSON: " #condition))
#endif

// RapidJSON 1.1 adds to a null pointer while its stack is empty, which the undefined-behaviour sanitizer
// reports. What RapidJSON includes of the standard library is included above, so that the attribute does not
// meet it.
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("pointer-overflow"))), apply_to = function)
#endif
#include <rapidjson/document.h>
#include <rapidjson/reader.h>
#ifdef __clang__
#pragma clang attribute pop
#endif
