#ifndef TESTS_FAULT_WRITTEN_LEDGERS_H_
#define TESTS_FAULT_WRITTEN_LEDGERS_H_

#include <rocksdb/env.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/ledgers.h"
#include "tests/fault/fault_support.h"

namespace suyuan::fault {

// Two ledgers below a directory that many write at once while something is wrong with the disk,
// and what they were promised.
class WrittenLedgers {
 public:
  explicit WrittenLedgers(const FastDir& dir) : dir_(dir) {}

  // As the engine does: what refuses is taken up to its first damage. Here the evidence need
  // not be kept.
  absl::StatusOr<std::unique_ptr<ledger::Ledgers>> Open(rocksdb::Env* env,
                                                        const Clock* clock = SystemClock());

  // `threads` append batches, each at most `batches`, until they are refused.
  // An id tells its batch and its place in it: <prefix>.<thread>.<batch>.<i>.<of>
  void Write(ledger::Ledgers& ledgers, const std::string& prefix, int threads, int batches,
             uint64_t seed);

  // Every promise is kept, no batch is there in part, and a check finds nothing. Fatal failures.
  void ExpectKept(const ledger::Ledgers& ledgers);
  // The same of the bare database, before anything opens it to write.
  void ExpectCleanOnDisk();

  // Begins anew with nothing.
  void Remove();

  // The marks as forced to disk when their ledgers were made.
  std::map<std::string, std::string> marks_at_creation() const { return marks_at_creation_; }
  size_t acknowledged() const { return acknowledged_; }
  int taken_up_to_damage() const { return taken_up_to_damage_; }

 private:
  struct Promise {
    std::string id;
    std::string leaf;
  };

  const FastDir& dir_;
  std::unique_ptr<genealogy::GraphIndex> graph_;
  int taken_up_to_damage_ = 0;
  std::mutex mu_;
  std::map<std::string, std::map<uint64_t, Promise>> promises_;  // by ledger and sequence
  std::map<std::string, std::string> marks_at_creation_;
  size_t acknowledged_ = 0;
};

}  // namespace suyuan::fault

#endif  // TESTS_FAULT_WRITTEN_LEDGERS_H_
