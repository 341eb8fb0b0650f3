// Scores of a common source: named stories, and an oracle over random networks.

#include "lib/trace/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "suyuan/score.h"
#include "tests/lib/trace/world.h"
#include "tests/support/every.h"

namespace suyuan {
namespace {

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAreArray;

std::string Consignment(int number) { return "ext:fcl:" + std::to_string(number); }
std::string ConsignmentId(int number) { return "fcl:delivery:" + std::to_string(number); }
std::string Station(int number) { return "ext:fcl:station-" + std::to_string(number); }
std::string StationId(int number) { return "fcl:station:" + std::to_string(number); }

tell::Told Delivered(int number, int from, int to, const v1::Date& departure,
                     const v1::Date& arrival) {
  tell::Told told = tell::Observe(tell::Ref(Consignment(number)).KnownAs(ConsignmentId(number)),
                                  Station(from), Station(to));
  v1::TimeSpan& time = *told.event.mutable_time();
  *time.mutable_begin() = TimeOfDate(departure, tell::kOffsetMinutes);
  // Also where it is not known: a span without an end ends when it begins.
  *time.mutable_end() = TimeOfDate(arrival, tell::kOffsetMinutes);
  return told;
}

// Deliveries between stations, told by an authority.
class Chain {
 public:
  Chain& Deliver(int number, int from, int to, const char* departure = "",
                 const char* arrival = "") {
    return Record(Delivered(number, from, to, tell::DateOf(departure), tell::DateOf(arrival)));
  }
  Chain& Link(int in, int out) { return Record(tell::Link(Consignment(in), Consignment(out))); }
  Chain& Record(tell::Told told) {
    world_.Record(ledger_, std::move(told));
    return *this;
  }
  absl::StatusOr<ScoreResult> Ask(const ScoreRequest& request) const {
    return trace::Score(world_.graph(), world_.ledgers(), request);
  }
  ScoreResult MustScore(const ScoreRequest& request) const {
    absl::StatusOr<ScoreResult> result = Ask(request);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *std::move(result) : ScoreResult();
  }

 private:
  World world_;
  uint32_t ledger_ = world_.AddLedger("ext:own:authority", "authority");
};

// What does not score 0 or is observed, in the order of the answer: units, then places ("s2"), with
// the number of cases if there are several, < backward and > forward.
std::string Text(const ScoreResult& result) {
  std::ostringstream text;
  for (const std::vector<Scored>* rows : {&result.units, &result.places}) {
    for (const Scored& row : *rows) {
      if (row.score == 0 && !row.backward && !row.forward) continue;
      const bool station = row.key.starts_with(Station(0).substr(0, 16));
      const bool unit = row.key.starts_with("ext:fcl:");
      text << (text.tellp() > 0 ? " " : "") << (station ? "s" : "");
      text << row.key.substr(station ? 16 : unit ? 8 : 0) << '=' << row.score;
      if (row.cases > 1) text << ':' << row.cases;
      text << (row.backward ? "<" : "") << (row.forward ? ">" : "");
    }
  }
  return text.str();
}

// Of one case, at station 2.
std::string Text(const Chain& chain, const Scenario& scenario = {}) {
  return Text(chain.MustScore({.weights = {{Station(2), 1}}, .scenario = scenario}));
}

// ------------------------------------------------------------------ stories

TEST(ScoreTest, AUnitReachesUnitsAndTheRecipientOfEach) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 1, 3).Link(1, 2);
  // A place stands for all that left it, linked or not.
  EXPECT_EQ(Text(chain.MustScore({.weights = {{Station(2), 1}, {Station(3), 1}}})),
            "1=0.5 2=0.5 3=0.5 s1=1:2 s0=0.5 s2=0.5 s3=0.5");
}

TEST(ScoreTest, WeightsAreOnPlacesAndUnits) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 0, 2);
  // What came to a place is not in its forward trace.
  EXPECT_EQ(Text(chain.MustScore({.weights = {{Station(1), 3}, {ConsignmentId(2), 1}}})),
            "1=0.75 2=0.25 s0=1:2 s1=0.75");
}

TEST(ScoreTest, WhatIsReachedOnTwoWaysCountsOnce) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 1, 2).Deliver(4, 2, 3);
  chain.Link(1, 2).Link(1, 3).Link(2, 4).Link(3, 4);
  EXPECT_EQ(Text(chain.MustScore({.weights = {{Station(3), 1}, {Consignment(4), 1}}})),
            "1=1:2 2=1:2 3=1:2 4=1:2 s0=1:2 s1=1:2 s2=1:2 s3=0.5");
}

TEST(ScoreTest, CyclesEnd) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 0).Deliver(3, 0, 2).Deliver(4, 2, 2);
  chain.Link(1, 2).Link(2, 1).Link(2, 3);
  EXPECT_EQ(Text(chain), "1=1 2=1 3=1 4=1 s0=1 s1=1 s2=1");
}

TEST(ScoreTest, WhatSpeaksAgainstIsGivenApart) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 0, 2).Deliver(3, 0, 3);
  const ScoreResult result =
      chain.MustScore({.weights = {{Station(1), 1}, {Station(2), 1}, {Consignment(3), -4}}});
  ASSERT_EQ(Text(result), "1=0.25 2=0.25 3=-1 s1=0.25 s2=0.25 s0=-0.5:2");
  EXPECT_EQ(result.places.back().positive, 0.5);
  EXPECT_EQ(result.places.back().negative, -1);
  EXPECT_EQ(result.cases, 2u);
  EXPECT_EQ(Text(chain.MustScore({.weights = {{Station(3), -0.5}}})), "3=-1 s0=-1 s3=-1");
}

TEST(ScoreTest, MixingLinksAllThatCameInToAllThatWentOut) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 3, 1);
  EXPECT_EQ(Text(chain), "2=1 s1=1 s2=1");
  EXPECT_EQ(Text(chain, {.mix = {Station(1)}}), "1=1 2=1 3=1 s0=1 s1=1 s2=1 s3=1");
}

TEST(ScoreTest, MixedUnitsOfOneRecipientShareTheirSuccessors) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 3, 1).Deliver(4, 4, 3).Link(3, 2);
  EXPECT_EQ(Text(chain, {.mix = {Consignment(1), ConsignmentId(3), Consignment(4)}}),
            "1=1 2=1 3=1 s0=1 s1=1 s2=1 s3=1");
  EXPECT_EQ(Text(chain, {.mix = {Consignment(1)}}), "2=1 3=1 s1=1 s2=1 s3=1");
}

TEST(ScoreTest, WhatLeftBeforeTheOtherArrivedIsNotMixedWithIt) {
  struct Dates {
    const char* arrival;
    const char* departure;
    bool possible;
  };
  const std::vector<Dates> all = {
      {"2012-06-05", "2012-06-05", true}, {"2012-06-05", "2012-06-04", false},
      {"2012-06-30", "2012-07-01", true}, {"2012-12-31", "2013-01-01", true},
      {"2012-06-05", "2012-06", true},    {"2012-06", "2012-06-01", true},
      {"2012-07", "2012-06-30", false},   {"2012-06", "2012-05", false},
      {"2012", "2012-01-01", true},       {"2013", "2012-12-31", false},
      {"2012-06-05", "2011", false},      {"2012-06-05", "2012", true},
      {"", "2012-01-01", true},           {"2012-06-05", "", true}};
  const std::string linked = "1=1 2=1 3=1 s0=1 s1=1 s2=1 s3=1";
  for (const Dates& dates : all) {
    SCOPED_TRACE(std::string(dates.arrival) + " before " + dates.departure);
    Chain chain;
    chain.Deliver(1, 0, 1, "", dates.arrival).Deliver(2, 1, 2, dates.departure);
    // This link was recorded, so it counts, whatever the dates say.
    chain.Deliver(3, 3, 1, "2015-01-01", "2015-01-02").Link(3, 2);
    Scenario mix = {.mix = {Station(1)}};
    for (int times = 0; times < 2; ++times) {
      mix.time = true;
      EXPECT_EQ(Text(chain, mix), dates.possible ? linked : "2=1 3=1 s1=1 s2=1 s3=1");
      mix.time = false;
      EXPECT_EQ(Text(chain, mix), linked);
      mix.mix = {Consignment(1), Consignment(3)};
    }
  }
}

TEST(ScoreTest, ThroughWhatIsTakenOutNothingGoes) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 3, 1).Link(1, 2).Link(3, 2);
  EXPECT_EQ(Text(chain, {.cut = {Station(1)}}), "2=1 s1=1 s2=1");
  EXPECT_EQ(Text(chain, {.cut = {Consignment(1)}}), "2=1 3=1 s1=1 s2=1 s3=1");
  // Where it went to is known all the same.
  EXPECT_EQ(Text(chain, {.cut = {Consignment(2)}}), "1=1 2=1 3=1 s0=1 s1=1 s2=1 s3=1");
}

TEST(ScoreTest, WhatIsTakenOutIsNotMixed) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 3, 1).Link(3, 2);
  const std::vector<std::string> both = {Consignment(1), Consignment(3)};
  EXPECT_EQ(Text(chain, {.mix = {Station(1)}, .cut = {Station(1)}}), "2=1 s1=1 s2=1");
  EXPECT_EQ(Text(chain, {.mix = both, .cut = {Station(1)}}), "2=1 s1=1 s2=1");
  EXPECT_EQ(Text(chain, {.mix = {Station(1)}, .cut = {Consignment(3)}}), "1=1 2=1 s0=1 s1=1 s2=1");
  EXPECT_EQ(Text(chain, {.mix = both, .cut = {Consignment(1)}}), "2=1 3=1 s1=1 s2=1 s3=1");
  // Nothing is left that the other could share.
  EXPECT_EQ(Text(chain, {.mix = both, .cut = {Consignment(3)}}), "2=1 s1=1 s2=1");
}

TEST(ScoreTest, UnitsWithinAMergedPlaceVanish) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 2, 1).Deliver(4, 1, 3);
  chain.Link(1, 2).Link(2, 3).Link(3, 4);
  ScoreRequest request;
  // Those of the members stay.
  request.weights = {
      {Station(1), 1}, {Station(2), 2}, {Station(3), 1}, {Consignment(2), 7}, {Consignment(3), -9}};
  request.scenario.merge = {{.name = "plant", .members = {Station(1), Station(2)}}};
  request.observe = {Station(3)};
  const ScoreResult result = chain.MustScore(request);
  EXPECT_EQ(Text(result), "1=1:3< 4=0.25< s0=1:3< plant=1:3< s3=0.25<>");
  EXPECT_EQ(result.units.size(), 2u);
  EXPECT_THAT(result.vanished, UnorderedElementsAreArray({Consignment(2), Consignment(3)}));
  EXPECT_EQ(result.cases, 3u);
}

TEST(ScoreTest, JoinedUnitsWentWhereEachOfThemWent) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 0, 2).Deliver(3, 1, 3).Link(1, 3);
  const ScoreResult result = chain.MustScore(
      {.weights = {{Station(1), 1}, {Station(2), 1}, {Station(3), 2}},
       .scenario = {.merge = {{.name = "milk", .members = {Consignment(1), ConsignmentId(2)}}}}});
  EXPECT_EQ(Text(result), "milk=1:3 3=0.5 s0=1:3 s1=0.75:2 s3=0.5 s2=0.25");
  EXPECT_EQ(result.units.size(), 2u);
}

TEST(ScoreTest, WhatIsObservedLiesInBothOfItsTraces) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2).Deliver(3, 1, 3).Link(1, 2);
  ScoreRequest request = {.weights = {{Station(2), 1}}, .observe = {ConsignmentId(2)}};
  EXPECT_EQ(Text(chain.MustScore(request)), "1=1< 2=1<> s0=1< s1=1< s2=1>");
  request.observe = {Station(1)};
  EXPECT_EQ(Text(chain.MustScore(request)), "1=1< 2=1> 3=0> s0=1< s1=1<> s2=1> s3=0>");
}

TEST(ScoreTest, RowsAreNamed) {
  Chain chain;
  tell::Told told = Delivered(1, 0, 2, {}, {});
  told.event.mutable_observe_unit()->set_product_name("milk");
  chain.Record(std::move(told)).Record(tell::SubjectMaster(Station(0), "Farm", {StationId(0)}));
  // A unit that a link alone tells of.
  chain.Link(7, 1);
  const ScoreResult result = chain.MustScore({.weights = {{StationId(0), 1}, {Station(2), 1}}});
  ASSERT_EQ(Text(result), "1=0.5 7=0.5 s0=1:2 s2=0.5");
  EXPECT_EQ(result.units[0].name, "milk");
  EXPECT_THAT(result.units[0].external_ids, ElementsAre(ConsignmentId(1)));
  EXPECT_EQ(result.places[0].name, "Farm");
  ASSERT_EQ(result.heads.size(), 1u);
  EXPECT_EQ(result.heads[0].ledger, "authority");
}

TEST(ScoreTest, WhatCannotBeAskedIsRefused) {
  Chain chain;
  chain.Deliver(1, 0, 1).Deliver(2, 1, 2);
  chain.Record(tell::SubjectMaster(Station(2), "Shop", {ConsignmentId(2)}));
  const std::vector<Weight> weights = {{Station(1), 1}};
  const std::map<std::string, absl::StatusCode> refused = {
      {"ext:fcl:nothing", absl::StatusCode::kNotFound},
      {ConsignmentId(2), absl::StatusCode::kInvalidArgument}};  // of a delivery and a station
  for (const auto& [spelling, code] : refused) {
    const Merged merged = {.name = "plant", .members = {Station(1), spelling}};
    const std::vector<ScoreRequest> requests = {
        {.weights = {{Station(1), 1}, {spelling, 1}}},
        {.weights = weights, .scenario = {.mix = {spelling}}},
        {.weights = weights, .scenario = {.cut = {spelling}}},
        {.weights = weights, .scenario = {.merge = {merged}}},
        {.weights = weights, .observe = {spelling}}};
    for (const ScoreRequest& request : requests) {
      EXPECT_THAT(chain.Ask(request), StatusIs(code, _)) << spelling;
    }
  }
  const std::vector<std::vector<Weight>> wrong = {{},
                                                  {{Station(1), 0}},
                                                  {{Station(1), 1}, {Station(1), 2}},
                                                  {{Consignment(1), 1}, {ConsignmentId(1), 1}}};
  for (const std::vector<Weight>& one : wrong) {
    EXPECT_THAT(chain.Ask({.weights = one}), StatusIs(absl::StatusCode::kInvalidArgument, _));
  }
}

// ------------------------------------------------------------------- oracle

bool CanPrecede(const v1::Date& arrival, const v1::Date& departure) {
  for (const auto part : {&v1::Date::year, &v1::Date::month, &v1::Date::day}) {
    const int arrived = (arrival.*part)();
    const int left = (departure.*part)();
    if (arrived == 0 || left == 0) return true;
    if (arrived != left) return arrived < left;
  }
  return true;
}

// A random network and a random question about it. A unit is its number, a place is kPlaces
// and its number; things that are merged are one row, that of the first of them.
class Network {
 public:
  explicit Network(uint32_t seed) : random_(seed) {
    for (size_t thing = 0; thing < Rows().size(); ++thing) row_.push_back(static_cast<int>(thing));
    const int stations = 2 + Below(8);
    deliveries_.resize(1 + Below(40));
    for (Delivery& delivery : deliveries_) {
      delivery.from = kPlaces + Below(stations);
      delivery.to = kPlaces + Below(stations);
      const int day = 280 + Below(100);
      delivery.departure = Blurred(day);
      delivery.arrival = Chance(4) ? delivery.departure : Blurred(day + Below(30));
      places_.insert({delivery.from, delivery.to});
    }
    for (int place = kPlaces; place < kPlaces + stations; ++place) {
      if (place == kPlaces || Chance(3)) registered_.insert(place);  // the first keeps the ledger
    }
    places_.insert(registered_.begin(), registered_.end());
    for (int in = 0; in < deliveries(); ++in) {
      for (int out = 0; out < deliveries(); ++out) {
        const bool meet = deliveries_[in].to == deliveries_[out].from;
        if (meet && in != out && Chance(3)) links_.insert({in, out});
      }
    }
    Ask();
    Answer();
  }

  void TellTo(World* world) {
    const uint32_t ledger = world->AddLedger(Station(0));
    std::vector<tell::Told> all;
    for (const int place : registered_) {
      all.push_back(tell::SubjectMaster(KeyOf(place), "Station", {StationId(place - kPlaces)}));
    }
    for (int i = 0; i < deliveries(); ++i) {
      const Delivery& told = deliveries_[i];
      all.push_back(
          Delivered(i, told.from - kPlaces, told.to - kPlaces, told.departure, told.arrival));
    }
    for (const auto& [in, out] : links_) {
      all.push_back(tell::Link(KeyOf(in), KeyOf(out), KeyOf(deliveries_[in].to)));
    }
    std::shuffle(all.begin(), all.end(), random_);
    for (tell::Told& told : all) world->Record(ledger, std::move(told));
  }

  ScoreRequest Request() {
    ScoreRequest request;
    for (const auto& [thing, weight] : weights_) {
      request.weights.push_back({Spelled({thing}).front(), weight});
    }
    request.scenario = {.mix = Spelled(mix_), .cut = Spelled(cut_), .time = time_};
    for (const std::set<int>& members : merged_) {
      request.scenario.merge.push_back({NameOf(*members.begin()), Spelled(members)});
    }
    request.observe = Spelled(observe_);
    return request;
  }

  void Check(const ScoreResult& result) const {
    std::set<int> places;
    for (const int place : places_) places.insert(row_[place]);
    std::set<int> units;
    for (const int unit : units_) units.insert(row_[unit]);
    CheckRows(result.places, places);
    CheckRows(result.units, units);
    uint64_t cases = 0;
    Keys vanished;
    for (const auto& [thing, weight] : weights_) {
      if (Vanishes(thing)) vanished.insert(KeyOf(thing));
      if (!Vanishes(thing) && weight > 0) ++cases;
    }
    EXPECT_EQ(result.cases, cases);
    EXPECT_THAT(result.vanished, UnorderedElementsAreArray(vanished));
  }

 private:
  static constexpr int kPlaces = 64;
  using Rows = std::bitset<size_t{2} * kPlaces>;
  using Links = std::set<std::pair<int, int>>;
  struct Delivery {
    int from = 0;
    int to = 0;
    v1::Date departure;
    v1::Date arrival;
  };

  int deliveries() const { return static_cast<int>(deliveries_.size()); }
  int Below(int end) { return static_cast<int>(random_() % end); }
  bool Chance(int in) { return Below(in) == 0; }

  // Months of 28 days from 2012 on. A part of it is known, or nothing.
  v1::Date Blurred(int day) {
    v1::Date date;
    const int known = Below(6);
    if (known > 0) date.set_year(2012 + day / 336);
    if (known > 1) date.set_month(day % 336 / 28 + 1);
    if (known > 2) date.set_day(day % 28 + 1);
    return date;
  }

  void Merge(const std::set<int>& members) {
    for (const int thing : members) row_[thing] = *members.begin();
    merged_.push_back(members);
  }

  void Ask() {
    std::vector<int> places(places_.begin(), places_.end());
    std::shuffle(places.begin(), places.end(), random_);
    if (places.size() > 2 && Chance(2)) Merge({places[0], places[1], places[Below(3)]});
    if (places.size() > 4 && Chance(2)) Merge({places[3], places[4]});
    std::map<std::pair<int, int>, std::set<int>> alike;  // by both ends
    for (int unit = 0; unit < deliveries(); ++unit) {
      if (Vanishes(unit)) continue;
      units_.push_back(unit);
      if (Chance(2)) alike[{deliveries_[unit].from, deliveries_[unit].to}].insert(unit);
    }
    for (const auto& [ends, units] : alike) {
      if (units.size() > 1 && Chance(3)) Merge(units);
    }
    std::vector<int> things = units_;
    things.insert(things.end(), places.begin(), places.end());
    for (const int thing : things) {
      if (Chance(4)) weights_[thing] = (Below(13) - 4) * 0.25;
      if (Chance(4)) mix_.insert(thing);
      if (Chance(10)) cut_.insert(thing);
      if (Chance(12)) observe_.insert(thing);
    }
    for (int unit = 0; unit < deliveries(); ++unit) {
      if (!Vanishes(unit)) continue;
      if (Chance(3)) weights_[unit] = Chance(2) ? 0.75 : -0.5;
      if (Chance(10)) cut_.insert(unit);
    }
    weights_[places[0]] = Chance(6) ? -1.75 : 1.25;
    time_ = !Chance(4);
  }

  int From(int unit) const { return row_[deliveries_[unit].from]; }
  int To(int unit) const { return row_[deliveries_[unit].to]; }
  bool Vanishes(int thing) const {
    return thing < kPlaces && deliveries_[thing].from != deliveries_[thing].to &&
           From(thing) == To(thing);
  }
  Rows RowsOf(const std::set<int>& things) const {
    Rows rows;
    for (const int thing : things) rows.set(row_[thing]);
    return rows;
  }

  void Answer() {
    const Rows cut = RowsOf(cut_);
    const Rows mix = RowsOf(mix_);
    const auto goes_on = [&](int in) { return !cut.test(row_[in]) && !cut.test(To(in)); };
    Links links;
    for (const auto& [in, out] : links_) {
      if (goes_on(in)) links.insert({in, out});
    }
    for (size_t known = 0; known != links.size();) {
      known = links.size();
      for (const Links now = links; const auto& [before, in] : now) {
        for (const auto& [out, after] : now) {
          if (in == out && Vanishes(in)) links.insert({before, after});
        }
      }
    }
    Links recorded;
    for (const auto& [in, out] : links) {
      if (!Vanishes(in) && !Vanishes(out)) recorded.insert({row_[in], row_[out]});
    }
    Links all = recorded;
    for (const int in : units_) {
      for (const int out : units_) {
        if (To(in) != From(out) || !goes_on(in)) continue;
        if (time_ && !CanPrecede(deliveries_[in].arrival, deliveries_[out].departure)) continue;
        const bool shared = std::any_of(units_.begin(), units_.end(), [&](int other) {
          return mix.test(row_[in]) && mix.test(row_[other]) && To(in) == To(other) &&
                 recorded.contains({row_[other], row_[out]});
        });
        if (shared || mix.test(To(in))) all.insert({row_[in], row_[out]});
      }
    }
    forward_ = Traces(all, true);
    backward_ = Traces(all, false);
  }

  // Of every row.
  std::vector<Rows> Traces(const Links& links, bool forward) const {
    std::vector<Rows> traces(Rows().size());
    for (size_t row = 0; row < traces.size(); ++row) traces[row].set(row);
    for (bool changed = true; changed;) {
      changed = false;
      for (const auto& [in, out] : links) {
        Rows& trace = traces[forward ? in : out];
        const Rows before = trace;
        trace |= traces[forward ? out : in];
        changed |= trace != before;
      }
    }
    for (Rows& trace : traces) {
      for (const int unit : units_) {
        if (trace.test(row_[unit])) trace.set(forward ? To(unit) : From(unit));
      }
    }
    for (const int unit : units_) traces[forward ? From(unit) : To(unit)] |= traces[row_[unit]];
    return traces;
  }

  Scored Expected(int row) const {
    Scored scored;
    double for_all = 0;
    double against_all = 0;
    for (const auto& [thing, weight] : weights_) {
      if (Vanishes(thing)) continue;
      (weight > 0 ? for_all : against_all) += weight;
      if (!forward_[row].test(row_[thing])) continue;
      (weight > 0 ? scored.positive : scored.negative) += weight;
      if (weight > 0) ++scored.cases;
    }
    scored.positive /= std::max(for_all, -against_all);
    scored.negative /= std::max(for_all, -against_all);
    scored.score = scored.positive + scored.negative;
    for (const int thing : observe_) {
      if (forward_[row_[thing]].test(row)) scored.forward = true;
      if (backward_[row_[thing]].test(row)) scored.backward = true;
    }
    return scored;
  }

  static std::string KeyOf(int thing) {
    return thing < kPlaces ? Consignment(thing) : Station(thing - kPlaces);
  }
  std::string NameOf(int row) const {
    const bool merged = std::count(row_.begin(), row_.end(), row) > 1;
    return merged ? "merged-" + std::to_string(row) : KeyOf(row);
  }
  // In any order, by key or by number.
  std::vector<std::string> Spelled(const std::set<int>& things) {
    std::vector<std::string> spelled;
    for (const int thing : things) {
      const bool numbered = Chance(2) && (thing < kPlaces || registered_.contains(thing));
      const std::string number =
          thing < kPlaces ? ConsignmentId(thing) : StationId(thing - kPlaces);
      spelled.push_back(numbered ? number : KeyOf(thing));
    }
    std::shuffle(spelled.begin(), spelled.end(), random_);
    return spelled;
  }

  void CheckRows(const std::vector<Scored>& rows, const std::set<int>& expected) const {
    std::map<std::string, int> left;
    for (const int row : expected) left[NameOf(row)] = row;
    const Scored* before = nullptr;
    for (const Scored& row : rows) {
      ASSERT_TRUE(left.contains(row.key)) << row.key << " is no row, or is listed twice";
      const Scored wanted = Expected(left[row.key]);
      left.erase(row.key);
      EXPECT_NEAR(row.score, wanted.score, 1e-9) << row.key;
      EXPECT_NEAR(row.positive, wanted.positive, 1e-9) << row.key;
      EXPECT_NEAR(row.negative, wanted.negative, 1e-9) << row.key;
      EXPECT_EQ(row.cases, wanted.cases) << row.key;
      EXPECT_EQ(row.forward, wanted.forward) << row.key;
      EXPECT_EQ(row.backward, wanted.backward) << row.key;
      if (before != nullptr && before->score == row.score) {
        EXPECT_LT(before->key, row.key);
      }
      if (before != nullptr) {
        EXPECT_GE(before->score, row.score) << row.key;
      }
      before = &row;
    }
    EXPECT_TRUE(left.empty()) << left.begin()->first << " is not listed";
  }

  std::mt19937 random_;
  std::vector<Delivery> deliveries_;
  Links links_;
  std::set<int> places_;
  std::set<int> registered_;
  std::vector<int> row_;  // by thing
  std::vector<std::set<int>> merged_;
  std::vector<int> units_;  // those that do not vanish
  std::map<int, double> weights_;
  std::set<int> mix_;
  std::set<int> cut_;
  std::set<int> observe_;
  bool time_ = true;
  std::vector<Rows> forward_;  // traces, by row
  std::vector<Rows> backward_;
};

TEST(ScoreTest, ScoresOfRandomNetworksAreThoseOfTheirLinks) {
  const char* const text = std::getenv("SUYUAN_SCORE_NETWORKS");
  const uint32_t networks = text == nullptr ? 300 : static_cast<uint32_t>(std::atoi(text));
  for (uint32_t seed = 1; seed <= networks && !HasFailure(); seed += EveryStory()) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Network network(seed);
    World world;
    network.TellTo(&world);
    const absl::StatusOr<ScoreResult> result =
        trace::Score(world.graph(), world.ledgers(), network.Request());
    SUYUAN_ASSERT_OK(result);
    network.Check(*result);
  }
}

}  // namespace
}  // namespace suyuan
