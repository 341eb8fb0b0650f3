#include "api/cli/result_json.h"

namespace suyuan::cli {
namespace {

// The contract, field by field: a change here breaks somebody's script.
TEST(ResultJsonTest, Trace) {
  TraceResult result;
  result.origin = "ext:s:1";
  result.origin_external_ids = {"fcl:1"};
  result.origin_product = "milk";
  result.origin_holders = {"ext:s:h"};
  result.direction = Direction::kBoth;
  result.units.push_back({"ext:s:2", {"fcl:2"}, "tea", Direction::kForward, 3, {"ext:s:h"}});
  result.steps.resize(2);
  result.edges = 4;
  result.ends.push_back(
      {"ext:s:2", "ext:s:h", Direction::kForward, EndKind::kBoundary, "去问", "ask"});
  result.conflicts.push_back({"ext:s:1", "ext:s:2", "l", 7, "太晚", "late"});
  result.heads.push_back({"l", 8, std::string("\x01\xab", 2)});
  result.digest = std::string("\x00\xff", 2);
  EXPECT_EQ(
      JsonText(TraceJson(result)),
      R"({"origin":"ext:s:1","origin_external_ids":["fcl:1"],"origin_product":"milk",)"
      R"("origin_holders":["ext:s:h"],"direction":"both",)"
      R"("units":[{"key":"ext:s:2","external_ids":["fcl:2"],"direction":"forward",)"
      R"("depth":3,"holders":["ext:s:h"],"product":"tea"}],"steps":2,"edges":4,)"
      R"("ends":[{"unit":"ext:s:2","kind":"boundary","why":"ask","why_zh":"去问","holder":"ext:s:h",)"
      R"("direction":"forward"}],"conflicts":[{"input":"ext:s:1","output":"ext:s:2",)"
      R"("ledger":"l","sequence":7,"what":"late","what_zh":"太晚"}],"withdrawn":[],)"
      R"("heads":[{"ledger":"l","size":8,"root":"01ab"}],"digest":"00ff"})");
}

TEST(ResultJsonTest, Check) {
  CheckReport report;
  report.ledgers.push_back({"l", 1, std::string("\xff", 1)});
  EXPECT_EQ(JsonText(CheckJson(report)),
            R"({"ok":true,"ledgers":[{"ledger":"l","size":1,"root":"ff"}],"problems":[]})");
  report.problems.push_back({"l", 3, "entry", "aa", "bb"});
  EXPECT_EQ(JsonText(CheckJson(report)),
            R"({"ok":false,"ledgers":[{"ledger":"l","size":1,"root":"ff"}],"problems":[)"
            R"({"ledger":"l","sequence":3,"what":"entry","expected":"aa","found":"bb"}]})");
}

TEST(ResultJsonTest, UnitsAndLedgers) {
  EXPECT_EQ(JsonText(UnitsJson({{"k", {"a", "b"}, {"h"}, "p"}})),
            R"({"units":[{"key":"k","external_ids":["a","b"],"holders":["h"],"product":"p"}]})");
  EXPECT_EQ(JsonText(UnitsJson({})), R"({"units":[]})");
  LedgerInfo info;
  info.name = "l";
  info.subject = "ext:s:o";
  info.profile = "ordinary";
  info.size = 1;
  EXPECT_EQ(JsonText(LedgersJson({info})),
            R"({"ledgers":[{"ledger":"l","subject":"ext:s:o","subject_name":"",)"
            R"("profile":"ordinary","size":1,"root":"","origin":"","vkeys":[],"sealed":false}]})");
}

TEST(ResultJsonTest, Imports) {
  exchange::FclResult fcl;
  fcl.ledger = "l";
  fcl.events = 3;
  fcl.warnings.push_back({"delivery 1", "Amount", "x", "zh", "en"});
  EXPECT_EQ(JsonText(FclJson(fcl)),
            R"({"ledger":"l","events":3,"stored":0,"subjects":0,"units":0,"links":0,)"
            R"("warnings":[{"where":"delivery 1","field":"Amount","found":"x",)"
            R"("message_zh":"zh","message_en":"en"}]})");
  exchange::JsonlResult jsonl;
  jsonl.rejected = 1;
  jsonl.lines = 2;
  jsonl.errors.push_back({2, "id", "form.required", "", "an id", "zh", "en"});
  EXPECT_EQ(JsonText(JsonlJson("l", jsonl)),
            R"({"ledger":"l","accepted":0,"duplicates":0,"rejected":1,"lines":2,)"
            R"("errors":[{"line":2,"field":"id","rule":"form.required","found":"",)"
            R"("expected":"an id","message_zh":"zh","message_en":"en"}],"errors_left_off":0})");
}

}  // namespace
}  // namespace suyuan::cli
