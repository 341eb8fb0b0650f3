// Closures against a brute-force oracle. A random story is made up once; from
// it come the events that the graph is told, and, apart from them, a plain list
// of what was where and became what, over which the oracle walks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/trace/verify.h"
#include "tests/lib/trace/world.h"
#include "tests/support/every.h"

namespace suyuan {
namespace {

// ---------------------------------------------------------------- the oracle

// Some of a unit, somewhere. Empty: not told.
struct Spot {
  std::string unit;
  std::string holder;
  std::string part = {};
  bool apart = false;  // came back: nothing draws from it that does not name it
  // The packing that put it into a container; it may turn up loose.
  std::string packed = {};
  friend auto operator<=>(const Spot&, const Spot&) = default;
};

bool OneHolder(const std::string& a, const std::string& b) {
  return a.empty() || b.empty() || a == b || a.starts_with(b + "/") || b.starts_with(a + "/");
}

// Can what was put at `put` be what was taken from `taken`?
bool CanBeOne(const Spot& put, const Spot& taken) {
  if (put.unit != taken.unit || !OneHolder(put.holder, taken.holder)) return false;
  if (!taken.packed.empty() && put.packed != taken.packed) return false;
  if (put.apart || taken.apart) return put.part == taken.part;
  return put.part.empty() || taken.part.empty() || put.part == taken.part;
}

struct Change {
  std::vector<Spot> from;
  std::vector<Spot> to;
  int cost = 0;           // steps: 0 for what only moves
  int64_t minute = -1;    // when; not told
  bool reported = false;  // that one went into the other, whenever
};

using Depths = std::map<std::string, int>;  // by unit

class Oracle {
 public:
  explicit Oracle(std::vector<Change> changes) : changes_(std::move(changes)) {}

  // The least number of steps to every unit that `starts` lead to: tries every
  // change until nothing gets better. Backward, minutes count downwards.
  Depths Closure(const std::set<Spot>& starts, bool forward) const {
    constexpr int64_t kEver = -1'000'000;
    // By depth, from which minute; each better than all before it.
    std::map<Spot, std::map<int, int64_t>> best;
    for (const Spot& start : starts) best[start][0] = kEver;
    for (bool better = true; better;) {
      better = false;
      for (const Change& change : changes_) {
        const std::vector<Spot>& from = forward ? change.from : change.to;
        const std::vector<Spot>& to = forward ? change.to : change.from;
        const int64_t minute = forward ? change.minute : -change.minute;
        const bool timed = change.minute >= 0;
        std::set<std::pair<int, int64_t>> ways;  // depth, since
        for (const auto& [spot, reached] : best) {
          for (const Spot& drawn : from) {
            if (!(forward ? CanBeOne(spot, drawn) : CanBeOne(drawn, spot))) continue;
            ways.insert(reached.begin(), reached.end());
          }
        }
        for (const auto& [depth, since] : ways) {
          if (timed && since > minute) continue;
          for (const Spot& spot : to) {
            int64_t then = timed ? std::max(since, minute) : since;
            if (change.reported) then = kEver;
            auto& reached = best[spot];
            const int at = depth + change.cost;
            const bool known = std::any_of(reached.begin(), reached.end(), [&](const auto& other) {
              return other.first <= at && other.second <= then;
            });
            if (known) continue;
            reached[at] = then;
            better = true;
          }
        }
      }
    }
    Depths depths;
    for (const auto& [spot, reached] : best) {
      if (reached.empty()) continue;
      const int depth = reached.begin()->first;
      const auto [it, is_new] = depths.emplace(spot.unit, depth);
      if (!is_new) it->second = std::min(it->second, depth);
    }
    return depths;
  }

  std::set<Spot> SpotsOf(const std::string& unit) const {
    std::set<Spot> spots;
    ForEachSpot([&](const Spot& spot) {
      if (spot.unit == unit) spots.insert(spot);
    });
    return spots;
  }

  // What UNIT@HOLDER stands for: the unit there, and what is set apart there.
  std::set<Spot> SpotsAt(const std::string& unit, const std::string& holder) const {
    std::set<Spot> spots;
    ForEachSpot([&](const Spot& spot) {
      if (spot.unit != unit || !OneHolder(spot.holder, holder)) return;
      if (spot.apart) {
        spots.insert(spot);
      } else {
        spots.insert({unit, holder, "", false});
      }
    });
    return spots;
  }

  std::set<std::string> Units() const {
    std::set<std::string> units;
    ForEachSpot([&](const Spot& spot) { units.insert(spot.unit); });
    return units;
  }

  std::set<std::string> HoldersOf(const std::string& unit) const {
    std::set<std::string> holders;
    ForEachSpot([&](const Spot& spot) {
      if (spot.unit == unit && !spot.holder.empty()) holders.insert(spot.holder);
    });
    return holders;
  }

 private:
  void ForEachSpot(const std::function<void(const Spot&)>& visit) const {
    for (const Change& change : changes_) {
      for (const Spot& spot : change.from) visit(spot);
      for (const Spot& spot : change.to) visit(spot);
    }
  }

  std::vector<Change> changes_;
};

// ----------------------------------------------------------------- the story

struct Saying {
  uint32_t ledger = 0;
  tell::Told told;
};

struct Options {
  bool parts = false;
  bool unknown_holders = false;
  bool containers = false;
  bool corrections = false;
  bool times = false;  // of everything; without it only of what concerns containers
};

// Makes up a story; whatever it tells it writes down twice.
class Story {
 public:
  Story(uint32_t seed, const Options& options) : random_(seed), options_(options) {
    const size_t unit_count = 3 + Below(9);
    for (size_t i = 0; i < unit_count; ++i) {
      units_.push_back(Below(4) == 0 ? "ext:u:" + std::to_string(i)
                                     : "lot:ext:h:a/p/" + std::to_string(i));
    }
    const size_t size = 2 + Below(26);
    for (size_t i = 0; i < size; ++i) {
      minute_ += 10;
      One();
    }
  }

  const std::vector<Change>& changes() const { return changes_; }
  const std::vector<Saying>& sayings() const { return sayings_; }

 private:
  struct Crate {
    std::string key;
    std::string holder;
    std::string inside;                                      // of another one
    std::set<std::pair<std::string, std::string>> contents;  // unit, packing
  };

  size_t Below(size_t limit) { return random_() % limit; }
  const std::string& Unit() { return units_[Below(units_.size())]; }
  std::string Holder() {
    static const std::vector<std::string> kHolders = {
        "ext:h:a", "ext:h:a/s1", "ext:h:a/s2", "ext:h:b", "ext:h:c/s1", "ext:h:c", "ext:h:d"};
    return kHolders[Below(kHolders.size())];
  }
  std::string MaybeHolder() { return options_.unknown_holders && Below(5) == 0 ? "" : Holder(); }
  std::string Part() {
    return options_.parts && Below(3) == 0 ? "p" + std::to_string(Below(3)) : "";
  }

  void Say(tell::Told told, const std::string& place, bool timed = false) {
    Saying saying;
    saying.ledger = static_cast<uint32_t>(Below(3));
    saying.told = std::move(std::move(told).In(place));
    if (timed || options_.times) saying.told = std::move(std::move(saying.told).At(minute_));
    saying.told.event.set_id("s" + std::to_string(sayings_.size()));
    sayings_.push_back(std::move(saying));
  }

  void One() {
    switch (Below(options_.containers ? 12 : 8)) {
      case 0:
      case 1:
        return Run();
      case 2:
        return Split();
      case 3:
        return Merge();
      case 4:
      case 5:
        return Ship();
      case 6:
        return LinkOrRelabel();
      case 7:
        return Return();
      case 8:
      case 9:
        return Fill();
      default:
        return UseCrate();
    }
  }

  void Run() {
    const std::string run = "R" + std::to_string(sayings_.size());
    const uint32_t ledger = static_cast<uint32_t>(Below(3));
    Change change;
    change.cost = 1;
    for (size_t i = 0, n = Below(4); i < n; ++i) {
      const Spot spot{Unit(), Holder(), Part()};
      Say(tell::Charge(run, tell::Ref(spot.unit, spot.part)), spot.holder);
      sayings_.back().ledger = ledger;
      change.from.push_back(spot);
    }
    for (size_t i = 0, n = Below(4); i < n; ++i) {
      const Spot spot{Unit(), Holder(), Part()};
      Say(tell::Produce(run, tell::Ref(spot.unit, spot.part)), spot.holder);
      sayings_.back().ledger = ledger;
      change.to.push_back(spot);
    }
    changes_.push_back(change);
  }

  void Split() {
    const std::string holder = Holder();
    const Spot from{Unit(), holder, Part()};
    std::vector<tell::Ref> to;
    Change change{{from}, {}, 1};
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) {
      change.to.push_back({Unit(), holder, Part()});
      to.emplace_back(change.to.back().unit, change.to.back().part);
    }
    Say(tell::Split(tell::Ref(from.unit, from.part), to), holder);
    changes_.push_back(change);
  }

  void Merge() {
    const std::string holder = Holder();
    const Spot to{Unit(), holder, Part()};
    std::vector<tell::Ref> from;
    Change change{{}, {to}, 1};
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) {
      change.from.push_back({Unit(), holder, Part()});
      from.emplace_back(change.from.back().unit, change.from.back().part);
    }
    Say(tell::Merge(from, tell::Ref(to.unit, to.part)), holder);
    changes_.push_back(change);
  }

  // Told by the sender, by the receiver, or by both.
  void Ship() {
    const Spot from{Unit(), Holder(), Part()};
    const std::string to = MaybeHolder();
    const std::string to_part = Part();
    const size_t who = Below(4);
    if (who == 0) {
      Say(tell::Move(tell::Ref(from.unit, from.part), Holder(), to_part), from.holder);
      changes_.push_back(
          {{from}, {{from.unit, sayings_.back().told.event.move().to(), to_part}}, 0});
      return;
    }
    if (who != 1) {
      Say(tell::Ship(tell::Ref(from.unit, from.part), to), from.holder);
      sayings_.back().told.event.mutable_ship()->set_to_part(to_part);
      changes_.push_back({{from}, {{from.unit, to, to_part}}, 0});
    }
    if (who != 2) {
      // The receiver does not know the sender's parts.
      const std::string receiver = to.empty() ? Holder() : to;
      const std::string supplier =
          options_.unknown_holders && Below(4) == 0 ? std::string() : from.holder;
      Say(tell::Receive(tell::Ref(from.unit, to_part), supplier), receiver);
      changes_.push_back({{{from.unit, supplier, ""}}, {{from.unit, receiver, to_part}}, 0});
    }
  }

  void LinkOrRelabel() {
    const std::string a = Unit();
    const std::string b = Unit();
    const std::string holder = Holder();
    if (Below(2) == 0) {
      // Of a lot it is told where the link was made; a consignment is one
      // delivery, wherever it is.
      const auto spot = [&](const std::string& unit) {
        return Spot{unit, unit.starts_with("ext:") ? std::string() : holder, ""};
      };
      Say(tell::Link(a, b, holder), "");
      changes_.push_back({{spot(a)}, {spot(b)}, 1, -1, true});
      return;
    }
    const std::string supplier = Holder();
    Say(tell::Relabel(a, supplier, b), holder);
    changes_.push_back({{{a, supplier, ""}}, {{a, holder, ""}}, 0});
    changes_.push_back({{{a, holder, ""}}, {{b, holder, ""}}, 1});
  }

  void Return() {
    const std::string unit = Unit();
    const std::string from = MaybeHolder();
    const std::string to = Holder();
    const std::string part = "back" + std::to_string(sayings_.size());
    Say(tell::Return(unit, from, part), to);
    changes_.push_back({{{unit, from, ""}}, {{unit, to, part, true}}, 0});
    if (Below(2) == 0) return;
    // It goes back into a run, by name.
    minute_ += 10;
    const Spot out{Unit(), to, ""};
    Say(tell::Split(tell::Ref(unit, part), {tell::Ref(out.unit, out.part)}), to);
    changes_.push_back({{{unit, to, part}}, {out}, 1});
  }

  // ---- containers: where each is and what is in it, step by step

  void Fill() {
    if (crates_.size() < 4 && (crates_.empty() || Below(2) == 0)) {
      crates_.push_back({tell::Sscc(static_cast<int>(crates_.size()) + 1), Holder(), "", {}});
    }
    Crate& crate = crates_[Below(crates_.size())];
    if (!crate.inside.empty()) return;
    std::vector<tell::Ref> contents;
    const std::string packing = "packing " + std::to_string(sayings_.size());
    for (size_t i = 0, n = 1 + Below(2); i < n; ++i) {
      const std::string unit = Unit();
      crate.contents.insert({unit, packing});
      contents.emplace_back(unit);
      changes_.push_back(
          {{{unit, crate.holder}}, {{unit, crate.holder, "", false, packing}}, 0, minute_});
    }
    // Sometimes another one goes in, with all that it holds.
    Crate& other = crates_[Below(crates_.size())];
    if (other.key != crate.key && other.inside.empty() && other.holder == crate.holder &&
        !Holds(other, crate.key)) {
      other.inside = crate.key;
      contents.emplace_back(other.key);
    }
    Say(tell::Pack(crate.key, contents), crate.holder, true);
  }

  bool Holds(const Crate& crate, const std::string& key) const {
    for (const Crate& other : crates_) {
      if (other.inside == crate.key && (other.key == key || Holds(other, key))) return true;
    }
    return false;
  }

  // All that it holds, at `holder`.
  std::vector<Spot> ContentsOf(const Crate& crate, const std::string& holder) const {
    std::vector<Spot> spots;
    for (const auto& [unit, packing] : crate.contents) {
      spots.push_back({unit, holder, "", false, packing});
    }
    for (const Crate& other : crates_) {
      if (other.inside != crate.key) continue;
      for (const Spot& spot : ContentsOf(other, holder)) spots.push_back(spot);
    }
    return spots;
  }

  void Carry(Crate& crate, const std::string& to) {
    crate.holder = to;
    for (Crate& other : crates_) {
      if (other.inside == crate.key) Carry(other, to);
    }
  }

  void UseCrate() {
    if (crates_.empty()) return;
    Crate& crate = crates_[Below(crates_.size())];
    if (!crate.inside.empty()) return;
    switch (Below(3)) {
      case 0: {  // shipped, with all that is in it
        const std::string to = Holder();
        Say(tell::Ship(crate.key, to), crate.holder, true);
        const std::vector<Spot> before = ContentsOf(crate, crate.holder);
        const std::vector<Spot> after = ContentsOf(crate, to);
        for (size_t i = 0; i < before.size(); ++i) {
          changes_.push_back({{before[i]}, {after[i]}, 0, minute_});
        }
        Carry(crate, to);
        return;
      }
      case 1: {  // all comes out
        Say(tell::Unpack(crate.key), crate.holder, true);
        crate.contents.clear();
        for (Crate& other : crates_) {
          if (other.inside == crate.key) other.inside.clear();
        }
        return;
      }
      default: {  // some of all that is in it goes into a run
        const Spot out{Unit(), crate.holder, ""};
        Say(tell::Split(crate.key, {tell::Ref(out.unit)}), crate.holder, true);
        changes_.push_back({ContentsOf(crate, crate.holder), {out}, 1, minute_});
        return;
      }
    }
  }

  std::mt19937 random_;
  const Options options_;
  int64_t minute_ = 0;
  std::vector<std::string> units_;
  std::vector<Crate> crates_;
  std::vector<Change> changes_;
  std::vector<Saying> sayings_;
};

// ------------------------------------------------------------ the comparison

// Tells a story to a graph, in an order of its own.
class Teller {
 public:
  Teller(const Story& story, uint32_t seed, bool corrections) : random_(seed) {
    world.keeps_told = true;
    for (const char* const owner : {"ext:h:a", "ext:h:b", "ext:h:z"}) {
      ledgers_.push_back(world.AddLedger(owner));
    }
    std::vector<Saying> sayings = story.sayings();
    std::shuffle(sayings.begin(), sayings.end(), random_);
    for (const Saying& saying : sayings) {
      const uint32_t ledger = ledgers_[saying.ledger];
      switch (corrections ? random_() % 6 : 5) {
        case 0: {  // told wrong first, then instead of it what was right
          tell::Told wrong = sayings[random_() % sayings.size()].told;
          wrong.event.set_id("wrong" + saying.told.event.id());
          world.Record(ledger, wrong);
          tell::Told right = saying.told;
          world.Record(ledger, std::move(right).InsteadOf(wrong.event.id()));
          break;
        }
        case 1:  // withdrawn, and the withdrawal withdrawn
          world.Record(ledger, saying.told);
          world.Record(
              ledger, tell::Withdraw(world.Record(ledger, tell::Withdraw(saying.told.event.id()))));
          break;
        case 2: {  // something that never happened
          world.Record(ledger, saying.told);
          tell::Told never = sayings[random_() % sayings.size()].told;
          never.event.set_id("never" + saying.told.event.id());
          world.Record(ledger, never);
          world.Record(ledger, tell::Withdraw(never.event.id()));
          break;
        }
        default:
          world.Record(ledger, saying.told);
      }
    }
  }
  World world;

 private:
  std::mt19937 random_;
  std::vector<uint32_t> ledgers_;
};

Depths DepthsOf(const TraceResult& result) {
  Depths depths;
  for (const TracedUnit& unit : result.units) {
    if (unit.key.starts_with("sscc:")) continue;
    EXPECT_TRUE(depths.emplace(unit.key, static_cast<int>(unit.depth)).second) << unit.key;
  }
  return depths;
}

std::string Text(const Depths& depths) {
  std::string text;
  for (const auto& [unit, depth] : depths) text += " " + unit + "(" + std::to_string(depth) + ")";
  return text;
}

std::string Text(const Story& story) {
  std::string text;
  for (const Saying& saying : story.sayings()) text += saying.told.event.ShortDebugString() + "\n";
  return text;
}

// Stops at the first story that comes out wrong, and prints it.
void Compare(const Options& options, uint32_t first_seed, int stories, bool at_holders = false) {
  for (uint32_t seed = first_seed; seed < first_seed + static_cast<uint32_t>(stories);
       seed += EveryStory()) {
    const Story story(seed, options);
    const Oracle oracle(story.changes());
    const Teller teller(story, seed, options.corrections);
    for (const std::string& unit : oracle.Units()) {
      std::vector<std::pair<std::string, std::set<Spot>>> asked;
      if (at_holders) {
        for (const std::string& holder : oracle.HoldersOf(unit)) {
          asked.emplace_back(unit + "@" + holder, oracle.SpotsAt(unit, holder));
        }
      } else {
        asked.emplace_back(unit, oracle.SpotsOf(unit));
      }
      for (const auto& [spelling, starts] : asked) {
        for (const bool forward : {true, false}) {
          Depths expected = oracle.Closure(starts, forward);
          expected.erase(unit);
          const absl::StatusOr<TraceResult> result =
              teller.world.Trace(spelling, forward ? Direction::kForward : Direction::kBackward);
          ASSERT_THAT(result, IsOk()) << "seed " << seed << "\n" << Text(story);
          const Depths found = DepthsOf(*result);
          ASSERT_EQ(found, expected)
              << "seed " << seed << ", " << (forward ? "forward" : "backward") << " from "
              << spelling << "\nfound:   " << Text(found) << "\nexpected:" << Text(expected) << "\n"
              << Text(story);
        }
      }
    }
  }
}

TEST(OracleTest, PlainGraphs) { Compare({}, 1, 3000); }

TEST(OracleTest, GraphsWithParts) { Compare({.parts = true}, 10'000, 2000); }

TEST(OracleTest, GraphsWithUnknownHolders) { Compare({.unknown_holders = true}, 20'000, 2000); }

TEST(OracleTest, GraphsWithPartsAndUnknownHolders) {
  Compare({.parts = true, .unknown_holders = true}, 30'000, 2000);
}

TEST(OracleTest, GraphsWithCorrections) {
  Compare({.parts = true, .corrections = true}, 40'000, 2000);
}

TEST(OracleTest, GraphsWithContainers) { Compare({.containers = true}, 50'000, 3000); }

TEST(OracleTest, GraphsWithEverything) {
  Compare({.parts = true, .unknown_holders = true, .containers = true, .corrections = true}, 60'000,
          2000);
}

TEST(OracleTest, PlainGraphsFromOneHolder) { Compare({}, 70'000, 1000, true); }

TEST(OracleTest, GraphsWithPartsFromOneHolder) { Compare({.parts = true}, 75'000, 1000, true); }

TEST(OracleTest, GraphsWithUnknownHoldersFromOneHolder) {
  Compare({.parts = true, .unknown_holders = true}, 80'000, 1000, true);
}

// What a unit leads to has the unit in its past, and the other way round.
TEST(OracleTest, ForwardAndBackwardMirrorEachOther) {
  const Options options{.parts = true,
                        .unknown_holders = true,
                        .containers = true,
                        .corrections = true,
                        .times = true};
  for (uint32_t seed = 90'000; seed < 91'000; seed += EveryStory()) {
    const Story story(seed, options);
    const Teller teller(story, seed, true);
    std::map<std::string, Depths> forward;
    std::map<std::string, Depths> backward;
    for (const std::string& unit : Oracle(story.changes()).Units()) {
      forward[unit] = DepthsOf(teller.world.MustTrace(unit, Direction::kForward));
      backward[unit] = DepthsOf(teller.world.MustTrace(unit, Direction::kBackward));
    }
    for (const auto& [unit, reached] : forward) {
      for (const auto& [other, depth] : reached) {
        ASSERT_TRUE(backward[other].contains(unit))
            << "seed " << seed << ": " << unit << " leads to " << other << "\n"
            << Text(story);
        ASSERT_EQ(backward[other][unit], depth)
            << "seed " << seed << ": " << unit << " to " << other << "\n"
            << Text(story);
      }
    }
    for (const auto& [unit, reached] : backward) {
      for (const auto& [other, depth] : reached) {
        ASSERT_TRUE(forward[other].contains(unit))
            << "seed " << seed << ": " << other << " is in the past of " << unit << "\n"
            << Text(story);
      }
    }
  }
}

// Whoever reads the ledgers one after the other finds the same, and ways that hold, whatever ways
// they find themselves.
TEST(OracleTest, AnswersAreVerifiedByTheLedgersAlone) {
  const Options options{
      .parts = true, .unknown_holders = true, .containers = true, .corrections = true};
  for (uint32_t seed = 111'000; seed < 111'600; seed += EveryStory()) {
    const Story story(seed, options);
    const Teller teller(story, seed, true);
    const std::unique_ptr<genealogy::Graph> reread = teller.world.Reread();
    for (const std::string& unit : Oracle(story.changes()).Units()) {
      const TraceResult told = teller.world.MustTrace(unit, Direction::kBoth);
      const absl::StatusOr<TraceResult> mine =
          trace::Trace(*reread, teller.world.ledgers(), {.unit = unit});
      ASSERT_THAT(mine, IsOk()) << "seed " << seed;
      for (const TraceDifference& difference :
           trace::Compare(*reread, teller.world.ledgers(), told, *mine)) {
        FAIL() << "seed " << seed << ", unit " << unit << ": " << difference.list << "\ntold  "
               << difference.told << "\nfound " << difference.found << "\n"
               << teller.world.Text();
      }
    }
  }
}

// The order in which events were recorded is no part of the answer.
TEST(OracleTest, TheOrderOfRecordingDoesNotMatter) {
  const auto answer = [](const World& world, const std::string& unit) {
    const TraceResult result = world.MustTrace(unit, Direction::kBoth);
    std::set<std::tuple<std::string, Direction, uint32_t, std::vector<std::string>>> units;
    for (const TracedUnit& traced : result.units) {
      units.emplace(traced.key, traced.direction, traced.depth, traced.holders);
    }
    std::set<std::tuple<std::string, std::string, Direction, EndKind, std::string>> ends;
    for (const TraceEnd& end : result.ends) {
      ends.emplace(end.unit, end.holder, end.direction, end.kind, end.why);
    }
    return std::make_tuple(units, ends, result.origin_holders, result.edges, result.steps.size(),
                           result.conflicts.size());
  };
  const Options options{.parts = true, .unknown_holders = true, .containers = true, .times = true};
  for (uint32_t seed = 100'000; seed < 101'000; seed += EveryStory()) {
    const Story story(seed, options);
    const Teller one(story, seed, false);
    const Teller other(story, seed + 1, false);
    for (const std::string& unit : Oracle(story.changes()).Units()) {
      ASSERT_EQ(answer(one.world, unit), answer(other.world, unit))
          << "seed " << seed << ", unit " << unit << "\n"
          << Text(story);
    }
  }
}

}  // namespace
}  // namespace suyuan
