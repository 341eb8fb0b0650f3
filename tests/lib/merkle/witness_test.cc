#include "lib/merkle/witness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tree.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::merkle {
namespace {

using ::testing::HasSubstr;

class StandingClock : public Clock {
 public:
  int64_t WallMicros() const override { return 1'700'000'000'000'000; }
  int64_t SteadyMicros() const override { return 0; }
};

// A log that tells whatever history it likes.
class Log {
 public:
  explicit Log(const std::string& name)
      : signer_(*Ed25519Signer::Parse(*Ed25519Signer::Generate(name))) {}

  const VerifierKey& key() const { return signer_->key(); }
  void Grow(const std::string& what, size_t count = 1) {
    for (size_t i = 0; i < count; ++i) leaves_.push_back(LeafHash(StrCat(what, i)));
  }
  Hash Root(size_t size) const {
    Frontier tree;
    for (size_t i = 0; i < size; ++i) tree.Append(leaves_[i]);
    return tree.Root();
  }
  std::string Checkpoint(size_t size) const {
    return *SignNote(FormatCheckpoint({key().name(), size, Root(size)}), {signer_.get()});
  }
  std::string Request(size_t old_size, size_t size) const {
    std::string body = StrCat("old ", old_size, "\n");
    const auto proof = ConsistencyProof(old_size, size, [&](int level, uint64_t index) {
      Frontier tree;
      const uint64_t width = uint64_t{1} << level;
      for (uint64_t i = index * width; i < (index + 1) * width; ++i) tree.Append(leaves_[i]);
      return absl::StatusOr<Hash>(tree.Root());
    });
    for (const Hash& hash : *proof) body += ToBase64(hash.view()) + "\n";
    return body + "\n" + Checkpoint(size);
  }
  void Forget(size_t size) { leaves_.resize(size); }

 private:
  std::unique_ptr<Ed25519Signer> signer_;
  std::vector<Hash> leaves_;
};

class WitnessTest : public testing::Test {
 protected:
  void SetUp() override {
    key_ = *Ed25519Signer::Generate("witness.example.com/w");
    log_.Grow("entry", 20);
    Open();
  }
  void Open() {
    witness_.reset();
    absl::StatusOr<std::unique_ptr<Witness>> opened =
        Witness::Open(dir_ / "state", *Ed25519Signer::Parse(key_), {log_.key()}, &clock_);
    SUYUAN_ASSERT_OK(opened);
    witness_ = *std::move(opened);
  }
  int Ask(const std::string& body) { return witness_->AddCheckpoint(body).status; }

  TempDir dir_;
  StandingClock clock_;
  std::string key_;
  Log log_{"example.com/log"};
  std::unique_ptr<Witness> witness_;
};

TEST_F(WitnessTest, CosignsWhatGoesOn) {
  for (const auto& [old_size, size] :
       std::vector<std::pair<size_t, size_t>>{{0, 3}, {3, 3}, {3, 8}, {8, 20}}) {
    const Witness::Answer answer = witness_->AddCheckpoint(log_.Request(old_size, size));
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto policy = Policy::Parse(StrCat("log ", log_.key().ToString(), "\nwitness w ",
                                             witness_->key().ToString(), "\nquorum w\n"));
    SUYUAN_ASSERT_OK(policy);
    EXPECT_EQ(policy->VerifyCheckpoint(log_.Checkpoint(size) + answer.body)->size, size);
    EXPECT_FALSE(policy->VerifyCheckpoint(log_.Checkpoint(size)).ok());
    const absl::StatusOr<Note> note = ParseNote(log_.Checkpoint(size) + answer.body);
    EXPECT_EQ(CosignatureTime(note->signatures[1].bytes), 1'700'000'000u);
  }
}

TEST_F(WitnessTest, TellsWhatItKnowsToWhoKnowsLess) {
  ASSERT_EQ(Ask(log_.Request(0, 8)), 200);
  for (const size_t old_size : {0, 3, 9}) {
    const Witness::Answer answer = witness_->AddCheckpoint(log_.Request(old_size, 12));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.body, "8\n");
    EXPECT_EQ(answer.content_type, "text/x.tlog.size");
  }
  // Nothing of it was taken.
  EXPECT_EQ(Ask(log_.Request(8, 12)), 200);
}

TEST_F(WitnessTest, RemembersWhenItIsOpenedAgain) {
  ASSERT_EQ(Ask(log_.Request(0, 8)), 200);
  Open();
  EXPECT_EQ(Ask(log_.Request(0, 12)), 409);
  EXPECT_EQ(Ask(log_.Request(8, 12)), 200);
}

TEST_F(WitnessTest, DoesNotSignASecondHistory) {
  ASSERT_EQ(Ask(log_.Request(0, 8)), 200);
  const std::string seen = log_.Checkpoint(8);
  log_.Forget(5);
  log_.Grow("other", 15);
  // Of the same size: two signatures of one key over two roots are the proof.
  EXPECT_EQ(Ask(log_.Request(8, 8)), 409);
  std::string evidence;
  for (const auto& file : std::filesystem::directory_iterator(dir_ / "state")) {
    if (file.path().string().find(".fork-") != std::string::npos) {
      evidence = *ReadFile(file.path());
    }
  }
  EXPECT_EQ(evidence, seen + "\n" + log_.Checkpoint(8));
  // Larger: no proof leads there from what was seen.
  EXPECT_EQ(Ask(log_.Request(8, 16)), 422);
  // Shorter.
  EXPECT_EQ(Ask(log_.Request(4, 4)), 409);
}

TEST_F(WitnessTest, RefusesWhatIsNoRequest) {
  const std::string good = log_.Request(0, 8);
  const std::string note = log_.Checkpoint(8);
  const std::string hash = ToBase64(log_.Root(3).view()) + "\n";
  std::string many = "old 0\n";
  for (int i = 0; i < 64; ++i) many += hash;
  for (const std::string& body :
       {std::string(), std::string("old"), "old 0\n" + note, "old 00\n\n" + note,
        "old -1\n\n" + note, "old 0x\n\n" + note, "old 9\n\n" + note, "new 0\n\n" + note,
        "old 0\nnothing\n\n" + note, many + "\n" + note, std::string("old 0\n\n"),
        std::string("old 0\n\nexample.com/log\n8\n"), "old 99999999999999999999\n\n" + note,
        good.substr(0, good.size() - 20)}) {
    EXPECT_EQ(Ask(body), 400) << body;
  }
  EXPECT_EQ(Ask("old 0\n" + hash + "\n" + note), 422);

  Log unknown("example.com/other");
  unknown.Grow("x", 3);
  EXPECT_EQ(Ask(unknown.Request(0, 3)), 404);
  // Somebody else under the log's name.
  Log forger("example.com/log");
  forger.Grow("x", 3);
  EXPECT_EQ(Ask(forger.Request(0, 3)), 403);
  std::string broken = good;
  broken[broken.size() - 10] = broken[broken.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Ask(broken), 403);
  EXPECT_EQ(Ask(good), 200);
}

TEST_F(WitnessTest, AnswersNothingThatItCannotKeep) {
  ASSERT_EQ(Ask(log_.Request(0, 8)), 200);
  std::filesystem::remove_all(dir_ / "state");
  EXPECT_EQ(Ask(log_.Request(8, 12)), 503);
  std::filesystem::create_directories(dir_ / "state");
  EXPECT_EQ(Ask(log_.Request(8, 12)), 200);
}

TEST_F(WitnessTest, IsAloneInItsDirectoryAndKnowsWhatIsInIt) {
  EXPECT_THAT(Witness::Open(dir_ / "state", *Ed25519Signer::Parse(key_), {log_.key()}, &clock_),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  ASSERT_EQ(Ask(log_.Request(0, 8)), 200);
  witness_.reset();
  for (const auto& file : std::filesystem::directory_iterator(dir_ / "state")) {
    if (file.path().extension() != ".checkpoint") continue;
    SUYUAN_ASSERT_OK(WriteFileAtomically(file.path(), "damaged"));
  }
  EXPECT_THAT(Witness::Open(dir_ / "state", *Ed25519Signer::Parse(key_), {log_.key()}, &clock_),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("checkpoint")));
}

}  // namespace
}  // namespace suyuan::merkle
