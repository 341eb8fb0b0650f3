#include "api/cli/output.h"

#include "lib/codes/normal_form.h"

namespace suyuan::cli {
namespace {

using ::testing::HasSubstr;

TEST(TableTest, AlignsByWhatATerminalShows) {
  Table table({"步数 depth", "产品", "x"});
  table.AddRow({"1", "奶粉", "a"});
  table.AddRow({"12", "milk", "b"});
  EXPECT_EQ(table.Text(false, {0}),
            "步数 depth  产品  x\n"
            "         1  奶粉  a\n"
            "        12  milk  b\n");
}

TEST(TableTest, CutsLongListsAndSaysSo) {
  Table table({"n"});
  for (int i = 0; i < 60; ++i) table.AddRow({std::to_string(i)});
  EXPECT_THAT(table.Text(false), HasSubstr("\n49\n... 还有 10 行 / 10 more (--all, --json)\n"));
  EXPECT_THAT(table.Text(true), HasSubstr("\n59\n"));
  EXPECT_THAT(table.Text(true), Not(HasSubstr("more")));
}

TEST(TableTest, KeepsOneLineARow) {
  Table table({"a", "b"});
  table.AddRow({"x\ny\t\x1b[31m", "z"});
  table.AddRow({"short"});
  EXPECT_EQ(table.Text(false), "a          b\nx y  [31m  z\nshort\n");
}

TEST(JsonTextTest, ReplacesWhatIsNotUtf8) {
  Json json;
  json["b"] = "\xff";
  json["a"] = 1;
  EXPECT_EQ(JsonText(json), "{\"b\":\"\xef\xbf\xbd\",\"a\":1}");
}

}  // namespace
}  // namespace suyuan::cli
