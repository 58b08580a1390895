# Puts the page together and writes it as a C++ file:
#   cmake -DFOLDER=<this folder> -DOUTPUT=page_html.cpp -P embed.cmake
# A line "@name@" in page.html becomes that file's text, so that the page asks for nothing else.
file(READ "${FOLDER}/page.html" page)
foreach(part style.css format.js plot.js line.js panels.js page.js)
  file(READ "${FOLDER}/${part}" text)
  string(REPLACE "@${part}@" "${text}" page "${page}")
endforeach()
file(WRITE "${OUTPUT}.html" "${page}")
file(READ "${OUTPUT}.html" hex HEX)
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUTPUT}" "// Made by the build from src/http/page; edit that.
#include \"http/page.hpp\"

namespace realtime::http {
namespace {
constexpr unsigned char kBytes[] = {
${bytes}};
}  // namespace

std::string_view page_html() { return {reinterpret_cast<const char*>(kBytes), sizeof kBytes}; }

}  // namespace realtime::http
")
