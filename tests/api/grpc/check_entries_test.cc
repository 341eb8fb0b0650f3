#include "api/grpc/check_entries.h"

#include <optional>

#include "lib/base/strings.h"
#include "tests/api/grpc/server_test.h"

namespace suyuan::rpc {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// An engine whose disk gives other bytes than were written: it reads through `real`.
class DamagedEngine : public Engine {
 public:
  explicit DamagedEngine(Engine* real) : real_(real) {}
  std::optional<uint64_t> changed;
  std::optional<uint64_t> unreadable;

  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) override {
    return real_->CreateLedger(options);
  }
  std::vector<LedgerInfo> ListLedgers() const override { return real_->ListLedgers(); }
  absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const override {
    return real_->GetLedger(name);
  }
  std::vector<Violation> Validate(std::string_view ledger,
                                  std::span<const v1::Event> events) const override {
    return real_->Validate(ledger, events);
  }
  absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                              std::span<const v1::Event> events) override {
    return real_->Append(ledger, events);
  }
  absl::Status Read(std::string_view ledger, uint64_t from, uint64_t to,
                    const std::function<bool(const Entry&)>& visit) const override {
    absl::Status status;
    status.Update(real_->Read(ledger, from, to, [&](const Entry& entry) {
      Entry read = entry;
      if (entry.sequence == unreadable) {
        status = DataLoss("entry ", entry.sequence, " is damaged");
        return false;
      }
      if (entry.sequence == changed) read.leaf_hash[0] = static_cast<char>(~read.leaf_hash[0]);
      return visit(read);
    }));
    return status;
  }
  absl::StatusOr<TraceResult> Trace(const TraceRequest& request) const override {
    return real_->Trace(request);
  }
  std::vector<UnitInfo> FindUnits(std::string_view text) const override {
    return real_->FindUnits(text);
  }
  absl::Status RebuildIndexes() override { return real_->RebuildIndexes(); }

 private:
  Engine* const real_;
};

class CheckEntriesTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    Ledger("a");
    Append("a", Many(0, 10));
  }
  static bool GoOn(const Progress&) { return true; }
};

TEST_F(CheckEntriesTest, FindsNothingWhereNothingIs) {
  const auto report = CheckEntries(*local_, GoOn);
  SUYUAN_ASSERT_OK(report);
  EXPECT_TRUE(report->ok());
  EXPECT_EQ(report->ledgers[0].root, local_->GetLedger("a")->root);
  EXPECT_EQ(report->ledgers[0].size, 11u);
}

TEST_F(CheckEntriesTest, FindsAnEntryThatIsAnother) {
  DamagedEngine damaged(local_.get());
  damaged.changed = 4;
  const auto report = CheckEntries(damaged, GoOn);
  SUYUAN_ASSERT_OK(report);
  ASSERT_THAT(report->problems, SizeIs(1));
  EXPECT_EQ(report->problems[0].what, "tree");
}

TEST_F(CheckEntriesTest, NamesAnEntryThatCannotBeRead) {
  DamagedEngine damaged(local_.get());
  damaged.unreadable = 4;
  const auto report = CheckEntries(damaged, GoOn);
  SUYUAN_ASSERT_OK(report);
  ASSERT_THAT(report->problems, SizeIs(1));
  EXPECT_EQ(report->problems[0].what, "entry");
  EXPECT_EQ(report->problems[0].sequence, 4u);
  EXPECT_THAT(report->problems[0].found, HasSubstr("entry 4 is damaged"));
}

TEST_F(CheckEntriesTest, StopsWhenItIsTold) {
  Append("a", Many(10, 2000));
  EXPECT_THAT(CheckEntries(*local_, [](const Progress&) { return false; }),
              StatusIs(absl::StatusCode::kCancelled, HasSubstr("not finished")));
}

}  // namespace
}  // namespace suyuan::rpc
