#include "config/help.hpp"

#include <sstream>

#include <gtest/gtest.h>

#include "config/option_words.hpp"
#include "config/options.hpp"

namespace realtime {
namespace {

TEST(Help, NamesEveryVariableItsDefaultAndItsAlias) {
  const std::string help = settings_help();
  const std::string markdown = settings_markdown();
  for (const Option& row : all_options()) {
    const std::string head = "  " + std::string(row.variable) + " (";
    ASSERT_NE(help.find(head), std::string::npos) << row.variable;
    const std::size_t begin = help.find(head) + head.size();
    EXPECT_NE(help.substr(begin, help.find('\n', begin) - begin).find(default_words(row)), std::string::npos)
        << row.variable;
    EXPECT_NE(help.find(row.alias), std::string::npos) << row.alias;
    EXPECT_NE(markdown.find("| `" + std::string(row.variable) + "` |"), std::string::npos) << row.variable;
  }
}

TEST(Help, FitsIntoAHundredColumns) {
  std::istringstream lines(settings_help());
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 100u) << line;
    EXPECT_FALSE(line.ends_with(' ')) << line;
  }
}

TEST(Help, EveryMarkdownRowHasThreeCells) {
  std::istringstream lines(settings_markdown());
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("|")) continue;
    int bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
    EXPECT_EQ(bars, 4) << line;
  }
}

}  // namespace
}  // namespace realtime
