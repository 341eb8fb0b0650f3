#ifndef TESTS_LOAD_SLOW_READER_H_
#define TESTS_LOAD_SLOW_READER_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "api/grpc/remote_engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"
#include "tests/load/board.h"

namespace suyuan::load {

// Follows a ledger with a Tail, of which it reads one message a second.
class SlowReader {
 public:
  // `board` is borrowed for the object's life.
  SlowReader(std::string ledger, std::unique_ptr<rpc::RemoteEngine> engine, Board* board);

  // Until it is told to stop.
  void Run();
  // Ends the call in which Run waits.
  void Cancel();

  uint64_t messages() const { return messages_; }
  uint64_t entries() const { return next_; }
  const std::string& ledger() const { return ledger_; }

 private:
  // False if an entry is missing or comes twice.
  bool Take(const v1::ReadResponse& response);

  const std::string ledger_;
  const std::unique_ptr<rpc::RemoteEngine> engine_;
  const std::unique_ptr<v1::LedgerService::Stub> stub_;
  Board* const board_;
  std::atomic<uint64_t> messages_{0};
  std::atomic<uint64_t> next_{0};
  std::mutex mu_;
  ::grpc::ClientContext* context_ = nullptr;  // of the call in hand
};

}  // namespace suyuan::load

#endif  // TESTS_LOAD_SLOW_READER_H_
