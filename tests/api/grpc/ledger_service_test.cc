#include "api/grpc/ledger_service.h"

#include <grpcpp/generic/generic_stub.h>

#include <atomic>
#include <thread>

#include "api/grpc/status.h"
#include "tests/api/grpc/server_test.h"

namespace suyuan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

using std::chrono::seconds;
using std::chrono::system_clock;

// What only other clients than ours do.
class LedgerServiceTest : public ServerTest {
 protected:
  static v1::AppendStreamRequest Batch(uint64_t number, const std::vector<v1::Event>& events,
                                       const std::string& ledger = "") {
    v1::AppendStreamRequest request;
    request.set_batch(number);
    request.set_ledger(ledger);
    for (const v1::Event& event : events) *request.add_events() = event;
    return request;
  }

  ::grpc::Status AppendRaw(::grpc::ClientContext* context, const std::vector<v1::Event>& events) {
    v1::AppendRequest request;
    request.set_ledger("a");
    for (const v1::Event& event : events) *request.add_events() = event;
    v1::AppendResponse response;
    return stub_->Append(context, request, &response);
  }
};

TEST_F(LedgerServiceTest, AnswersTheBatchesOfAStreamInOrder) {
  Ledger("a");
  ::grpc::ClientContext context;
  const auto stream = stub_->AppendStream(&context);
  ASSERT_TRUE(stream->Write(Batch(7, Many(0, 3), "a")));
  ASSERT_TRUE(stream->Write(Batch(8, {v1::Event()})));
  ASSERT_TRUE(stream->Write(Batch(9, Many(3, 2))));
  ASSERT_TRUE(stream->WritesDone());
  v1::AppendStreamResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.batch(), 7u);
  ASSERT_THAT(response.receipts(), SizeIs(3));
  EXPECT_EQ(response.receipts(0).sequence(), 1u);
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.batch(), 8u);
  const absl::Status refusal = ErrorFromProto(response.error());
  EXPECT_EQ(refusal.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ViolationsOf(refusal).empty());
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.batch(), 9u);
  ASSERT_THAT(response.receipts(), SizeIs(2));
  EXPECT_EQ(response.receipts(0).sequence(), 4u);
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(LedgerServiceTest, TailTellsWhatWasThereAndWhatComesLater) {
  Ledger("a");
  Append("a", {Seen("s1")});
  ::grpc::ClientContext context;
  v1::TailRequest request;
  request.set_ledger("a");
  request.set_from(1);
  const auto reader = stub_->Tail(&context, request);
  v1::ReadResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.entries(0).event().id(), "s1");
  Append("a", {Seen("s2")});
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.entries(0).event().id(), "s2");
  EXPECT_EQ(response.entries(0).sequence(), 2u);
  // Also what somebody else in the process appends.
  SUYUAN_ASSERT_OK(local_->Append("a", std::vector<v1::Event>{Seen("s3")}));
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.entries(0).event().id(), "s3");
  context.TryCancel();
  while (reader->Read(&response)) {
  }
  EXPECT_EQ(reader->Finish().error_code(), ::grpc::StatusCode::CANCELLED);
  EXPECT_EQ(Append("a", {Seen("s4")})[0].sequence, 4u);
}

TEST_F(LedgerServiceTest, OneTailOfManyIsAsGoodAsAnother) {
  Ledger("a");
  constexpr int kTails = 20;
  std::vector<std::unique_ptr<::grpc::ClientContext>> contexts;
  std::vector<std::thread> tails;
  std::atomic<int> complete{0};
  for (int i = 0; i < kTails; ++i) {
    contexts.push_back(std::make_unique<::grpc::ClientContext>());
    tails.emplace_back([this, &complete, context = contexts.back().get()] {
      uint64_t next = 0;
      SUYUAN_EXPECT_OK(remote_->Tail(
          "a", 0,
          [&](const Entry& entry) {
            EXPECT_EQ(entry.sequence, next);
            return ++next < 301;
          },
          context));
      if (next == 301) ++complete;
    });
  }
  for (int i = 0; i < 300; i += 10) Append("a", Many(i, 10));
  for (std::thread& tail : tails) tail.join();
  EXPECT_EQ(complete, kTails);
}

TEST_F(LedgerServiceTest, DoesNothingForACallThatIsTooLate) {
  Ledger("a");
  ::grpc::ClientContext context;
  context.set_deadline(system_clock::now() - seconds(1));
  EXPECT_EQ(AppendRaw(&context, {Seen("s1")}).error_code(), ::grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(local_->GetLedger("a")->size, 1u);
}

TEST_F(LedgerServiceTest, EndsATailAtItsDeadline) {
  Ledger("a");
  ::grpc::ClientContext context;
  context.set_deadline(system_clock::now() + std::chrono::milliseconds(200));
  EXPECT_THAT(remote_->Tail(
                  "a", 0, [](const Entry&) { return true; }, &context),
              StatusIs(absl::StatusCode::kDeadlineExceeded, HasSubstr("")));
}

TEST_F(LedgerServiceTest, SaysHowLargeARequestMayBe) {
  Ledger("a");
  ::grpc::ClientContext ours;
  const absl::Status status = FromGrpc(AppendRaw(&ours, Many(0, 1, 9'000'000)));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kResourceExhausted,
                               AllOf(HasSubstr("上限为 8388608 字节"),
                                     HasSubstr("at most 8388608 are possible"))));
  ::grpc::ClientContext transport;
  EXPECT_EQ(AppendRaw(&transport, Many(0, 1, 20'000'000)).error_code(),
            ::grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(local_->GetLedger("a")->size, 1u);
}

TEST_F(LedgerServiceTest, FitsTheFaultsIntoTheMetadataThatAnyClientTakes) {
  Ledger("a", "ordinary");
  std::vector<v1::Event> events(4096);
  ::grpc::ClientContext context;
  const ::grpc::Status status = AppendRaw(&context, events);
  EXPECT_EQ(status.error_code(), ::grpc::StatusCode::INVALID_ARGUMENT);
  uint64_t left_off = 0;
  EXPECT_FALSE(ViolationsOf(FromGrpc(status, &left_off)).empty());
  EXPECT_GT(left_off, 4000u);
}

TEST_F(LedgerServiceTest, AReaderThatDoesNotReadHoldsNobodyUp) {
  Ledger("a");
  for (int i = 0; i < 10; ++i) Append("a", Many(i * 50, 50, 60'000));
  ::grpc::ClientContext slow_context;
  v1::ReadRequest request;
  request.set_ledger("a");
  const auto slow = stub_->Read(&slow_context, request);
  // Thirty megabytes are more than the network holds, so that call stands still now.
  for (int i = 0; i < 10; ++i) {
    Append("a", Many(500 + i, 1));
    EXPECT_THAT(IdsOf(*remote_, "a", 500 + i, 502 + i), SizeIs(2));
  }
  SUYUAN_EXPECT_OK(remote_->RebuildIndexes());
  size_t entries = 0;
  v1::ReadResponse response;
  while (slow->Read(&response)) entries += static_cast<size_t>(response.entries_size());
  EXPECT_TRUE(slow->Finish().ok());
  EXPECT_EQ(entries, 501u) << "what was there when it was asked";
}

TEST_F(LedgerServiceTest, HealthSaysThatItServes) {
  ::grpc::GenericStub stub(remote_->channel());
  ::grpc::ClientContext context;
  ::grpc::CompletionQueue queue;
  const ::grpc::Slice service(std::string("\x0a\x17") + "suyuan.v1.LedgerService");
  const ::grpc::ByteBuffer request(&service, 1);
  ::grpc::ByteBuffer response;
  ::grpc::Status status;
  const auto call =
      stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check", request, &queue);
  call->StartCall();
  call->Finish(&response, &status, &queue);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  EXPECT_TRUE(status.ok()) << status.error_message();
  std::vector<::grpc::Slice> slices;
  ASSERT_TRUE(response.Dump(&slices).ok());
  ASSERT_THAT(slices, SizeIs(1));
  EXPECT_EQ(std::string(slices[0].begin(), slices[0].end()), "\x08\x01") << "status: SERVING";
  EXPECT_TRUE(server_->healthy());
}

class StreamLimitTest : public ServerTest {
 protected:
  StreamLimitTest() { server_options_.max_streams = 1; }
};

TEST_F(StreamLimitTest, TooManyStreamsLeaveRoomForTheRest) {
  Ledger("a");
  ::grpc::ClientContext context;
  v1::TailRequest request;
  request.set_ledger("a");
  const auto tail = stub_->Tail(&context, request);
  tail->WaitForInitialMetadata();
  EXPECT_THAT(remote_->Read("a", 0, 1, [](const Entry&) { return true; }),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       AllOf(HasSubstr("上限 1"), HasSubstr("1 streams are open"))));
  EXPECT_THAT(Append("a", {Seen("s1")}), SizeIs(1));
  context.TryCancel();
  v1::ReadResponse response;
  while (tail->Read(&response)) {
  }
  tail->Finish();
}

}  // namespace
}  // namespace suyuan::rpc
