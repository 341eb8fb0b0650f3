#include "api/exchange/event_json.h"

#include "lib/base/strings.h"
#include "tests/support/status_matchers.h"

namespace suyuan::exchange {
namespace {

using ::testing::HasSubstr;

v1::Event Example() {
  v1::Event event;
  event.set_id("a-1");
  event.mutable_time()->mutable_begin()->mutable_at()->set_seconds(1'762'128'000);
  event.mutable_time()->mutable_begin()->mutable_at()->set_nanos(1000);
  event.mutable_time()->mutable_begin()->set_offset_minutes(480);
  event.set_remark("奶粉\n\"二段\" \xe2\x80\xa8 \x01");
  v1::ObserveUnit& seen = *event.mutable_observe_unit();
  seen.mutable_unit()->set_key("ext:s:1");
  seen.mutable_quantity()->set_value(std::numeric_limits<int64_t>::min());
  seen.mutable_quantity()->set_scale(9);
  seen.mutable_quantity()->set_unit("KGM");
  seen.mutable_production_date();  // present and empty
  seen.add_attributes();
  event.add_documents()->set_sha256(std::string("\0\xff\x01", 3));
  return event;
}

TEST(EventJsonTest, RoundTripGivesTheSameBytes) {
  const v1::Event event = Example();
  const absl::StatusOr<std::string> json = EventToJson(event);
  SUYUAN_ASSERT_OK(json);
  EXPECT_EQ(json->find('\n'), std::string::npos);
  EXPECT_THAT(*json, HasSubstr("\"observe_unit\""));
  EXPECT_THAT(*json, HasSubstr("\"offset_minutes\":480"));
  v1::Event back;
  JsonFault fault;
  ASSERT_TRUE(EventFromJson(*json, &back, &fault)) << fault.message;
  EXPECT_EQ(back.SerializeAsString(), event.SerializeAsString());
}

TEST(EventJsonTest, NamesAnUnknownField) {
  v1::Event event;
  JsonFault fault;
  EXPECT_FALSE(EventFromJson(R"({"id":"1","link_units":{"colour":"red"}})", &event, &fault));
  EXPECT_THAT(fault.field, HasSubstr("colour"));
  EXPECT_FALSE(EventFromJson(R"({"id":"1","colour":"red"})", &event, &fault));
  EXPECT_THAT(fault.field + fault.message + fault.found, HasSubstr("colour"));
}

TEST(EventJsonTest, NamesAValueThatDoesNotFit) {
  v1::Event event;
  JsonFault fault;
  EXPECT_FALSE(EventFromJson(R"({"receive":{"quantity":{"scale":"a: b\nc"}}})", &event, &fault));
  EXPECT_EQ(fault.field, "receive.quantity.scale");
  EXPECT_EQ(fault.found, "\"a: b\nc\"");
  EXPECT_EQ(fault.message, "invalid value, expected TYPE_INT32");
}

// Found by the fuzzer: what a line calls its fields is hostile too.
TEST(EventJsonTest, NamesAnUnknownFieldWhateverItIsCalled) {
  for (const char* name : {" ", "\\n x", "a: b", "x\\ny", "(a) b", ""}) {
    for (const bool within : {false, true}) {
      const std::string field = StrCat("{\"", name, "\":1}");
      v1::Event event;
      JsonFault fault;
      EXPECT_FALSE(
          EventFromJson(within ? StrCat("{\"receive\":", field, "}") : field, &event, &fault));
      EXPECT_FALSE(fault.message.empty()) << field << within;
      EXPECT_NE(fault.message.find_first_not_of(" \n"), std::string::npos) << field << within;
      EXPECT_TRUE(!within || fault.field.starts_with("receive")) << fault.field;
    }
  }
}

TEST(EventJsonTest, RefusesWhatIsNoEvent) {
  const std::string deep = std::string(100'000, '[');
  for (const std::string_view line :
       {std::string_view("{"), std::string_view("[]"), std::string_view("1"),
        std::string_view(R"({"id":1.5})"), std::string_view(R"({"id":"1"} x)"),
        std::string_view(R"({"id":"1"}{"id":"2"})"), std::string_view("{\"id\":\"\xff\"}"),
        std::string_view(R"({"time":{"begin":{"at":"0000-01-01T00:00:00Z"}}})"),
        std::string_view(R"({"time":{"begin":{"at":"9999999-01-01T00:00:00Z"}}})"),
        std::string_view(R"({"link_units":{"quantity":{"value":"9223372036854775808"}}})"),
        std::string_view(R"({"link_units":{"role":"ROLE_NONE"}})"),
        std::string_view(R"({"link_units":{},"observe_unit":{}})"), std::string_view(deep)}) {
    v1::Event event;
    JsonFault fault;
    EXPECT_FALSE(EventFromJson(line, &event, &fault)) << line.substr(0, 80);
    EXPECT_FALSE(fault.message.empty()) << line.substr(0, 80);
    EXPECT_LT(fault.message.size() + fault.found.size(), 300u);
  }
}

TEST(EventJsonTest, RefusesALineOfTwentyMegabytes) {
  const std::string line = R"({"id":"1","remark":")" + std::string(20'000'000, 'x') + "\"}";
  v1::Event event;
  JsonFault fault;
  EXPECT_FALSE(EventFromJson(line, &event, &fault));
  EXPECT_THAT(fault.message, HasSubstr("too long"));
  EXPECT_LT(fault.found.size(), 100u);
}

TEST(EventJsonTest, HasNoFormForATimeOutsideTheCalendar) {
  v1::Event event;
  event.set_id("x");
  event.mutable_time()->mutable_begin()->mutable_at()->set_seconds(
      std::numeric_limits<int64_t>::max());
  EXPECT_THAT(EventToJson(event), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("x")));
}

TEST(EventJsonTest, OfALineThatMayBePersonalNothingIsQuoted) {
  for (const std::string line :
       {R"({"id":"a","receive":{"supplier_contact":{"value":"Zhang San"}})",
        R"({"id":"a","receive":{"supplierContact":{"value":"Zhang San"},"x":}})",
        R"({"id":"a","receive":{"supplier_contact":{"Zhang San":1}}})",
        R"({"id":"a","receive":{"supplier_contact":"Zhang San"}})",
        R"({"id":"a","destroy_goods":{"officers":[{"name":{"value":"Zhang San"}},}})",
        R"({"id":"a","register_master":{"person":{"name":{"value":["Zhang San"]}}}})"}) {
    v1::Event event;
    JsonFault fault;
    EXPECT_FALSE(EventFromJson(line, &event, &fault)) << line;
    EXPECT_EQ((fault.field + fault.found + fault.message).find("Zhang"), std::string::npos) << line;
    EXPECT_FALSE(fault.message.empty());
  }
}

}  // namespace
}  // namespace suyuan::exchange
