#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/engine/mirrors.h"
#include "lib/ledger/record_format.h"
#include "suyuan/engine.h"
#include "tests/support/event_builder.h"
#include "tests/support/fake_log.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::SizeIs;
using namespace suyuan::tell;  // NOLINT(google-build-using-namespace)

std::unique_ptr<Engine> OpenAt(const std::string& dir) {
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir});
  EXPECT_THAT(engine, IsOk());
  return engine.ok() ? *std::move(engine) : nullptr;
}

void CreateLedger(Engine* engine, const std::string& name,
                  const std::string& profile = "investigation") {
  SUYUAN_ASSERT_OK(engine->CreateLedger(
      {.name = name, .subject = "ext:test:" + name, .subject_name = name, .profile = profile}));
}

v1::Event Linked(const std::string& input, const std::string& output) {
  v1::Event event;
  event.set_id(input + ">" + output);
  event.mutable_link_units()->mutable_input()->set_key("ext:test:" + input);
  event.mutable_link_units()->mutable_output()->set_key("ext:test:" + output);
  return event;
}

// Follows a ledger of another engine.
absl::StatusOr<MirrorInfo> FollowEngine(Engine* engine, Engine* origin, const std::string& ledger,
                                        bool resume = false) {
  MirrorRequest request;
  request.url = "http://" + ledger;
  const absl::StatusOr<LedgerInfo> info = origin->GetLedger(ledger);
  for (const std::string& key : info->verifier_keys) {
    request.policy += "log " + key + "\n";
  }
  request.policy += "quorum none\n";
  request.resume = resume;
  request.fetch = [=](std::string_view path, size_t) {
    return path == "checkpoint" ? origin->PublishedCheckpoint(ledger)
                                : origin->ReadTile(ledger, path);
  };
  return engine->Follow(request);
}

absl::StatusOr<MirrorInfo> FollowLog(Engine* engine, FakeLog* log, bool resume = false) {
  MirrorRequest request;
  request.url = "http://log";
  request.policy = log->Policy();
  request.resume = resume;
  request.fetch = [log](std::string_view path, size_t max) { return log->Fetch(path, max); };
  return engine->Follow(request);
}

// What an answer says, but for heads and digest; ledgers without what tells mirrors apart.
std::multiset<std::string> Said(const TraceResult& result) {
  const auto plain = [](const std::string& ledger) { return ledger.substr(0, ledger.find('@')); };
  std::multiset<std::string> said;
  for (const TracedUnit& unit : result.units) {
    std::string holders;
    for (const std::string& holder : unit.holders) holders += " " + holder;
    said.insert(StrCat("unit ", unit.key, " ", unit.depth, holders));
  }
  for (const TracedStep& step : result.steps) {
    said.insert(StrCat("step ", plain(step.ledger), " ", step.sequence, " ", step.operation));
  }
  for (const TraceEnd& end : result.ends) said.insert(StrCat("end ", end.unit, " ", end.why));
  for (const WithdrawnLink& link : result.withdrawn) {
    said.insert(StrCat("withdrawn ", link.input, " ", link.output, " ", plain(link.ledger), " ",
                       link.sequence, " ", link.corrected_by));
  }
  return said;
}

std::multiset<std::string> Affected(const RecallPlan& plan) {
  std::multiset<std::string> rows;
  for (const StockRow& row : plan.affected) {
    rows.insert(StrCat(row.unit, " ", row.holder, " ", row.state, " ", row.quantity));
  }
  for (const RecallCustomer& customer : plan.customers) {
    rows.insert(StrCat("customer ", customer.key, " ", customer.unit));
  }
  return rows;
}

class MirrorsTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void Open() {
    engine_.reset();
    engine_ = OpenAt(dir_ / "regulator");
  }
  std::vector<MirrorInfo> List() { return *Engine::ListMirrors(dir_ / "regulator"); }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(MirrorsTest, TwoCompaniesAnswerAsIfTheyWereInOneEngine) {
  const auto dairy = OpenAt(dir_ / "dairy");
  const auto shop = OpenAt(dir_ / "shop");
  const auto both = OpenAt(dir_ / "both");
  CreateLedger(dairy.get(), "dairy");
  CreateLedger(shop.get(), "shop");
  CreateLedger(both.get(), "dairy");
  CreateLedger(both.get(), "shop");
  const auto tell = [&](const std::string& ledger, const std::vector<v1::Event>& events) {
    SUYUAN_ASSERT_OK((ledger == "dairy" ? dairy : shop)->Append(ledger, events));
    SUYUAN_ASSERT_OK(both->Append(ledger, events));
  };
  const auto compare = [&] {
    SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), shop.get(), "shop"));
    SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
    for (const std::string unit : {"milk", "powder", "cake"}) {
      for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
        const TraceRequest request{.unit = "ext:test:" + unit, .direction = direction};
        const auto here = engine_->Trace(request);
        const auto there = both->Trace(request);
        SUYUAN_ASSERT_OK(here);
        SUYUAN_ASSERT_OK(there);
        EXPECT_EQ(Said(*here), Said(*there));
        EXPECT_THAT(here->heads, SizeIs(2));
      }
    }
    const auto here = engine_->PlanRecall({.units = {"ext:test:milk"}});
    const auto there = both->PlanRecall({.units = {"ext:test:milk"}});
    SUYUAN_ASSERT_OK(here);
    SUYUAN_ASSERT_OK(there);
    EXPECT_EQ(Affected(*here), Affected(*there));
  };
  tell("dairy", {Linked("milk", "powder"), Linked("milk", "cream")});
  tell("shop", {Linked("powder", "cake"), Linked("cream", "ice")});
  compare();
  // Corrections count, and what is told later.
  v1::Event withdrawal;
  withdrawal.set_id("w");
  withdrawal.mutable_correct()->set_withdrawn_event_id("milk>cream");
  withdrawal.mutable_correct()->set_reason("another tank");
  tell("dairy", {withdrawal});
  tell("shop", {Linked("cake", "slice")});
  compare();
  Open();
  compare();
  SUYUAN_EXPECT_OK(engine_->RebuildIndexes());
  compare();
  EXPECT_THAT(engine_->CheckNow(nullptr)->problems, IsEmpty());
}

TEST_F(MirrorsTest, OwnLedgersAndMirrorsAreTracedTogetherAndToldApart) {
  const auto dairy = OpenAt(dir_ / "dairy");
  CreateLedger(dairy.get(), "plant-1");
  SUYUAN_ASSERT_OK(dairy->Append("plant-1", std::vector{Linked("milk", "powder")}));
  CreateLedger(engine_.get(), "plant-1");
  SUYUAN_ASSERT_OK(engine_->Append("plant-1", std::vector{Linked("powder", "cake")}));
  const auto info = FollowEngine(engine_.get(), dairy.get(), "plant-1");
  SUYUAN_ASSERT_OK(info);
  EXPECT_THAT(info->ledger, MatchesRegex("plant-1@[0-9a-f]+"));
  EXPECT_EQ(info->size, 2U);
  EXPECT_EQ(info->checkpoint_size, 2U);

  const auto forward = engine_->Trace({.unit = "ext:test:milk", .direction = Direction::kForward});
  SUYUAN_ASSERT_OK(forward);
  EXPECT_THAT(forward->units, SizeIs(2));
  ASSERT_THAT(forward->heads, SizeIs(2));
  EXPECT_EQ(forward->heads[0].ledger, "plant-1");
  EXPECT_EQ(forward->heads[1].ledger, info->ledger);
  EXPECT_EQ(forward->heads[1].root, dairy->GetLedger("plant-1")->root);

  // As it was before it told of powder.
  const auto before = engine_->Trace({.unit = "ext:test:powder",
                                      .direction = Direction::kBackward,
                                      .at = {{.ledger = info->ledger, .size = 1}}});
  SUYUAN_ASSERT_OK(before);
  EXPECT_THAT(before->units, IsEmpty());

  // It is written where it comes from.
  const std::vector<v1::Event> events = {Linked("a", "b")};
  EXPECT_THAT(engine_->Append(info->ledger, events),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("is a mirror of suyuan/plant-1/"), HasSubstr("镜像"))));
  EXPECT_THAT(engine_->RotateKey(info->ledger),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("mirror")));
  EXPECT_THAT(engine_->RetireKeys(info->ledger),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("mirror")));

  // What it shows on is what its origin signed.
  EXPECT_EQ(*engine_->PublishedCheckpoint(info->ledger), *dairy->PublishedCheckpoint("plant-1"));
  const auto proof = engine_->Prove(info->ledger, "milk>powder");
  SUYUAN_ASSERT_OK(proof);
  EXPECT_EQ(proof->proof, dairy->Prove("plant-1", "milk>powder")->proof);
}

TEST_F(MirrorsTest, NamesFollowFromOrigins) {
  EXPECT_EQ(
      engine::MirrorName("suyuan/plant-1/000102030405060708090a0b0c0d0e0f"),
      "plant-1@" + Sha256({"suyuan/plant-1/000102030405060708090a0b0c0d0e0f"}).hex().substr(0, 8));
  EXPECT_THAT(engine::MirrorName("Example.com/Log"), MatchesRegex("-xample-com--og@[0-9a-f]+"));
  EXPECT_THAT(engine::MirrorName("suyuan//x"), MatchesRegex("ledger@[0-9a-f]+"));
  EXPECT_THAT(engine::MirrorName("../../" + std::string(300, 'x')), SizeIs(73));
}

TEST_F(MirrorsTest, HowAMirrorStandsIsAFileOfLines) {
  const auto dairy = OpenAt(dir_ / "dairy");
  CreateLedger(dairy.get(), "dairy");
  const auto info = FollowEngine(engine_.get(), dairy.get(), "dairy");
  SUYUAN_ASSERT_OK(info);
  const std::string path =
      dir_ / "regulator" + std::string("/mirrors/state/") + info->ledger + ".mirror";
  EXPECT_EQ(*ReadFile(path),
            StrCat("suyuan-mirror 1\nledger ", info->ledger, "\norigin ", info->origin,
                   "\nurl http://dairy\naccepted ", info->accepted_micros, "\n"));
  SUYUAN_ASSERT_OK(WriteFileAtomically(path, "suyuan-mirror 2\n"));
  EXPECT_THAT(Engine::ListMirrors(dir_ / "regulator"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not the state of a mirror")));
}

TEST_F(MirrorsTest, AnOwnLedgerIsNotMirrored) {
  CreateLedger(engine_.get(), "plant");
  EXPECT_THAT(FollowEngine(engine_.get(), engine_.get(), "plant"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("is ledger plant of this data directory")));
  EXPECT_THAT(List(), IsEmpty());
}

TEST_F(MirrorsTest, WhatAMirrorSaysOfGoodsCounts) {
  const auto dairy = OpenAt(dir_ / "dairy");
  CreateLedger(dairy.get(), "dairy", "canteen");
  const std::string milk = "lot:ext:test:farm/milk/M1";
  Told hold;
  hold.event.mutable_hold()->mutable_unit()->set_key(milk);
  hold.event.mutable_hold()->set_reason("complaint");
  SUYUAN_ASSERT_OK(dairy->Append("dairy", std::vector{OpenStock(milk).Id("o").At(0).Of(10).event,
                                                      std::move(hold).Id("h").At(1).event}));
  SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
  const auto here = engine_->PlanRecall({.units = {milk}});
  const auto there = dairy->PlanRecall({.units = {milk}});
  SUYUAN_ASSERT_OK(here);
  SUYUAN_ASSERT_OK(there);
  EXPECT_EQ(Affected(*here), Affected(*there));
  EXPECT_THAT(Affected(*here), Contains(HasSubstr("held")));
}

TEST_F(MirrorsTest, AKeyThatWasChangedIsAMatterOfThePolicy) {
  const auto dairy = OpenAt(dir_ / "dairy");
  CreateLedger(dairy.get(), "dairy");
  const std::string old = "log " + dairy->GetLedger("dairy")->verifier_keys[0] + "\nquorum none\n";
  SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
  SUYUAN_ASSERT_OK(dairy->RotateKey("dairy"));
  MirrorRequest request;
  request.url = "http://dairy";
  request.policy = old;
  request.fetch = [&](std::string_view path, size_t) {
    return path == "checkpoint" ? dairy->PublishedCheckpoint("dairy")
                                : dairy->ReadTile("dairy", path);
  };
  SUYUAN_EXPECT_OK(engine_->Follow(request));
  SUYUAN_ASSERT_OK(dairy->RetireKeys("dairy"));
  SUYUAN_ASSERT_OK(dairy->Append("dairy", std::vector{Linked("a", "b")}));
  EXPECT_THAT(engine_->Follow(request),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("not signed by a log")));
  EXPECT_THAT(List()[0].stopped, IsEmpty());
  SUYUAN_EXPECT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
  EXPECT_THAT(engine_->CheckNow(nullptr)->problems, IsEmpty());
}

// A store of mirrors that was put back to an older copy, marks and all.
TEST_F(MirrorsTest, AnOpeningThatIsBehindWhatWasAcceptedIsRefused) {
  const auto dairy = OpenAt(dir_ / "dairy");
  CreateLedger(dairy.get(), "dairy");
  SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
  const std::string name = List()[0].ledger;
  engine_.reset();
  const std::string mirrors = dir_ / "regulator" + std::string("/mirrors");
  fs::copy(mirrors, dir_ / "copy", fs::copy_options::recursive);
  Open();
  SUYUAN_ASSERT_OK(dairy->Append("dairy", std::vector{Linked("a", "b")}));
  SUYUAN_ASSERT_OK(FollowEngine(engine_.get(), dairy.get(), "dairy"));
  engine_.reset();
  const std::string note = *ReadFile(mirrors + "/marks/" + name + ".checkpoint");
  fs::remove_all(mirrors);
  fs::copy(dir_ / "copy", mirrors, fs::copy_options::recursive);
  SUYUAN_ASSERT_OK(WriteFileAtomically(mirrors + "/marks/" + name + ".checkpoint", note));
  EXPECT_THAT(Engine::Open({.data_dir = dir_ / "regulator"}),
              StatusIs(absl::StatusCode::kDataLoss, AllOf(HasSubstr("mirrors: ledger " + name),
                                                          HasSubstr("by the checkpoint"))));
  const auto report = Engine::Check({.data_dir = dir_ / "regulator"});
  SUYUAN_ASSERT_OK(report);
  EXPECT_THAT(report->problems, Not(IsEmpty()));
}

TEST_F(MirrorsTest, FollowersOfSeveralLedgersDoNotDisturbEachOther) {
  const auto dairy = OpenAt(dir_ / "dairy");
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(StrCat("plant-", i));
    CreateLedger(dairy.get(), names.back());
    std::vector<v1::Event> events;
    for (int k = 0; k < 300; ++k) events.push_back(Linked(StrCat(i, "a", k), StrCat(i, "b", k)));
    SUYUAN_ASSERT_OK(dairy->Append(names.back(), events));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&, i] {
      EXPECT_THAT(FollowEngine(engine_.get(), dairy.get(), names[static_cast<size_t>(i % 3)]),
                  IsOk());
    });
  }
  for (int i = 0; i < 50; ++i) EXPECT_THAT(engine_->ListLedgers(), IsOk());
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(List(), SizeIs(3));
  for (const MirrorInfo& info : List()) EXPECT_EQ(info.size, 301U);
  EXPECT_THAT(engine_->CheckNow(nullptr)->problems, IsEmpty());
}

// A log that shows records of its own making.
class ForeignTest : public MirrorsTest {
 protected:
  void SetUp() override {
    MirrorsTest::SetUp();
    v1::Event genesis;
    genesis.set_id("suyuan:genesis");
    genesis.mutable_genesis()->set_origin(log_.origin());
    genesis.mutable_genesis()->set_format(1);
    genesis.mutable_genesis()->set_hash("sha-256");
    genesis.mutable_genesis()->set_owner("ext:test:owner");
    genesis.mutable_genesis()->set_profile("a-profile-of-tomorrow");
    Tell(genesis);
  }

  // The record that would come next.
  std::string Next(const v1::Event& event) {
    std::string bytes;
    const Hash previous =
        log_.entries.empty() ? Sha256({log_.origin()}) : merkle::LeafHash(log_.entries.back());
    ledger::AppendRecord({.sequence = log_.entries.size(),
                          .recorded_micros = 1'790'000'000'000'000,
                          .event_id = event.id(),
                          .previous = previous,
                          .event = event.SerializeAsString()},
                         &bytes);
    return bytes;
  }
  void Tell(const v1::Event& event) { log_.entries.push_back(Next(event)); }

  // It is stopped for `why`, and what was shown is kept.
  void Stopped(const std::string& why) {
    EXPECT_THAT(FollowLog(engine_.get(), &log_, /*resume=*/true),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr(why)));
    ASSERT_THAT(List(), SizeIs(1));
    EXPECT_THAT(List()[0].stopped, HasSubstr(why));
    const auto files = ListDir(List()[0].evidence);
    SUYUAN_ASSERT_OK(files);
    EXPECT_THAT(*files, AllOf(Contains("offered.checkpoint"), Contains("why.txt")));
    EXPECT_EQ(*ReadFile(List()[0].evidence + "/offered.checkpoint"),
              log_.note.value_or(log_.Checkpoint(log_.entries.size())));
    EXPECT_THAT(FollowLog(engine_.get(), &log_),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("is stopped: ")));
  }
  uint64_t Size() {
    const auto ledgers = engine_->ListLedgers();
    return ledgers->empty() ? 0 : ledgers->front().size;
  }

  FakeLog log_{"suyuan/foreign/0011"};
};

TEST_F(ForeignTest, WhatThisVersionDoesNotKnowIsKeptAndShown) {
  v1::Event event = Linked("a", "b");
  event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(9'999, "tomorrow");
  Tell(event);
  v1::Event other;
  other.set_id("other");
  other.GetReflection()->MutableUnknownFields(&other)->AddVarint(8'888, 1);
  Tell(other);
  const auto info = FollowLog(engine_.get(), &log_);
  SUYUAN_ASSERT_OK(info);
  EXPECT_THAT(engine_->Trace({.unit = "ext:test:a"}), IsOk());
  Open();
  std::vector<std::string> seen;
  SUYUAN_ASSERT_OK(engine_->Read(info->ledger, 1, 3, [&](const Entry& entry) {
    seen.push_back(entry.event.SerializeAsString());
    return true;
  }));
  EXPECT_THAT(seen, ElementsAre(event.SerializeAsString(), other.SerializeAsString()));
  EXPECT_EQ(engine_->GetLedger(info->ledger)->root, std::string(log_.Root(3).view()));
}

TEST_F(ForeignTest, WhatIsNoLedgerIsNotTaken) {
  SUYUAN_ASSERT_OK(FollowLog(engine_.get(), &log_));
  const auto refused = [&](const std::string& record, const std::string& why) {
    log_.entries.push_back(record);
    Stopped(why);
    EXPECT_EQ(Size(), 1U);
    log_.entries.pop_back();
  };
  const v1::Event event = Linked("a", "b");
  refused("nonsense", "entry 1: no entry of a ledger: ");
  refused("", "entry 1: no entry of a ledger: ");
  std::string record;
  const Hash previous = merkle::LeafHash(log_.entries[0]);
  const std::string bytes = event.SerializeAsString();
  const auto make = [&](const ledger::RecordView& view) {
    record.clear();
    ledger::AppendRecord(view, &record);
    return record;
  };
  const int64_t now = 1'790'000'000'000'000;
  refused(make({2, now, event.id(), previous, bytes}), "entry 1: it says that it is entry 2");
  refused(make({1, now, event.id(), {}, bytes}), "as the leaf hash before it, expected ");
  refused(make({1, now - 1, event.id(), previous, bytes}), "entry 1: recorded at ");
  refused(make({1, now, "another", previous, bytes}), "event id another, its event says a>b");
  refused(make({1, now, "suyuan:genesis", previous,
                [] {
                  v1::Event again;
                  again.set_id("suyuan:genesis");
                  return again.SerializeAsString();
                }()}),
          "event id suyuan:genesis is that of an entry before it");
  refused(make({1, now, "x", previous, "\xff\xff"}), "its event cannot be read");
  refused(make({1, now, "", previous, ""}), "an event id of 0 bytes");
  refused(make({1, now, std::string(65, 'x'), previous, ""}), "an event id of 65 bytes");
  v1::Event withdrawal;
  withdrawal.set_id("w");
  withdrawal.mutable_correct()->set_withdrawn_event_id("never");
  refused(Next(withdrawal), "event w names event never, which is not before it");
  withdrawal.mutable_correct()->set_withdrawn_event_id("w");
  refused(Next(withdrawal), "event w names event w, which is not before it");
  Tell(event);
  SUYUAN_EXPECT_OK(FollowLog(engine_.get(), &log_, /*resume=*/true));
  EXPECT_EQ(Size(), 2U);
  EXPECT_THAT(List()[0].stopped, IsEmpty());
  EXPECT_THAT(engine_->CheckNow(nullptr)->ledgers, SizeIs(1));
}

TEST_F(ForeignTest, AGenesisOfAnotherOriginIsNotTaken) {
  v1::Event genesis;
  genesis.set_id("suyuan:genesis");
  log_.entries.clear();
  Tell(genesis);
  Stopped("entry 0: found no genesis, expected the genesis of suyuan/foreign/0011");
  genesis.mutable_genesis()->set_origin("suyuan/another/0011");
  genesis.mutable_genesis()->set_format(1);
  genesis.mutable_genesis()->set_hash("sha-256");
  log_.entries.clear();
  Tell(genesis);
  Stopped("entry 0: found the genesis of suyuan/another/0011");
  genesis.mutable_genesis()->set_origin(log_.origin());
  genesis.mutable_genesis()->set_hash("md5");
  log_.entries.clear();
  Tell(genesis);
  Stopped("hash md5");
  EXPECT_EQ(Size(), 0U);
  Open();
  genesis.mutable_genesis()->set_hash("sha-256");
  log_.entries.clear();
  Tell(genesis);
  SUYUAN_EXPECT_OK(FollowLog(engine_.get(), &log_, /*resume=*/true));
}

TEST_F(ForeignTest, AnotherLedgerAtTheSameAddressIsNotFollowed) {
  SUYUAN_ASSERT_OK(FollowLog(engine_.get(), &log_));
  FakeLog other("suyuan/other/0011");
  v1::Event genesis;
  genesis.set_id("suyuan:genesis");
  MirrorRequest request;
  request.url = "http://log";
  request.policy = log_.Log() + other.Policy();
  request.fetch = [&](std::string_view path, size_t max) { return other.Fetch(path, max); };
  EXPECT_THAT(engine_->Follow(request),
              StatusIs(absl::StatusCode::kPermissionDenied,
                       HasSubstr("origin is suyuan/other/0011, expected suyuan/foreign/0011")));
  EXPECT_THAT(List()[0].stopped, IsEmpty());
}

TEST_F(ForeignTest, AForkStopsItAndTheEvidenceNamesBothHeads) {
  for (int i = 0; i < 20; ++i) Tell(Linked(StrCat("a", i), "b"));
  SUYUAN_ASSERT_OK(FollowLog(engine_.get(), &log_));
  const std::string accepted = log_.Checkpoint(21);
  const std::string last = log_.entries.back();
  log_.entries.pop_back();
  Tell(Linked("other", "b"));
  Tell(Linked("more", "b"));
  Stopped("fork: entry 20 has the hash ");
  EXPECT_EQ(*ReadFile(List()[0].evidence + "/accepted.checkpoint"), accepted);
  EXPECT_EQ(Size(), 21U);
  // The same again is the same directory.
  const std::string evidence = List()[0].evidence;
  Stopped("fork: entry 20 has the hash ");
  EXPECT_EQ(List()[0].evidence, evidence);
  EXPECT_THAT(*ListDir(dir_ / "regulator" + std::string("/mirrors/evidence")), SizeIs(1));
  Open();
  EXPECT_EQ(Size(), 21U);
  EXPECT_THAT(engine_->CheckNow(nullptr)->ledgers, SizeIs(1));
}

// More than one commit; what was taken before the network failed stays.
TEST_F(ForeignTest, AnInterruptedRoundGoesOn) {
  for (int i = 0; i < 6000; ++i) Tell(Linked(StrCat("a", i), "b"));
  log_.fails["tile/entries/020"] = absl::UnavailableError("gone");
  EXPECT_THAT(FollowLog(engine_.get(), &log_), StatusIs(absl::StatusCode::kUnavailable, "gone"));
  EXPECT_EQ(Size(), 4096U);
  const std::string name = List()[0].ledger;
  EXPECT_THAT(engine_->PublishedCheckpoint(name),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no checkpoint")));
  Open();
  log_.fails.clear();
  const std::string promised = log_.Checkpoint(6001);
  for (int i = 0; i < 10; ++i) Tell(Linked(StrCat("b", i), "c"));
  log_.fails["tile/entries/023.p/123"] = absl::UnavailableError("gone");
  EXPECT_THAT(FollowLog(engine_.get(), &log_), StatusIs(absl::StatusCode::kUnavailable, "gone"));
  log_.fails.clear();
  const auto info = FollowLog(engine_.get(), &log_);
  SUYUAN_ASSERT_OK(info);
  EXPECT_EQ(info->size, 6011U);
  EXPECT_EQ(info->checkpoint_size, 6011U);
  EXPECT_THAT(*ListDir(dir_ / "regulator" + std::string("/mirrors/state")), SizeIs(1));
  EXPECT_THAT(engine_->CheckNow(nullptr)->ledgers, SizeIs(1));
}

}  // namespace
}  // namespace suyuan
