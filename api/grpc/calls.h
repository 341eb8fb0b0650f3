#ifndef API_GRPC_CALLS_H_
#define API_GRPC_CALLS_H_

#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "api/grpc/convert.h"
#include "api/grpc/limits.h"
#include "api/grpc/status.h"
#include "lib/base/mutex.h"

namespace suyuan::rpc {

// What the calls of a server share: whether it stops, how many streams there are,
// and that a ledger has grown. Thread-safe.
class Calls {
 public:
  // `store_failed` is called when an answer says that the store takes nothing more.
  Calls(int max_streams, std::function<void()> store_failed)
      : max_streams_(max_streams), store_failed_(std::move(store_failed)) {}

  // From here streams that wait end with kUnavailable, what is in hand is finished.
  void Stop();
  bool stopping() const;

  // Tells Tails to look again.
  void Grown();
  // Returns when a ledger may have grown since `*seen`, which is set anew, when the server
  // stops, or after a moment.
  void WaitForGrowth(uint64_t* seen) const;

  // Runs a call with one answer: `work` gives an absl::Status.
  template <typename Work>
  ::grpc::Status Answer(::grpc::ServerContext* context, const Work& work) {
    return End(*context, context->IsCancelled() ? Gone() : work());
  }
  // Runs a call that lasts as long as its client wishes. kResourceExhausted if there
  // are too many of them.
  template <typename Work>
  ::grpc::Status Stream(::grpc::ServerContext* context, const Work& work) {
    absl::Status status = context->IsCancelled() ? Gone() : Enter();
    if (!status.ok()) return End(*context, status);
    status = work();
    Leave();
    return End(*context, status);
  }

  // While an object lives, the server may end the call, since nothing of it is in
  // hand. Not to be used if the server stops already: ok() is false.
  class Idle {
   public:
    Idle(Calls* calls, ::grpc::ServerContext* context);
    ~Idle();
    Idle(const Idle&) = delete;
    Idle& operator=(const Idle&) = delete;
    bool ok() const { return ok_; }

   private:
    Calls* const calls_;
    ::grpc::ServerContext* const context_;
    bool ok_ = false;
  };

  static absl::Status Gone() { return absl::CancelledError("the client is gone"); }
  static absl::Status StopStatus();

 private:
  absl::Status Enter();
  void Leave();
  ::grpc::Status End(const ::grpc::ServerContext& context, const absl::Status& status) const;

  const int max_streams_;
  const std::function<void()> store_failed_;
  mutable Mutex mu_;
  mutable CondVar grown_cv_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  int streams_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t growth_ ABSL_GUARDED_BY(mu_) = 0;
  std::set<::grpc::ServerContext*> idle_ ABSL_GUARDED_BY(mu_);
};

// Sends a long list as messages of about kChunkBytes.
template <typename Message>
class Chunks {
 public:
  // Borrowed for the object's life.
  explicit Chunks(::grpc::ServerWriter<Message>* writer) : writer_(writer) {}

  // The message to add an item to; its length is then told to Added.
  Message* message() { return &message_; }
  // Sends what there is if it is enough.
  void Added(size_t bytes) {
    bytes_ += bytes;
    if (bytes_ >= kChunkBytes) Flush();
  }
  // Sends the rest. False when the client is gone.
  bool Flush() {
    if (ok_ && message_.ByteSizeLong() > 0) ok_ = writer_->Write(message_);
    message_.Clear();
    bytes_ = 0;
    return ok_;
  }
  bool ok() const { return ok_; }

 private:
  ::grpc::ServerWriter<Message>* const writer_;
  Message message_;
  size_t bytes_ = 0;
  bool ok_ = true;
};

// Adds each of `items` to the list that `add` makes room in.
template <typename Message, typename Items, typename Add>
void AddAll(const Items& items, Chunks<Message>* chunks, const Add& add) {
  for (const auto& item : items) {
    if (!chunks->ok()) return;
    auto* const proto = add(chunks->message());
    ToProto(item, proto);
    chunks->Added(proto->ByteSizeLong() + 4);
  }
}

}  // namespace suyuan::rpc

#endif  // API_GRPC_CALLS_H_
