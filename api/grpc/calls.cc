#include "api/grpc/calls.h"

#include <chrono>

#include "lib/base/strings.h"

namespace suyuan::rpc {
namespace {

// A client that went away is noticed this late by a Tail with nothing to tell.
constexpr std::chrono::milliseconds kLookAround(200);

}  // namespace

void Calls::Stop() {
  MutexLock lock(&mu_);
  stopping_ = true;
  for (::grpc::ServerContext* context : idle_) context->TryCancel();
  grown_cv_.SignalAll();
}

bool Calls::stopping() const {
  MutexLock lock(&mu_);
  return stopping_;
}

void Calls::Grown() {
  MutexLock lock(&mu_);
  ++growth_;
  grown_cv_.SignalAll();
}

void Calls::WaitForGrowth(uint64_t* seen) const {
  MutexLock lock(&mu_);
  if (growth_ == *seen && !stopping_) grown_cv_.WaitFor(&mu_, kLookAround);
  *seen = growth_;
}

absl::Status Calls::StopStatus() {
  return absl::UnavailableError(
      "服务器正在停止，请稍后重连；the server stops, connect again later");
}

absl::Status Calls::Enter() {
  MutexLock lock(&mu_);
  if (stopping_) return StopStatus();
  if (streams_ >= max_streams_) {
    return absl::ResourceExhaustedError(StrCat("同时进行的流式调用已达上限 ", max_streams_,
                                               "，请稍后再试；", max_streams_,
                                               " streams are open, which is the limit: try later"));
  }
  ++streams_;
  return absl::OkStatus();
}

void Calls::Leave() {
  MutexLock lock(&mu_);
  --streams_;
}

::grpc::Status Calls::End(const ::grpc::ServerContext& context, const absl::Status& status) const {
  if (absl::IsUnavailable(status) && !stopping() && store_failed_) store_failed_();
  return ToGrpc(status, ErrorBudget(context));
}

Calls::Idle::Idle(Calls* calls, ::grpc::ServerContext* context) : calls_(calls), context_(context) {
  MutexLock lock(&calls_->mu_);
  ok_ = !calls_->stopping_;
  if (ok_) calls_->idle_.insert(context_);
}

Calls::Idle::~Idle() {
  MutexLock lock(&calls_->mu_);
  calls_->idle_.erase(context_);
}

}  // namespace suyuan::rpc
