#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace realtime {

/// Whether all of `text` is UTF-8: what is_utf8 says, sixteen bytes at a time. Measured (bench/postgres):
/// text in ASCII costs 0.01 us for 437 bytes, any other 0.06 us. Any thread.
bool is_utf8_text(std::string_view text);

/// Appends `text` as valid UTF-8: each longest piece that begins a character and does not end one becomes
/// U+FFFD (The Unicode Standard, "U+FFFD Substitution of Maximal Subparts"). Gives how many there were. The
/// slow path, for text of which is_utf8_text is false. Any thread.
std::size_t append_utf8_text(std::string& out, std::string_view text);

}  // namespace realtime
