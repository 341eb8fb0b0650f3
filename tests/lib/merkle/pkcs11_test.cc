#include "lib/merkle/pkcs11.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "lib/merkle/note.h"
#include "tests/support/soft_token.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kName[] = "plant.example/milk";
constexpr char kText[] = "plant.example/milk\n7\nAAAA\n";

// ---------------------------------------------------------------- without a token

TEST(Pkcs11UriTest, SaysWhereAKeyIs) {
  const auto uri = Pkcs11Uri::Parse(
      "pkcs11:token=our%20plant;object=ledger;type=private?module-path=/usr/lib/a%20b.so"
      "&pin-source=file:/etc/pin");
  SUYUAN_ASSERT_OK(uri);
  EXPECT_EQ(uri->token(), "our%20plant");
  EXPECT_EQ(uri->module_path(), "/usr/lib/a b.so");
  EXPECT_EQ(uri->pin_file(), "/etc/pin");
  EXPECT_FALSE(uri->has_pin_value());
  for (const char* pin : {"file:///etc/pin", "/etc/pin", "file:%2Fetc%2Fpin"}) {
    const auto other = Pkcs11Uri::Parse(std::string("pkcs11:serial=1;id=%01?pin-source=") + pin);
    SUYUAN_ASSERT_OK(other) << pin;
    EXPECT_EQ(other->pin_file(), "/etc/pin");
    EXPECT_EQ(other->token(), "1");
  }
  EXPECT_TRUE(Pkcs11Uri::Parse("pkcs11:token=a;object=b?pin-value=1")->has_pin_value());
}

TEST(Pkcs11UriTest, WhatIsWrongIsNamedAndThePinIsNot) {
  const auto wrong = [](const std::string& uri, const std::string& expected) {
    EXPECT_THAT(Pkcs11Uri::Parse(uri), StatusIs(absl::StatusCode::kInvalidArgument,
                                                AllOf(HasSubstr(expected), Not(HasSubstr("4711")))))
        << uri;
  };
  wrong("", "expected pkcs11:");
  wrong("file:/etc/key?pin-value=4711", "expected pkcs11:");
  wrong("pkcs11:token=a;object=b?pin-value=4711 ", "without spaces");
  wrong("pkcs11:token=a;object=b?pin-value=4711\nPKCS11", "without spaces");
  wrong("pkcs11:token=酸奶;object=b", "without spaces");
  wrong("pkcs11:object=b?pin-value=4711", "token or serial is missing");
  wrong("pkcs11:token=a?pin-value=4711", "object or id is missing");
  wrong("pkcs11:token=a;object=b;type=cert?pin-value=4711", "expected private");
  wrong("pkcs11:token=a;object=b;colour=red?pin-value=4711", "not known here");
  wrong("pkcs11:token=a;object=%zz?pin-value=4711", "PKCS#11 URI");
  wrong("pkcs11:token=a;object=b?module-path=../evil.so&pin-value=4711", "module-path");
  wrong("pkcs11:token=a;object=b?pin-source=|cat%20/etc/4711", "pin-source");
  wrong("pkcs11:token=a;object=b?pin-source=file:4711", "pin-source");
  wrong("pkcs11:token=a;object=b?pin-source=file:/etc/a%0a4711", "pin-source");
  wrong("pkcs11:token=a;object=b?pin-source=file:/etc/pin&pin-value=4711", "one of them");
  wrong("pkcs11:token=" + std::string(5000, 'a'), "at most 4096");
}

TEST(Pkcs11UriTest, WhatWasSentSaysNeitherCodeNorPin) {
  SUYUAN_EXPECT_OK(CheckSentUri("pkcs11:token=a;object=b?pin-source=file:/etc/pin"));
  EXPECT_THAT(CheckSentUri("pkcs11:token=a;object=b?module-path=/tmp/evil.so"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("module-path")));
  EXPECT_THAT(CheckSentUri("pkcs11:token=a;object=b?pin-value=4711"),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("pin-value"), Not(HasSubstr("4711")))));
  EXPECT_FALSE(CheckSentUri("nothing").ok());
}

TEST(Pkcs11SignerTest, ALineIsReadWithoutItsToken) {
  const VerifierKey key =
      *VerifierKey::Make(kName, VerifierKey::Type::kEd25519, std::string(32, 'k'));
  const std::string line = "PKCS11 " + key.ToString() + " pkcs11:token=gone;object=b";
  ASSERT_TRUE(Pkcs11Signer::IsLine(line));
  const auto signer = Pkcs11Signer::Parse(line);
  SUYUAN_ASSERT_OK(signer);
  EXPECT_EQ((*signer)->key().ToString(), key.ToString());
  EXPECT_EQ((*signer)->line(), line);

  const VerifierKey cosigner =
      *VerifierKey::Make(kName, VerifierKey::Type::kEd25519Cosignature, std::string(32, 'k'));
  for (const std::string& bad :
       {std::string("PKCS11 "), std::string("PKCS11"), "PKCS11 " + key.ToString(),
        "PKCS11 " + key.ToString() + " file:/a", std::string("PKCS11  pkcs11:token=a;object=b"),
        "PKCS11 " + cosigner.ToString() + " pkcs11:token=a;object=b", line + " ",
        "PKCS12" + line}) {
    EXPECT_THAT(Pkcs11Signer::Parse(bad), StatusIs(absl::StatusCode::kInvalidArgument, testing::_))
        << bad;
  }
}

TEST(Pkcs11SignerTest, AModuleThatIsNotThere) {
  EXPECT_THAT(Pkcs11Signer::Find(kName, "pkcs11:token=a;object=b?module-path=/no/such.so"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("token a is not there"), HasSubstr("/no/such.so"))));
}

// ---------------------------------------------------------------- with SoftHSM

class SoftTokenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!SoftTokens::Installed()) GTEST_SKIP() << "softhsm2 is not installed";
    tokens_ = std::make_unique<SoftTokens>();
    ASSERT_TRUE(tokens_->Make("plant"));
    ASSERT_TRUE(tokens_->MakeKey("plant", "ledger"));
    uri_ = tokens_->Uri("plant", "ledger");
  }
  std::unique_ptr<Pkcs11Signer> NewSigner() {
    auto signer = Pkcs11Signer::Find(kName, uri_);
    EXPECT_THAT(signer, IsOk());
    return signer.ok() ? *std::move(signer) : nullptr;
  }

  std::unique_ptr<SoftTokens> tokens_;
  std::string uri_;
};

TEST_F(SoftTokenTest, SignsWhatItsVerifierKeyVerifies) {
  const auto signer = NewSigner();
  ASSERT_NE(signer, nullptr);
  EXPECT_EQ(signer->line(), "PKCS11 " + signer->key().ToString() + " " + uri_);
  const auto again = Pkcs11Signer::Parse(signer->line());
  SUYUAN_ASSERT_OK(again);
  const std::vector<Signer*> both = {signer.get(), again->get()};
  for (Signer* const one : both) {
    const auto note = SignNote(kText, {one});
    SUYUAN_ASSERT_OK(note);
    const auto by = VerifyNote(*ParseNote(*note), {signer->key()});
    SUYUAN_ASSERT_OK(by);
    EXPECT_EQ(by->size(), 1u);
    // Ed25519 is deterministic.
    EXPECT_EQ(*one->Sign(kText), *signer->Sign(kText));
  }
}

TEST_F(SoftTokenTest, SignsOnAnyThread) {
  const auto signer = NewSigner();
  ASSERT_NE(signer, nullptr);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      for (int k = 0; k < 25; ++k) {
        const std::string text = std::to_string(i) + "/" + std::to_string(k) + "\n";
        const auto signature = signer->Sign(text);
        SUYUAN_ASSERT_OK(signature);
        SUYUAN_EXPECT_OK(signer->key().Verify(text, *signature));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(SoftTokenTest, OfSeveralKeysTheOneThatIsNamed) {
  ASSERT_TRUE(tokens_->MakeKey("plant", "other", "2"));
  const auto other = Pkcs11Signer::Find(kName, tokens_->Uri("plant", "other"));
  SUYUAN_ASSERT_OK(other);
  EXPECT_NE((*other)->key().ToString(), NewSigner()->key().ToString());
  ASSERT_TRUE(tokens_->MakeKey("plant", "ledger", "3"));
  EXPECT_THAT(Pkcs11Signer::Find(kName, uri_), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                        HasSubstr("several Ed25519 private keys")));
  EXPECT_THAT(Pkcs11Signer::Find(kName, tokens_->Uri("plant", "none")),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("no Ed25519 private key")));
  EXPECT_THAT(
      Pkcs11Signer::Find(kName, tokens_->Uri("store", "ledger")),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("token store is not there")));
}

TEST_F(SoftTokenTest, TwoTokensOfOneNameAreToldApartBySerial) {
  ASSERT_TRUE(tokens_->Make("plant"));
  EXPECT_THAT(Pkcs11Signer::Find(kName, uri_),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("serial")));
}

// A token locks after a few wrong PINs, and a ledger tries to sign every second.
TEST_F(SoftTokenTest, AWrongPinIsTriedOnceAndNeverTold) {
  const std::string line = NewSigner()->line();
  tokens_->SetPin("wrong-0815");
  const auto signer = *Pkcs11Signer::Parse(line);
  const auto is_secret = AllOf(HasSubstr("token plant refused the PIN"),
                               HasSubstr(tokens_->pin_file()), Not(HasSubstr("0815")));
  EXPECT_THAT(signer->Sign(kText), StatusIs(absl::StatusCode::kFailedPrecondition, is_secret));
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(signer->Sign(kText),
                StatusIs(absl::StatusCode::kFailedPrecondition,
                         AllOf(is_secret, HasSubstr("when the file is written anew"))));
  }
  tokens_->SetPin("very-secret-4711");
  SUYUAN_EXPECT_OK(signer->Sign(kText));
}

TEST_F(SoftTokenTest, APinInTheUri) {
  const std::string place =
      std::string("pkcs11:token=plant;object=ledger?module-path=") + SoftTokens::kModule;
  SUYUAN_EXPECT_OK(Pkcs11Signer::Find(kName, place + "&pin-value=very-secret-4711"));
  EXPECT_THAT(Pkcs11Signer::Find(kName, place + "&pin-value=wrong-0815"),
              StatusIs(absl::StatusCode::kFailedPrecondition,
                       AllOf(HasSubstr("refused the PIN"), Not(HasSubstr("0815")))));
  EXPECT_THAT(Pkcs11Signer::Find(kName, place),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("pin-source is missing")));
}

TEST_F(SoftTokenTest, OnlyTheOwnerMayReadThePin) {
  const auto signer = *Pkcs11Signer::Parse(NewSigner()->line());
  ASSERT_EQ(chmod(tokens_->pin_file().c_str(), 0640), 0);
  EXPECT_THAT(signer->Sign(kText),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("0600")));
  tokens_->SetPin("");
  EXPECT_THAT(signer->Sign(kText),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("first line")));
  tokens_->SetPin(std::string(300, 'x'));
  EXPECT_THAT(signer->Sign(kText),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("first line")));
  std::filesystem::remove(tokens_->pin_file());
  EXPECT_THAT(signer->Sign(kText),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr(tokens_->pin_file())));
  std::filesystem::create_directory(tokens_->pin_file());
  EXPECT_THAT(signer->Sign(kText),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("not a file")));
}

TEST_F(SoftTokenTest, SignsOnWhenItsTokenIsBack) {
  const auto signer = NewSigner();
  ASSERT_NE(signer, nullptr);
  const std::string before = *signer->Sign(kText);
  tokens_->PullOut();
  EXPECT_THAT(signer->Sign(kText), StatusIs(absl::StatusCode::kFailedPrecondition,
                                            HasSubstr("token plant is not there")));
  EXPECT_THAT(signer->Sign(kText), StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  tokens_->PutBack();
  const auto after = signer->Sign(kText);
  SUYUAN_ASSERT_OK(after);
  EXPECT_EQ(*after, before);
}

TEST_F(SoftTokenTest, AnotherKeyInItsPlaceSignsNothing) {
  ASSERT_TRUE(tokens_->MakeKey("plant", "other", "2"));
  const auto other = *Pkcs11Signer::Find(kName, tokens_->Uri("plant", "other"));
  const auto mixed = Pkcs11Signer::Parse("PKCS11 " + other->key().ToString() + " " + uri_);
  SUYUAN_ASSERT_OK(mixed);
  EXPECT_THAT((*mixed)->Sign(kText),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("token plant: its key is not")));
}

}  // namespace
}  // namespace suyuan::merkle
