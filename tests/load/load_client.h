#ifndef TESTS_LOAD_LOAD_CLIENT_H_
#define TESTS_LOAD_LOAD_CLIENT_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/grpc/remote_engine.h"
#include "suyuan/v1/ledger_service.grpc.pb.h"
#include "tests/load/board.h"
#include "tests/load/load_plant.h"

namespace suyuan::load {

// How a client appends a round of its plant.
enum class Manner { kSingle, kSmall, kRound, kStream };
inline constexpr std::array<Manner, 4> kManners = {Manner::kSingle, Manner::kSmall, Manner::kRound,
                                                   Manner::kStream};
const char* NameOf(Manner manner);

// What a receipt said.
struct Acknowledged {
  uint64_t sequence = 0;
  std::array<char, 32> leaf_hash = {};
};

// One client, with a connection of its own: appends the rounds of its plant and, after each,
// traces it. While there is no server it asks again, with the same events.
class LoadClient {
 public:
  // `board` is borrowed for the object's life.
  LoadClient(uint64_t number, std::string ledger, std::unique_ptr<rpc::RemoteEngine> engine,
             Board* board);

  // Works until it is told to stop or finds what must not be.
  void Run();
  // Both traces of its last round.
  void TraceLast();

  // The rest when Run has ended.
  const std::string& ledger() const { return ledger_; }
  const LoadPlant& plant() const { return plant_; }
  Manner manner() const { return manner_; }
  // By number of event.
  const std::vector<Acknowledged>& acknowledged() const { return acknowledged_; }
  // That the server had already when they were sent again.
  uint64_t known_before() const { return known_before_; }
  // Of calls that were answered at once; those that met the end of the server are apart.
  const std::vector<float>& append_ms() const { return append_ms_; }
  const std::vector<float>& trace_ms() const { return trace_ms_; }

 private:
  uint64_t rounds() const { return acknowledged_.size() / LoadPlant::kEventsARound; }
  void RunCalls();
  void RunStream();
  // One stream, until it breaks or it is time to stop; true then.
  bool Stream(v1::LedgerService::Stub* stub);
  bool Append(uint64_t from, uint64_t to);
  template <typename Receipts>
  bool Take(const Receipts& receipts, uint64_t count, uint64_t sent_before);
  bool TraceRound(uint64_t round, bool forward);
  // Whether to try again; it waits then. Else `status` is a failure.
  bool IsGone(const char* what, const absl::Status& status);

  const uint64_t number_;
  const std::string ledger_;
  const LoadPlant plant_;
  const Manner manner_;
  const std::unique_ptr<rpc::RemoteEngine> engine_;
  Board* const board_;
  std::vector<Acknowledged> acknowledged_;
  uint64_t sent_ = 0;  // events, at least once
  uint64_t known_before_ = 0;
  std::vector<float> append_ms_;
  std::vector<float> trace_ms_;
};

}  // namespace suyuan::load

#endif  // TESTS_LOAD_LOAD_CLIENT_H_
