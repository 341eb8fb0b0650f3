#include "api/cli/demo_plant.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "api/cli/demo_plant_world.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "lib/base/hash.h"
#include "lib/base/time.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/keys.h"
#include "suyuan/engine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/unimplemented_engine.h"
#ifdef SUYUAN_TEST_VALIDATOR
#include "lib/events/validator.h"
#endif

namespace suyuan {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Le;
using ::testing::SizeIs;

constexpr std::string_view kItemGtin = "06912345000017";
constexpr std::string_view kCaseGtin = "16912345000014";
constexpr int64_t kCansInCase = 24;
constexpr int64_t kOne = 1000;

std::vector<v1::Event> Events(int days, uint64_t seed = 1, PlantSize size = PlantSize::kSmall) {
  return DemoPlantEvents({.days = days, .seed = seed, .size = size}, nullptr);
}
std::vector<v1::Event> FullEvents(int days, uint64_t seed = 1) {
  return Events(days, seed, PlantSize::kFull);
}

std::string Bytes(const std::vector<v1::Event>& events) {
  std::string bytes;
  for (const v1::Event& event : events) bytes += event.SerializeAsString();
  return bytes;
}

// In thousandths; all quantities of the plant are whole ones.
int64_t Milli(const v1::Quantity& quantity) {
  EXPECT_LE(quantity.scale(), 3);
  int64_t milli = quantity.value();
  for (int scale = quantity.scale(); scale < 3; ++scale) milli *= 10;
  return milli;
}

// Calls `visit` for `message` and every message in it.
template <typename Visit>
void Walk(const google::protobuf::Message& message, const Visit& visit) {
  visit(message);
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      Walk(reflection.GetMessage(message, field), visit);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Walk(reflection.GetRepeatedMessage(message, field, i), visit);
    }
  }
}

// Simple books of the plant and its warehouse: how much of every unit is there,
// cans and cases of a lot together in cans.
class Books {
 public:
  void Apply(const v1::Event& event) {
    SCOPED_TRACE(event.id());
    switch (event.operation_case()) {
      case v1::Event::kReceive:
        return Put(event.receive().unit(), event.receive().quantity());
      case v1::Event::kOpenStock:
        return Put(event.open_stock().unit(), event.open_stock().quantity());
      case v1::Event::kProduce:
        return Put(event.produce().unit(), event.produce().quantity());
      case v1::Event::kReturnGoods:
        returned_[event.return_goods().part()] += Milli(event.return_goods().quantity());
        return;
      case v1::Event::kCharge:
        return Take(event.charge().unit(), event.charge().quantity());
      case v1::Event::kRework:
        return Take(event.rework().unit(), event.rework().quantity());
      case v1::Event::kTakeSample:
        return Take(event.take_sample().unit(), event.take_sample().quantity());
      case v1::Event::kRecordWaste:
        return Take(event.record_waste().unit(), event.record_waste().quantity());
      case v1::Event::kShip:
        return Take(event.ship().unit(), event.ship().quantity());
      case v1::Event::kMove:
        return Need(event.move().unit(), event.move().quantity());
      case v1::Event::kPutIn:
        return NeedKnown(event.put_in().unit().key());
      case v1::Event::kTakeOut:
        return Need(event.take_out().unit(), event.take_out().quantity());
      case v1::Event::kDestroyGoods:
        if (const std::string& part = event.destroy_goods().unit().part(); !part.empty()) {
          returned_[part] -= Milli(event.destroy_goods().quantity());
          EXPECT_GE(returned_[part], 0);
          return;
        }
        return Take(event.destroy_goods().unit(), event.destroy_goods().quantity());
      case v1::Event::kAdjustStock:
        stock_[event.adjust_stock().unit().key()] += Milli(event.adjust_stock().difference());
        EXPECT_GE(stock_[event.adjust_stock().unit().key()], 0);
        return;
      case v1::Event::kPack:
        return Pack(event.pack());
      case v1::Event::kUnpack:
        return Unpack(event.unpack());
      default:
        return;
    }
  }

 private:
  // Base key and amount of a lot that may be named by its case GTIN.
  static std::pair<std::string, int64_t> Base(const v1::UnitRef& unit,
                                              const v1::Quantity& quantity) {
    auto key = codes::UnitKey::Parse(unit.key());
    EXPECT_THAT(key, IsOk());
    if (!key.ok() || key->product != kCaseGtin) return {unit.key(), Milli(quantity)};
    EXPECT_EQ(quantity.unit(), "XCT");
    key->product = kItemGtin;
    return {key->ToString(), Milli(quantity) * kCansInCase};
  }

  void Put(const v1::UnitRef& unit, const v1::Quantity& quantity) {
    stock_[unit.key()] += Milli(quantity);
  }
  void Need(const v1::UnitRef& unit, const v1::Quantity& quantity) {
    const auto [key, milli] = Base(unit, quantity);
    NeedKnown(key);
    EXPECT_GE(packed_.contains(key) ? packed_[key] : stock_[key], milli) << key;
  }
  void NeedKnown(const std::string& key) {
    EXPECT_TRUE(packed_.contains(key) || stock_.contains(key)) << key;
  }
  void Take(const v1::UnitRef& unit, const v1::Quantity& quantity) {
    const auto [key, milli] = Base(unit, quantity);
    EXPECT_GT(milli, 0);
    if (key.starts_with("sscc:")) {
      ASSERT_TRUE(packed_.contains(key)) << key << " is not there";
      EXPECT_FALSE(inside_.contains(key)) << key << " is in a pallet";
      EXPECT_EQ(packed_[key], milli) << key;
      packed_.erase(key);
      return;
    }
    ASSERT_TRUE(stock_.contains(key)) << key << " was never received or produced";
    stock_[key] -= milli;
    EXPECT_GE(stock_[key], 0) << key;
  }
  void Pack(const v1::Pack& pack) {
    const std::string& container = pack.container().key();
    EXPECT_FALSE(packed_.contains(container)) << container << " was used before";
    int64_t cans = 0;
    for (const v1::UnitQuantity& content : pack.contents()) {
      if (content.unit().key().starts_with("sscc:")) {
        ASSERT_TRUE(packed_.contains(content.unit().key()));
        EXPECT_TRUE(inside_.insert(content.unit().key()).second);
        on_[container].push_back(content.unit().key());
        cans += packed_[content.unit().key()];
      } else {
        cans += Base(content.unit(), content.quantity()).second;
        Take(content.unit(), content.quantity());
      }
    }
    packed_[container] = cans;
  }

  void Unpack(const v1::Unpack& unpack) {
    const std::string& container = unpack.container().key();
    std::vector<std::string> out;
    for (const v1::UnitQuantity& content : unpack.contents()) out.push_back(content.unit().key());
    if (out.empty()) out = on_[container];
    for (const std::string& key : out) {
      EXPECT_EQ(inside_.erase(key), 1u) << key;
      packed_[container] -= packed_[key];
    }
  }

  std::map<std::string, int64_t> stock_;
  std::map<std::string, std::vector<std::string>> on_;  // cases on each pallet
  std::map<std::string, int64_t> packed_;               // cans in each case and pallet
  std::set<std::string> inside_;                        // cases that are on a pallet
  std::map<std::string, int64_t> returned_;
};

TEST(DemoPlantTest, IsAPureFunctionOfItsOptions) {
  EXPECT_EQ(Bytes(Events(3)), Bytes(Events(3)));
  EXPECT_NE(Bytes(Events(3, 1)), Bytes(Events(3, 2)));
  EXPECT_NE(Bytes(Events(3)), Bytes(Events(4)));
}

// The quickstart and the READMEs name its lots.
TEST(DemoPlantTest, TheSmallPlantIsAsItEverWas) {
  EXPECT_EQ(Sha256({Bytes(Events(3))}).hex(),
            "8036bc4cf981df904796af57cad1012073aa1d2a65809d9dae06ea3dc2645c73");
  EXPECT_EQ(Sha256({Bytes(Events(30, 5))}).hex(),
            "055e7d0683d1fcda2ca01df40bcb0b0c84cdbf522036b645ccbad086c93201f2");
}

TEST(DemoPlantTest, IsToldADayAtATime) {
  for (const PlantSize size : {PlantSize::kSmall, PlantSize::kFull}) {
    DemoPlant plant({.days = 5, .seed = 3, .size = size});
    std::vector<v1::Event> day;
    std::string bytes;
    for (int number = 1; plant.NextDay(&day); ++number) {
      for (const v1::Event& event : day) {
        EXPECT_TRUE(event.id().starts_with(absl::StrFormat("d%02d-", number)) ||
                    event.id().starts_with("d00-"))
            << event.id();
      }
      bytes += Bytes(day);
    }
    EXPECT_FALSE(plant.NextDay(&day));
    EXPECT_THAT(day, IsEmpty());
    EXPECT_EQ(bytes, Bytes(Events(5, 3, size)));
  }
}

TEST(DemoPlantTest, ADayDoesNotDependOnHowManyFollow) {
  const std::string few = Bytes(FullEvents(3));
  DemoPlant plant({.days = MaxDemoDays(PlantSize::kFull), .size = PlantSize::kFull});
  std::vector<v1::Event> day;
  std::string many;
  for (int number = 1; number <= 3; ++number) {
    ASSERT_TRUE(plant.NextDay(&day));
    many += Bytes(day);
  }
  EXPECT_TRUE(few.starts_with(many));
}

TEST(DemoPlantTest, ItsLastDayIsInTheCalendar) {
  EXPECT_TRUE(IsValid(demo::DateOf(MaxDemoDays(PlantSize::kFull) + 800)));
}

TEST(DemoPlantTest, TheFullPlantHasWhatAPlantHas) {
  std::map<std::string, int> raw;
  std::set<std::string> suppliers, customers, lots;
  int late = 0, corrections = 0, breaches = 0, failed = 0;
  std::map<v1::Event::OperationCase, int> told;
  for (const v1::Event& event : FullEvents(30)) {
    ++told[event.operation_case()];
    late += event.has_late_entry() ? 1 : 0;
    corrections += event.has_correction() ? 1 : 0;
    breaches += event.breaches_size();
    failed += event.inspect().verdict() == v1::VERDICT_FAIL ? 1 : 0;
    if (event.has_receive() && !event.has_correction()) {
      ++raw[TimeText(event.time().begin()).substr(0, 10)];
      suppliers.insert(event.receive().supplier());
      if (event.receive().unit().key().find("RAW-MILK") != std::string::npos) {
        EXPECT_THAT(event.documents(), SizeIs(2));
        EXPECT_FALSE(event.receive().bulk().permit_number().empty());
        EXPECT_FALSE(event.receive().bulk().note_number().empty());
      }
    }
    if (event.has_ship()) customers.insert(event.ship().customer());
    if (event.has_produce()) lots.insert(event.produce().unit().key());
  }
  EXPECT_THAT(suppliers, SizeIs(12));
  EXPECT_THAT(customers, SizeIs(40));
  EXPECT_THAT(raw, SizeIs(30));
  for (const auto& [day, count] : raw) EXPECT_THAT(count, AllOf(Ge(33), Le(46))) << day;
  EXPECT_THAT(lots, SizeIs(30 * (3 + 3 + 6 + 6)));
  EXPECT_EQ(late, 2);         // days 1 and 29
  EXPECT_EQ(corrections, 4);  // of a receipt and a shipment each
  EXPECT_EQ(breaches, 2);
  EXPECT_EQ(failed, 4);  // before the release, and a retained sample
  EXPECT_EQ(told[v1::Event::kRecallGoods], 4);
  EXPECT_GT(told[v1::Event::kReturnGoods], 30);
  EXPECT_GT(told[v1::Event::kDestroyGoods], 30);
  EXPECT_GT(told[v1::Event::kGiveNotice], 10);
  EXPECT_EQ(told[v1::Event::kGiveNotice], told[v1::Event::kAnswerRecall]);
  EXPECT_GT(told[v1::Event::kPack], 30 * 500);
}

TEST(DemoPlantTest, EveryReturnTellsItsCause) {
  std::set<v1::ReturnCause> causes;
  for (const v1::Event& event : FullEvents(30)) {
    if (event.has_recall_goods()) {
      EXPECT_EQ(event.recall_goods().cause(), v1::RETURN_VIOLATION);
    }
    if (!event.has_return_goods()) continue;
    const v1::ReturnGoods& back = event.return_goods();
    EXPECT_EQ(back.cause() == v1::RETURN_VIOLATION, back.reason().starts_with("召回"))
        << back.reason();
    causes.insert(back.cause());
  }
  EXPECT_THAT(causes, ElementsAre(v1::RETURN_VIOLATION, v1::RETURN_LABEL, v1::RETURN_IN_DATE,
                                  v1::RETURN_UNSOLD));
}

TEST(DemoPlantTest, DaysOutOfRangeAreClamped) {
  EXPECT_EQ(Bytes(Events(0)), Bytes(Events(1)));
  EXPECT_EQ(Bytes(Events(-5)), Bytes(Events(1)));
}

TEST(DemoPlantTest, IdsAreUniqueAndShort) {
  std::set<std::string> ids;
  for (const PlantSize size : {PlantSize::kSmall, PlantSize::kFull}) {
    ids.clear();
    for (const v1::Event& event : Events(30, 1, size)) {
      EXPECT_THAT(event.id(), SizeIs(AllOf(Ge(8), Le(64))));
      EXPECT_TRUE(ids.insert(event.id()).second) << event.id();
    }
  }
}

TEST(DemoPlantTest, ADayHasAHundredEvents) {
  const size_t more = Events(20).size() - Events(10).size();
  EXPECT_THAT(more / 10, AllOf(Ge(60u), Le(160u)));
}

TEST(DemoPlantTest, HoldsNothingPersonal) {
  std::vector<v1::Event> events = Events(8);
  for (v1::Event& event : FullEvents(8)) events.push_back(std::move(event));
  for (const v1::Event& event : events) {
    Walk(event, [&](const google::protobuf::Message& message) {
      EXPECT_NE(message.GetDescriptor(), v1::Personal::descriptor()) << event.id();
    });
    for (const std::string& person : event.persons()) {
      EXPECT_TRUE(person.starts_with("post:")) << person;
    }
  }
}

TEST(DemoPlantTest, TellsEveryKindOfEvent) {
  std::map<v1::Event::OperationCase, int> told;
  int late = 0;
  std::map<std::string, const v1::Event*> by_id;
  std::vector<const v1::Event*> corrections;
  const std::vector<v1::Event> events = Events(2);
  for (const v1::Event& event : events) {
    ++told[event.operation_case()];
    by_id[event.id()] = &event;
    late += event.has_late_entry() ? 1 : 0;
    if (event.has_correction()) corrections.push_back(&event);
  }
  for (const auto operation : {v1::Event::kRegisterMaster,
                               v1::Event::kReceive,
                               v1::Event::kInspect,
                               v1::Event::kPutIn,
                               v1::Event::kTakeOut,
                               v1::Event::kCharge,
                               v1::Event::kProduce,
                               v1::Event::kRework,
                               v1::Event::kRecordParameters,
                               v1::Event::kAssignCodes,
                               v1::Event::kPack,
                               v1::Event::kUnpack,
                               v1::Event::kTakeSample,
                               v1::Event::kHold,
                               v1::Event::kRelease,
                               v1::Event::kMove,
                               v1::Event::kShip,
                               v1::Event::kTransport,
                               v1::Event::kReturnGoods,
                               v1::Event::kDestroyGoods,
                               v1::Event::kRecordWaste,
                               v1::Event::kAdjustStock,
                               v1::Event::kRecordEnvironment,
                               v1::Event::kChangeScope,
                               v1::Event::kOpenStock}) {
    EXPECT_GT(told[operation], 0) << operation;
  }
  EXPECT_EQ(late, 1);
  ASSERT_THAT(corrections, SizeIs(1));
  const v1::Event* wrong = by_id[corrections[0]->correction().event_id()];
  ASSERT_NE(wrong, nullptr);
  EXPECT_EQ(wrong->receive().unit().key(), corrections[0]->receive().unit().key());
  EXPECT_NE(Milli(wrong->receive().quantity()), Milli(corrections[0]->receive().quantity()));
}

class EverySizeTest : public ::testing::TestWithParam<PlantSize> {};

INSTANTIATE_TEST_SUITE_P(DemoPlantTest, EverySizeTest,
                         ::testing::Values(PlantSize::kSmall, PlantSize::kFull),
                         [](const auto& of) {
                           return of.param == PlantSize::kSmall ? "Small" : "Full";
                         });

TEST_P(EverySizeTest, NothingIsUsedBeforeItIsThereOrTwice) {
  for (const uint64_t seed : {1, 2, 3, 99}) {
    const std::vector<v1::Event> events = Events(16, seed, GetParam());
    std::map<std::string, const v1::Event*> corrected;
    for (const v1::Event& event : events) {
      if (event.has_correction()) corrected[event.correction().event_id()] = &event;
    }
    Books effective;
    Books recorded;
    for (const v1::Event& event : events) {
      if (event.has_correction()) continue;
      const auto better = corrected.find(event.id());
      effective.Apply(better == corrected.end() ? event : *better->second);
      recorded.Apply(event);
    }
  }
}

TEST_P(EverySizeTest, RunsDoNotMakeMoreThanWentIn) {
  struct Run {
    int64_t in = 0, out = 0;
  };
  std::map<std::string, Run> runs;
  for (const v1::Event& event : Events(16, 1, GetParam())) {
    if (event.has_charge() && event.charge().role() == v1::ROLE_INGREDIENT) {
      runs[event.charge().run()].in += Milli(event.charge().quantity());
    } else if (event.has_rework()) {
      runs[event.rework().run()].in += Milli(event.rework().quantity());
    } else if (event.has_produce()) {
      const int64_t milli = Milli(event.produce().quantity());
      const bool cans = event.produce().quantity().unit() == "H87";
      runs[event.produce().run()].out += cans ? milli * 8 / 10 : milli;
    }
  }
  EXPECT_THAT(runs, SizeIs(16 * (GetParam() == PlantSize::kFull ? 15 : 5)));
  for (const auto& [name, run] : runs) {
    EXPECT_GT(run.out, 0) << name;
    EXPECT_LE(run.out, run.in) << name;
    const bool dries = name.starts_with("SD");
    EXPECT_GE(run.out * 100, run.in * (dries ? 25 : 99)) << name;
  }
}

TEST(DemoPlantTest, TheFailedLotStaysAndIsDestroyed) {
  DemoSummary summary;
  const std::vector<v1::Event> events = DemoPlantEvents({}, &summary);
  ASSERT_THAT(summary.worth_tracing, SizeIs(4));
  const std::string failed = summary.worth_tracing[3].first;
  std::set<std::string> containers = {failed};
  int64_t produced = 0, sampled = 0, destroyed = 0;
  bool held = false;
  const std::string number = failed.substr(failed.rfind('/') + 1);
  for (const v1::Event& event : events) {
    if (event.has_pack()) {
      for (const v1::UnitQuantity& content : event.pack().contents()) {
        const std::string& key = content.unit().key();
        if (containers.contains(key) || key.ends_with("/" + number)) {
          containers.insert(event.pack().container().key());
        }
      }
    }
    if (event.has_produce() && event.produce().unit().key() == failed) {
      produced += Milli(event.produce().quantity());
    }
    if (event.has_take_sample() && event.take_sample().unit().key() == failed) {
      sampled += Milli(event.take_sample().quantity());
    }
    if (event.has_hold()) held |= event.hold().unit().key() == failed;
    EXPECT_NE(event.release().unit().key(), failed);
    EXPECT_FALSE(containers.contains(event.ship().unit().key()));
    if (event.has_destroy_goods() && containers.contains(event.destroy_goods().unit().key())) {
      EXPECT_TRUE(held);
      EXPECT_THAT(event.destroy_goods().officers(), IsEmpty());
      destroyed += Milli(event.destroy_goods().quantity());
    }
  }
  EXPECT_EQ(produced, 2430 * kOne);
  EXPECT_EQ(destroyed + sampled, produced);
}

TEST_P(EverySizeTest, NothingIsShippedBeforeItsLotIsReleased) {
  std::set<std::string> certificates;
  for (const v1::Event& event : Events(9, 1, GetParam())) {
    if (event.has_release()) certificates.insert(event.release().certificate_number());
    if (!event.has_ship() || event.breaches_size() > 0) continue;
    const std::string& numbers = event.ship().certificate_number();
    for (const absl::string_view number : absl::StrSplit(numbers, "、")) {
      EXPECT_TRUE(certificates.contains(std::string(number))) << event.id();
    }
  }
}

TEST_P(EverySizeTest, EventsFollowEachOtherInTime) {
  int64_t last = 0;
  for (const v1::Event& event : Events(10, 1, GetParam())) {
    if (event.has_late_entry() || event.has_correction()) continue;
    const int64_t end = EndOf(event.time()).latest;
    EXPECT_GE(end, last) << event.id();
    EXPECT_GE(end, BeginOf(event.time()).earliest) << event.id();
    EXPECT_EQ(event.time().begin().offset_minutes(), 480);
    last = end;
  }
}

TEST_P(EverySizeTest, KeysAreInNormalForm) {
  for (const v1::Event& event : Events(3, 1, GetParam())) {
    Walk(event, [&](const google::protobuf::Message& message) {
      if (message.GetDescriptor() != v1::UnitRef::descriptor()) return;
      v1::UnitRef unit;
      unit.CopyFrom(message);
      const auto key = codes::UnitKey::Parse(unit.key());
      ASSERT_THAT(key, IsOk());
      EXPECT_EQ(key->ToString(), unit.key());
    });
    if (event.has_register_master() && event.register_master().has_subject()) {
      const std::string& key = event.register_master().subject().key();
      EXPECT_THAT(codes::HolderKey::Parse(key), IsOk());
      EXPECT_TRUE(key.starts_with("ext:") || codes::IsUsci(key.substr(5))) << key;
    }
  }
  EXPECT_TRUE(codes::IsGtin(kItemGtin));
  EXPECT_TRUE(codes::IsGtin(kCaseGtin));
}

TEST(DemoPlantTest, WhatIsWorthTracingIsThere) {
  for (const int days : {1, 2, 5}) {
    DemoSummary summary;
    const std::vector<v1::Event> events = DemoPlantEvents({.days = days}, &summary);
    EXPECT_EQ(summary.events, events.size());
    EXPECT_EQ(summary.ledger, "demo-plant");
    ASSERT_THAT(summary.worth_tracing, SizeIs(4));
    std::set<std::string> there;
    for (const v1::Event& event : events) {
      if (event.has_receive()) there.insert(event.receive().unit().key());
      if (event.has_produce()) there.insert(event.produce().unit().key());
    }
    for (const auto& [key, why] : summary.worth_tracing) {
      EXPECT_TRUE(there.contains(key)) << key;
      EXPECT_THAT(why, HasSubstr(" / "));
    }
  }
}

#ifdef SUYUAN_TEST_VALIDATOR
TEST_P(EverySizeTest, EveryEventIsValidForInfantFormula) {
  const auto validator = events::Validator::ForProfile("infant-formula");
  SUYUAN_ASSERT_OK(validator);
  const std::vector<v1::Event> events = Events(9, 1, GetParam());
  std::vector<Violation> violations;
  for (size_t i = 0; i < events.size(); ++i) (*validator)->Validate(events[i], i, &violations);
  for (size_t i = 0; i < violations.size() && i < 20; ++i) {
    const Violation& v = violations[i];
    ADD_FAILURE() << events[v.event_index].id() << " " << v.rule << " " << v.field << ": found "
                  << v.found << ", expected " << v.expected;
  }
  EXPECT_THAT(violations, IsEmpty());
}
#endif

// Keeps one ledger in memory.
class FakeEngine : public UnimplementedEngine {
 public:
  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) override {
    info_ = {.name = options.name,
             .subject = options.subject,
             .subject_name = options.subject_name,
             .profile = options.profile,
             .size = 1,
             .root = ""};
    return info_;
  }
  absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const override {
    return std::vector<LedgerInfo>{info_};
  }
  absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const override {
    if (name != info_.name) return absl::NotFoundError("no such ledger");
    return info_;
  }
  absl::StatusOr<std::vector<Violation>> Validate(std::string_view,
                                                  std::span<const v1::Event>) const override {
    return std::vector<Violation>();
  }
  absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                              std::span<const v1::Event> events) override {
    EXPECT_EQ(ledger, info_.name);
    EXPECT_LE(events.size(), 512u);
    for (const v1::Event& event : events) {
      const auto [it, added] = entries_.emplace(event.id(), event.SerializeAsString());
      if (!added && it->second != event.SerializeAsString()) {
        return absl::AlreadyExistsError(event.id());
      }
    }
    return std::vector<Receipt>(events.size());
  }
  absl::Status Read(std::string_view, uint64_t, uint64_t,
                    const std::function<bool(const Entry&)>&) const override {
    return absl::OkStatus();
  }
  absl::StatusOr<TraceResult> Trace(const TraceRequest&) const override { return TraceResult{}; }
  absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view) const override {
    return std::vector<UnitInfo>();
  }
  absl::Status RebuildIndexes() override { return absl::OkStatus(); }

  LedgerInfo info_;
  std::map<std::string, std::string> entries_;
};

TEST(LoadDemoPlantTest, LoadingTwiceChangesNothing) {
  FakeEngine engine;
  DemoSummary summary;
  SUYUAN_ASSERT_OK(LoadDemoPlant(&engine, {.days = 5}, &summary));
  EXPECT_EQ(engine.info_.name, "demo-plant");
  EXPECT_EQ(engine.info_.subject, "uscc:91310116MA1J8XYC4H");
  EXPECT_EQ(engine.info_.profile, "infant-formula");
  EXPECT_EQ(engine.entries_.size(), summary.events);
  SUYUAN_EXPECT_OK(LoadDemoPlant(&engine, {.days = 5}, nullptr));
  EXPECT_EQ(engine.entries_.size(), summary.events);
  EXPECT_THAT(LoadDemoPlant(&engine, {.days = 5, .seed = 2}, nullptr),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
}

TEST(LoadDemoPlantTest, TellsItsProgressInDays) {
  FakeEngine engine;
  std::vector<uint64_t> done;
  const auto note = [&](const Progress& progress) {
    EXPECT_EQ(progress.total, 2u);
    done.push_back(progress.done);
  };
  DemoSummary summary;
  const DemoOptions options = {.days = 2, .size = PlantSize::kFull};
  SUYUAN_ASSERT_OK(LoadDemoPlant(&engine, options, &summary, note));
  EXPECT_EQ(engine.entries_.size(), summary.events);
  EXPECT_THAT(done, ElementsAre(1, 2));
  // The small plant has events of the same names.
  EXPECT_THAT(LoadDemoPlant(&engine, {.days = 2}, nullptr),
              StatusIs(absl::StatusCode::kAlreadyExists, _));
}

TEST(LoadDemoPlantTest, RefusesBadDaysAndForeignLedgers) {
  FakeEngine engine;
  EXPECT_THAT(LoadDemoPlant(&engine, {.days = 0}, nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 366")));
  EXPECT_THAT(LoadDemoPlant(&engine, {.days = 367}, nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
  EXPECT_THAT(LoadDemoPlant(&engine, {.days = 1'000'001, .size = PlantSize::kFull}, nullptr),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1 to 1000000")));
  engine.info_ = {.name = "demo-plant",
                  .subject = "gln:6912345900010",
                  .subject_name = "",
                  .profile = "ordinary",
                  .size = 1,
                  .root = ""};
  EXPECT_THAT(LoadDemoPlant(&engine, {}, nullptr),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("demo-plant")));
  EXPECT_THAT(engine.entries_, IsEmpty());
}

}  // namespace
}  // namespace suyuan
