// A follower and the site that it follows, over real sockets.

#include "api/http/follower.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "api/http/server.h"
#include "api/http/tile_site.h"
#include "lib/base/file.h"
#include "lib/base/mutex.h"
#include "lib/base/strings.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::http {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::chrono::milliseconds kOften(5);

class FollowerTest : public testing::Test {
 protected:
  void SetUp() override {
    plant_ = *Engine::Open({.data_dir = dir_ / "plant"});
    regulator_ = *Engine::Open({.data_dir = dir_ / "regulator"});
    SUYUAN_ASSERT_OK(plant_->CreateLedger(
        {.name = "plant", .subject = "ext:test:a", .profile = "investigation"}));
    policy_ = StrCat("log ", plant_->GetLedger("plant")->verifier_keys.at(0), "\nquorum none\n");
    site_ = TileSite(plant_.get());
    auto server = Server::Start({}, [this](const Request& request) -> Response {
      if (failing_ > 0) {
        --failing_;
        return {.status = 503, .body = "not now\n"};
      }
      if (noise_) return {.body = std::string(200'000, 'x')};
      return site_(request);
    });
    SUYUAN_ASSERT_OK(server);
    server_ = *std::move(server);
  }
  void Tell(const std::string& id) {
    v1::Event event;
    event.set_id(id);
    event.mutable_observe_unit()->mutable_unit()->set_key("ext:test:" + id);
    SUYUAN_ASSERT_OK(plant_->Append("plant", std::vector{event}));
  }
  std::string Url() const { return StrCat("http://", server_->address(), "/plant/"); }
  std::unique_ptr<Follower> Make() {
    auto follower =
        Follower::Make(regulator_.get(), {.url = Url(), .policy = policy_, .pause = kOften});
    EXPECT_THAT(follower, IsOk());
    return *std::move(follower);
  }
  uint64_t Size() {
    const auto ledgers = regulator_->ListLedgers();
    return ledgers->empty() ? 0 : ledgers->front().size;
  }

  TempDir dir_;
  std::unique_ptr<Engine> plant_;
  std::unique_ptr<Engine> regulator_;
  std::string policy_;
  Handler site_;
  std::atomic<int> failing_ = 0;
  std::atomic<bool> noise_ = false;
  std::unique_ptr<Server> server_;
};

TEST_F(FollowerTest, AsksAgainWhatIsNotAnsweredNow) {
  Tell("a");
  failing_ = 4;
  const auto info = Make()->Once();
  SUYUAN_ASSERT_OK(info);
  EXPECT_EQ(info->size, 2U);
  failing_ = 5;
  EXPECT_THAT(Make()->Once(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("checkpoint: it answered 503")));
  EXPECT_EQ(failing_, 0);
  server_.reset();
  EXPECT_THAT(Follower::Make(regulator_.get(),
                             {.url = "http://127.0.0.1:1", .policy = policy_, .pause = kOften})
                  .value()
                  ->Once(),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("connect to")));
}

TEST_F(FollowerTest, DoesNotReadMoreThanThereCanBe) {
  noise_ = true;
  EXPECT_THAT(Make()->Once(),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected at most 65536")));
  EXPECT_EQ(Size(), 0U);
}

TEST_F(FollowerTest, FollowsUntilItIsStopped) {
  Mutex mu;
  std::vector<std::string> told;
  const auto follower = Make();
  follower->Start(kOften, [&](const std::string& message) {
    MutexLock lock(&mu);
    told.push_back(message);
  });
  for (const std::string id : {"a", "b", "c"}) {
    Tell(id);
    const uint64_t size = plant_->GetLedger("plant")->size;
    failing_ = 7;  // also longer than one round is patient
    while (Size() < size) std::this_thread::sleep_for(kOften);
  }
  SUYUAN_EXPECT_OK(follower->Result());
  MutexLock lock(&mu);
  EXPECT_THAT(told, Contains(HasSubstr("条记录 entries")));
}

TEST_F(FollowerTest, AForkEndsIt) {
  Tell("a");
  SUYUAN_ASSERT_OK(Make()->Once());
  site_ = [real = site_](const Request& request) {
    Response response = real(request);
    if (request.path.find("entries") != std::string::npos) response.body.back() ^= 1;
    return response;
  };
  Tell("b");
  const auto follower = Make();
  std::atomic<int> times = 0;
  follower->Start(kOften, [&](const std::string&) { ++times; });
  while (follower->Result().ok()) std::this_thread::sleep_for(kOften);
  EXPECT_THAT(follower->Result(), StatusIs(absl::StatusCode::kDataLoss,
                                           AllOf(HasSubstr("entry 2: what it shows has the hash"),
                                                 HasSubstr("/mirrors/evidence/"))));
  EXPECT_EQ(times, 1);
  EXPECT_EQ(Size(), 2U);
}

TEST_F(FollowerTest, ReadsAListOfWhatToFollow) {
  const auto list = [&](const std::string& text) {
    SUYUAN_EXPECT_OK(WriteFileAtomically(dir_ / "list", text));
    return FollowersOf(regulator_.get(), dir_ / "list");
  };
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir_ / "policy", policy_));
  SUYUAN_ASSERT_OK(WriteFileAtomically(dir_ / "damaged", "nonsense\n"));
  EXPECT_THAT(*list(""), IsEmpty());
  const auto two =
      list(StrCat("# ours\n\n", Url(), " policy\n  ", Url(), "\t", dir_ / "policy", "\n"));
  SUYUAN_ASSERT_OK(two);
  EXPECT_THAT(*two, SizeIs(2));
  SUYUAN_EXPECT_OK(two->back()->Once());
  const auto bad = [](const std::string& why) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(why));
  };
  EXPECT_THAT(list("\nhttp://127.0.0.1:1/a\n"), bad("line 2: expected URL POLICYFILE"));
  EXPECT_THAT(list("http://127.0.0.1:1/a policy more\n"), bad("line 1: expected"));
  EXPECT_THAT(list("https://127.0.0.1:1/a policy\n"), bad("line 1: url: "));
  EXPECT_THAT(list("http://127.0.0.1:1/a not-there\n"), bad("not-there"));
  EXPECT_THAT(list("http://127.0.0.1:1/a damaged\n"), bad("line 1: "));
}

}  // namespace
}  // namespace suyuan::http
