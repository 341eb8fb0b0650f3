// Every rule form.*: what passes and what fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "tests/lib/events/event_builder.h"

namespace suyuan::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

TEST(FormIdTest, TakesPrintableIdsUpTo64Bytes) {
  for (const std::string id : {"a", "rcv 1/2", "进货-1", "Ünï"}) {
    v1::Event event = GoodReceipt();
    event.set_id(id);
    EXPECT_THAT(Faults(event), IsEmpty()) << id;
  }
  v1::Event event = GoodReceipt();
  event.set_id(std::string(64, 'x'));
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormIdTest, RefusesOtherIds) {
  for (const std::string& id :
       {std::string(), std::string(65, 'x'), std::string(" a"), std::string("a "),
        std::string("a\nb"), std::string("a\x01"), std::string("\xff\xfe"),
        std::string("\xe3\x80\x80进货"), std::string("进货\xc2\xa0"), std::string("a\0b", 3)}) {
    v1::Event event = GoodReceipt();
    event.set_id(id);
    EXPECT_THAT(Faults(event), ElementsAre("form.id id")) << id;
  }
}

TEST(FormOperationTest, MustBeSet) {
  v1::Event event;
  event.set_id("x");
  EXPECT_THAT(Faults(event), ElementsAre("form.operation "));
  event.mutable_adjust_stock()->mutable_unit()->set_key("item:1");
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormOperationTest, GenesisAndClockAreTheLedgersOwn) {
  EXPECT_THAT(Faults(Parse(R"(id: "x" genesis { origin: "o" })")),
              ElementsAre("form.operation genesis"));
  EXPECT_THAT(Faults(Parse(R"(id: "x" clock_anomaly { found_micros: 1 })")),
              ElementsAre("form.operation clock_anomaly"));
}

TEST(FormUnknownFieldTest, RefusedAnywhere) {
  const auto add = [](google::protobuf::Message* message) {
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(19999, 1);
  };
  v1::Event event = GoodReceipt();
  add(&event);
  EXPECT_THAT(Faults(event), ElementsAre("form.unknown-field event"));
  event = GoodReceipt();
  add(event.mutable_receive());
  EXPECT_THAT(Faults(event), ElementsAre("form.unknown-field receive"));
  event = GoodReceipt();
  add(event.mutable_receive()->mutable_quantity());
  add(event.mutable_receive()->mutable_unit());
  EXPECT_THAT(Faults(event), UnorderedElementsAre("form.unknown-field receive.quantity",
                                                  "form.unknown-field receive.unit"));
  event = GoodReceipt();
  add(event.mutable_time());
  add(event.mutable_time()->mutable_begin());
  add(event.mutable_time()->mutable_begin()->mutable_at());
  add(event.mutable_receive()->mutable_shelf_life());
  EXPECT_THAT(Faults(event),
              UnorderedElementsAre("form.unknown-field time", "form.unknown-field time.begin",
                                   "form.unknown-field time.begin.at",
                                   "form.unknown-field receive.shelf_life"));
  event = GoodReceipt();
  v1::Date* date = event.mutable_receive()->mutable_expiry_date();
  date->set_year(2027);
  EXPECT_THAT(Faults(event), IsEmpty());
  add(date);
  EXPECT_THAT(Faults(event), ElementsAre("form.unknown-field receive.expiry_date"));
  event = GoodReceipt();
  add(event.mutable_receive()->mutable_supplier_contact());
  EXPECT_THAT(Faults(event), ElementsAre("form.unknown-field receive.supplier_contact"));
}

TEST(FormUtf8Test, TextsAreUtf8WithoutControlCharacters) {
  v1::Event event = GoodReceipt();
  event.set_remark("两行\n和\t制表符");
  EXPECT_THAT(Faults(event), IsEmpty());
  // GBK; cut in the middle; a surrogate; control characters of both kinds; delete.
  for (const std::string& text :
       {std::string("\xc4\xcc\xb7\xdb"), std::string("\xe5\xa5"), std::string("\xed\xa0\x80"),
        std::string("a\rb"), std::string("a\0b", 3), std::string("a\xc2\x85"),
        std::string("\x7f")}) {
    event.set_remark(text);
    EXPECT_THAT(Faults(event), ElementsAre("form.utf8 remark")) << text;
    // What it quotes can be shown on a terminal.
    const std::string message = Judge(event)[0].message_en;
    EXPECT_EQ(message.find(text), std::string::npos) << message;
  }
}

TEST(FormUtf8Test, LooksIntoRepeatedAndNestedTexts) {
  v1::Event event = GoodPack();
  event.mutable_pack()->mutable_contents(1)->mutable_unit()->set_key("item:\xff");
  event.mutable_pack()->mutable_contents(1)->mutable_unit()->add_external_ids("fine");
  event.mutable_pack()->mutable_contents(1)->mutable_unit()->add_external_ids("\xff");
  event.mutable_pack()->mutable_contents(1)->mutable_quantity()->set_as_written("\x01");
  EXPECT_THAT(Faults(event), ElementsAre("form.utf8 pack.contents[1].unit.key",
                                         "form.utf8 pack.contents[1].unit.external_ids[1]",
                                         "form.utf8 pack.contents[1].quantity.as_written"));
}

TEST(FormPersonalTest, EmptyIsTaken) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->mutable_supplier_contact();
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormPersonalTest, AValueIsTakenWithWhoseItIs) {
  v1::Event event = GoodReceipt();
  v1::Personal* contact = event.mutable_receive()->mutable_supplier_contact();
  contact->set_value("张三 13800000000");
  EXPECT_THAT(Faults(event), IsEmpty());
  contact->set_person("person:1042");
  EXPECT_THAT(Faults(event), IsEmpty());
  contact->set_value(std::string(kMaxPersonalBytes, 'x'));
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormPersonalTest, AContactPersonAnswersForATelephone) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->clear_supplier_phone();
  EXPECT_THAT(Faults(event), testing::Not(IsEmpty()));
  event.mutable_receive()->mutable_supplier_contact()->set_value("张三 13800000000");
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormPersonalTest, AnythingElseIsRefusedAndNotQuoted) {
  v1::Event event = GoodReceipt();
  v1::Personal* contact = event.mutable_receive()->mutable_supplier_contact();
  for (const std::string& value :
       {std::string(), std::string("  "), std::string(kMaxPersonalBytes + 1, 'Z'),
        std::string("Zhang\xff"), std::string("Zhang\r\x01")}) {
    contact->set_value(value);
    const std::vector<Violation> violations = Judge(event);
    ASSERT_EQ(violations.size(), 1u) << value;
    EXPECT_EQ(violations[0].rule, "form.personal");
    EXPECT_EQ(violations[0].field, "receive.supplier_contact");
    for (const std::string& text :
         {violations[0].found, violations[0].message_zh, violations[0].message_en}) {
      EXPECT_EQ(text.find('Z'), std::string::npos);
    }
  }
  contact->set_commitment(std::string(32, 'c'));
  EXPECT_THAT(Faults(event), ElementsAre("form.personal receive.supplier_contact"));
  contact->mutable_erased();
  EXPECT_THAT(Faults(event), ElementsAre("form.personal receive.supplier_contact"));
}

TEST(FormPersonalTest, APersonIsAPseudonymAndGoesWithAValue) {
  v1::Event event = GoodReceipt();
  v1::Personal* contact = event.mutable_receive()->mutable_supplier_contact();
  contact->set_person("person:1");
  EXPECT_THAT(Faults(event), ElementsAre("form.personal receive.supplier_contact"));
  contact->set_value("Zhang San");
  contact->set_person("Zhang San");
  const std::vector<Violation> violations = Judge(event);
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].message_en.find("Zhang"), std::string::npos);
}

TEST(FormEnumTest, ValuesAreKnown) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->set_material_class(v1::FINISHED);
  EXPECT_THAT(Faults(event), IsEmpty());
  for (const int value : {6, -1, 1'000'000}) {
    event.mutable_receive()->set_material_class(static_cast<v1::MaterialClass>(value));
    EXPECT_THAT(Faults(event), ElementsAre("form.enum receive.material_class")) << value;
  }
  event = GoodReceipt();
  event.mutable_time()->mutable_begin()->set_precision(static_cast<v1::Precision>(9));
  EXPECT_THAT(Faults(event), ElementsAre("form.enum time.begin.precision"));
}

TEST(FormRequiredTest, WhatIsNotUnderstoodWithout) {
  EXPECT_THAT(Faults(Parse(R"(id: "x" pack {})")),
              ElementsAre("form.required pack.container", "form.required pack.contents"));
  EXPECT_THAT(Faults(GoodPack()), IsEmpty());
  EXPECT_THAT(Faults(Parse(R"(id: "x" correction {} record_person {})")),
              ElementsAre("form.required correction.event_id", "form.required correction.reason"));
  EXPECT_THAT(Faults(Parse(R"(id: "x" breaches { rule: " " } record_person {})")),
              ElementsAre("form.required breaches[0].rule"));
}

TEST(FormRequiredTest, UnitsAreNamedByKeyOrOtherSpelling) {
  EXPECT_THAT(Faults(Parse(R"(id: "x" serve { unit { external_ids: "old" } })")), IsEmpty());
  EXPECT_THAT(Faults(Parse(R"(id: "x" serve { unit { holder: "ext:own:a" part: "p" } })")),
              ElementsAre("form.required serve.unit"));
  EXPECT_THAT(Faults(Parse(R"(id: "x" unpack { container { key: "item:1" } contents {} })")),
              ElementsAre("form.required unpack.contents[0].unit"));
}

TEST(FormRequiredTest, StatementsAndMasterDataAreSet) {
  EXPECT_THAT(Faults(Parse(R"(id: "x" correct { reason: "typing error" })")),
              ElementsAre("form.required correct.statement"));
  EXPECT_THAT(
      Faults(Parse(R"(id: "x" correct { reason: "typing error" withdrawn_event_id: "y" })")),
      IsEmpty());
  EXPECT_THAT(Faults(Parse(R"(id: "x" register_master {})")),
              ElementsAre("form.required register_master.master"));
}

// A field of each format, with texts that it takes and texts that it refuses.
struct FormatCase {
  std::string rule;
  std::string before;  // of the event, up to the text
  std::string after;
  std::string field;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

class FormFormatTest : public ::testing::TestWithParam<FormatCase> {};

TEST_P(FormFormatTest, TakesGoodAndRefusesBad) {
  const FormatCase& param = GetParam();
  const auto event = [&](const std::string& text) {
    return Parse("id: 'x' " + param.before + " '" + text + "' " + param.after);
  };
  for (const std::string& text : param.good) EXPECT_THAT(Faults(event(text)), IsEmpty()) << text;
  for (const std::string& text : param.bad) {
    EXPECT_THAT(Faults(event(text)), ElementsAre(param.rule + " " + param.field)) << text;
  }
}

const std::string k49 = std::string(49, 'a');

INSTANTIATE_TEST_SUITE_P(
    Formats, FormFormatTest,
    ::testing::Values(
        FormatCase{"form.unit-key",
                   "serve { unit { key:",
                   "} }",
                   "serve.unit.key",
                   {"lot:ext:own:a/milk/L1", "sscc:069123450000000017", "item:1", "ext:a:b"},
                   {"L1", "sscc:069123450000000018", "uscc:91310116MA1J8XYC4H", "lot:a", "item:"}},
        FormatCase{"form.subject-key",
                   "record_person {} subject:",
                   "",
                   "subject",
                   {"ext:own:a", "gln:6912345000017", "uscc:91310116MA1J8XYC4H"},
                   {"dairy", "ext:own:a/site", "uscc:91310116MA1J8XYC4G", "lot:a/b/c"}},
        FormatCase{"form.holder-key",
                   "record_person {} place:",
                   "",
                   "place",
                   {"ext:own:a", "ext:own:a/site", "gln:6912345000017"},
                   {"plant 1", "gln:6912345000018", "item:1"}},
        FormatCase{"form.person-ref",
                   "record_person {} persons:",
                   "",
                   "persons[0]",
                   {"person:1042", "post:shift-lead_1.a", "person:" + k49.substr(1)},
                   {"张三", "person:", "person:张三", "1042", "person:a b", "post:" + k49, ""}},
        FormatCase{"form.unit-code",
                   "serve { unit { key: 'item:1' } quantity { value: 1 unit:",
                   "} }",
                   "serve.quantity.unit",
                   {"KGM", "H87", "LTR"},
                   {"kg", "公斤", "kgm", "XYZ123", "KGM "}},
        FormatCase{"form.gtin",
                   "register_master { product { product: 'p' product_name: 'n' "
                   "standard_code: 's' ingredients: 'i' process_route: 'r' "
                   "shelf_life { value: 1 unit: DAY } label { address: 'a' } "
                   "packing_levels { gtin:",
                   "} } }",
                   "register_master.product.packing_levels[0].gtin",
                   {"06912345000017", "6912345000017"},
                   {"06912345000018", "123", "lot"}},
        FormatCase{"form.sha256",
                   "record_person {} documents { sha256:",
                   "}",
                   "documents[0].sha256",
                   {"", "01234567890123456789012345678901"},
                   {"0123", "012345678901234567890123456789012"}},
        FormatCase{"form.code",
                   "transport { storage_condition:",
                   "}",
                   "transport.storage_condition",
                   {"ambient", "cool"},
                   {"warm", "AMBIENT", "常温"}}));

TEST(FormUnitCodeTest, NamesTheCodeThatWasMeant) {
  const std::vector<Violation> violations =
      Judge(Parse("id: 'x' serve { unit { key: 'item:1' } quantity { value: 1 unit: '公斤' } }"));
  ASSERT_EQ(violations.size(), 1u);
  EXPECT_EQ(violations[0].expected, "KGM");
  EXPECT_THAT(violations[0].message_zh, HasSubstr("KGM"));
}

TEST(FormRequiredTest, AHoldAndAReleaseSayOfWhat) {
  for (const std::string operation : {"hold", "release"}) {
    const auto event = [&](const std::string& what) {
      return Parse("id: 'x' " + operation + " { " + what + " }");
    };
    for (const std::string what :
         {"", "authority: 'a'", "unit {}", "unit { part: 'p' }", "equipment: ' '"}) {
      EXPECT_THAT(Faults(event(what)), ElementsAre("form.required " + operation + ".unit")) << what;
    }
    EXPECT_THAT(Judge(event(""))[0].expected, HasSubstr(operation + ".equipment"));
    for (const std::string what :
         {"unit { key: 'item:1' }", "unit { external_ids: 'old' }", "place: 'ext:own:a/hall-1'",
          "equipment: 'mixer-1'", "unit {} equipment: 'mixer-1'"}) {
      EXPECT_THAT(Faults(event(what)), IsEmpty()) << what;
    }
  }
}

TEST(FormAmountTest, WhatMovesIsMoreThanNothing) {
  v1::Event event = GoodReceipt();
  v1::Quantity* quantity = event.mutable_receive()->mutable_quantity();
  for (const int64_t value : {std::numeric_limits<int64_t>::min(), int64_t{-1}, int64_t{0}}) {
    quantity->set_value(value);
    EXPECT_THAT(Faults(event), ElementsAre("form.amount receive.quantity"));
  }
  quantity->set_value(-5);
  EXPECT_EQ(Judge(event)[0].found, "-0.5 KGM");
  EXPECT_THAT(Judge(event)[0].message_zh, HasSubstr("receive.quantity（数量）"));
  quantity->set_scale(10);
  EXPECT_THAT(Faults(event), UnorderedElementsAre("form.amount receive.quantity",
                                                  "form.quantity receive.quantity.scale"));
}

TEST(FormAmountTest, WhatIsCountedMayBeNothing) {
  const auto event = [](int value) {
    return Parse("id: 'x' adjust_stock { unit { key: 'item:1' } counted { value: " +
                 std::to_string(value) + " unit: 'H87' } difference { value: -3 unit: 'H87' } }");
  };
  EXPECT_THAT(Faults(event(0)), IsEmpty());
  EXPECT_THAT(Faults(event(-1)), ElementsAre("form.amount adjust_stock.counted"));
  EXPECT_EQ(Judge(event(-1))[0].expected, "0 or a number above 0");
}

// A new quantity is of goods that move, or counted, or its sign is free: to be decided
// where it is added.
TEST(FormAmountTest, ReadingsAndDifferencesAndReportsOfOthersMayBeAnything) {
  std::vector<std::string> any;
  std::set<const google::protobuf::Descriptor*> seen;
  const std::function<void(const google::protobuf::Descriptor&)> walk = [&](const auto& type) {
    if (!seen.insert(&type).second) return;
    for (int i = 0; i < type.field_count(); ++i) {
      const auto* field = type.field(i);
      if (field->message_type() == nullptr) continue;
      walk(*field->message_type());
      if (field->message_type() == v1::Quantity::descriptor() &&
          field->options().GetExtension(options::rule).amount() == options::ANY_AMOUNT) {
        any.push_back(field->full_name());
      }
    }
  };
  walk(*v1::Event::descriptor());
  EXPECT_THAT(
      any, UnorderedElementsAre("suyuan.v1.AdjustStock.difference", "suyuan.v1.LinkUnits.quantity",
                                "suyuan.v1.Measurement.value", "suyuan.v1.ObserveUnit.quantity",
                                "suyuan.v1.Parameter.limit_high", "suyuan.v1.Parameter.limit_low",
                                "suyuan.v1.Parameter.value", "suyuan.v1.TestResult.value"));
}

TEST(FormUnitDimensionTest, ConvertsToTheUnitThatIsFixed) {
  const auto event = [](const std::string& unit) {
    return Parse(R"(id: "x" register_master { formula { formula: "F" lines {
                      material: "m" share { value: 1 unit: ")" +
                 unit + "\" } } } }");
  };
  const std::string field = "register_master.formula.lines[0].share.unit";
  for (const std::string unit : {"P1", "NX", "GK", "59"}) {
    EXPECT_THAT(Faults(event(unit)), IsEmpty()) << unit;
  }
  for (const std::string unit : {"KGM", "H87", "C62", "CEL"}) {
    EXPECT_THAT(Faults(event(unit)), ElementsAre("form.unit-dimension " + field)) << unit;
  }
  EXPECT_THAT(Judge(event("KGM"))[0].expected, HasSubstr("P1 (%)"));
  EXPECT_THAT(Faults(event("kg")), ElementsAre("form.unit-code " + field));
}

TEST(FormQuantityTest, AnyNumberWithUnitAndScale) {
  v1::Event event = Parse(R"(id: "x" observe_unit { quantity { unit: "KGM" } })");
  v1::Quantity* quantity = event.mutable_observe_unit()->mutable_quantity();
  for (const int64_t value :
       {std::numeric_limits<int64_t>::min(), int64_t{0}, std::numeric_limits<int64_t>::max()}) {
    for (const int scale : {0, 9}) {
      quantity->set_value(value);
      quantity->set_scale(scale);
      EXPECT_THAT(Faults(event), IsEmpty());
    }
  }
  for (const int scale :
       {-1, 10, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()}) {
    quantity->set_scale(scale);
    EXPECT_THAT(Faults(event), ElementsAre("form.quantity observe_unit.quantity.scale"));
  }
}

TEST(FormQuantityTest, NeedsAUnit) {
  v1::Event event = GoodReceipt();
  event.mutable_receive()->mutable_quantity()->clear_unit();
  EXPECT_THAT(Faults(event), ElementsAre("form.quantity receive.quantity.unit"));
  EXPECT_THAT(Judge(event)[0].message_zh, HasSubstr("数量"));
  event.mutable_receive()->mutable_quantity()->Clear();
  EXPECT_THAT(Faults(event), ElementsAre("form.quantity receive.quantity.unit"));
}

TEST(FormSizeTest, UpToTheLimit) {
  v1::Event event = GoodReceipt();
  event.set_remark(std::string(65'000, 'x'));
  const size_t rest = kMaxEventBytes - event.ByteSizeLong();
  event.set_remark(std::string(65'000 + rest, 'x'));
  ASSERT_EQ(event.ByteSizeLong(), kMaxEventBytes);
  EXPECT_THAT(Faults(event), IsEmpty());
  event.mutable_remark()->push_back('x');
  EXPECT_THAT(Faults(event), ElementsAre("form.size "));
}

TEST(FormSizeTest, TwentyMegabytesAreRefusedAtOnce) {
  v1::Event event = GoodPack();
  event.set_remark(std::string(10 << 20, '\xff'));
  for (int i = 0; i < 5 << 20; ++i) event.mutable_pack()->add_contents();
  EXPECT_THAT(Faults(event), ElementsAre("form.size "));
}

TEST(FormTimeTest, WithinYearsOffsetsAndMicroseconds) {
  v1::Event event = GoodReceipt();
  v1::Time* time = event.mutable_time()->mutable_begin();
  for (const int64_t seconds : {int64_t{-62'135'596'800}, int64_t{253'402'300'799}}) {
    time->mutable_at()->set_seconds(seconds);
    EXPECT_THAT(Faults(event), IsEmpty()) << seconds;
  }
  for (const int64_t seconds :
       {int64_t{-62'135'596'801}, int64_t{253'402'300'800}, std::numeric_limits<int64_t>::max()}) {
    time->mutable_at()->set_seconds(seconds);
    EXPECT_THAT(Faults(event), ElementsAre("form.time time.begin")) << seconds;
  }
  time->mutable_at()->set_seconds(0);
  time->mutable_at()->set_nanos(1);
  EXPECT_THAT(Faults(event), ElementsAre("form.time time.begin"));
  time->mutable_at()->set_nanos(0);
  time->set_offset_minutes(18 * 60 + 1);
  EXPECT_THAT(Faults(event), ElementsAre("form.time time.begin"));
}

TEST(FormTimeTest, UnknownMustBeSaid) {
  v1::Event event = GoodReceipt();
  event.mutable_time()->mutable_begin()->Clear();
  EXPECT_THAT(Faults(event), ElementsAre("form.time time.begin"));
  event.mutable_time()->mutable_begin()->set_precision(v1::PRECISION_UNKNOWN);
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormDateTest, ExistsInTheYears1To9999) {
  v1::Event event = GoodReceipt();
  const auto date = [&](int year, int month, int day) {
    v1::Date* expiry = event.mutable_receive()->mutable_expiry_date();
    expiry->set_year(year);
    expiry->set_month(month);
    expiry->set_day(day);
    return Faults(event);
  };
  EXPECT_THAT(date(1, 1, 1), IsEmpty());
  EXPECT_THAT(date(9999, 12, 31), IsEmpty());
  EXPECT_THAT(date(2028, 2, 29), IsEmpty());
  EXPECT_THAT(date(2025, 0, 0), IsEmpty());
  EXPECT_THAT(date(2025, 11, 0), IsEmpty());
  for (const auto& [year, month, day] : {std::tuple{0, 1, 1},
                                         {10000, 1, 1},
                                         {-1, 1, 1},
                                         {2025, 13, 1},
                                         {2025, 2, 29},
                                         {2025, 0, 1},
                                         {2025, 4, 31},
                                         {2025, 1, -1}}) {
    EXPECT_THAT(date(year, month, day), ElementsAre("form.date receive.expiry_date"));
  }
}

TEST(FormTimeOrderTest, EndIsNotBeforeBegin) {
  v1::Event event = GoodReceipt();
  v1::TimeSpan* span = event.mutable_time();
  *span->mutable_end() = span->begin();
  EXPECT_THAT(Faults(event), IsEmpty());
  span->mutable_end()->mutable_at()->set_seconds(span->begin().at().seconds() - 1);
  EXPECT_THAT(Faults(event), ElementsAre("form.time-order time.end"));
  // The end lies somewhere in the same day: no contradiction.
  span->mutable_end()->set_precision(v1::PRECISION_DAY);
  EXPECT_THAT(Faults(event), IsEmpty());
  span->mutable_end()->set_precision(v1::PRECISION_UNKNOWN);
  EXPECT_THAT(Faults(event), IsEmpty());
  // Told in whatever message.
  EXPECT_THAT(Faults(Parse(R"(id: "x" register_master { person {
                person: "person:1" on_duty { begin { at { seconds: 2 } } end { at { seconds: 1 } }
              } } })"),
                     "investigation"),
              ElementsAre("form.time-order register_master.person.on_duty.end"));
}

TEST(FormTimeOrderTest, ProductionIsNotAfterExpiry) {
  const auto event = [](const std::string& dates) {
    return Parse("id: 'x' produce { unit { key: 'item:1' } lot_number: 'L' " + dates + "}");
  };
  EXPECT_THAT(Faults(event("production_date { year: 2025 month: 11 day: 3 }"
                           "expiry_date { year: 2025 month: 11 day: 3 }")),
              IsEmpty());
  EXPECT_THAT(Faults(event("production_date { year: 2025 month: 11 day: 3 }"
                           "expiry_date { year: 2025 }")),
              IsEmpty());
  EXPECT_THAT(Faults(event("production_date { year: 2025 month: 11 day: 3 }"
                           "expiry_date { year: 2025 month: 10 }")),
              ElementsAre("form.time-order produce.expiry_date"));
}

TEST(FormTimeOrderTest, SuppliersProductionIsNotAfterTheReceipt) {
  v1::Event event = GoodReceipt();  // 2025-11-03 08:00 in China
  v1::Date* made = event.mutable_receive()->mutable_supplier_production_date();
  made->set_year(2025);
  EXPECT_THAT(Faults(event), IsEmpty());
  made->set_month(11);
  made->set_day(3);
  EXPECT_THAT(Faults(event), IsEmpty());
  // Nowhere on earth had the fourth begun.
  made->set_day(4);
  EXPECT_THAT(Faults(event), ElementsAre("form.time-order receive.supplier_production_date"));
  // At seven in the evening it had, in the east of New Zealand.
  event.mutable_time()->mutable_begin()->mutable_at()->set_seconds(1762128000 + 11 * 3600);
  EXPECT_THAT(Faults(event), IsEmpty());
  event.mutable_time()->mutable_begin()->mutable_at()->set_seconds(1762128000);
  *event.mutable_time()->mutable_end() = event.time().begin();
  event.mutable_time()->mutable_end()->mutable_at()->set_seconds(1762128000 + 86'400);
  EXPECT_THAT(Faults(event), IsEmpty());
}

TEST(FormShelfLifeTest, PositiveWithUnit) {
  v1::Event event = GoodReceipt();
  v1::ShelfLife* life = event.mutable_receive()->mutable_shelf_life();
  for (const int value : {0, -1}) {
    life->set_value(value);
    EXPECT_THAT(Faults(event), ElementsAre("form.shelf-life receive.shelf_life.value"));
  }
  life->set_value(1);
  life->clear_unit();
  EXPECT_THAT(Faults(event), ElementsAre("form.shelf-life receive.shelf_life.unit"));
  life->set_unit(v1::ShelfLife::HOUR);
  EXPECT_THAT(Faults(event), IsEmpty());
}

}  // namespace
}  // namespace suyuan::events
