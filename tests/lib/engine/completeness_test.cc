// Which data elements of the history of a lot are there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "suyuan/suyuan.h"
#include "tests/support/event_builder.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using namespace tell;  // NOLINT(google-build-using-namespace)

const std::string kMilk = "lot:ext:own:farm/milk/M1";
const std::string kMilk2 = "lot:ext:own:farm/milk/M2";
const std::string kCream = "lot:ext:own:dairy/cream/C1";

class CompletenessStory : public ::testing::Test {
 protected:
  void SetUp() override {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    // Of a canteen's records only receipts have elements that must be there.
    ASSERT_THAT(engine_->CreateLedger({.name = "kitchen",
                                       .subject = "ext:own:dairy",
                                       .subject_name = "Dairy",
                                       .profile = "canteen"}),
                IsOk());
  }

  void Record(Told told) {
    if (told.event.id().empty()) told.event.set_id("e" + std::to_string(++last_id_));
    EXPECT_THAT(engine_->Append("kitchen", std::vector{told.event}), IsOk());
  }

  static Told Received(const std::string& unit) {
    Told told = Receive(unit, "ext:own:farm");
    v1::Receive& receive = *told.event.mutable_receive();
    receive.set_material_name("milk");
    receive.set_specification("bulk");
    receive.set_supplier_name("Farm");
    receive.set_supplier_address("1 Lane");
    receive.set_supplier_phone("021-1");
    receive.set_supplier_licence("SC12431011800369");
    receive.set_supplier_lot("M1");
    *receive.mutable_expiry_date() = DateOf("2026-11-03");
    return std::move(told).At(0);
  }

  // The row of one element about one thing.
  ElementStatus Row(const std::string& number, const std::string& about) {
    const auto report = engine_->ReportCompleteness(kCream);
    EXPECT_THAT(report, IsOk());
    if (!report.ok()) return {};
    uint64_t present = 0;
    const ElementStatus* found = nullptr;
    for (const ElementStatus& row : report->elements) {
      present += row.present ? 1 : 0;
      if (row.number == number && row.about == about && row.operation == "RCV") found = &row;
    }
    EXPECT_EQ(report->present, present);
    EXPECT_EQ(report->present + report->missing, report->elements.size());
    EXPECT_NE(found, nullptr) << number << " of " << about;
    return found == nullptr ? ElementStatus() : *found;
  }

  const TempDir dir_;
  std::unique_ptr<Engine> engine_;
  int last_id_ = 0;
};

TEST_F(CompletenessStory, WhatWasReceivedIsThereAndWhatWasNotIsMissing) {
  Record(Received(kMilk));
  Record(Charge("R1", kMilk).At(5));
  Record(Charge("R1", kMilk2).At(5));
  Record(Produce("R1", kCream));
  const ElementStatus supplier = Row("S002-25", kMilk);
  EXPECT_TRUE(supplier.present);
  ASSERT_EQ(supplier.entries.size(), 1u);
  EXPECT_EQ(supplier.entries[0].sequence, 1u);
  EXPECT_FALSE(supplier.late);
  EXPECT_FALSE(supplier.source.empty());
  const ElementStatus missing = Row("S002-25", kMilk2);
  EXPECT_FALSE(missing.present);
  EXPECT_TRUE(missing.entries.empty());
}

TEST_F(CompletenessStory, LateAndCorrectedRecordsSaySo) {
  Record(Received(kMilk).Late().Id("first"));
  Record(Charge("R1", kMilk).At(5));
  Record(Produce("R1", kCream));
  EXPECT_TRUE(Row("S002-21", kMilk).late);
  EXPECT_FALSE(Row("S002-21", kMilk).corrected);
  Record(Received(kMilk).Id("second").InsteadOf("first"));
  const ElementStatus corrected = Row("S002-21", kMilk);
  EXPECT_TRUE(corrected.present);
  EXPECT_TRUE(corrected.corrected);
  EXPECT_FALSE(corrected.late);
  ASSERT_EQ(corrected.entries.size(), 1u) << "what was corrected does not count";
  EXPECT_EQ(corrected.entries[0].sequence, 4u);
}

TEST_F(CompletenessStory, AnotherLotsRecordsAreNotThisOnes) {
  Record(Received(kMilk));
  Record(Received(kMilk2));
  Record(Charge("R1", kMilk).At(5));
  Record(Produce("R1", kCream));
  const auto report = engine_->ReportCompleteness(kCream);
  ASSERT_THAT(report, IsOk());
  for (const ElementStatus& row : report->elements) EXPECT_NE(row.about, kMilk2);
  EXPECT_EQ(report->missing, 0u);
}

}  // namespace
}  // namespace suyuan
