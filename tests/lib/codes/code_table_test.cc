#include "lib/codes/code_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "lib/codes/embedded_tables.h"
#include "lib/codes/normal_form.h"
#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void ExpectRefused(std::string_view csv, const std::string& message) {
  EXPECT_THAT(CodeTable::Parse(csv).status(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
      << csv;
}

TEST(CodeTableTest, ReadsQuotedCells) {
  const absl::StatusOr<CodeTable> table =
      CodeTable::Parse("code,name\r\nA,\"one, \"\"two\"\"\nthree\"\nB,\n\"C\",x");
  ASSERT_THAT(table.status(), IsOk());
  EXPECT_THAT(table->columns(), ElementsAre("code", "name"));
  ASSERT_EQ(table->rows().size(), 3u);
  EXPECT_EQ(table->rows()[0].Get("name"), "one, \"two\"\nthree");
  EXPECT_EQ(table->rows()[1].Get("name"), "");
  ASSERT_NE(table->Find("C"), nullptr);
  EXPECT_EQ(table->Find("C")->Get("name"), "x");
  EXPECT_EQ(table->Find("C")->Get("no such column"), "");
  EXPECT_EQ(table->Find("D"), nullptr);
  EXPECT_EQ(table->Find(""), nullptr);
}

TEST(CodeTableTest, RowsStayValidWhenTheTableMoves) {
  absl::StatusOr<CodeTable> table = CodeTable::Parse("code,x\nA,1\n");
  ASSERT_THAT(table.status(), IsOk());
  const CodeTable::Row* row = table->Find("A");
  const CodeTable moved = *std::move(table);
  EXPECT_EQ(row->Get("x"), "1");
  EXPECT_EQ(moved.Find("A"), row);
}

TEST(CodeTableTest, TablesWithoutCodesFindNothing) {
  const absl::StatusOr<CodeTable> table = CodeTable::Parse("a,b\n1,2\n1,2\n");
  ASSERT_THAT(table.status(), IsOk());
  EXPECT_EQ(table->rows().size(), 2u);
  EXPECT_EQ(table->Find("1"), nullptr);
}

TEST(CodeTableTest, RefusesMalformedTables) {
  ExpectRefused("", "no header");
  ExpectRefused("a,a\n", "column a is named twice");
  ExpectRefused("code,x\nA,1\nB\n", "line 3: 1 cells, expected 2");
  ExpectRefused("code,x\nA,\"1\n2\"\nB,1,2\n", "line 4: 3 cells, expected 2");
  ExpectRefused("code,x\nA,\"1\n", "line 2: quote is not closed");
  ExpectRefused("code,x\nA,1\"2\n", "line 2: quote out of place");
  ExpectRefused("code,x\nA,\"1\"2\n", "line 2: quote out of place");
  ExpectRefused("code,x\nA,1\nA,2\n", "line 3: code A is there twice");
}

TEST(EmbeddedTablesTest, AreTheFilesOfTheSource) {
  for (const EmbeddedTable& table : EmbeddedTables()) {
    std::ifstream file(std::string(SUYUAN_SOURCE_DIR "/schemas/db31t1110/") +
                       std::string(table.name) + ".csv");
    std::stringstream bytes;
    bytes << file.rdbuf();
    EXPECT_TRUE(bytes.str() == table.csv) << table.name << " has changed since configuring";
  }
}

TEST(EmbeddedTablesTest, EveryRowHasSourceAndCertainty) {
  const std::set<std::string_view> certainties = {"seen", "seen2", "known", "guess", "ours"};
  EXPECT_THAT(CodeTable::Names(),
              ElementsAre("code_profile", "conduct_rule", "expected_record", "monitoring_point",
                          "operation", "product_category", "profile", "recall_level", "retention",
                          "storage_condition", "unit_of_measure"));
  for (const EmbeddedTable& embedded : EmbeddedTables()) {
    SCOPED_TRACE(std::string(embedded.name));
    EXPECT_TRUE(IsUtf8(embedded.csv));
    const absl::StatusOr<CodeTable> table = CodeTable::Parse(embedded.csv);
    ASSERT_THAT(table.status(), IsOk());
    const bool is_profile = embedded.name == "profile";
    const bool is_conduct = embedded.name == "conduct_rule";
    EXPECT_EQ(table->columns().front(), is_profile ? "profile" : is_conduct ? "rule" : "code");
    EXPECT_TRUE(is_profile || !table->rows().empty());
    std::set<std::string> keys;
    for (const CodeTable::Row& row : table->rows()) {
      std::string key(row.Get(table->columns().front()));
      EXPECT_FALSE(key.empty());
      if (is_conduct) {
        key += "/" + std::string(row.Get("jurisdiction")) + "/" + std::string(row.Get("profile"));
      }
      if (is_profile) {
        key += "/" + std::string(row.Get("operation")) + "/" + std::string(row.Get("element"));
      } else {
        EXPECT_FALSE(row.Get("name_zh").empty()) << key;
        EXPECT_FALSE(row.Get("name_en").empty()) << key;
      }
      EXPECT_TRUE(keys.insert(key).second) << key << " is there twice";
      EXPECT_FALSE(row.Get("source").empty()) << key;
      EXPECT_EQ(certainties.count(row.Get("certainty")), 1u) << key;
    }
  }
}

TEST(EmbeddedTablesTest, HoldWhatTheRequirementsName) {
  EXPECT_EQ(CodeTable::Get("operation").Find("RCV")->Get("name_en"), "receive");
  EXPECT_EQ(CodeTable::Get("operation").rows().size(), 46u);
  EXPECT_EQ(CodeTable::Get("product_category").rows().size(), 34u);
  EXPECT_EQ(CodeTable::Get("product_category").Find("29")->Get("special_food"), "yes");
  const CodeTable& recall = CodeTable::Get("recall_level");
  EXPECT_EQ(recall.Find("1")->Get("start_hours"), "24");
  EXPECT_EQ(recall.Find("2")->Get("finish_working_days"), "20");
  EXPECT_EQ(recall.Find("3")->Get("start_hours"), "72");
  EXPECT_EQ(CodeTable::Get("storage_condition").Find("ambient")->Get("special"), "no");
  EXPECT_EQ(CodeTable::Get("storage_condition").Find("chilled")->Get("special"), "yes");
  int special_food = 0;
  for (const CodeTable::Row& row : CodeTable::Get("monitoring_point").rows()) {
    special_food += row.Get("scope") == "special-food" ? 1 : 0;
  }
  EXPECT_EQ(special_food, 6);
  EXPECT_EQ(CodeTable::Get("code_profile").Find("SH-INF-B")->Get("max_length"), "50");
}

}  // namespace
}  // namespace suyuan::codes
