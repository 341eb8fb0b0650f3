#include "lib/merkle/policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/merkle/tree.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::HasSubstr;

// Somebody who cosigns what a log signed.
class Witness final : public Signer {
 public:
  explicit Witness(const std::string& name)
      : signer_(Ed25519Signer::Parse(Ed25519Signer::Generate(name).value()).value()),
        key_(VerifierKey::Make(name, VerifierKey::Type::kEd25519Cosignature,
                               signer_->key().public_key())
                 .value()) {}
  const VerifierKey& key() const override { return key_; }
  absl::StatusOr<std::string> Sign(std::string_view text) override {
    std::string blob;
    PutFixed64(&blob, 1'700'000'000);
    return blob + signer_->Sign(StrCat("cosignature/v1\ntime 1700000000\n", text)).value();
  }

 private:
  const std::unique_ptr<Ed25519Signer> signer_;
  const VerifierKey key_;
};

class PolicyTest : public ::testing::Test {
 protected:
  PolicyTest() {
    for (const char* name : {"x1", "x2", "x3", "y1"}) {
      witnesses_.push_back(std::make_unique<Witness>(name));
    }
    tree_.Append(LeafHash("first"));
    tree_.Append(LeafHash("second"));
  }

  static std::unique_ptr<Ed25519Signer> NewLog(const std::string& name) {
    return Ed25519Signer::Parse(Ed25519Signer::Generate(name).value()).value();
  }

  std::string Vkey(size_t witness) const { return witnesses_[witness]->key().ToString(); }

  // Two of the x and the y.
  std::string PolicyText() const {
    return StrCat("# whom we trust\n\nlog ", log_->key().ToString(), " https://plant.example/\n",
                  "witness X1 ", Vkey(0), "\n\twitness  X2\t", Vkey(1), " \nwitness X3 ", Vkey(2),
                  "\nwitness Y1 ", Vkey(3), "\ngroup X 2 X1 X2 X3\ngroup all-of-them all X Y1\n",
                  "quorum all-of-them");
  }

  std::string SignedBy(Signer* log, const std::vector<size_t>& witnesses,
                       const std::string& origin = "plant.example/1") {
    std::vector<Signer*> signers = {log};
    for (const size_t i : witnesses) signers.push_back(witnesses_[i].get());
    return SignNote(FormatCheckpoint({origin, tree_.size(), tree_.Root()}), signers).value();
  }

  const std::unique_ptr<Ed25519Signer> log_ = NewLog("plant.example/1");
  std::vector<std::unique_ptr<Witness>> witnesses_;
  Frontier tree_;
};

TEST_F(PolicyTest, EnoughWitnessesAreAQuorum) {
  const auto policy = Policy::Parse(PolicyText());
  ASSERT_THAT(policy, IsOk());
  const auto accepts = [&](const std::vector<size_t>& witnesses) {
    return policy->VerifyCheckpoint(SignedBy(log_.get(), witnesses)).ok();
  };
  EXPECT_TRUE(accepts({0, 1, 3}));
  EXPECT_TRUE(accepts({3, 2, 0}));
  EXPECT_TRUE(accepts({0, 1, 2, 3}));
  EXPECT_FALSE(accepts({0, 1, 2}));
  EXPECT_FALSE(accepts({0, 3}));
  EXPECT_FALSE(accepts({0, 0, 3}));
  EXPECT_FALSE(accepts({}));
}

TEST_F(PolicyTest, OnlyALogOfThePolicySpeaksAndOnlyForItself) {
  const auto policy =
      Policy::Parse(StrCat("log ", log_->key().ToString(), "\nquorum none\n")).value();
  const auto checkpoint = policy.VerifyCheckpoint(SignedBy(log_.get(), {}));
  ASSERT_THAT(checkpoint, IsOk());
  EXPECT_EQ(checkpoint->origin, "plant.example/1");
  EXPECT_EQ(checkpoint->size, 2u);
  const auto namesake = NewLog("plant.example/1");
  EXPECT_THAT(policy.VerifyCheckpoint(SignedBy(namesake.get(), {})),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("not signed")));
  EXPECT_THAT(policy.VerifyCheckpoint(SignedBy(log_.get(), {}, "plant.example/2")),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("plant.example/2")));
  EXPECT_FALSE(policy.VerifyCheckpoint("").ok());
}

TEST_F(PolicyTest, AWitnessMayNotStandInForTheLog) {
  const auto policy = Policy::Parse(PolicyText()).value();
  std::vector<Signer*> signers;
  for (const auto& witness : witnesses_) signers.push_back(witness.get());
  const std::string note =
      SignNote(FormatCheckpoint({"plant.example/1", 2, tree_.Root()}), signers).value();
  EXPECT_THAT(policy.VerifyCheckpoint(note),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("not signed")));
}

TEST_F(PolicyTest, AProofHoldsForItsRecordAlone) {
  const auto policy = Policy::Parse(PolicyText()).value();
  ProofFile proof;
  proof.index = 1;
  proof.path = {LeafHash("first")};
  proof.checkpoint = SignedBy(log_.get(), {0, 1, 3});
  EXPECT_THAT(policy.VerifyProof(proof, "second"), IsOk());
  EXPECT_THAT(policy.VerifyProof(proof, "third"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("leads to root")));
  proof.index = 0;
  EXPECT_FALSE(policy.VerifyProof(proof, "second").ok());
  proof.index = 2;
  EXPECT_FALSE(policy.VerifyProof(proof, "second").ok());
}

TEST_F(PolicyTest, WhatIsNoPolicyIsToldWhere) {
  const auto why = [](const std::string& text) {
    const auto policy = Policy::Parse(text);
    return policy.ok() ? "a policy" : std::string(policy.status().message());
  };
  const std::string log = log_->key().ToString();
  EXPECT_THAT(why(""), HasSubstr("no line with the quorum"));
  EXPECT_THAT(why("log " + log), HasSubstr("no line with the quorum"));
  EXPECT_THAT(why("quorum none"), "a policy");
  EXPECT_THAT(why("quorum none\nquorum none"), HasSubstr("line 2: a second"));
  EXPECT_THAT(why("quorum X"), HasSubstr("nobody is named X"));
  EXPECT_THAT(why("log x\nquorum none"), HasSubstr("line 1: key"));
  EXPECT_THAT(why("log " + log + "\nlog " + log), HasSubstr("there already"));
  EXPECT_THAT(why("log " + log + " url more"), HasSubstr("expected log"));
  EXPECT_THAT(why("witness none " + Vkey(0)), HasSubstr("taken"));
  EXPECT_THAT(why("witness A " + Vkey(0) + "\nwitness A " + Vkey(1)), HasSubstr("taken"));
  EXPECT_THAT(why("witness A " + Vkey(0) + "\nwitness B " + Vkey(0)), HasSubstr("there already"));
  const std::string two = StrCat("witness A ", Vkey(0), "\nwitness B ", Vkey(1), "\n");
  EXPECT_THAT(why(two + "group G 0 A B"), HasSubstr("0 of 2"));
  EXPECT_THAT(why(two + "group G 3 A B"), HasSubstr("3 of 2"));
  EXPECT_THAT(why(two + "group G some A B"), HasSubstr("some of 2"));
  EXPECT_THAT(why(two + "group G any A A"), HasSubstr("member already"));
  EXPECT_THAT(why(two + "group G any G"), HasSubstr("nobody is named G"));
  EXPECT_THAT(why(two + "group G any none"), HasSubstr("nobody is named none"));
  EXPECT_THAT(why(two + "group G any A\ngroup H any A B"), HasSubstr("member already"));
  EXPECT_THAT(why(two + "group G any"), HasSubstr("expected group"));
  EXPECT_THAT(why("trust everybody"), HasSubstr("found trust"));
  EXPECT_THAT(why("quorum none\r\n"), HasSubstr("control"));
  EXPECT_THAT(why(std::string(1001, '#')), HasSubstr("too long"));
  EXPECT_THAT(why(std::string(1001, '\n')), HasSubstr("too many"));
}

}  // namespace
}  // namespace suyuan::merkle
