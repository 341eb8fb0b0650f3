#include "suyuan/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "api/cli/demo_plant.h"
#include "tests/support/sanitized.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// A store in a temporary directory, closed and opened at will.
class EngineTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    SUYUAN_ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }

  void Ledger(const std::string& name, const std::string& profile = "investigation") {
    SUYUAN_ASSERT_OK(engine_->CreateLedger(
        {.name = name, .subject = "ext:test:" + name, .subject_name = name, .profile = profile}));
  }

  static v1::Event Seen(const std::string& id, const std::string& unit) {
    v1::Event event;
    event.set_id(id);
    event.mutable_observe_unit()->mutable_unit()->set_key("ext:test:" + unit);
    event.mutable_observe_unit()->set_recipient("ext:test:holder");
    return event;
  }

  static v1::Event Linked(const std::string& input, const std::string& output) {
    v1::Event event;
    event.set_id(input + ">" + output);
    event.mutable_link_units()->mutable_input()->set_key("ext:test:" + input);
    event.mutable_link_units()->mutable_output()->set_key("ext:test:" + output);
    return event;
  }

  std::vector<Receipt> Append(const std::string& ledger, const std::vector<v1::Event>& events) {
    absl::StatusOr<std::vector<Receipt>> receipts = engine_->Append(ledger, events);
    EXPECT_THAT(receipts, IsOk());
    return receipts.ok() ? *receipts : std::vector<Receipt>();
  }

  std::vector<std::string> Forward(const std::string& unit) {
    absl::StatusOr<TraceResult> result =
        engine_->Trace({.unit = unit, .direction = Direction::kForward});
    EXPECT_THAT(result, IsOk());
    std::vector<std::string> keys;
    if (result.ok()) {
      for (const TracedUnit& traced : result->units) keys.push_back(traced.key);
    }
    return keys;
  }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, AnswersFromWhatItHasJustAcknowledged) {
  Ledger("a");
  Append("a", {Seen("s1", "milk"), Linked("milk", "powder")});
  EXPECT_THAT(Forward("ext:test:milk"), ElementsAre("ext:test:powder"));
  Append("a", {Linked("powder", "can")});
  EXPECT_THAT(Forward("ext:test:milk"), ElementsAre("ext:test:powder", "ext:test:can"));
}

// The committer tells the graph of one ledger while a reader waits for another, and gets in
// though readers never pause.
TEST_F(EngineTest, AnswersWhileSeveralLedgersGrow) {
  const std::vector<std::string> ledgers = {"a", "b", "c", "d"};
  constexpr int kBatches = kSanitized ? 50 : 200;
  for (const std::string& ledger : ledgers) Ledger(ledger);
  Append("a", {Linked("milk", "powder")});
  std::atomic<bool> done = false;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        EXPECT_THAT(engine_->Trace({.unit = "ext:test:milk"}), IsOk());
        EXPECT_THAT(engine_->PlanRecall({.units = {"ext:test:milk"}}), IsOk());
      }
    });
  }
  std::vector<std::thread> writers;
  for (const std::string& ledger : ledgers) {
    writers.emplace_back([&, ledger] {
      for (int i = 0; i < kBatches; ++i) {
        const std::string lot = ledger + std::to_string(i);
        Append(ledger, {Linked("powder", lot), Linked(lot, "can-" + lot)});
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_THAT(Forward("ext:test:milk"), SizeIs(1 + 4 * kBatches * 2));
}

TEST_F(EngineTest, KnowsEverythingAfterReopening) {
  Ledger("a");
  Ledger("b");
  Append("a", {Linked("milk", "powder")});
  Append("b", {Linked("powder", "can")});
  const auto before = engine_->Trace({.unit = "ext:test:milk"});
  Open();
  const auto after = engine_->Trace({.unit = "ext:test:milk"});
  SUYUAN_ASSERT_OK(after);
  EXPECT_EQ(before->digest, after->digest);
  EXPECT_THAT(after->heads, SizeIs(2));
  EXPECT_THAT(*engine_->ListLedgers(), SizeIs(2));
}

TEST_F(EngineTest, TracesLedgersAsTheyWereAndAsTheyWereRecorded) {
  Ledger("a");
  const std::vector<Receipt> receipts = Append("a", {Linked("milk", "powder")});
  const std::string root = receipts.back().root;
  v1::Event withdrawal;
  withdrawal.set_id("w");
  withdrawal.mutable_correct()->set_withdrawn_event_id("milk>powder");
  withdrawal.mutable_correct()->set_reason("another tank");
  Append("a", {withdrawal});
  Append("a", {Linked("powder", "can")});
  EXPECT_THAT(Forward("ext:test:milk"), IsEmpty());

  TraceRequest request{.unit = "ext:test:milk", .direction = Direction::kForward};
  request.at = {{"a", 2}};
  auto result = engine_->Trace(request);
  SUYUAN_ASSERT_OK(result);
  ASSERT_THAT(result->units, SizeIs(1));
  EXPECT_EQ(result->units[0].key, "ext:test:powder");
  ASSERT_THAT(result->heads, SizeIs(1));
  EXPECT_EQ(result->heads[0].size, 2u);
  EXPECT_EQ(result->heads[0].root, root);

  request.at.clear();
  request.as_recorded = true;
  result = engine_->Trace(request);
  SUYUAN_ASSERT_OK(result);
  EXPECT_THAT(result->units, SizeIs(2));

  request.at = {{"a", 99}};
  EXPECT_THAT(engine_->Trace(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("4 entries")));
  request.at = {{"b", 1}};
  EXPECT_THAT(engine_->Trace(request), StatusIs(absl::StatusCode::kNotFound, HasSubstr("b")));
}

TEST_F(EngineTest, RefusesABatchWholeAndNamesEveryFault) {
  Ledger("a", "ordinary");
  v1::Event charge;
  charge.set_id("c1");
  charge.mutable_charge()->mutable_unit()->set_key("lot:nonsense");
  charge.mutable_charge()->mutable_quantity()->set_value(1);
  charge.mutable_charge()->mutable_quantity()->set_unit("XYZ");
  const std::vector<v1::Event> batch = {Seen("good", "x"), charge};
  const absl::Status status = engine_->Append("a", batch).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInvalidArgument, Not(IsEmpty())));
  std::map<std::string, Violation> by_rule;
  for (const Violation& violation : ViolationsOf(status)) {
    EXPECT_EQ(violation.event_index, 1u);
    EXPECT_THAT(violation.message_zh, Not(IsEmpty()));
    by_rule[violation.rule] = violation;
  }
  EXPECT_EQ(by_rule["form.unit-key"].field, "charge.unit.key");
  EXPECT_EQ(by_rule["form.unit-code"].found, "XYZ");
  EXPECT_TRUE(by_rule.contains("S002-31")) << "the shift is missing";
  EXPECT_EQ(engine_->GetLedger("a")->size, 1u);
}

TEST_F(EngineTest, KeepsItsOwnEventIdsToItself) {
  Ledger("a");
  EXPECT_THAT(engine_->Append("a", std::vector<v1::Event>{Seen("suyuan:genesis", "x")}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("suyuan:")));
}

TEST_F(EngineTest, GivesTheFirstReceiptAgainAfterYearsAndOtherBatches) {
  Ledger("a");
  const Receipt first = Append("a", {Seen("s1", "milk"), Seen("s2", "whey")})[0];
  Append("a", {Seen("s3", "oil")});
  Open();
  const Receipt again = Append("a", {Seen("s1", "milk")})[0];
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.sequence, first.sequence);
  EXPECT_EQ(again.leaf_hash, first.leaf_hash);
  EXPECT_EQ(again.previous_hash, first.previous_hash);
  EXPECT_EQ(again.tree_size, first.tree_size);
  EXPECT_EQ(again.root, first.root);
  EXPECT_EQ(engine_->GetLedger("a")->size, 4u);
}

TEST_F(EngineTest, NamesTheHolderOfTheLock) {
  EXPECT_THAT(Engine::Open({.data_dir = dir_ / "data"}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("process ")));
  EXPECT_THAT(Engine::Check({.data_dir = dir_ / "data"}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("process ")));
}

TEST_F(EngineTest, RefusesBadLedgers) {
  Ledger("a");
  EXPECT_THAT(engine_->CreateLedger({.name = "a", .subject = "ext:t:x"}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("a")));
  EXPECT_THAT(engine_->CreateLedger({.name = "A b", .subject = "ext:t:x"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("A b")));
  EXPECT_THAT(engine_->CreateLedger({.name = "c", .subject = "Company Ltd"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("Company Ltd")));
  EXPECT_THAT(engine_->CreateLedger({.name = "c", .subject = "ext:t:x", .profile = "nobody"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nobody")));
  EXPECT_THAT(engine_->Append("none", std::vector<v1::Event>{Seen("s", "x")}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
}

TEST_F(EngineTest, RunsTheExamplePlant) {
  DemoSummary summary;
  SUYUAN_ASSERT_OK(LoadDemoPlant(engine_.get(), {}, &summary));
  const uint64_t size = engine_->GetLedger(summary.ledger)->size;
  EXPECT_EQ(size, summary.events + 1);
  // The tanker reaches customers; the lot that failed reaches none.
  const auto tanker =
      engine_->Trace({.unit = summary.worth_tracing.at(0).first, .direction = Direction::kForward});
  SUYUAN_ASSERT_OK(tanker);
  size_t boundaries = 0;
  for (const TraceEnd& end : tanker->ends) boundaries += end.kind == EndKind::kBoundary;
  EXPECT_GE(boundaries, 5u);
  EXPECT_THAT(tanker->conflicts, IsEmpty());
  const auto failed =
      engine_->Trace({.unit = summary.worth_tracing.at(3).first, .direction = Direction::kForward});
  SUYUAN_ASSERT_OK(failed);
  for (const TraceEnd& end : failed->ends) EXPECT_EQ(end.kind, EndKind::kEnd) << end.why;
  // Loaded twice, nothing changes.
  SUYUAN_ASSERT_OK(LoadDemoPlant(engine_.get(), {}, &summary));
  EXPECT_EQ(engine_->GetLedger(summary.ledger)->size, size);
}

TEST_F(EngineTest, GivesTheSameAnswersAfterItsIndexesAreMadeAgain) {
  DemoSummary summary;
  SUYUAN_ASSERT_OK(LoadDemoPlant(engine_.get(), {}, &summary));
  std::vector<std::string> before;
  for (const auto& [unit, why] : summary.worth_tracing) {
    before.push_back(engine_->Trace({.unit = unit})->digest);
  }
  SUYUAN_ASSERT_OK(engine_->RebuildIndexes());
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(engine_->Trace({.unit = summary.worth_tracing[i].first})->digest, before[i]);
  }
}

}  // namespace
}  // namespace suyuan
