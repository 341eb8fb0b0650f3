// Personal data: what enters the ledger, what lies in the vault, how it is destroyed.
#include "suyuan/personal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/time.h"
#include "lib/privacy/vault.h"
#include "lib/store/rocksdb_store.h"
#include "suyuan/suyuan.h"
#include "tests/support/event_builder.h"
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

constexpr char kLedger[] = "plant-1";
constexpr char kPath[] = "receive.supplier_contact";
constexpr char kValue[] = "Zhang San 13800000000";

// A clock that a test sets forward.
class HandClock : public Clock {
 public:
  int64_t WallMicros() const override { return now_; }
  int64_t SteadyMicros() const override { return SystemClock()->SteadyMicros(); }
  void Set(std::string_view date) {
    now_ = IntervalOf(*ParseDateText(date), tell::kOffsetMinutes).earliest;
  }

 private:
  std::atomic<int64_t> now_ = 0;
};

class PersonalTest : public testing::Test {
 protected:
  void SetUp() override {
    clock_.Set("2025-11-04");
    Open();
    SUYUAN_ASSERT_OK(engine_->CreateLedger({.name = kLedger,
                                            .subject = "ext:own:plant",
                                            .subject_name = "Plant",
                                            .profile = "investigation"}));
  }

  void Open() {
    engine_.reset();
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(Opened());
    SUYUAN_ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }
  Options Opened() { return {.data_dir = dir_ / "data", .clock = &clock_}; }
  std::string VaultDir() const { return dir_ / "data/vault"; }

  // Expires on the last day of 2025, and may be erased half a year later.
  static v1::Event Received(const std::string& id, const std::string& contact,
                            const std::string& person = "") {
    v1::Event event = tell::Receive("lot:ext:own:dairy/powder/L1").Id(id).At(60).event;
    *event.mutable_receive()->mutable_expiry_date() = *ParseDateText("2025-12-31");
    if (!contact.empty()) {
      event.mutable_receive()->mutable_supplier_contact()->set_value(contact);
      event.mutable_receive()->mutable_supplier_contact()->set_person(person);
    }
    return event;
  }

  absl::StatusOr<std::vector<Receipt>> Append(const std::vector<v1::Event>& events) {
    return engine_->Append(kLedger, events);
  }
  void Store(const std::vector<v1::Event>& events) { SUYUAN_ASSERT_OK(Append(events)); }

  std::vector<v1::Event> Entries() {
    std::vector<v1::Event> events;
    EXPECT_THAT(engine_->Read(kLedger, 0, UINT64_MAX,
                              [&](const Entry& entry) {
                                events.push_back(entry.event);
                                return true;
                              }),
                IsOk());
    return events;
  }

  PersonalDatum Datum(const std::string& id) {
    const auto data = engine_->ReadPersonal(kLedger, id);
    EXPECT_THAT(data, IsOk());
    if (!data.ok() || data->size() != 1) {
      ADD_FAILURE() << "one field of " << id;
      return {};
    }
    return (*data)[0];
  }
  PersonalState StateOf(const std::string& id) { return Datum(id).state; }

  ErasureResult Erase(const ErasureRequest& request) {
    auto result = engine_->ErasePersonal(kLedger, request);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *result : ErasureResult();
  }
  static ErasureRequest Of(const std::string& event_id) {
    return {.event_id = event_id, .basis = "consent-withdrawn", .reason = "asked for"};
  }

  std::vector<std::string> FilesWith(const std::string& text) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = ReadFile(entry.path());
      if (bytes.ok() && bytes->find(text) != std::string::npos) files.push_back(entry.path());
    }
    return files;
  }

  std::vector<std::string> Problems() {
    const auto report = engine_->CheckNow(nullptr);
    EXPECT_THAT(report, IsOk());
    std::vector<std::string> problems;
    for (const Problem& problem : report->problems) {
      problems.push_back(problem.what + ": expected " + problem.expected + ", found " +
                         problem.found);
    }
    return problems;
  }

  // Works on the closed rows of the vault.
  void ChangeRows(const std::function<void(store::Store*, store::WriteBatch*)>& change) {
    engine_.reset();
    {
      auto rows = store::OpenRocksDb(VaultDir() + "/rows", store::RocksDbMode::kReadWrite, false);
      SUYUAN_ASSERT_OK(rows);
      store::WriteBatch batch;
      change(rows->get(), &batch);
      SUYUAN_ASSERT_OK((*rows)->Write(batch));
    }
    Open();
  }

  TempDir dir_;
  HandClock clock_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(PersonalTest, TheEntryHoldsACommitmentAndTheVaultTheValue) {
  Store({Received("r1", kValue, "person:1042")});
  const v1::Personal contact = Entries().at(1).receive().supplier_contact();
  EXPECT_EQ(contact.commitment().size(), 32u);
  EXPECT_EQ(contact.person(), "");
  for (int i = 0; i < 2; ++i) {
    const PersonalDatum datum = Datum("r1");
    EXPECT_EQ(datum.path, kPath);
    EXPECT_EQ(datum.state, PersonalState::kHeld);
    EXPECT_EQ(datum.value, kValue);
    EXPECT_EQ(datum.person, "person:1042");
    EXPECT_THAT(Problems(), IsEmpty());
    Open();
  }
}

TEST_F(PersonalTest, EventsWithoutPersonalDataNeedNoVault) {
  Store({Received("r1", "")});
  EXPECT_THAT(*engine_->ReadPersonal(kLedger, "r1"), IsEmpty());
  EXPECT_THAT(engine_->ReadPersonal(kLedger, "r2"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("r2")));
  EXPECT_FALSE(std::filesystem::exists(VaultDir()));
}

TEST_F(PersonalTest, TheVaultCanLieElsewhere) {
  Options options = Opened();
  options.vault_dir = dir_ / "safe";
  engine_.reset();
  engine_ = *Engine::Open(options);
  Store({Received("r1", kValue)});
  EXPECT_EQ(Datum("r1").value, kValue);
  EXPECT_FALSE(std::filesystem::exists(VaultDir()));
  EXPECT_TRUE(std::filesystem::exists(dir_ / "safe/rows"));
  engine_.reset();
  EXPECT_TRUE(Engine::Check(options)->ok());
}

TEST_F(PersonalTest, NoFileHoldsAValueInTheClear) {
  Store({Received("r1", kValue, "person:1042")});
  const Disclosure disclosure = *engine_->Disclose(kLedger, "r1", kPath, false);
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(FilesWith("Zhang San"), IsEmpty());
    EXPECT_THAT(FilesWith("person:1042"), IsEmpty());
    EXPECT_THAT(FilesWith(disclosure.salt), IsEmpty());
    Open();
  }
}

TEST_F(PersonalTest, TheSameContentGetsItsFirstReceipt) {
  const auto first = Append({Received("r1", kValue, "person:1")});
  SUYUAN_ASSERT_OK(first);
  for (int i = 0; i < 2; ++i) {
    const auto again = Append({Received("r1", kValue, "person:1")});
    SUYUAN_ASSERT_OK(again);
    EXPECT_TRUE((*again)[0].duplicate);
    EXPECT_EQ((*again)[0].leaf_hash, (*first)[0].leaf_hash);
    Open();
  }
  const auto both = Append({Received("r2", kValue), Received("r2", kValue)});
  SUYUAN_ASSERT_OK(both);
  EXPECT_EQ((*both)[0].leaf_hash, (*both)[1].leaf_hash);
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, OtherContentIsRefusedAndChangesNothing) {
  Store({Received("r1", kValue), Received("r0", "")});
  const auto taken = StatusIs(absl::StatusCode::kAlreadyExists,
                              AllOf(HasSubstr("with other content"), Not(HasSubstr("Li Si"))));
  EXPECT_THAT(Append({Received("r1", "Li Si")}), taken);
  EXPECT_THAT(Append({Received("r1", "")}), taken);
  EXPECT_THAT(Append({Received("r0", "Li Si")}), taken);
  EXPECT_THAT(Append({Received("r2", kValue), Received("r2", "Li Si")}), taken);
  v1::Event other = Received("r1", kValue);
  other.set_remark("something else");
  EXPECT_THAT(Append({Received("r3", kValue), other}), taken);
  EXPECT_EQ(Datum("r1").value, kValue);
  EXPECT_THAT(Entries(), SizeIs(3));
  EXPECT_THAT(Problems(), IsEmpty());
  // What was refused left nothing behind, and can come again.
  Store({Received("r2", "Li Si"), Received("r3", kValue)});
  EXPECT_EQ(Datum("r2").value, "Li Si");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, TheSameEventFromManyAtOnceIsStoredOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> stored = 0;
  std::atomic<int> refused = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20; ++i) {
        const std::string id = "r" + std::to_string(i);
        const auto receipts =
            Append({Received(id, t % 2 == 0 ? "Zhang San" : "Li Si", "person:1")});
        if (receipts.ok() && !(*receipts)[0].duplicate) ++stored;
        if (absl::IsAlreadyExists(receipts.status())) ++refused;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(stored, 20);
  EXPECT_EQ(refused, 80);
  EXPECT_THAT(Entries(), SizeIs(21));
  Open();
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(Datum("r" + std::to_string(i)).value, testing::AnyOf("Zhang San", "Li Si"));
  }
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, ADisclosureIsCheckedAgainstTheEntryByAnybody) {
  Store({Received("r1", kValue, "person:1")});
  const auto disclosure = engine_->Disclose(kLedger, "r1", kPath, false);
  SUYUAN_ASSERT_OK(disclosure);
  EXPECT_EQ(disclosure->value, kValue);
  EXPECT_EQ(disclosure->origin, engine_->GetLedger(kLedger)->origin);
  const auto proof = engine_->Prove(kLedger, "r1");
  SUYUAN_ASSERT_OK(proof);
  SUYUAN_EXPECT_OK(VerifyDisclosure(*disclosure, proof->entry));
  Disclosure lie = *disclosure;
  lie.value = "Li Si";
  EXPECT_THAT(VerifyDisclosure(lie, proof->entry),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_THAT(engine_->Disclose(kLedger, "r1", "receive.supplier", false),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("receive.supplier")));
}

TEST_F(PersonalTest, ErasingDestroysValueSaltAndKeyAndIsAnEntry) {
  Store({Received("r1", kValue, "person:1"), Received("r2", "Li Si", "person:2"),
         Received("r3", "Zhang San, mobile", "person:1")});
  clock_.Set("2026-07-02");
  const ErasureResult result = Erase(
      {.person = "person:1", .basis = "consent-withdrawn", .reason = "asked for by letter 17"});
  ASSERT_THAT(result.erased, SizeIs(2));
  EXPECT_EQ(result.erased[0].event_id, "r1");
  EXPECT_EQ(result.erased[0].path, kPath);
  EXPECT_THAT(result.restricted, IsEmpty());
  ASSERT_THAT(result.event_ids, SizeIs(1));
  const v1::Event last = Entries().back();
  EXPECT_EQ(last.id(), result.event_ids[0]);
  EXPECT_THAT(last.erase_personal().erased(), SizeIs(2));
  EXPECT_EQ(last.erase_personal().basis(), "consent-withdrawn");
  EXPECT_EQ(last.ShortDebugString().find("person:1"), std::string::npos);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(StateOf("r1"), PersonalState::kErased);
    EXPECT_EQ(StateOf("r3"), PersonalState::kErased);
    EXPECT_EQ(Datum("r2").value, "Li Si");
    EXPECT_THAT(engine_->Disclose(kLedger, "r1", kPath, true),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("erased")));
    EXPECT_THAT(Problems(), IsEmpty());
    Open();
  }
  // What was erased counts as equal; the entry is as it was.
  EXPECT_TRUE((*Append({Received("r1", "whoever", "person:9")}))[0].duplicate);
  EXPECT_EQ(Entries().at(1).receive().supplier_contact().commitment().size(), 32u);
  // Again: nothing is left to do.
  EXPECT_THAT(Erase(Of("r1")).event_ids, IsEmpty());
  EXPECT_THAT(
      engine_->ErasePersonal(kLedger, {.person = "person:1", .basis = "other", .reason = "again"}),
      StatusIs(absl::StatusCode::kNotFound, HasSubstr("person:1")));
}

TEST_F(PersonalTest, WhatTheLawHasKeptIsRestrictedUntilItsTimeIsOver) {
  Store({Received("r1", kValue, "person:1")});
  const ErasureResult asked = Erase(Of("r1"));
  EXPECT_THAT(asked.erased, IsEmpty());
  ASSERT_THAT(asked.restricted, SizeIs(1));
  EXPECT_EQ(TimeText(asked.restricted[0].until_micros, 480), "2026-06-30 23:59:59+08:00");
  EXPECT_EQ(Entries().back().erase_personal().restricted(0).until_micros(),
            asked.restricted[0].until_micros);
  Open();
  EXPECT_EQ(StateOf("r1"), PersonalState::kRestricted);
  EXPECT_EQ(Datum("r1").value, "");
  EXPECT_EQ(Datum("r1").until_micros, asked.restricted[0].until_micros);
  EXPECT_THAT(engine_->Disclose(kLedger, "r1", kPath, false),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("2026-06-30")));
  EXPECT_EQ(engine_->Disclose(kLedger, "r1", kPath, true)->value, kValue);
  // Asking again says the same, and not a second time in the ledger.
  const ErasureResult again = Erase(Of("r1"));
  EXPECT_THAT(again.restricted, SizeIs(1));
  EXPECT_THAT(again.event_ids, IsEmpty());
  EXPECT_THAT(engine_->EraseDue(kLedger)->event_ids, IsEmpty());
  EXPECT_THAT(Problems(), IsEmpty());

  clock_.Set("2026-07-01");
  const auto due = engine_->EraseDue(kLedger);
  SUYUAN_ASSERT_OK(due);
  EXPECT_THAT(due->erased, SizeIs(1));
  EXPECT_EQ(StateOf("r1"), PersonalState::kErased);
  EXPECT_EQ(Entries().back().erase_personal().basis(), "retention-over");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, AnErasureMustBeAskedForProperly) {
  Store({Received("r1", kValue)});
  const auto refused = [&](const ErasureRequest& request, const char* why) {
    EXPECT_THAT(engine_->ErasePersonal(kLedger, request),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why)));
  };
  refused({.basis = "other", .reason = "x"}, "neither");
  refused({.person = "person:1", .event_id = "r1", .basis = "other", .reason = "x"}, "both");
  refused({.person = "person:1", .path = kPath, .basis = "other", .reason = "x"}, "path");
  refused({.event_id = "r1", .basis = "because", .reason = "x"}, "because");
  refused({.event_id = "r1", .basis = "other"}, "reason");
  refused({.event_id = "r1", .basis = "other", .reason = "\xff"}, "UTF-8");
  refused({.event_id = "r1", .basis = "other", .reason = std::string(1'025, 'x')}, "1025");
  EXPECT_THAT(engine_->ErasePersonal(
                  kLedger, {.event_id = "r1", .path = "a.b", .basis = "other", .reason = "x"}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("r1")));
  EXPECT_THAT(engine_->ErasePersonal("nobody", Of("r1")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody")));
  EXPECT_EQ(Datum("r1").value, kValue);
  EXPECT_THAT(Entries(), SizeIs(2));
}

TEST_F(PersonalTest, ErasingWaitsForThoseWhoAppendAndTheyForIt) {
  clock_.Set("2026-07-02");
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; !stop && i < 400; ++i) {
        const std::string id = "r" + std::to_string(t) + "-" + std::to_string(i);
        EXPECT_THAT(Append({Received(id, kValue, "person:1")}), IsOk());
      }
    });
  }
  size_t erased = 0;
  for (int i = 0; i < 5; ++i) {
    const auto result = engine_->ErasePersonal(
        kLedger, {.person = "person:1", .basis = "other", .reason = "round"});
    if (result.ok()) erased += result->erased.size();
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Problems(), IsEmpty());
  Open();
  size_t states[4] = {};
  for (const v1::Event& event : Entries()) {
    if (event.has_receive()) ++states[static_cast<int>(StateOf(event.id()))];
  }
  EXPECT_EQ(states[static_cast<int>(PersonalState::kErased)], erased);
  EXPECT_EQ(states[static_cast<int>(PersonalState::kKeyMissing)], 0u);
}

TEST_F(PersonalTest, WithoutItsKeysTheLedgerWorksAndValuesSayWhy) {
  Store({Received("r1", kValue)});
  engine_.reset();
  std::filesystem::rename(VaultDir() + "/keys", dir_ / "keys-elsewhere");
  Open();
  EXPECT_EQ(StateOf("r1"), PersonalState::kKeyMissing);
  EXPECT_THAT(engine_->Disclose(kLedger, "r1", kPath, true),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("key")));
  Store({Received("r2", "")});
  EXPECT_THAT(Append({Received("r3", "Li Si")}),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("keys")));
  EXPECT_THAT(Problems(), IsEmpty());
  // Also what nobody can read can be destroyed.
  clock_.Set("2026-07-02");
  EXPECT_THAT(Erase(Of("r1")).erased, SizeIs(1));
  EXPECT_EQ(StateOf("r1"), PersonalState::kErased);
}

TEST_F(PersonalTest, ABackupRevealsNothingUnlessItsKeysAreAskedFor) {
  Store({Received("r1", kValue, "person:1042")});
  for (const bool with_keys : {false, true}) {
    const std::string name = with_keys ? "with" : "without";
    SUYUAN_ASSERT_OK(engine_->Backup(dir_ / name, {.with_keys = with_keys}));
    EXPECT_THAT(FilesWith(kValue), IsEmpty());
    const std::string restored = dir_ / ("restored-" + name);
    SUYUAN_ASSERT_OK(Engine::Restore(dir_ / name, {.data_dir = restored}));
    const auto engine = Engine::Open({.data_dir = restored, .clock = &clock_});
    SUYUAN_ASSERT_OK(engine);
    const auto data = (*engine)->ReadPersonal(kLedger, "r1");
    SUYUAN_ASSERT_OK(data);
    ASSERT_THAT(*data, SizeIs(1));
    EXPECT_EQ(data->front().state, with_keys ? PersonalState::kHeld : PersonalState::kKeyMissing);
    EXPECT_EQ(data->front().value, with_keys ? kValue : "");
  }
}

TEST_F(PersonalTest, WithoutAVaultTheLedgerWorksToo) {
  Store({Received("r1", kValue)});
  engine_.reset();
  std::filesystem::remove_all(VaultDir());
  Open();
  EXPECT_EQ(StateOf("r1"), PersonalState::kKeyMissing);
  Store({Received("r2", "Li Si")});
  EXPECT_EQ(Datum("r2").value, "Li Si");
  EXPECT_THAT(Append({Received("r1", kValue)}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("r1")));
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, ADamagedVaultIsToldAndTheLedgerWorks) {
  Store({Received("r1", kValue)});
  engine_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(VaultDir() + "/rows")) {
    if (entry.path().extension() == ".sst" || entry.path().filename().string()[0] == 'M') {
      std::filesystem::resize_file(entry.path(), 10);
    }
  }
  Open();
  EXPECT_THAT(engine_->ReadPersonal(kLedger, "r1"),
              StatusIs(absl::StatusCode::kDataLoss, testing::_));
  EXPECT_THAT(Append({Received("r2", "Li Si")}), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  Store({Received("r2", "")});
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("a readable vault")));
  engine_.reset();
  const auto report = Engine::Check(Opened());
  SUYUAN_ASSERT_OK(report);
  ASSERT_THAT(report->problems, SizeIs(1));
  EXPECT_EQ(report->problems[0].what, "vault");
}

// As a crash between the vault and the ledger leaves it.
TEST_F(PersonalTest, WhatHasNoEntryIsDestroyedAtOpening) {
  Store({Received("r1", kValue, "person:1")});
  const std::string origin = engine_->GetLedger(kLedger)->origin;
  engine_.reset();
  {
    auto vault = privacy::Vault::Open(VaultDir());
    SUYUAN_ASSERT_OK(vault);
    const std::vector<privacy::Datum> data = {
        {{1, origin, "r2", kPath}, "Li Si", "person:1", std::string(32, 's')},
        {{1, origin, "r3", kPath}, "Wang Wu", "person:2", std::string(32, 's')},
        {{9, origin, "r1", kPath}, "Zhao Liu", "", std::string(32, 's')}};
    SUYUAN_ASSERT_OK((*vault)->Put(data));
  }
  Open();
  EXPECT_EQ(Datum("r1").value, kValue);
  EXPECT_THAT(Problems(), IsEmpty());
  // They can come again, with other values.
  Store({Received("r2", "Li Si II", "person:1"), Received("r3", "")});
  EXPECT_EQ(Datum("r2").value, "Li Si II");
  engine_.reset();
  auto vault = privacy::Vault::Open(VaultDir());
  SUYUAN_ASSERT_OK(vault);
  std::vector<std::string> ids;
  SUYUAN_ASSERT_OK((*vault)->ForEachRow(
      [&](const privacy::Place& place, bool) { ids.push_back(place.event_id); }));
  EXPECT_THAT(ids, ElementsAre("r1", "r2"));
  EXPECT_THAT(*(*vault)->OfPerson(1, origin, "person:2"), IsEmpty());
}

TEST_F(PersonalTest, AnErasureThatACrashCutOffIsFinishedOrForgotten) {
  Store({Received("r1", kValue), Received("r2", "Li Si")});
  const std::string origin = engine_->GetLedger(kLedger)->origin;
  engine_.reset();
  std::filesystem::copy(VaultDir(), dir_ / "copy", std::filesystem::copy_options::recursive);
  Open();
  clock_.Set("2026-07-02");
  const std::string told = Erase(Of("r1")).event_ids.at(0);
  engine_.reset();
  // The vault as it was before, but for the notes of two erasures: one that has its entry, and
  // one whose entry never was.
  std::filesystem::remove_all(VaultDir());
  std::filesystem::rename(dir_ / "copy", VaultDir());
  {
    auto vault = privacy::Vault::Open(VaultDir());
    SUYUAN_ASSERT_OK(vault);
    privacy::Erasure erasure{.ledger = 1, .entry_id = told};
    erasure.erased.push_back({{1, origin, "r1", kPath}, Hash{}});
    SUYUAN_ASSERT_OK((*vault)->Begin(erasure));
    erasure.entry_id = "suyuan:erase:never";
    erasure.erased[0].place.event_id = "r2";
    SUYUAN_ASSERT_OK((*vault)->Begin(erasure));
  }
  Open();
  EXPECT_EQ(StateOf("r1"), PersonalState::kErased);
  EXPECT_EQ(Datum("r2").value, "Li Si");
  EXPECT_THAT(Problems(), IsEmpty());
}

TEST_F(PersonalTest, TheCheckFindsWhatDoesNotFitItsEntry) {
  Store({Received("r1", kValue, "person:1"), Received("r2", "Li Si", "person:1"),
         Received("r3", "Wang Wu")});
  // One row in the place of another, one damaged, one of an event that never was.
  ChangeRows([](store::Store* rows, store::WriteBatch* batch) {
    std::vector<std::pair<std::string, std::string>> pairs;
    const auto it = rows->NewIterator();
    for (it->Seek("r"); it->Valid() && it->key()[0] == 'r'; it->Next()) {
      pairs.emplace_back(it->key(), it->value());
    }
    ASSERT_THAT(pairs, SizeIs(3));
    batch->Put(pairs[1].first, pairs[0].second);
    batch->Put(pairs[2].first, "x");
    std::string nobody = pairs[2].first;
    nobody[nobody.find("r3") + 1] = '9';
    batch->Put(nobody, pairs[2].second);
  });
  EXPECT_THAT(Problems(),
              testing::UnorderedElementsAre(HasSubstr("event r2, receive.supplier_contact"),
                                            HasSubstr("event r3, receive.supplier_contact"),
                                            HasSubstr("every value of event r9")));
  EXPECT_EQ(Datum("r1").value, kValue);
  EXPECT_THAT(engine_->ReadPersonal(kLedger, "r2"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("r2")));
  EXPECT_THAT(engine_->Disclose(kLedger, "r3", kPath, false),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("r3")));
  engine_.reset();
  EXPECT_THAT(Engine::Check(Opened())->problems, SizeIs(3));
}

TEST_F(PersonalTest, TheCheckFindsAValueThatShouldBeErased) {
  Store({Received("r1", kValue)});
  engine_.reset();
  std::filesystem::copy(VaultDir(), dir_ / "copy", std::filesystem::copy_options::recursive);
  Open();
  clock_.Set("2026-07-02");
  Erase(Of("r1"));
  engine_.reset();
  std::filesystem::remove_all(VaultDir());
  std::filesystem::rename(dir_ / "copy", VaultDir());
  Open();
  EXPECT_THAT(Problems(), ElementsAre(HasSubstr("it was erased")));
}

}  // namespace
}  // namespace suyuan
