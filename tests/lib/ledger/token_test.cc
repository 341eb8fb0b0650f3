// A ledger whose key is on a token (SoftHSM).

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "tests/lib/ledger/tampering.h"
#include "tests/support/soft_token.h"

namespace suyuan::ledger {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class TokenTest : public LedgerTest {
 protected:
  void SetUp() override {
    if (!SoftTokens::Installed()) GTEST_SKIP() << "softhsm2 is not installed";
    LedgerTest::SetUp();
    tokens_ = std::make_unique<SoftTokens>();
    ASSERT_TRUE(tokens_->Make("plant"));
    ASSERT_TRUE(tokens_->MakeKey("plant", "ledger"));
    uri_ = tokens_->Uri("plant", "ledger");
    plant_ = Create("plant");
  }
  void TearDown() override {
    Close();
    LedgerTest::TearDown();
  }

  void Grow() {
    SUYUAN_ASSERT_OK(Append(plant_, Several("e" + std::to_string(SizeOf(plant_)) + "-", 3)));
  }
  std::vector<std::string> Keys() const { return *ledgers_->Keys(plant_); }
  std::string KeyPath() const { return KeysDir() + "/plant.key"; }
  // Who knows nothing but `vkey` believes the newest head.
  void ExpectSignedFor(const std::string& vkey) {
    const absl::StatusOr<std::string> note = ledgers_->Checkpoint(plant_);
    SUYUAN_ASSERT_OK(note);
    const auto policy = merkle::Policy::Parse("log " + vkey + "\nquorum none\n");
    const auto head = policy->VerifyCheckpoint(*note);
    SUYUAN_ASSERT_OK(head) << vkey;
    EXPECT_EQ(head->size, SizeOf(plant_));
  }

  std::unique_ptr<SoftTokens> tokens_;
  std::string uri_;
  uint32_t plant_ = 0;
};

TEST_F(TokenTest, AKeyChangesFromFileToTokenAndBack) {
  const std::string first = Keys()[0];
  Grow();
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_, uri_));
  ASSERT_THAT(Keys(), ElementsAre(testing::_, first));
  const std::string on_token = Keys()[0];
  EXPECT_EQ(EntriesOf(plant_).back().event.signing_key().verifier_key(), on_token);
  EXPECT_THAT(*ReadFile(KeyPath()), testing::StartsWith("PKCS11 " + on_token + " " + uri_ + "\n"));
  ExpectSignedFor(first);
  ExpectSignedFor(on_token);

  SUYUAN_ASSERT_OK(Reopen());
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  EXPECT_THAT(Keys(), ElementsAre(on_token));
  EXPECT_EQ(*ReadFile(KeyPath()), "PKCS11 " + on_token + " " + uri_ + "\n");
  Grow();
  ExpectSignedFor(on_token);
  SUYUAN_ASSERT_OK(Reopen());
  Grow();
  ExpectSignedFor(on_token);

  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_));
  ASSERT_THAT(Keys(), ElementsAre(testing::_, on_token));
  const std::string last = Keys()[0];
  ExpectSignedFor(on_token);
  ExpectSignedFor(last);
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  EXPECT_THAT(Keys(), ElementsAre(last));
  // From here on nobody asks the token.
  tokens_->PullOut();
  Grow();
  ExpectSignedFor(last);
  Close();
  EXPECT_THAT(Check(), IsClean());
}

TEST_F(TokenTest, WithoutItsTokenALedgerIsReadAndNotSigned) {
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_, uri_));
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  const std::string key = Keys()[0];
  const uint64_t before = SizeOf(plant_);
  Close();
  tokens_->PullOut();
  SUYUAN_ASSERT_OK(Open());
  EXPECT_THAT(Keys(), ElementsAre(key));
  Grow();
  EXPECT_THAT(ledgers_->Checkpoint(plant_),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       HasSubstr("ledger plant has no signing key: token plant is not there")));
  // What was signed before still proves what it counts.
  SUYUAN_EXPECT_OK(ledgers_->Prove(plant_, before - 1));
  EXPECT_THAT(ledgers_->Prove(plant_, before),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  tokens_->PutBack();
  ExpectSignedFor(key);
  SUYUAN_EXPECT_OK(ledgers_->Prove(plant_, before));
}

TEST_F(TokenTest, AKeyThatDoesNotSignChangesNothing) {
  const std::vector<std::string> keys = Keys();
  const uint64_t size = SizeOf(plant_);
  const std::string file = *ReadFile(KeyPath());
  const auto refused = [&](const std::string& uri, absl::StatusCode code, const char* why) {
    EXPECT_THAT(ledgers_->AddKey(plant_, uri),
                StatusIs(code, AllOf(HasSubstr(why), Not(HasSubstr("0815")))))
        << uri;
    EXPECT_EQ(Keys(), keys);
    EXPECT_EQ(SizeOf(plant_), size);
    EXPECT_EQ(*ReadFile(KeyPath()), file);
  };
  refused("nonsense", absl::StatusCode::kInvalidArgument, "pkcs11:");
  refused(tokens_->Uri("plant", "none"), absl::StatusCode::kFailedPrecondition, "no Ed25519");
  refused(tokens_->Uri("store", "ledger"), absl::StatusCode::kFailedPrecondition,
          "token store is not there");
  tokens_->SetPin("wrong-0815");
  refused(uri_, absl::StatusCode::kFailedPrecondition, "refused the PIN");
  tokens_->SetPin("very-secret-4711");
  SUYUAN_EXPECT_OK(ledgers_->AddKey(plant_, uri_));
}

// The entry that names it is there already, and cannot be written twice.
TEST_F(TokenTest, AKeyOfTheLedgerIsNoNewOne) {
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_, uri_));
  const auto is_known = StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr(Keys()[0]));
  EXPECT_THAT(ledgers_->AddKey(plant_, uri_), is_known);
  EXPECT_THAT(Keys(), SizeIs(2));
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_));
  SUYUAN_ASSERT_OK(ledgers_->RetireKeys(plant_));
  EXPECT_THAT(ledgers_->AddKey(plant_, uri_), is_known);
  EXPECT_THAT(Keys(), SizeIs(1));
}

// The program ended after the key was in its file, before the ledger named it.
TEST_F(TokenTest, ARotationThatWasInterruptedIsDoneAgain) {
  const std::string first = Keys()[0];
  const std::string origin = ledgers_->Get(plant_)->genesis.origin();
  Close();
  const std::string line = (*merkle::Pkcs11Signer::Find(origin, uri_))->line();
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), line + "\n" + *ReadFile(KeyPath()), 0600));
  SUYUAN_ASSERT_OK(Open());
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_, uri_));
  ASSERT_THAT(Keys(), ElementsAre(testing::_, first));
  EXPECT_EQ(EntriesOf(plant_).back().event.signing_key().verifier_key(), Keys()[0]);
  ExpectSignedFor(first);
}

TEST_F(TokenTest, TwoLedgersShareAToken) {
  const uint32_t store = Create("store");
  SUYUAN_ASSERT_OK(ledgers_->AddKey(plant_, uri_));
  SUYUAN_ASSERT_OK(ledgers_->AddKey(store, uri_));
  EXPECT_NE(Keys()[0], ledgers_->Keys(store)->at(0));
  SUYUAN_ASSERT_OK(Append(store, Several("s", 3)));
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(store));
  Grow();
  ExpectSignedFor(Keys()[0]);
}

// SoftHSM has no SM2: the key of that tree stays in a file.
TEST_F(TokenTest, TheSm3TreeGetsAKeyInAFile) {
  const uint32_t both = Create("both", /*sm3=*/true);
  SUYUAN_ASSERT_OK(ledgers_->AddKey(both, uri_));
  EXPECT_THAT(*ledgers_->Keys(both), SizeIs(2));
  EXPECT_THAT(*ledgers_->Keys(both, HashKind::kSm3), SizeIs(2));
  EXPECT_THAT(*ReadFile(KeysDir() + "/both.key"), HasSubstr("PKCS11 "));
  EXPECT_THAT(*ReadFile(KeysDir() + "/both.sm2.key"), Not(HasSubstr("PKCS11 ")));
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(both));
  SUYUAN_EXPECT_OK(ledgers_->Checkpoint(both, HashKind::kSm3));
}

TEST_F(TokenTest, ALineThatNamesAnotherLedgersKeyIsRefused) {
  Close();
  const std::string other = (*merkle::Pkcs11Signer::Find("suyuan/other/1", uri_))->line();
  SUYUAN_ASSERT_OK(WriteFileAtomically(KeyPath(), other + "\n", 0600));
  EXPECT_THAT(Open(), StatusIs(absl::StatusCode::kDataLoss,
                               AllOf(HasSubstr("line 1"), Not(HasSubstr("pkcs11:")))));
}

}  // namespace
}  // namespace suyuan::ledger
