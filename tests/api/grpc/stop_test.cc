#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "tests/api/grpc/server_test.h"

namespace suyuan::rpc {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

using std::chrono::seconds;

// A server that is told to stop.
class StopTest : public ServerTest {};

TEST_F(StopTest, EveryAcknowledgedEventIsThereAfterwards) {
  Ledger("a");
  constexpr int kClients = 8;
  std::mutex mu;
  std::map<std::string, Receipt> acknowledged;  // by event id
  std::atomic<int> answers{0};
  std::vector<std::thread> clients;
  for (int client = 0; client < kClients; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0;; ++i) {
        const std::vector<v1::Event> events = {
            Seen("c" + std::to_string(client) + "-" + std::to_string(2 * i)),
            Seen("c" + std::to_string(client) + "-" + std::to_string(2 * i + 1))};
        const auto receipts = remote_->Append("a", events);
        if (!receipts.ok()) {
          EXPECT_THAT(receipts, StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
          return;
        }
        const std::lock_guard<std::mutex> lock(mu);
        for (const Receipt& receipt : *receipts) acknowledged[receipt.event_id] = receipt;
        ++answers;
      }
    });
  }
  while (answers < 50) std::this_thread::yield();
  server_->Stop(seconds(30));
  for (std::thread& client : clients) client.join();
  Close();
  Open();
  std::map<std::string, std::pair<uint64_t, std::string>> there;
  SUYUAN_ASSERT_OK(local_->Read("a", 0, ~uint64_t{0}, [&](const Entry& entry) {
    there[entry.event.id()] = {entry.sequence, entry.leaf_hash};
    return true;
  }));
  EXPECT_GE(acknowledged.size(), 100u);
  for (const auto& [id, receipt] : acknowledged) {
    ASSERT_TRUE(there.contains(id)) << id;
    EXPECT_EQ(there[id].first, receipt.sequence);
    EXPECT_EQ(there[id].second, receipt.leaf_hash);
  }
}

TEST_F(StopTest, EndsStreamsThatWait) {
  Ledger("a");
  ::grpc::ClientContext tail_context;
  v1::TailRequest request;
  request.set_ledger("a");
  const auto tail = stub_->Tail(&tail_context, request);
  tail->WaitForInitialMetadata();
  ::grpc::ClientContext append_context;
  const auto append = stub_->AppendStream(&append_context);
  v1::AppendStreamRequest batch;
  batch.set_ledger("a");
  *batch.add_events() = Seen("s1");
  ASSERT_TRUE(append->Write(batch));
  v1::AppendStreamResponse answer;
  ASSERT_TRUE(append->Read(&answer));

  server_->Stop(seconds(30));
  v1::ReadResponse response;
  while (tail->Read(&response)) {
  }
  const ::grpc::Status tail_status = tail->Finish();
  EXPECT_EQ(tail_status.error_code(), ::grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(tail_status.error_message(), HasSubstr("正在停止"));
  EXPECT_FALSE(append->Read(&answer));
  EXPECT_THAT(append->Finish().error_code(),
              AnyOf(::grpc::StatusCode::CANCELLED, ::grpc::StatusCode::UNAVAILABLE));
  Close();
  Open();
  EXPECT_EQ(local_->GetLedger("a")->size, 2u);
}

TEST_F(StopTest, AClientIsSoonWithTheNextServer) {
  Ledger("a");
  const std::string address = server_->address();
  server_.reset();
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(remote_->GetLedger("a"),
                StatusIs(absl::StatusCode::kUnavailable, HasSubstr(address)));
  }
  absl::StatusOr<std::unique_ptr<Server>> next = Server::Start(local_.get(), {.listen = address});
  SUYUAN_ASSERT_OK(next);
  server_ = *std::move(next);
  // Calls that fail at once would never see it.
  int failed = 0;
  while (failed < 10 && !remote_->GetLedger("a").ok()) ++failed;
  EXPECT_LT(failed, 10);
}

TEST_F(StopTest, MayBeToldTwice) {
  server_->Stop(seconds(1));
  server_->Stop(seconds(1));
}

TEST_F(StopTest, LeavesItsAddressToTheNext) {
  const std::string address = server_->address();
  EXPECT_THAT(Server::Start(local_.get(), {.listen = address}),
              StatusIs(absl::StatusCode::kUnavailable,
                       testing::AllOf(HasSubstr("占用"), HasSubstr(address))));
  server_.reset();
  const auto next = Server::Start(local_.get(), {.listen = address});
  SUYUAN_ASSERT_OK(next);
  EXPECT_EQ((*next)->address(), address);
}

}  // namespace
}  // namespace suyuan::rpc
