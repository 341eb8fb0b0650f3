#include "api/exchange/fcl.h"

#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "lib/base/file.h"
#include "lib/base/time.h"
#include "lib/events/validator.h"
#include "tests/api/exchange/fake_engine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::exchange {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

using Cells = std::vector<std::pair<std::string, nlohmann::json>>;

// Writes a small file row by row.
class FclText {
 public:
  FclText& Station(const Cells& cells) { return Add("stations", cells); }
  FclText& Delivery(const Cells& cells) { return Add("deliveries", cells); }
  FclText& Relation(const std::string& from, const std::string& to) {
    return Add("deliveryRelations", {{"from", from}, {"to", to}});
  }
  std::string Text() const { return nlohmann::json{{"data", data_}}.dump(); }

 private:
  FclText& Add(const std::string& table, const Cells& cells) {
    nlohmann::json row = nlohmann::json::array();
    for (const auto& [id, value] : cells) row.push_back({{"id", id}, {"value", value}});
    data_[table]["data"].push_back(row);
    return *this;
  }
  static nlohmann::json Table() {
    return {{"columnProperties", nlohmann::json::array()}, {"data", nlohmann::json::array()}};
  }
  nlohmann::json data_ = {
      {"stations", Table()}, {"deliveries", Table()}, {"deliveryRelations", Table()}};
};

FclText Small() {
  return FclText()
      .Station({{"ID", "S1"}, {"Name", "Farm"}, {"Country", "Belgium"}, {"ISO", "BE"}})
      .Station({{"ID", "S2"}, {"Name", "Dairy"}, {"Country", "DE"}, {"Latitude", 52.5}})
      .Delivery({{"ID", "D1"},
                 {"from", "S1"},
                 {"to", "S2"},
                 {"Name", "Milk"},
                 {"Lot ID", "L1"},
                 {"Date Delivery", "2020-06-01"},
                 {"Date Delivery Arrival", "02.06.2020"},
                 {"Amount", "20 kg"}})
      .Delivery({{"ID", "D2"},
                 {"from", "S2"},
                 {"to", "S1"},
                 {"Name", "Butter"},
                 {"Lot ID", "L2"},
                 {"Date Delivery", "2020-06-03"},
                 {"Date Delivery Arrival", "2020-06-04"},
                 {"Amount", "1 kg"}})
      .Relation("D1", "D2");
}

FclEvents Converted(const std::string& text, const std::string& source = "s") {
  const absl::StatusOr<FclNetwork> network = ReadFcl(text);
  EXPECT_THAT(network, IsOk());
  if (!network.ok()) return {};
  absl::StatusOr<FclEvents> events = ToEvents(*network, source);
  EXPECT_THAT(events, IsOk());
  return events.ok() ? *std::move(events) : FclEvents();
}

const v1::Event& EventOf(const FclEvents& events, const std::string& id) {
  for (const v1::Event& event : events.events) {
    if (event.id() == id) return event;
  }
  ADD_FAILURE() << "no event " << id;
  static const v1::Event kNone;
  return kNone;
}

size_t WarningsWith(const FclEvents& events, std::string_view text) {
  size_t count = 0;
  for (const FclWarning& warning : events.warnings) {
    EXPECT_NE(warning.message_zh, "");
    if (warning.message_en.find(text) != std::string::npos) ++count;
  }
  return count;
}

std::string AttributeOf(const v1::ObserveUnit& seen, const std::string& name) {
  for (const v1::Attribute& attribute : seen.attributes()) {
    if (attribute.name() == name) return attribute.value();
  }
  return "(none)";
}

TEST(ToEventsTest, MakesASubjectAUnitAndALink) {
  const FclEvents events = Converted(Small().Text());
  EXPECT_EQ(events.subjects, 2u);
  EXPECT_EQ(events.units, 2u);
  EXPECT_EQ(events.links, 1u);
  EXPECT_THAT(events.events, SizeIs(5));
  EXPECT_THAT(events.warnings, SizeIs(0));

  const v1::SubjectVersion& farm = EventOf(events, "station:S1").register_master().subject();
  EXPECT_EQ(farm.key(), "ext:s:station:S1");
  EXPECT_EQ(farm.name(), "Farm");
  EXPECT_EQ(farm.country(), "BE");
  EXPECT_EQ(farm.external_ids(0), "fcl:S1");
  EXPECT_EQ(farm.external_ids(1), "fcl:station:S1");
  EXPECT_EQ(farm.attributes(0).name(), "Country");
  const v1::SubjectVersion& dairy = EventOf(events, "station:S2").register_master().subject();
  EXPECT_EQ(dairy.country(), "DE");
  ASSERT_EQ(dairy.attributes_size(), 1);
  EXPECT_EQ(dairy.attributes(0).value(), "52.5");

  const v1::Event& delivery = EventOf(events, "delivery:D1");
  EXPECT_EQ(delivery.subject(), "");
  EXPECT_EQ(TimeText(delivery.time().begin()), "2020-06-01");
  EXPECT_EQ(delivery.time().begin().as_written(), "");
  EXPECT_EQ(TimeText(delivery.time().end()), "2020-06-02");
  EXPECT_EQ(delivery.time().end().as_written(), "02.06.2020");
  const v1::ObserveUnit& milk = delivery.observe_unit();
  EXPECT_EQ(milk.unit().key(), "ext:s:delivery:D1");
  EXPECT_EQ(milk.unit().external_ids(1), "fcl:delivery:D1");
  EXPECT_EQ(milk.sender(), "ext:s:station:S1");
  EXPECT_EQ(milk.recipient(), "ext:s:station:S2");
  EXPECT_EQ(milk.product_name(), "Milk");
  EXPECT_EQ(milk.lot_number(), "L1");
  EXPECT_EQ(milk.quantity().unit(), "KGM");
  EXPECT_EQ(milk.quantity().as_written(), "20 kg");
  EXPECT_EQ(milk.attributes_size(), 0);

  const v1::LinkUnits& link = EventOf(events, "link:D1:D2").link_units();
  EXPECT_EQ(link.input().key(), "ext:s:delivery:D1");
  EXPECT_EQ(link.output().key(), "ext:s:delivery:D2");
  EXPECT_EQ(link.at(), "ext:s:station:S2");
}

// What the rules of an investigation's ledger say of all events.
std::vector<Violation> FaultsOf(const FclEvents& events) {
  std::vector<Violation> faults;
  const auto validator = events::Validator::ForProfile("investigation");
  EXPECT_THAT(validator, IsOk());
  if (!validator.ok()) return faults;
  for (size_t i = 0; i < events.events.size(); ++i) {
    (*validator)->Validate(events.events[i], i, &faults);
  }
  return faults;
}

TEST(ToEventsTest, IsDeterministic) {
  const std::string text = Small().Text();
  const FclEvents first = Converted(text);
  const FclEvents second = Converted(text);
  ASSERT_EQ(first.events.size(), second.events.size());
  for (size_t i = 0; i < first.events.size(); ++i) {
    EXPECT_EQ(first.events[i].SerializeAsString(), second.events[i].SerializeAsString());
  }
}

TEST(ToEventsTest, TakesNumbersAndTruthValuesAndKeepsTheirText) {
  std::string text =
      FclText()
          .Station({{"ID", -7}, {"DeadEnd", true}, {"Latitude", "LAT"}})
          .Delivery({{"ID", 12}, {"from", -7}, {"to", -7}, {"Lot ID", 5}, {"Amount", nullptr}})
          .Text();
  text.replace(text.find("\"LAT\""), 5, "47.73863759999990");
  const FclEvents events = Converted(text);
  const v1::SubjectVersion& station = EventOf(events, "station:-7").register_master().subject();
  EXPECT_EQ(station.attributes(0).value(), "true");
  EXPECT_EQ(station.attributes(1).value(), "47.73863759999990");
  EXPECT_EQ(EventOf(events, "delivery:12").observe_unit().sender(), "ext:s:station:-7");
  EXPECT_EQ(EventOf(events, "delivery:12").observe_unit().lot_number(), "5");
}

TEST(ToEventsTest, KeepsWhatItCannotRead) {
  const FclEvents events = Converted(Small()
                                         .Delivery({{"ID", "D3"},
                                                    {"from", "S1"},
                                                    {"to", "S2"},
                                                    {"Lot Number", "N"},
                                                    {"Lot ID", "L"},
                                                    {"Date Delivery", "last week"},
                                                    {"Date Delivery Arrival", "2020-06-02"},
                                                    {"Amount", "some"},
                                                    {"_Chargen.Production date", "spring"},
                                                    {"Colour", "white"}})
                                         .Text());
  const v1::Event& event = EventOf(events, "delivery:D3");
  EXPECT_EQ(event.time().begin().precision(), v1::PRECISION_UNKNOWN);
  EXPECT_EQ(event.time().begin().as_written(), "last week");
  EXPECT_TRUE(IsValid(event.time().begin()));
  EXPECT_EQ(event.observe_unit().lot_number(), "N");
  EXPECT_FALSE(event.observe_unit().has_quantity());
  EXPECT_FALSE(event.observe_unit().has_production_date());
  EXPECT_EQ(AttributeOf(event.observe_unit(), "Lot ID"), "L");
  EXPECT_EQ(AttributeOf(event.observe_unit(), "Amount"), "some");
  EXPECT_EQ(AttributeOf(event.observe_unit(), "_Chargen.Production date"), "spring");
  EXPECT_EQ(AttributeOf(event.observe_unit(), "Colour"), "white");
  EXPECT_EQ(WarningsWith(events, "no date that could be read"), 2u);
  EXPECT_EQ(WarningsWith(events, "no amount that could be read"), 1u);
}

TEST(ToEventsTest, WarnsOfWhatIsMissing) {
  const FclEvents events = Converted(Small()
                                         .Delivery({{"ID", "D3"}, {"to", "S2"}})
                                         .Delivery({{"ID", "D4"},
                                                    {"from", "S9"},
                                                    {"to", "S2"},
                                                    {"Lot ID", "x"},
                                                    {"Amount", "1 kg"},
                                                    {"Date Delivery", "2020-01-01"}})
                                         .Text());
  EXPECT_EQ(WarningsWith(events, "no sender"), 1u);
  EXPECT_EQ(WarningsWith(events, "no lot number"), 1u);
  EXPECT_EQ(WarningsWith(events, "no amount is told"), 1u);
  EXPECT_EQ(WarningsWith(events, "no date of departure"), 1u);
  EXPECT_EQ(WarningsWith(events, "no date of arrival"), 2u);
  EXPECT_EQ(WarningsWith(events, "no such station"), 1u);
  EXPECT_FALSE(EventOf(events, "delivery:D3").has_time());
  const v1::Event& sent = EventOf(events, "delivery:D4");
  EXPECT_EQ(sent.observe_unit().sender(), "ext:s:station:S9");
  EXPECT_EQ(sent.time().end().precision(), v1::PRECISION_UNKNOWN);
}

TEST(ToEventsTest, ReportsContradictionsAndKeepsTheLinks) {
  const FclEvents events = Converted(Small()
                                         .Delivery({{"ID", "D3"},
                                                    {"from", "S1"},
                                                    {"to", "S1"},
                                                    {"Lot ID", "L"},
                                                    {"Date Delivery", "2020-06-05"},
                                                    {"Amount", "1 kg"},
                                                    {"Date Delivery Arrival", "2020-06-04"},
                                                    {"_Chargen.Production date", "1.5.2020"},
                                                    {"_Lieferungen. Best before date", "1.4.2020"}})
                                         .Relation("D2", "D1")
                                         .Relation("D3", "D1")
                                         .Relation("D1", "D1")
                                         .Relation("D1", "D99")
                                         .Relation("D98", "D1")
                                         .Relation("D1", "D2")
                                         .Text());
  EXPECT_EQ(events.links, 7u);
  EXPECT_THAT(events.events, SizeIs(2 + 3 + 6));
  EXPECT_EQ(WarningsWith(events, "arrives before it leaves"), 1u);
  EXPECT_EQ(WarningsWith(events, "best before a date of production"), 1u);
  // D2 and D1 itself arrived after D1 left; D3, whose arrival counts as unknown, left after.
  EXPECT_EQ(WarningsWith(events, "after delivery D1 left"), 3u);
  EXPECT_EQ(WarningsWith(events, "no such delivery"), 2u);
  EXPECT_EQ(WarningsWith(events, "its own ingredient"), 1u);
  const v1::LinkUnits& gap = EventOf(events, "link:D98:D1").link_units();
  EXPECT_EQ(gap.input().key(), "ext:s:delivery:D98");
  EXPECT_EQ(gap.at(), "ext:s:station:S1");
  const v1::Event& twisted = EventOf(events, "delivery:D3");
  EXPECT_EQ(twisted.time().end().as_written(), "2020-06-04");
  EXPECT_LE(BeginOf(twisted.time()).earliest, EndOf(twisted.time()).latest);
  EXPECT_EQ(AttributeOf(twisted.observe_unit(), "_Lieferungen. Best before date"), "1.4.2020");
  EXPECT_THAT(FaultsOf(events), SizeIs(0));
}

TEST(ToEventsTest, WarnsWhereALinkLeavesItsPlace) {
  const FclEvents events = Converted(Small()
                                         .Delivery({{"ID", "D3"},
                                                    {"from", "S1"},
                                                    {"to", "S2"},
                                                    {"Lot ID", "x"},
                                                    {"Amount", "1 kg"},
                                                    {"Date Delivery", "2020-07-01"},
                                                    {"Date Delivery Arrival", "2020-07-01"}})
                                         .Relation("D1", "D3")
                                         .Text());
  EXPECT_EQ(EventOf(events, "link:D1:D3").link_units().at(), "ext:s:station:S2");
  EXPECT_EQ(WarningsWith(events, "the first is taken as the place"), 1u);
}

TEST(ToEventsTest, TakesTheFirstOfTwoRowsWithOneId) {
  const FclEvents events = Converted(
      Small()
          .Station({{"ID", "S1"}, {"Name", "Other farm"}})
          .Station({{"ID", "S2"}, {"Name", "Dairy"}, {"Country", "DE"}, {"Latitude", 52.5}})
          .Delivery({{"ID", " D1 "}, {"from", "S1"}, {"to", "S2"}, {"Name", "Cream"}})
          .Text());
  EXPECT_EQ(events.subjects, 2u);
  EXPECT_EQ(events.units, 2u);
  EXPECT_THAT(events.events, SizeIs(5));
  EXPECT_EQ(WarningsWith(events, "the first is taken"), 2u);
  EXPECT_EQ(EventOf(events, "station:S1").register_master().subject().name(), "Farm");
}

TEST(ToEventsTest, MakesShortUnlikeEventIdsOfAnyId) {
  const std::string longer(70, 'x');
  const FclEvents events = Converted(FclText()
                                         .Station({{"ID", "a:b"}})
                                         .Station({{"ID", longer + "1"}})
                                         .Station({{"ID", longer + "2"}})
                                         .Station({{"ID", "批/次"}})
                                         .Relation("a:b", "c")
                                         .Relation("a", "b:c")
                                         .Relation(longer, longer)
                                         .Text());
  std::set<std::string> ids;
  for (const v1::Event& event : events.events) {
    EXPECT_LE(event.id().size(), 64u);
    EXPECT_TRUE(ids.insert(event.id()).second) << event.id();
  }
  EXPECT_EQ(EventOf(events, "station:批/次").register_master().subject().key(),
            "ext:s:station:批%2F次");
  EXPECT_EQ(EventOf(events, "link:a%3Ab:c").link_units().input().key(), "ext:s:delivery:a:b");
}

TEST(ToEventsTest, RefusesARowWithoutAnId) {
  const auto convert = [](const FclText& text) {
    const absl::StatusOr<FclNetwork> network = ReadFcl(text.Text());
    return network.ok() ? ToEvents(*network, "s").status() : network.status();
  };
  EXPECT_THAT(convert(Small().Station({{"Name", "x"}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("stations row 3")));
  EXPECT_THAT(convert(Small().Delivery({{"ID", " "}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deliveries row 3")));
  EXPECT_THAT(convert(Small().Relation("D1", "")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("deliveryRelations row 2")));
  EXPECT_THAT(convert(Small().Delivery({{"ID", std::string(600, 'x')}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("512")));
  EXPECT_THAT(convert(Small().Delivery({{"ID", "a\nb"}})),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("row 3")));
}

TEST(ReadFclTest, RefusesWhatIsNoFoodChainLabFile) {
  const auto refused = [](const std::string& text, const std::string& message) {
    EXPECT_THAT(ReadFcl(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
        << text.substr(0, 100);
  };
  refused("", "not JSON");
  refused("{", "not JSON");
  refused("{\"data\":\"\xff\"}", "not JSON");
  refused("[]", "expected an object with stations");
  refused("{}", "at data, found nothing");
  refused(R"({"data":[]})", "found array");
  refused(R"({"data":{}})", "data.stations");
  refused(R"({"data":{"stations":{"data":{}}}})", "data.stations.data");
  refused(R"({"data":{"stations":{"data":[1]}}})", "data.stations.data[0]");
  refused(R"({"data":{"stations":{"data":[[{"value":1}]]}}})", "data.stations.data[0]");
  refused(R"({"data":{"stations":{"data":[]},"deliveries":{"data":[]}}})",
          "data.deliveryRelations");
  refused(std::string(100'000, '['), "nested deeper");
  std::string deep = "{\"a\":";
  for (int i = 0; i < 16; ++i) deep += deep;
  refused(deep, "nested deeper");
}

TEST(ReadFclTest, TakesAByteOrderMarkAndTheOldNameOfRelations) {
  std::string text = Small().Text();
  text.replace(text.find("deliveryRelations"), 17, "deliveriesRelations");
  const absl::StatusOr<FclNetwork> network = ReadFcl("\xef\xbb\xbf" + text);
  SUYUAN_ASSERT_OK(network);
  EXPECT_THAT(network->relations, SizeIs(1));
}

TEST(ReadFclTest, WarnsOfValuesThatAreNoText) {
  const absl::StatusOr<FclNetwork> network =
      ReadFcl(Small().Station({{"ID", "S3"}, {"Tags", {1, 2}}}).Text());
  SUYUAN_ASSERT_OK(network);
  ASSERT_THAT(network->warnings, SizeIs(1));
  EXPECT_EQ(network->warnings[0].where, "stations row 3");
  EXPECT_EQ(network->warnings[0].field, "Tags");
}

TEST(ReadFclTest, MakesControlCharactersSpaces) {
  const absl::StatusOr<FclNetwork> network = ReadFcl(Small()
                                                         .Station({{"ID", "S3"},
                                                                   {"Address",
                                                                    "a\r\nb\tc\x01"
                                                                    "d\xc2\x85"
                                                                    "e"}})
                                                         .Text());
  SUYUAN_ASSERT_OK(network);
  EXPECT_EQ(network->stations[2].Get("Address"), "a\nb\tc d e");
  EXPECT_THAT(network->warnings, SizeIs(1));
}

// Whatever the bytes, there is an answer and no crash.
TEST(ReadFclTest, SurvivesRandomMutations) {
  constexpr uint32_t kSeed = 20'260'701;
  std::cout << "seed " << kSeed << "\n";
  std::mt19937 random(kSeed);
  const std::string original = Small().Text();
  size_t read = 0;
  for (int round = 0; round < 5000; ++round) {
    std::string text = original;
    const int changes = 1 + static_cast<int>(random() % 4);
    for (int i = 0; i < changes && !text.empty(); ++i) {
      const size_t at = random() % text.size();
      switch (random() % 5) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 20);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), random() % 40));
          break;
        case 3:
          text.insert(at, 1, "{}[]\":,0-.e\\u"[random() % 13]);
          break;
        default:
          text.resize(at);
          break;
      }
    }
    const absl::StatusOr<FclNetwork> network = ReadFcl(text);
    if (!network.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(network.status()));
      continue;
    }
    ++read;
    const absl::StatusOr<FclEvents> events = ToEvents(*network, "s");
    if (!events.ok()) {
      EXPECT_TRUE(absl::IsInvalidArgument(events.status()));
      continue;
    }
    for (const Violation& fault : FaultsOf(*events)) {
      ADD_FAILURE() << events->events[fault.event_index].ShortDebugString() << "\n"
                    << fault.field << " " << fault.rule << " " << fault.message_en;
    }
  }
  EXPECT_GT(read, 100u);
}

TEST(FclLedgerNameTest, ComesFromTheFileName) {
  EXPECT_EQ(FclLedgerName("/data/Scenario_2_LaSource.json"), "fcl-scenario-2-lasource");
  EXPECT_EQ(FclLedgerName("ExampleData.json"), "fcl-exampledata");
  EXPECT_EQ(FclLedgerName("a.b.json"), "fcl-a-b");
  EXPECT_EQ(FclLedgerName("no-extension"), "fcl-no-extension");
  EXPECT_NE(FclLedgerName("奶粉.json"), FclLedgerName("面粉.json"));
  const std::string longer(100, 'x');
  EXPECT_EQ(FclLedgerName(longer + "1.json").size(), 64u);
  EXPECT_NE(FclLedgerName(longer + "1.json"), FclLedgerName(longer + "2.json"));
  EXPECT_EQ(FclLedgerName(std::string(60, 'y')), "fcl-" + std::string(60, 'y'));
}

// An import into a fake engine.
class ImportFclTest : public testing::Test {
 protected:
  absl::StatusOr<FclResult> Import(const std::string& text) {
    std::ofstream(dir_ / "My File.json") << text;
    return ImportFcl(&engine_, dir_ / "My File.json");
  }
  TempDir dir_;
  FakeEngine engine_;
};

TEST_F(ImportFclTest, CreatesTheLedgerAndStoresOnce) {
  const absl::StatusOr<FclResult> first = Import(Small().Text());
  SUYUAN_ASSERT_OK(first);
  EXPECT_EQ(first->ledger, "fcl-my-file");
  EXPECT_EQ(first->events, 5u);
  EXPECT_EQ(first->stored, 5u);
  EXPECT_EQ(engine_.created["fcl-my-file"].profile, "investigation");
  EXPECT_EQ(engine_.created["fcl-my-file"].subject, "ext:fcl-my-file:importer");
  EXPECT_EQ(engine_.created["fcl-my-file"].subject_name, "My File.json");
  const absl::StatusOr<FclResult> again = Import(Small().Text());
  SUYUAN_ASSERT_OK(again);
  EXPECT_EQ(again->events, 5u);
  EXPECT_EQ(again->stored, 0u);
  EXPECT_THAT(engine_.ledgers["fcl-my-file"], SizeIs(6));
}

TEST_F(ImportFclTest, RefusesAChangedFileUnderTheSameIds) {
  SUYUAN_ASSERT_OK(Import(Small().Text()));
  std::string text = Small().Text();
  text.replace(text.find("Milk"), 4, "Beer");
  EXPECT_THAT(Import(text), StatusIs(absl::StatusCode::kAlreadyExists, "taken"));
}

TEST_F(ImportFclTest, StoresNothingOfAFileThatIsNone) {
  EXPECT_THAT(Import("{}"), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected")));
  EXPECT_THAT(ImportFcl(&engine_, dir_ / "none.json"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none.json")));
  EXPECT_TRUE(engine_.ledgers.empty());
}

TEST_F(ImportFclTest, RefusesARowThatFitsIntoNoRecord) {
  EXPECT_THAT(Import(Small().Station({{"ID", "S3"}, {"Note", std::string(70'000, 'x')}}).Text()),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("station:S3")));
  EXPECT_TRUE(engine_.ledgers.empty());
}

// The three files that FoodChain-Lab publishes.
class SharedDataTest : public testing::Test {
 protected:
  // Skips the test if the file is not there.
  void Load(const std::string& name) {
    const std::string path = SUYUAN_SHARED_DATA "/foodchain-lab/" + name;
    const absl::StatusOr<FclEvents> events = LoadFcl(path, FclLedgerName(path));
    if (absl::IsNotFound(events.status())) {
      GTEST_SKIP() << "not there: " << path;
    }
    SUYUAN_ASSERT_OK(events);
    events_ = *events;
    for (const Violation& fault : FaultsOf(events_)) {
      ADD_FAILURE() << events_.events[fault.event_index].id() << " " << fault.message_en;
    }
    std::set<std::string> ids;
    for (const v1::Event& event : events_.events) EXPECT_TRUE(ids.insert(event.id()).second);
  }
  FclEvents events_;
};

TEST_F(SharedDataTest, Scenario2) {
  Load("Scenario_2_LaSource.json");
  if (events_.events.empty()) return;
  EXPECT_EQ(events_.subjects, 16u);
  EXPECT_EQ(events_.units, 110u);
  EXPECT_EQ(events_.links, 437u);
  EXPECT_THAT(events_.events, SizeIs(16 + 110 + 437));
  EXPECT_EQ(WarningsWith(events_, "; the link is kept"), 2u);
  EXPECT_EQ(WarningsWith(events_, "no lot number"), 2u);
  EXPECT_EQ(WarningsWith(events_, "taken as 36.8"), 42u);
  EXPECT_THAT(events_.warnings, SizeIs(46));
  std::set<std::string> links;
  for (const FclWarning& warning : events_.warnings) {
    if (warning.message_en.find("; the link is kept") == std::string::npos) continue;
    links.insert(warning.where.substr(warning.where.find('(')));
  }
  EXPECT_THAT(links,
              testing::ElementsAre("(174817918 -> 1575619243)", "(1895570134 -> -697533458)"));
  const v1::ObserveUnit& peels = EventOf(events_, "delivery:1575619243").observe_unit();
  EXPECT_EQ(peels.unit().key(), "ext:fcl-scenario-2-lasource:delivery:1575619243");
  EXPECT_EQ(peels.lot_number(), "R82");
  EXPECT_EQ(DateText(peels.production_date()), "2018-09");
  EXPECT_EQ(peels.production_date().as_written(), "9/2018");
  EXPECT_EQ(DateText(peels.expiry_date()), "2023");
  EXPECT_EQ(peels.expiry_date().as_written(), "End 2023");
  EXPECT_EQ(peels.quantity().value(), 500);
  EXPECT_EQ(peels.quantity().unit(), "KGM");
  EXPECT_EQ(AttributeOf(peels, "Amount"), "25.0 bags 20kg");
  EXPECT_EQ(AttributeOf(peels, "Lot ID"), "-1241261771");
}

TEST_F(SharedDataTest, Scenario1) {
  Load("Scenario_1_Outbreak-Baby-Tea.json");
  if (events_.events.empty()) return;
  EXPECT_EQ(events_.subjects, 9u);
  EXPECT_EQ(events_.units, 16u);
  EXPECT_EQ(events_.links, 16u);
  EXPECT_EQ(WarningsWith(events_, "; the link is kept"), 2u);
  EXPECT_EQ(WarningsWith(events_, "taken as 36.8"), 2u);
}

TEST_F(SharedDataTest, ExampleData) {
  Load("ExampleData.json");
  if (events_.events.empty()) return;
  EXPECT_EQ(events_.subjects, 24u);
  EXPECT_EQ(events_.units, 29u);
  EXPECT_EQ(events_.links, 33u);
  EXPECT_THAT(events_.events, SizeIs(24 + 29 + 31));
  EXPECT_EQ(events_.source, "fcl-exampledata");
  // One warning for the column that no delivery has.
  EXPECT_EQ(WarningsWith(events_, "no date of departure"), 1u);
  EXPECT_THAT(events_.warnings, SizeIs(1));
  const v1::Event& cake = EventOf(events_, "delivery:D1");
  EXPECT_EQ(cake.time().begin().precision(), v1::PRECISION_UNKNOWN);
  EXPECT_EQ(TimeText(cake.time().end()), "2020-06-10");
  for (const v1::Event& event : events_.events) {
    if (event.has_observe_unit()) {
      EXPECT_TRUE(event.observe_unit().has_quantity()) << event.id();
    }
  }
}

}  // namespace
}  // namespace suyuan::exchange
