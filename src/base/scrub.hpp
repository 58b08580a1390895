#pragma once

#include <string>
#include <string_view>

namespace realtime::scrub {

/// The last line of defence against others that echo a secret (a server's error text, a mistaken setting): its
/// text is replaced by *** wherever a text leaves the process, at the log's edge and at HTTP's. Any thread; a
/// mutex, because lines and requests are few.

/// Texts that we show anyway (names of settings, metrics, tables, servers). A secret that is found in them is
/// a plain word: replacing it would spoil what we say, and tell where the secret stands.
void add_plain_words(std::string_view text);

/// Keeps this secret out from here on, as it is and as JSON writes it. Shorter than kLeast it would be found
/// by chance everywhere; the last kMost are kept (a password file may change for ever).
inline constexpr std::size_t kLeast = 6;
inline constexpr std::size_t kMost = 16;
void add_secret(std::string_view secret);

/// The text without the secrets.
std::string clean(std::string text);

}  // namespace realtime::scrub
