#include "lib/privacy/retention.h"

#include <gtest/gtest.h>

#include "lib/base/time.h"
#include "tests/support/event_builder.h"

namespace suyuan::privacy {
namespace {

using tell::Destroy;
using tell::Receive;
using tell::Ship;

constexpr char kUnit[] = "lot:ext:own:dairy/powder/L1";
constexpr int64_t kRecorded = int64_t{1'762'200'000} * 1'000'000;  // 2025-11-04 04:00 +08:00

std::string Until(const v1::Event& event, std::string_view path) {
  return TimeText(KeptUntil(event, path, kRecorded), 480);
}

TEST(RetentionTest, SixMonthsAfterTheEndOfTheShelfLife) {
  v1::Event event = Receive(kUnit).At(90).event;
  *event.mutable_receive()->mutable_expiry_date() = *ParseDateText("2026-08-31");
  EXPECT_EQ(Until(event, "receive.supplier_contact"), "2027-02-28 23:59:59+08:00");
  // What the label says counts before what can be reckoned.
  *event.mutable_receive()->mutable_supplier_production_date() = *ParseDateText("2025-01-10");
  event.mutable_receive()->mutable_shelf_life()->set_value(24);
  event.mutable_receive()->mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
  EXPECT_EQ(Until(event, "receive.supplier_contact"), "2027-02-28 23:59:59+08:00");
  event.mutable_receive()->clear_expiry_date();
  EXPECT_EQ(Until(event, "receive.supplier_contact"), "2027-07-10 23:59:59+08:00");
}

TEST(RetentionTest, TwoYearsAfterTheEventWithoutAShelfLife) {
  EXPECT_EQ(Until(Ship(kUnit, "ext:own:shop").At(90).event, "ship.customer_contact"),
            "2027-11-03 01:30:00+08:00");
  // A shelf life that begins nobody knows when is none.
  v1::Event event = Receive(kUnit).On("2025-11").event;
  event.mutable_receive()->mutable_shelf_life()->set_value(12);
  event.mutable_receive()->mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
  EXPECT_EQ(Until(event, "receive.supplier_contact"), "2027-11-04 04:00:00+08:00");
  EXPECT_EQ(Until(Destroy(kUnit).At(0).event, "destroy_goods.officers[0].name"),
            "2027-11-03 00:00:00+08:00");
}

TEST(RetentionTest, FromWhenItWasRecordedIfItIsSaidToBeLaterOrNobodyKnows) {
  EXPECT_EQ(Until(Ship(kUnit, "ext:own:shop").On("9999-01-01").event, "ship.customer_contact"),
            "2027-11-04 04:00:00+08:00");
  EXPECT_EQ(Until(Ship(kUnit, "ext:own:shop").event, "ship.customer_contact"),
            "2027-11-04 04:00:00+08:00");
}

TEST(RetentionTest, MasterDataHaveARowOfTheirOwn) {
  v1::Event event;
  event.mutable_register_master()->mutable_person()->set_person("person:1");
  *event.mutable_time()->mutable_begin() = tell::Minute(0);
  EXPECT_EQ(Until(event, "register_master.person.name"), "2027-11-03 00:00:00+08:00");
  event.mutable_register_master()->mutable_subject()->set_key("ext:own:dairy");
  EXPECT_EQ(Until(event, "register_master.subject.contact_person"), "2027-11-03 00:00:00+08:00");
}

TEST(RetentionTest, TheLastDayOfAShortMonth) {
  v1::Event event = Receive(kUnit).At(0).event;
  *event.mutable_receive()->mutable_expiry_date() = *ParseDateText("2027-08-29");
  EXPECT_EQ(Until(event, "receive.supplier_contact"), "2028-02-29 23:59:59+08:00");
  *event.mutable_receive()->mutable_expiry_date() = *ParseDateText("9999-12-31");
  EXPECT_GT(KeptUntil(event, "receive.supplier_contact", 0), 0);
}

}  // namespace
}  // namespace suyuan::privacy
