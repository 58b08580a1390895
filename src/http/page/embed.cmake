# Writes a C++ file that holds INPUT's bytes: cmake -DINPUT=page.html -DOUTPUT=page_html.cpp -P embed.cmake
file(READ "${INPUT}" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(................................................................................)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Made by the build from ${INPUT}; edit that.
#include \"http/page.hpp\"

namespace realtime::http {
namespace {
constexpr unsigned char kBytes[] = {
${bytes}};
}  // namespace

std::string_view page_html() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }

}  // namespace realtime::http
")
