#include "tests/load/slow_reader.h"

#include <chrono>
#include <utility>

#include "api/grpc/status.h"
#include "lib/base/strings.h"

namespace suyuan::load {

SlowReader::SlowReader(std::string ledger, std::unique_ptr<rpc::RemoteEngine> engine, Board* board)
    : ledger_(std::move(ledger)),
      engine_(std::move(engine)),
      stub_(v1::LedgerService::NewStub(engine_->channel())),
      board_(board) {}

bool SlowReader::Take(const v1::ReadResponse& response) {
  ++messages_;
  for (const v1::Entry& entry : response.entries()) {
    if (entry.sequence() != next_) {
      board_->Fail(StrCat("slow reader of ", ledger_, ": found entry ", entry.sequence(),
                          ", expected ", next_.load()));
      return false;
    }
    ++next_;
  }
  return true;
}

void SlowReader::Run() {
  while (!board_->stopping()) {
    ::grpc::ClientContext context;
    {
      const std::lock_guard<std::mutex> lock(mu_);
      context_ = &context;
    }
    v1::TailRequest request;
    request.set_ledger(ledger_);
    request.set_from(next_);
    const auto tail = stub_->Tail(&context, request);
    v1::ReadResponse response;
    bool sound = true;
    while (sound && !board_->stopping() && tail->Read(&response)) {
      sound = Take(response);
      board_->Wait(std::chrono::seconds(1));
    }
    const bool done = !sound || board_->stopping();
    if (done) context.TryCancel();
    while (tail->Read(&response)) {
    }
    const absl::Status status = rpc::FromGrpc(tail->Finish());
    {
      const std::lock_guard<std::mutex> lock(mu_);
      context_ = nullptr;
    }
    if (done) return;
    if (!absl::IsUnavailable(status)) {
      board_->Fail(StrCat("slow reader of ", ledger_, ": ", status.ToString()));
      return;
    }
    engine_->channel()->WaitForConnected(std::chrono::system_clock::now() +
                                         std::chrono::seconds(1));
  }
}

void SlowReader::Cancel() {
  const std::lock_guard<std::mutex> lock(mu_);
  if (context_ != nullptr) context_->TryCancel();
}

}  // namespace suyuan::load
