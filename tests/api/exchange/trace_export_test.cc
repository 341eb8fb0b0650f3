#include "api/exchange/trace_export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/status_matchers.h"

namespace suyuan::exchange {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using Json = nlohmann::json;

std::string Itself(const std::string& holder) { return holder; }

std::string Exported(const TraceResult& result, TraceFormat format) {
  const absl::StatusOr<std::string> text = ExportTrace(result, format, Itself);
  EXPECT_TRUE(text.ok()) << text.status();
  return text.value_or("");
}

// Milk is shipped to a dairy, and becomes powder there together with water.
TraceResult Dairy() {
  TraceResult result;
  result.origin = "ext:s:milk";
  result.origin_product = "生牛乳";
  result.direction = Direction::kForward;
  result.units.push_back(
      {"ext:s:powder", {"P-1"}, "奶粉", Direction::kForward, 1, true, {"dairy"}, 2});
  result.steps = {{"l", 1, "SHP", "", false}, {"l", 2, "CHG", "R1", true}};
  result.places = {{"ext:s:milk", "dairy", ""},
                   {"ext:s:milk", "farm", ""},
                   {"ext:s:powder", "dairy", ""},
                   {"ext:s:water", "dairy", ""}};
  const auto link = [&](uint32_t place, uint32_t step, bool output, uint64_t sequence,
                        const char* operation, const char* quantity) {
    TracedLink one;
    one.place = place;
    one.step = step;
    one.output = output;
    one.ledger = "l";
    one.sequence = sequence;
    one.operation = operation;
    one.quantity = quantity;
    one.uom = *quantity == 0 ? "" : "KGM";
    one.earliest_micros = std::numeric_limits<int64_t>::min();
    one.latest_micros = 1'762'117'020'000'000;
    result.links.push_back(one);
  };
  link(1, 0, false, 1, "SHP", "10.5");
  link(0, 0, true, 1, "SHP", "10.5");
  link(0, 1, false, 2, "CHG", "");
  link(3, 1, false, 3, "CHG", "7");
  link(2, 1, true, 4, "PRD", "2");
  result.edges = 5;
  const auto hop = [&](uint32_t before, uint32_t place, uint32_t took, uint32_t brought) {
    TraceHop one;
    one.before = before;
    one.place = place;
    one.took = took;
    one.brought = brought;
    result.hops.push_back(one);
  };
  hop(0, 1, kNoIndex, kNoIndex);
  hop(0, 0, 0, 1);
  hop(1, 2, 2, 4);
  result.heads.push_back({"l", 5, std::string(32, '\x01')});
  result.digest = std::string(32, '\x02');
  return result;
}

TEST(TraceExportTest, AStepOfOneInputAndOneOutputIsAnEdge) {
  const Json json = Json::parse(Exported(Dairy(), TraceFormat::kJson));
  ASSERT_EQ(json["nodes"].size(), 5u);
  EXPECT_EQ(json["nodes"][1]["holder"], "farm");
  EXPECT_EQ(json["nodes"][1]["side"], "origin");
  EXPECT_EQ(json["nodes"][2]["id"], "P-1");
  EXPECT_EQ(json["nodes"][3]["side"], "carrier");
  EXPECT_EQ(json["nodes"][4]["kind"], "step");
  EXPECT_EQ(json["nodes"][4]["run"], "R1");
  ASSERT_EQ(json["edges"].size(), 4u);
  const Json& shipment = json["edges"][0];
  EXPECT_EQ(shipment["from"], 1);
  EXPECT_EQ(shipment["to"], 0);
  EXPECT_EQ(shipment["operation"], "SHP");
  EXPECT_EQ(shipment["quantity"], "10.5");
  EXPECT_EQ(shipment["earliest"], "");
  EXPECT_EQ(shipment["latest"], "2025-11-02 20:57:00+00:00");
  std::vector<int> layers;
  for (const Json& node : json["nodes"]) layers.push_back(node["layer"].get<int>());
  EXPECT_EQ(layers, std::vector<int>({1, 0, 3, 1, 2}));
}

TEST(TraceExportTest, WhatNobodyToldTheHolderOfLiesWhereItsUnitDoes) {
  TraceResult result = Dairy();
  result.places[2].holder = "";
  result.places.push_back({"ext:s:powder", "shop", ""});
  result.hops.push_back({2, 4});
  const Json one = Json::parse(Exported(result, TraceFormat::kJson));
  ASSERT_EQ(one["nodes"].size(), 5u);
  EXPECT_EQ(one["nodes"][2]["holder"], "shop");
  result.places.push_back({"ext:s:powder", "store", ""});
  result.hops.push_back({2, 5});
  const Json several = Json::parse(Exported(result, TraceFormat::kJson));
  ASSERT_EQ(several["nodes"].size(), 7u);
  EXPECT_EQ(several["nodes"][2]["holder"], "");
  EXPECT_EQ(several["edges"].back()["kind"], "same");
}

TEST(TraceExportTest, SaysTheSameAgain) {
  for (const TraceFormat format :
       {TraceFormat::kDot, TraceFormat::kGraphml, TraceFormat::kJson, TraceFormat::kSvg}) {
    const std::string text = Exported(Dairy(), format);
    EXPECT_EQ(Exported(Dairy(), format), text);
    EXPECT_THAT(text, AllOf(HasSubstr("奶粉"), HasSubstr("10.5"), HasSubstr("PRD")));
  }
}

TEST(TraceExportTest, NothingTracedIsAnEmptyPicture) {
  TraceResult result;
  EXPECT_THAT(Exported(result, TraceFormat::kSvg), HasSubstr("</svg>"));
  EXPECT_THAT(Exported(result, TraceFormat::kDot), HasSubstr("digraph"));
}

TEST(TraceExportTest, HostileTextsStayTexts) {
  TraceResult result = Dairy();
  const std::string harm = "\"/><script>&x;\\N\x01\xff\xed\xa0\x80\xe2\x80\xae]]>\n}";
  result.origin_product = harm;
  for (TracedPlace& place : result.places) place.holder += harm;
  for (TracedLink& link : result.links) link.uom = link.operation = harm;
  for (TracedStep& step : result.steps) step.run = step.operation = harm;
  for (const TraceFormat format : {TraceFormat::kGraphml, TraceFormat::kSvg}) {
    EXPECT_THAT(Exported(result, format),
                AllOf(Not(HasSubstr("<script")), Not(HasSubstr("&x;")), Not(HasSubstr("]]>")),
                      Not(HasSubstr("\x01")), Not(HasSubstr("\xff")), Not(HasSubstr("\xed\xa0")),
                      Not(HasSubstr("\xe2\x80\xae")), HasSubstr("&quot;/&gt;&lt;script")));
  }
  EXPECT_THAT(Exported(result, TraceFormat::kDot),
              AllOf(HasSubstr("\\\"/><script>&x;\\\\N"), Not(HasSubstr("\xff"))));
  EXPECT_FALSE(Json::parse(Exported(result, TraceFormat::kJson), nullptr, false).is_discarded());
}

TEST(TraceExportTest, RefusesWhatCannotBeDrawn) {
  TraceResult without = Dairy();
  without.places.clear();
  without.links.clear();
  without.hops.clear();
  without.units.clear();
  TraceResult broken = Dairy();
  broken.links[1].place = 4;
  TraceResult ahead = Dairy();
  ahead.hops[1].before = 2;
  for (const TraceResult& result : {without, broken, ahead}) {
    EXPECT_EQ(ExportTrace(result, TraceFormat::kDot, Itself).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace suyuan::exchange
