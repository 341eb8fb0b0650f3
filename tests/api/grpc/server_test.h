#ifndef TESTS_API_GRPC_SERVER_TEST_H_
#define TESTS_API_GRPC_SERVER_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "api/grpc/remote_engine.h"
#include "api/grpc/server.h"
#include "suyuan/engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::rpc {

// A plant's server on a free port of this machine, over a store in a temporary
// directory, and somebody who asks it. `local` is the engine in the server.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }
  void TearDown() override { Close(); }

  void Open() {
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    SUYUAN_ASSERT_OK(engine);
    local_ = *std::move(engine);
    absl::StatusOr<std::unique_ptr<Server>> server = Server::Start(local_.get(), server_options_);
    SUYUAN_ASSERT_OK(server);
    server_ = *std::move(server);
    absl::StatusOr<std::unique_ptr<RemoteEngine>> remote =
        RemoteEngine::Connect({.address = server_->address()});
    SUYUAN_ASSERT_OK(remote);
    remote_ = *std::move(remote);
    stub_ = v1::LedgerService::NewStub(remote_->channel());
  }

  void Close() {
    stub_.reset();
    remote_.reset();
    server_.reset();
    local_.reset();
  }

  void Ledger(const std::string& name, const std::string& profile = "investigation") {
    SUYUAN_ASSERT_OK(remote_->CreateLedger(
        {.name = name, .subject = "ext:test:" + name, .subject_name = name, .profile = profile}));
  }

  static v1::Event Seen(const std::string& id, const std::string& unit = "milk",
                        size_t remark_bytes = 0) {
    v1::Event event;
    event.set_id(id);
    event.mutable_observe_unit()->mutable_unit()->set_key("ext:test:" + unit);
    event.mutable_observe_unit()->set_recipient("ext:test:holder");
    event.set_remark(std::string(remark_bytes, 'x'));
    return event;
  }

  static v1::Event Linked(const std::string& input, const std::string& output) {
    v1::Event event;
    event.set_id(input + ">" + output);
    event.mutable_link_units()->mutable_input()->set_key("ext:test:" + input);
    event.mutable_link_units()->mutable_output()->set_key("ext:test:" + output);
    return event;
  }

  // Ids `first`, `first` + 1, ...
  static std::vector<v1::Event> Many(int first, int count, size_t remark_bytes = 0) {
    std::vector<v1::Event> events;
    for (int i = first; i < first + count; ++i) {
      events.push_back(Seen("e" + std::to_string(i), "u" + std::to_string(i), remark_bytes));
    }
    return events;
  }

  std::vector<Receipt> Append(const std::string& ledger, const std::vector<v1::Event>& events) {
    absl::StatusOr<std::vector<Receipt>> receipts = remote_->Append(ledger, events);
    EXPECT_THAT(receipts, IsOk());
    return receipts.ok() ? *receipts : std::vector<Receipt>();
  }

  static std::vector<std::string> IdsOf(const Engine& engine, const std::string& ledger,
                                        uint64_t from = 0, uint64_t to = ~uint64_t{0}) {
    std::vector<std::string> ids;
    SUYUAN_EXPECT_OK(engine.Read(ledger, from, to, [&](const Entry& entry) {
      ids.push_back(entry.event.id());
      return true;
    }));
    return ids;
  }

  TempDir dir_;
  ServerOptions server_options_;
  std::unique_ptr<Engine> local_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<RemoteEngine> remote_;
  std::unique_ptr<v1::LedgerService::Stub> stub_;
};

}  // namespace suyuan::rpc

#endif  // TESTS_API_GRPC_SERVER_TEST_H_
