#ifndef TESTS_LIB_LEDGER_LEDGER_FIXTURE_H_
#define TESTS_LIB_LEDGER_LEDGER_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/ledger/check.h"
#include "lib/ledger/ledgers.h"
#include "lib/merkle/tree.h"
#include "lib/store/index.h"
#include "lib/store/memory_store.h"
#include "suyuan/v1/event.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::ledger {

inline constexpr int64_t kSecond = 1'000'000;

class FakeClock : public Clock {
 public:
  int64_t WallMicros() const override { return wall_; }
  int64_t SteadyMicros() const override { return steady_; }
  // Time goes by.
  void Advance(int64_t micros) {
    wall_ += micros;
    steady_ += micros;
  }
  // Somebody sets the clock.
  void Jump(int64_t micros) { wall_ += micros; }

 private:
  std::atomic<int64_t> wall_ = 1'790'000'000 * kSecond;
  std::atomic<int64_t> steady_ = 5 * kSecond;
};

// Remembers what it was told, and nothing beyond the process.
class FakeIndex : public store::Index {
 public:
  struct Row {
    Hash leaf;
    std::string prepared;
    std::optional<uint64_t> corrects;
    friend bool operator==(const Row&, const Row&) = default;
  };

  struct Note : store::Index::Prepared {
    std::string text;
  };
  std::shared_ptr<const Prepared> Prepare(const v1::Event& event) const override {
    auto note = std::make_shared<Note>();
    note->text = "of " + event.id();
    return note;
  }

  absl::Status Apply(uint32_t ledger, std::span<const store::IndexedEntry> entries) override {
    MutexLock lock(&mu_);
    std::vector<Row>& rows = rows_[ledger];
    for (const store::IndexedEntry& entry : entries) {
      EXPECT_EQ(entry.sequence, rows.size()) << "the index is told out of order";
      rows.push_back({entry.leaf, static_cast<const Note&>(*entry.prepared).text, entry.corrects});
    }
    return apply_status_;
  }

  uint64_t Height(uint32_t ledger) const override { return RowsOf(ledger).size(); }

  absl::Status Load(uint32_t ledger,
                    const std::function<std::optional<Hash>(uint64_t)>& /*leaf_at*/) override {
    MutexLock lock(&mu_);
    rows_.erase(ledger);
    return absl::OkStatus();
  }

  absl::Status Drop() override {
    MutexLock lock(&mu_);
    rows_.clear();
    return absl::OkStatus();
  }

  std::vector<Row> RowsOf(uint32_t ledger) const {
    MutexLock lock(&mu_);
    const auto it = rows_.find(ledger);
    return it == rows_.end() ? std::vector<Row>() : it->second;
  }

  void FailApply(absl::Status status) {
    MutexLock lock(&mu_);
    apply_status_ = std::move(status);
  }

 private:
  mutable Mutex mu_;
  std::map<uint32_t, std::vector<Row>> rows_ ABSL_GUARDED_BY(mu_);
  absl::Status apply_status_ ABSL_GUARDED_BY(mu_);
};

// A disk that outlives the ledgers on it, and can be slow on demand.
class Disk {
 public:
  std::unique_ptr<store::Store> Plug() { return std::make_unique<Plugged>(this); }
  store::MemoryStore& pairs() { return pairs_; }

  // Writes wait from now on, until LetGo.
  void Hold() {
    MutexLock lock(&mu_);
    held_ = true;
  }
  void LetGo() {
    MutexLock lock(&mu_);
    held_ = false;
    cv_.SignalAll();
  }
  // Returns when a write waits.
  void AwaitWaitingWrite() {
    MutexLock lock(&mu_);
    while (waiting_ == 0) cv_.Wait(&mu_);
  }
  uint64_t writes() const {
    MutexLock lock(&mu_);
    return writes_;
  }

 private:
  class Plugged : public store::Store {
   public:
    explicit Plugged(Disk* disk) : disk_(disk) {}
    absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override {
      return disk_->pairs_.Get(key);
    }
    std::unique_ptr<store::Iterator> NewIterator() const override {
      return disk_->pairs_.NewIterator();
    }
    absl::Status Write(const store::WriteBatch& batch) override {
      {
        MutexLock lock(&disk_->mu_);
        ++disk_->writes_;
        ++disk_->waiting_;
        disk_->cv_.SignalAll();
        while (disk_->held_) disk_->cv_.Wait(&disk_->mu_);
        --disk_->waiting_;
      }
      return disk_->pairs_.Write(batch);
    }
    absl::Status Flush() override { return disk_->pairs_.Flush(); }

   private:
    Disk* const disk_;
  };

  store::MemoryStore pairs_;
  mutable Mutex mu_;
  CondVar cv_;
  bool held_ ABSL_GUARDED_BY(mu_) = false;
  int waiting_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t writes_ ABSL_GUARDED_BY(mu_) = 0;
};

// Keeps protobuf from telling of every damaged message on standard error.
class Silence {
 public:
  Silence() : before_(google::protobuf::SetLogHandler(nullptr)) {}
  ~Silence() { google::protobuf::SetLogHandler(before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

 private:
  google::protobuf::LogHandler* const before_;
};

// RFC 6962, 2.1, word for word: the oracle.
inline Hash TreeHash(std::span<const Hash> leaves) {
  if (leaves.empty()) return Sha256({});
  if (leaves.size() == 1) return leaves[0];
  size_t split = 1;
  while (split * 2 < leaves.size()) split *= 2;
  return merkle::NodeHash(TreeHash(leaves.first(split)), TreeHash(leaves.subspan(split)));
}

// An event that says `text` about nothing in particular.
inline v1::Event Seen(const std::string& id, const std::string& text = "milk powder") {
  v1::Event event;
  event.set_id(id);
  event.mutable_observe_unit()->set_product_name(text);
  return event;
}

inline v1::Event Correcting(const std::string& id, const std::string& corrected) {
  v1::Event event = Seen(id, "corrected");
  event.mutable_correction()->set_event_id(corrected);
  event.mutable_correction()->set_reason("keyed wrongly");
  return event;
}

inline v1::Event Withdrawing(const std::string& id, const std::string& withdrawn) {
  v1::Event event;
  event.set_id(id);
  event.mutable_correct()->set_withdrawn_event_id(withdrawn);
  event.mutable_correct()->set_reason("never happened");
  return event;
}

// `count` events <prefix>0, <prefix>1, ...
inline std::vector<v1::Event> Several(const std::string& prefix, size_t count) {
  std::vector<v1::Event> events;
  for (size_t i = 0; i < count; ++i) events.push_back(Seen(prefix + std::to_string(i)));
  return events;
}

// What one entry says, with the tree behind it.
struct StoredEntry {
  std::string bytes;
  v1::Event event;
  int64_t recorded_micros = 0;
  Hash leaf;
  Hash previous;
  uint64_t tree_size = 0;
  Hash root;
};

using Receipts = absl::StatusOr<std::vector<Receipt>>;

// Ledgers on a disk in memory, marks in a real directory.
class LedgerTest : public testing::Test {
 protected:
  void SetUp() override { SUYUAN_ASSERT_OK(Open()); }

  absl::Status Open() {
    absl::StatusOr<std::unique_ptr<Ledgers>> opened = Ledgers::Open({.store = disk_.Plug(),
                                                                     .marks_dir = MarksDir(),
                                                                     .keys_dir = KeysDir(),
                                                                     .index_dir = dir_ / "index",
                                                                     .index = &index_,
                                                                     .clock = &clock_,
                                                                     .progress = {}});
    if (opened.ok()) ledgers_ = *std::move(opened);
    return opened.status();
  }
  void Close() { ledgers_.reset(); }
  absl::Status Reopen() {
    Close();
    return Open();
  }

  uint32_t Create(const std::string& name, bool sm3 = false) {
    v1::Genesis genesis;
    genesis.set_owner("ext:test:owner");
    genesis.set_clock_tolerance_micros(60 * kSecond);
    const absl::StatusOr<uint32_t> number = ledgers_->Create(name, genesis, sm3);
    EXPECT_THAT(number, IsOk());
    return number.value_or(0);
  }

  Receipts Append(uint32_t ledger, const std::vector<v1::Event>& events) {
    std::vector<NewEvent> prepared;
    for (const v1::Event& event : events) {
      absl::StatusOr<NewEvent> one = ledgers_->Prepare(event);
      if (!one.ok()) return one.status();
      prepared.push_back(*std::move(one));
    }
    return ledgers_->Append(ledger, std::move(prepared));
  }
  Receipt AppendOne(uint32_t ledger, const v1::Event& event) {
    const Receipts receipts = Append(ledger, {event});
    EXPECT_THAT(receipts, IsOk());
    return receipts.ok() ? receipts->at(0) : Receipt();
  }

  uint64_t SizeOf(uint32_t ledger) const {
    const std::optional<Ledgers::State> state = ledgers_->Get(ledger);
    return state.has_value() ? state->size : 0;
  }

  std::vector<StoredEntry> EntriesOf(uint32_t ledger) const {
    std::vector<StoredEntry> entries;
    SUYUAN_EXPECT_OK(ledgers_->Read(ledger, 0, SizeOf(ledger), [&](const StoredRecord& stored) {
      StoredEntry entry;
      entry.bytes = std::string(stored.bytes);
      EXPECT_TRUE(entry.event.ParseFromArray(stored.record.event.data(),
                                             static_cast<int>(stored.record.event.size())));
      EXPECT_EQ(stored.record.event_id, entry.event.id());
      EXPECT_EQ(stored.record.sequence, entries.size());
      entry.recorded_micros = stored.record.recorded_micros;
      entry.leaf = merkle::LeafHash(stored.bytes);
      entry.previous = stored.record.previous;
      entry.tree_size = stored.tree_size;
      entry.root = stored.root;
      entries.push_back(std::move(entry));
      return true;
    }));
    return entries;
  }
  std::vector<Hash> LeavesOf(uint32_t ledger) const {
    std::vector<Hash> leaves;
    for (const StoredEntry& entry : EntriesOf(ledger)) leaves.push_back(entry.leaf);
    return leaves;
  }

  // The receipt says of its entry what the entries themselves say.
  void ExpectTrue(const Receipt& receipt, const std::vector<StoredEntry>& entries) const {
    SCOPED_TRACE("receipt of " + receipt.event_id);
    ASSERT_LT(receipt.sequence, entries.size());
    const StoredEntry& entry = entries[receipt.sequence];
    EXPECT_EQ(entry.event.id(), receipt.event_id);
    // Written out, not by LeafHash: SHA-256(0x00 || record).
    EXPECT_EQ(receipt.leaf_hash, Sha256({std::string_view("\0", 1), entry.bytes}).view());
    EXPECT_EQ(receipt.previous_hash, entry.previous.view());
    if (receipt.sequence > 0) {
      EXPECT_EQ(receipt.previous_hash, entries[receipt.sequence - 1].leaf.view());
    }
    ASSERT_GT(receipt.tree_size, receipt.sequence);
    ASSERT_LE(receipt.tree_size, entries.size());
    std::vector<Hash> leaves;
    for (size_t i = 0; i < receipt.tree_size; ++i) leaves.push_back(entries[i].leaf);
    EXPECT_EQ(receipt.root, TreeHash(leaves).view());
  }

  CheckReport Check() { return CheckLedgers(disk_.pairs(), MarksDir(), {}, {}); }

  std::string MarksDir() const { return dir_ / "marks"; }
  std::string KeysDir() const { return dir_ / "keys"; }
  std::string MarkPath(const std::string& name) const { return MarksDir() + "/" + name + ".mark"; }

  // Behind the back of everybody.
  std::string Value(const std::string& key) {
    const auto value = disk_.pairs().Get(key);
    EXPECT_TRUE(value.ok() && value->has_value());
    return value.ok() ? value->value_or("") : "";
  }
  void Put(const std::string& key, std::string value) {
    disk_.pairs().Tamper(key, std::move(value));
  }
  void Erase(const std::string& key) { disk_.pairs().Tamper(key, std::nullopt); }
  void Swap(const std::string& a, const std::string& b) {
    std::string at_a = Value(a);
    Put(a, Value(b));
    Put(b, std::move(at_a));
  }
  void Restore(const std::map<std::string, std::string>& snapshot) {
    for (const auto& [key, value] : disk_.pairs().Contents()) Erase(key);
    for (const auto& [key, value] : snapshot) Put(key, value);
  }

  TempDir dir_;
  Disk disk_;
  FakeClock clock_;
  FakeIndex index_;
  std::unique_ptr<Ledgers> ledgers_;
};

inline std::string Told(const CheckReport& report) {
  std::string text;
  for (const Problem& problem : report.problems) {
    text += problem.ledger + " " + std::to_string(problem.sequence) + " " + problem.what +
            ": expected " + problem.expected + ", found " + problem.found + "\n";
  }
  return text.empty() ? "nothing" : text;
}

MATCHER(IsClean, "is clean") {
  *result_listener << "it says " << Told(arg);
  return arg.ok();
}

// The first thing that a check says.
MATCHER_P3(SaysFirst, ledger, sequence, what, "") {
  *result_listener << "it says " << Told(arg);
  return !arg.problems.empty() && arg.problems[0].ledger == ledger &&
         arg.problems[0].sequence == static_cast<uint64_t>(sequence) &&
         arg.problems[0].what == what;
}

}  // namespace suyuan::ledger

#endif  // TESTS_LIB_LEDGER_LEDGER_FIXTURE_H_
