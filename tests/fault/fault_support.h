#ifndef TESTS_FAULT_FAULT_SUPPORT_H_
#define TESTS_FAULT_FAULT_SUPPORT_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "suyuan/engine.h"
#include "tests/support/sanitized.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::fault {

// ---------------------------------------------------------------- events

// Unit `unit` was seen.
v1::Event Seen(const std::string& id, const std::string& unit);
// Unit `input` went into unit `output`.
v1::Event Linked(const std::string& id, const std::string& input, const std::string& output);

// ---------------------------------------------------------------- engines

absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(const std::string& data_dir, bool create = true);
// The ledger `name` with the profile that asks least; plant-b has an SM3 tree, too.
absl::Status MakeLedger(Engine& engine, const std::string& name);
absl::StatusOr<CheckReport> CheckEngine(const std::string& data_dir);

struct ReadBack {
  std::string id;
  std::string leaf;
  std::string event;  // as serialized
  friend bool operator==(const ReadBack&, const ReadBack&) = default;
};
// Entries [from, size) of one ledger.
std::vector<ReadBack> ReadLedger(const Engine& engine, const std::string& ledger,
                                 uint64_t from = 0);
// All entries of all ledgers.
std::map<std::string, std::vector<ReadBack>> ReadAll(const Engine& engine);

// Batches are contiguous and whole, acknowledged or not. An id ends in ".<place>.<count>" of its
// batch.
void ExpectWholeBatches(const std::string& ledger, const std::vector<ReadBack>& entries);

std::string Told(const CheckReport& report);

MATCHER(IsClean, "is a clean check") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  *result_listener << "it says " << Told(*arg);
  return arg->ok();
}

// A check that ran and found something.
MATCHER(FindsSomething, "is a check that finds something") {
  if (!arg.ok()) {
    *result_listener << arg.status().ToString();
    return false;
  }
  return !arg->ok();
}

// ---------------------------------------------------------------- directories

// A new directory in memory where there is such a place: nothing here asks for
// what survives the machine.
class FastDir {
 public:
  FastDir();
  ~FastDir();
  FastDir(const FastDir&) = delete;
  FastDir& operator=(const FastDir&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// `to` becomes a copy of `from`, whatever it was.
void CopyDir(const std::string& from, const std::string& to);
// Path below `dir` and bytes of every regular file.
std::map<std::string, std::string> FilesOf(const std::string& dir);
void WriteBytes(const std::string& path, std::string_view bytes);

// ---------------------------------------------------------------- processes

uint64_t EnvNumber(const char* name, uint64_t otherwise);

// This program again as another process, in the role `arguments[0]`, with its
// standard output in a pipe.
class OtherProcess {
 public:
  explicit OtherProcess(const std::vector<std::string>& arguments);
  ~OtherProcess();
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;

  // Reads what it says for at most `micros`; false when it ended before that.
  bool ReadFor(int64_t micros);
  // Reads until it ends.
  void ReadAll();
  // Returns when it has said `words`; false if it ends without.
  bool ReadUntil(const std::string& words);
  void Kill();
  void Stop();
  void Continue();
  // What waitpid says; after ReadAll or Kill.
  int Wait();
  const std::string& said() const { return said_; }

 private:
  pid_t pid_ = -1;
  int fd_ = -1;
  bool waited_ = false;
  std::string said_;
};

// Writes to standard output in one call a line, and at once.
void Say(const std::string& lines);

// A role that this program plays when it is started with its name.
using Role = int (*)(const std::vector<std::string>& arguments);
class RegisterRole {
 public:
  RegisterRole(const char* name, Role role);
};
// Of main: the exit status of the role, or -1 if there is none of that name.
int PlayRole(int argc, char** argv);

}  // namespace suyuan::fault

#endif  // TESTS_FAULT_FAULT_SUPPORT_H_
