// Engine, cosigner and witnesses over real sockets.

#include "api/http/cosigner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "api/http/server.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/witness.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::http {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

constexpr std::chrono::milliseconds kOften(20);

class CosignerTest : public testing::Test {
 protected:
  // Somebody with a witness of their own.
  struct Place {
    std::string state;
    std::string key;
    std::unique_ptr<merkle::Witness> witness;
    std::unique_ptr<Server> server;
    int port = 0;
  };

  void SetUp() override {
    OpenEngine();
    SUYUAN_ASSERT_OK(engine_->CreateLedger(
        {.name = "plant", .subject = "ext:test:a", .profile = "investigation"}));
    vkey_ = engine_->GetLedger("plant")->verifier_keys.at(0);
    for (const char* name : {"a", "b"}) {
      Place place;
      place.state = dir_ / name;
      place.key = *merkle::Ed25519Signer::Generate(StrCat("witness.example/", name));
      places_.push_back(std::move(place));
      Serve(&places_.back());
    }
  }
  void OpenEngine() {
    engine_.reset();
    auto engine = Engine::Open({.data_dir = dir_ / "data"});
    SUYUAN_ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }
  void Serve(Place* place) {
    auto witness = merkle::Witness::Open(place->state, *merkle::Ed25519Signer::Parse(place->key),
                                         {*merkle::VerifierKey::Parse(vkey_)}, SystemClock());
    SUYUAN_ASSERT_OK(witness);
    place->witness = *std::move(witness);
    merkle::Witness* const raw = place->witness.get();
    auto server = Server::Start(
        {.listen = StrCat("127.0.0.1:", place->port)}, [raw](const Request& request) -> Response {
          auto answer = raw->AddCheckpoint(request.body);
          return {answer.status, answer.content_type, "no-store", answer.body};
        });
    SUYUAN_ASSERT_OK(server);
    place->server = *std::move(server);
    place->port = place->server->port();
  }
  std::string PolicyText() const {
    return StrCat("log ", vkey_, "\nwitness a ", places_[0].witness->key().ToString(),
                  " http://127.0.0.1:", places_[0].port, "\nwitness b ",
                  places_[1].witness->key().ToString(), " http://127.0.0.1:", places_[1].port,
                  "\ngroup both all a b\nquorum both\n");
  }
  void Start() {
    policy_ = PolicyText();
    const auto policy = merkle::Policy::Parse(policy_);
    SUYUAN_ASSERT_OK(policy);
    auto cosigner = Cosigner::Start(engine_.get(), *policy, kOften, [this](const std::string& m) {
      MutexLock lock(&mu_);
      messages_.push_back(m);
    });
    SUYUAN_ASSERT_OK(cosigner);
    cosigner_ = *std::move(cosigner);
  }
  void Append(const std::string& id) {
    v1::Event event;
    event.set_id(id);
    event.mutable_observe_unit()->mutable_unit()->add_external_ids("test:" + id);
    SUYUAN_ASSERT_OK(engine_->Append("plant", std::vector{event}));
  }
  template <typename Condition>
  static bool Soon(Condition condition) {
    for (int i = 0; i < 500; ++i) {
      if (condition()) return true;
      std::this_thread::sleep_for(kOften);
    }
    return false;
  }
  // Whether what is published is trusted by those who want both witnesses.
  bool IsCosigned(uint64_t size) {
    const absl::StatusOr<std::string> note = engine_->PublishedCheckpoint("plant");
    const absl::StatusOr<SignedHead> head =
        note.ok() ? VerifyCheckpoint(*note, policy_) : note.status();
    return head.ok() && head->size == size;
  }
  std::vector<std::string> Messages() {
    MutexLock lock(&mu_);
    return messages_;
  }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::string vkey_;
  std::vector<Place> places_;
  std::string policy_;
  std::unique_ptr<Cosigner> cosigner_;
  Mutex mu_;
  std::vector<std::string> messages_;
};

TEST_F(CosignerTest, WhatIsPublishedIsSignedByAllWitnesses) {
  Start();
  ASSERT_TRUE(Soon([&] { return IsCosigned(1); }));
  for (int i = 0; i < 5; ++i) Append(StrCat("e", i));
  ASSERT_TRUE(Soon([&] { return IsCosigned(6); }));
  const absl::StatusOr<EventProof> proof = engine_->Prove("plant", "e2");
  SUYUAN_ASSERT_OK(proof);
  SUYUAN_EXPECT_OK(VerifyReceipt(proof->proof, proof->entry, policy_));
  EXPECT_THAT(Messages(), testing::IsEmpty());
}

TEST_F(CosignerTest, AWitnessThatComesBackGoesOn) {
  Start();
  ASSERT_TRUE(Soon([&] { return IsCosigned(1); }));
  places_[1].server.reset();
  places_[1].witness.reset();
  Append("e1");
  ASSERT_TRUE(Soon([&] { return !Messages().empty(); }));
  EXPECT_THAT(Messages(), Contains(HasSubstr("witness.example/b")));
  EXPECT_FALSE(IsCosigned(2));
  Serve(&places_[1]);
  EXPECT_TRUE(Soon([&] { return IsCosigned(2); }));
}

TEST_F(CosignerTest, AnOlderCopyOfALedgerIsNoticed) {
  Append("e1");
  engine_.reset();
  const auto options = std::filesystem::copy_options::recursive;
  std::filesystem::copy(dir_ / "data", dir_ / "older", options);
  OpenEngine();
  Append("e2");
  Start();
  ASSERT_TRUE(Soon([&] { return IsCosigned(3); }));
  cosigner_.reset();
  engine_.reset();
  std::filesystem::remove_all(dir_ / "data");
  std::filesystem::copy(dir_ / "older", dir_ / "data", options);
  OpenEngine();
  Start();
  ASSERT_TRUE(Soon([&] { return !Messages().empty(); }));
  EXPECT_THAT(Messages(), Contains(HasSubstr("older copy")));
  // Nor when it grows another way.
  Append("other");
  Append("other2");
  EXPECT_TRUE(Soon([&] {
    for (const std::string& message : Messages()) {
      if (message.find("422") != std::string::npos) return true;
    }
    return false;
  }));
  EXPECT_FALSE(IsCosigned(4));
}

TEST_F(CosignerTest, WantsAddresses) {
  for (const std::string& policy :
       {StrCat("log ", vkey_, "\nquorum none\n"),
        StrCat("log ", vkey_, "\nwitness a ", places_[0].witness->key().ToString(), "\nquorum a\n"),
        StrCat("log ", vkey_, "\nwitness a ", places_[0].witness->key().ToString(),
               " ftp://x\nquorum a\n")}) {
    const auto parsed = merkle::Policy::Parse(policy);
    SUYUAN_ASSERT_OK(parsed);
    EXPECT_THAT(Cosigner::Start(engine_.get(), *parsed, kOften, nullptr),
                StatusIs(absl::StatusCode::kInvalidArgument, testing::_))
        << policy;
  }
}

}  // namespace
}  // namespace suyuan::http
