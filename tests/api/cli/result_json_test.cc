#include "api/cli/result_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "api/cli/trace_answer.h"
#include "tests/support/status_matchers.h"

namespace suyuan::cli {
namespace {

// The contract, field by field: a change here breaks somebody's script.
TEST(ResultJsonTest, Trace) {
  TraceResult result;
  result.asked = "fcl:1";
  result.origin = "ext:s:1";
  result.origin_external_ids = {"fcl:1"};
  result.origin_product = "milk";
  result.origin_holders = {"ext:s:h"};
  result.direction = Direction::kBoth;
  result.units.push_back({"ext:s:2", {"fcl:2"}, "tea", Direction::kForward, 3, true, {"ext:s:h"}});
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
      R"("depth":3,"certain":true,"holders":["ext:s:h"],"product":"tea"}],"vessels":[],)"
      R"("steps":2,"edges":4,)"
      R"("ends":[{"unit":"ext:s:2","kind":"boundary","why":"ask","why_zh":"去问","holder":"ext:s:h",)"
      R"("direction":"forward"}],"conflicts":[{"input":"ext:s:1","output":"ext:s:2",)"
      R"("ledger":"l","sequence":7,"what":"late","what_zh":"太晚"}],"withdrawn":[],)"
      R"("heads":[{"ledger":"l","size":8,"root":"01ab"}],"digest":"00ff",)"
      R"("asked":"fcl:1","as_recorded":false})");
}

TEST(ResultJsonTest, TraceWithLinks) {
  TraceResult result;
  result.asked = result.origin = "ext:s:1";
  result.units.push_back({"ext:s:2", {}, "tea", Direction::kForward, 1, true, {"ext:s:h"}, 1});
  result.vessels.push_back({"silo", "ext:s:h", Direction::kForward});
  result.from_micros = 5;
  result.steps.push_back({"l", 3, "CHG", "R1", true});
  result.edges = 2;
  result.places = {{"ext:s:1", "ext:s:h", ""}, {"ext:s:2", "ext:s:h", "half"}};
  TracedLink link{0, 0, false, "l", 3, "CHG", "1.5", "KGM", GoodsRole::kPackaging, 7, 8};
  result.links.push_back(link);
  link = {1, 0, true, "l", 4, "PRD", "", ""};
  link.earliest_micros = std::numeric_limits<int64_t>::min();
  link.latest_micros = std::numeric_limits<int64_t>::max();
  result.links.push_back(link);
  result.hops.push_back({0, 0, kNoIndex, kNoIndex, kNoIndex, kNoIndex, 0, false});
  result.hops.push_back({0, 1, 0, 1, 0, 0, 9, false});
  result.heads.push_back({"l", 8, std::string("\x01\xab", 2)});
  const std::string text = JsonText(TraceJson(result));
  EXPECT_THAT(
      text,
      testing::EndsWith(
          R"("step_list":[{"ledger":"l","sequence":3,"operation":"CHG","run":"R1","makes":true}],)"
          R"("places":[{"unit":"ext:s:1","holder":"ext:s:h","part":""},)"
          R"({"unit":"ext:s:2","holder":"ext:s:h","part":"half"}],)"
          R"("links":[{"place":0,"step":0,"output":false,"ledger":"l","sequence":3,)"
          R"("operation":"CHG","quantity":"1.5","uom":"KGM","role":"packaging",)"
          R"("earliest_micros":7,"latest_micros":8},)"
          R"({"place":1,"step":0,"output":true,"ledger":"l","sequence":4,"operation":"PRD",)"
          R"("quantity":"","uom":"","role":"ingredient","earliest_micros":null,)"
          R"("latest_micros":null}],)"
          R"("hops":[{"before":0,"place":0,"backward":false,"took":null,"brought":null},)"
          R"({"before":0,"place":1,"backward":false,"took":0,"brought":1,)"
          R"("carrier":0,"packed_ledger":"l","packed_sequence":9}]})"));
  EXPECT_THAT(text, testing::HasSubstr(R"("product":"tea","witness":1}])"));
  // And back.
  const absl::StatusOr<TraceResult> read = ReadTraceAnswer(text);
  SUYUAN_ASSERT_OK(read);
  EXPECT_EQ(JsonText(TraceJson(*read)), text);
}

TEST(TraceAnswerTest, NamesWhatIsWrong) {
  TraceResult result;
  result.asked = result.origin = "ext:s:1";
  result.units.push_back({"ext:s:2", {}, "tea", Direction::kForward, 1, true, {"ext:s:h"}, 0});
  result.steps.push_back({"l", 3, "CHG", "R1", true});
  result.places = {{"ext:s:1", "ext:s:h", ""}};
  result.links.push_back({0, 0, false, "l", 3, "CHG", "", "", GoodsRole::kIngredient, 7, 8});
  result.hops.push_back({});
  result.heads.push_back({"l", 8, std::string(32, 'r')});
  const Json good = TraceJson(result);
  SUYUAN_ASSERT_OK(ReadTraceAnswer(JsonText(good)));
  const auto message = [&](const std::string& pointer, const Json& value) {
    Json bad = good;
    bad[Json::json_pointer(pointer)] = value;
    const absl::StatusOr<TraceResult> read = ReadTraceAnswer(JsonText(bad));
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << pointer;
    return std::string(read.status().message());
  };
  EXPECT_EQ(message("/units/0/depth", "1"), "units[0].depth: found \"1\", expected a whole number");
  EXPECT_EQ(message("/units/0/depth", -1), "units[0].depth: found -1, expected a whole number");
  EXPECT_EQ(message("/units/0/direction", "up"),
            "units[0].direction: found \"up\", expected one of forward, backward, both");
  EXPECT_EQ(message("/units", 7), "units: found 7, expected a list");
  EXPECT_EQ(message("/units/0", Json::array()), "units[0]: found [], expected an object");
  EXPECT_EQ(message("/units/0/witness", 1), "units[0].witness: found an index of nothing");
  EXPECT_EQ(message("/links/0/place", 1), "links[0].place: found an index of nothing");
  EXPECT_EQ(message("/links/0/step", 4000000000), "links[0].step: found an index of nothing");
  EXPECT_EQ(message("/hops/0/before", 1), "hops[0].before: found an index of nothing");
  EXPECT_EQ(message("/hops/0/packed_ledger", "x"),
            "hops[0].packed_ledger: found \"x\", expected a ledger of the heads");
  EXPECT_EQ(message("/digest", "xyz"), "digest: found \"xyz\", expected hexadecimal digits");
  EXPECT_EQ(message("/steps", 2), "steps: found 2, expected the size of step_list");
  EXPECT_EQ(message("/origin", Json::object()), "origin: found {}, expected a text");
  for (const char* text : {"", "[]", "{", "null", "{}", "\xff"}) {
    EXPECT_FALSE(ReadTraceAnswer(text).ok()) << text;
  }
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
