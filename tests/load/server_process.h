#ifndef TESTS_LOAD_SERVER_PROCESS_H_
#define TESTS_LOAD_SERVER_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace suyuan::load {

// Runs a program to its end, its standard output and error into `log`; its exit status, or
// minus the signal that ended it.
absl::StatusOr<int> RunProgram(const std::vector<std::string>& command, const std::string& log);

// A suyuand on one data directory, which is killed and started again. Not thread-safe.
class ServerProcess {
 public:
  // Of the process, kibibytes; 0 where there is none.
  struct Memory {
    uint64_t resident = 0;
    uint64_t most = 0;
  };

  // What it says on standard error is added to `log`.
  ServerProcess(std::string program, std::string data_dir, std::string log)
      : program_(std::move(program)), data_dir_(std::move(data_dir)), log_(std::move(log)) {}
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Returns before it serves: on any free port, or where it was before.
  absl::Status Start();
  // Whether it serves. An error if it ended by itself.
  absl::StatusOr<bool> Serves();
  // As Serves, waiting for at most `seconds`.
  absl::Status WaitUntilItServes(int seconds);
  // Ends it and waits for that; its exit status, or minus the signal.
  int End(int signal);

  // host:port, once it has served.
  const std::string& address() const { return address_; }
  Memory memory() const;

 private:
  const std::string program_;
  const std::string data_dir_;
  const std::string log_;
  std::string address_;
  std::string said_;  // on standard output
  pid_t pid_ = -1;
  int output_ = -1;
};

}  // namespace suyuan::load

#endif  // TESTS_LOAD_SERVER_PROCESS_H_
