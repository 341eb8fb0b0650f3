#include "lib/genealogy/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"

namespace suyuan::genealogy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

constexpr uint32_t kSeed = 20251103;

constexpr char kMilk[] = "lot:ext:own:farm/milk/M1";
constexpr char kPowder[] = "lot:ext:own:dairy/powder/L1";
constexpr char kShop[] = "ext:own:shop";

// One event of every operation that the schema has; those with a builder in full.
std::vector<v1::Event> AllOperations() {
  std::vector<v1::Event> events;
  const auto* const oneof = v1::Event::descriptor()->FindOneofByName("operation");
  for (int i = 0; i < oneof->field_count(); ++i) {
    v1::Event event;
    event.GetReflection()->MutableMessage(&event, oneof->field(i));
    events.push_back(event);
  }
  for (tell::Told told : {tell::Genesis("ext:own:dairy"),
                          tell::Withdraw("e1"),
                          tell::Same(kMilk, kPowder),
                          tell::Apart(kMilk, kPowder, {"e1"}),
                          tell::SubjectMaster(kShop, "店", {"S-1"}),
                          tell::SiteMaster("ext:own:dairy/plant-1", "ext:own:dairy"),
                          tell::ProductMaster("6901234567892", "奶粉", {{"16901234567899", 24}}),
                          tell::Receive(tell::Ref(kMilk, "tank-1"), "ext:own:farm"),
                          tell::Relabel(kMilk, "ext:own:farm", kPowder),
                          tell::Reject(kMilk, "ext:own:farm"),
                          tell::OpenStock(kMilk),
                          tell::Move(kMilk, "ext:own:dairy/plant-2", "p"),
                          tell::Ship(kPowder, kShop),
                          tell::Return(kPowder, kShop, "back"),
                          tell::Destroy(kPowder),
                          tell::Serve(kPowder),
                          tell::Waste(kPowder),
                          tell::Charge("R1", kMilk, v1::ROLE_PROCESSING_AID),
                          tell::Rework("R1", kPowder),
                          tell::Produce("R1", kPowder, "2025-11-03"),
                          tell::ProduceLast("R1", kPowder),
                          tell::Split(kMilk, {kPowder, "item:1"}),
                          tell::Merge({kMilk, kPowder}, "item:1"),
                          tell::Pack(tell::Sscc(1), {kPowder, "item:1"}),
                          tell::Unpack(tell::Sscc(1)),
                          tell::Unpack(tell::Sscc(1), {kPowder}),
                          tell::AssignCodes(kPowder, {"C1", "C2"}),
                          tell::AssignRange(kPowder, "C10", "C99"),
                          tell::Inspect(tell::Ref(kPowder).KnownAs("PO 7")),
                          tell::Return(tell::Numbered("PO 7").KnownAs("Lot 8"), kShop, "back"),
                          tell::Observe("ext:fcl:1", "ext:fcl:s1", "ext:fcl:s2"),
                          tell::Link("ext:fcl:1", "ext:fcl:2", "ext:fcl:s2")}) {
    events.push_back(told.event);
    events.push_back(std::move(told).Id("x").At(5).Until(9).Late().In(kShop).event);
  }
  return events;
}

TEST(FactsTest, ComeBackFromTheirBytesForEveryOperation) {
  for (const v1::Event& event : AllOperations()) {
    const std::string bytes = EncodeFacts(FactsOf(event));
    const absl::StatusOr<Facts> facts = DecodeFacts(bytes);
    ASSERT_THAT(facts, IsOk()) << event.ShortDebugString();
    EXPECT_EQ(EncodeFacts(*facts), bytes) << event.ShortDebugString();
    EXPECT_EQ(facts->operation, static_cast<int>(event.operation_case()));
  }
}

TEST(FactsTest, KeepEveryFieldThroughTheirBytes) {
  tell::Told told = tell::Charge("R 1", tell::Ref(kMilk, "tank 7"), v1::ROLE_PACKAGING);
  told.event.mutable_charge()->mutable_quantity()->set_value(-36799999999999);
  told.event.mutable_charge()->mutable_quantity()->set_scale(9);
  const v1::Event event = std::move(told).At(1).Until(2).In("ext:own:dairy/plant-1").Late().event;
  const absl::StatusOr<Facts> facts = DecodeFacts(EncodeFacts(FactsOf(event)));
  ASSERT_THAT(facts, IsOk());
  EXPECT_EQ(facts->begin, BeginOf(event.time()));
  EXPECT_EQ(facts->end, EndOf(event.time()));
  ASSERT_THAT(facts->steps, SizeIs(1));
  const StepFact& step = facts->steps[0];
  EXPECT_EQ(step.kind, StepKind::kRun);
  EXPECT_EQ(step.run, "R 1");
  EXPECT_TRUE(step.late);
  EXPECT_FALSE(step.closes_run);
  EXPECT_THAT(step.outputs, IsEmpty());
  ASSERT_THAT(step.inputs, SizeIs(1));
  const EdgeFact& edge = step.inputs[0];
  EXPECT_EQ(edge.quantity, -36799999999999);
  EXPECT_EQ(edge.scale, 9);
  EXPECT_EQ(edge.quantity_unit, "KGM");
  EXPECT_EQ(edge.role, v1::ROLE_PACKAGING);
  EXPECT_EQ(edge.node.unit, kMilk);
  EXPECT_EQ(edge.node.part, "tank 7");
  EXPECT_EQ(edge.node.holder_kind, HolderKind::kNamed);
  EXPECT_EQ(edge.node.holder, "ext:own:dairy/plant-1");
  EXPECT_FALSE(edge.node.apart);
}

TEST(FactsTest, ReturnedAndRejectedGoodsAreSetApart) {
  const Facts back = FactsOf(tell::Return(kPowder, kShop).Id("rtn-1").event);
  ASSERT_THAT(back.steps, SizeIs(1));
  EXPECT_TRUE(back.steps[0].outputs[0].node.apart);
  EXPECT_EQ(back.steps[0].outputs[0].node.part, "rtn-1");
  EXPECT_FALSE(back.steps[0].inputs[0].node.apart);
  EXPECT_EQ(back.steps[0].inputs[0].node.holder, kShop);

  const Facts rejected = FactsOf(tell::Reject(kMilk, "ext:own:farm").Id("rcj-1").event);
  ASSERT_THAT(rejected.steps, SizeIs(1));
  EXPECT_TRUE(rejected.steps[0].outputs[0].node.apart);
}

TEST(FactsTest, KeysAndCodesAreInNormalForm) {
  const Facts facts = FactsOf(
      tell::Charge("Ｒ１", "lot:ext:own:dairy/6901234567892/Ｌ１").In(" ext:own:dairy ").event);
  ASSERT_THAT(facts.steps, SizeIs(1));
  EXPECT_EQ(facts.steps[0].run, "R1");
  EXPECT_EQ(facts.steps[0].inputs[0].node.unit, "lot:ext:own:dairy/06901234567892/L1");
  EXPECT_EQ(facts.steps[0].inputs[0].node.holder, "ext:own:dairy");

  const Facts product =
      FactsOf(tell::ProductMaster("6901234567892", "powder", {{"16901234567899", 24}}).event);
  ASSERT_EQ(product.levels.size(), 1u);
  EXPECT_EQ(product.levels[0].gtin, "16901234567899");
  EXPECT_EQ(product.levels[0].base, "06901234567892");
}

TEST(FactsTest, DatesOfALotStandApartFromItsNumber) {
  const Facts told = FactsOf(tell::Produce("R", kPowder, "2025-11-03").event);
  EXPECT_EQ(told.steps.at(0).outputs.at(0).node.unit, kPowder);
  EXPECT_EQ(told.steps.at(0).outputs.at(0).node.variant, ";made=2025-11-03");
  const Facts in_key = FactsOf(tell::Produce("R", std::string(kPowder) + ";made=2025-11-03").event);
  EXPECT_EQ(in_key.steps.at(0).outputs.at(0).node.unit, kPowder);
  EXPECT_EQ(in_key.steps.at(0).outputs.at(0).node.variant, ";made=2025-11-03");
}

TEST(FactsTest, WhatCannotBeReadIsLeftOut) {
  const Facts facts = FactsOf(tell::Split("no key", {kPowder, "lot:", "item:1"}).event);
  ASSERT_THAT(facts.steps, SizeIs(1));
  EXPECT_THAT(facts.steps[0].inputs, IsEmpty());
  EXPECT_THAT(facts.steps[0].outputs, SizeIs(2));
  FactsOf(v1::Event());
}

// ------------------------------------------------------------- bad bytes

// Whatever is taken for facts is what EncodeFacts would have written for them.
testing::AssertionResult RefusedOrOwn(const std::string& bytes) {
  const absl::StatusOr<Facts> facts = DecodeFacts(bytes);
  if (!facts.ok()) {
    if (facts.status().code() == absl::StatusCode::kDataLoss) return testing::AssertionSuccess();
    return testing::AssertionFailure() << facts.status();
  }
  const std::string own = EncodeFacts(*facts);
  if (own == bytes) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "seed " << kSeed << ": " << testing::PrintToString(bytes)
                                     << " is taken for " << testing::PrintToString(own);
}

TEST(FactsTest, EveryCutAndEveryAppendedByteIsRefused) {
  for (const v1::Event& event : AllOperations()) {
    const std::string bytes = EncodeFacts(FactsOf(event));
    for (size_t length = 0; length < bytes.size(); ++length) {
      EXPECT_FALSE(DecodeFacts(bytes.substr(0, length)).ok())
          << event.ShortDebugString() << " cut to " << length;
    }
    EXPECT_FALSE(DecodeFacts(bytes + '\0').ok());
    EXPECT_FALSE(DecodeFacts(bytes + bytes).ok());
  }
}

TEST(FactsTest, RandomBytesNeverCrash) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 200'000; ++i) {
    std::string bytes(random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random() % (random() % 2 == 0 ? 8 : 256));
    if (!bytes.empty() && random() % 8 != 0) bytes[0] = 5;  // the format
    ASSERT_TRUE(RefusedOrOwn(bytes));
  }
}

TEST(FactsTest, FlippedBitsAreRefusedOrReadAsWhatTheySay) {
  std::mt19937 random(kSeed);
  for (const v1::Event& event : AllOperations()) {
    const std::string bytes = EncodeFacts(FactsOf(event));
    for (size_t i = 0; i < bytes.size(); ++i) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << random() % 8));
      ASSERT_TRUE(RefusedOrOwn(changed)) << event.ShortDebugString() << ", byte " << i;
    }
  }
}

TEST(FactsTest, ACountThatNoBytesFollowIsRefusedAtOnce) {
  // A list of 2^63 elements.
  const std::string huge = "\xff\xff\xff\xff\xff\xff\xff\xff\x7f";
  const std::string empty = EncodeFacts(Facts());
  for (size_t at = 1; at < empty.size(); ++at) {
    EXPECT_FALSE(DecodeFacts(empty.substr(0, at) + huge).ok());
  }
}

}  // namespace
}  // namespace suyuan::genealogy
