#include "tests/load/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::load {
namespace {

// Starts `command`; `output` is its standard output, -1: into `log`, as its standard error. It
// ends with this process, which may be killed.
absl::StatusOr<pid_t> Spawn(std::vector<std::string> command, int output, const std::string& log) {
  std::vector<char*> arguments;
  for (std::string& argument : command) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int error = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const pid_t pid = fork();
  if (pid < 0) {
    close(error);
    return absl::UnavailableError(StrCat("fork: ", strerror(errno)));
  }
  if (pid == 0) {  // other threads are gone, so nothing but system calls
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(output < 0 ? error : output, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(error);
  return pid;
}

int Ended(int status) { return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

absl::StatusOr<int> RunProgram(const std::vector<std::string>& command, const std::string& log) {
  SUYUAN_ASSIGN_OR_RETURN(const pid_t pid, Spawn(command, -1, log));
  int status = 0;
  waitpid(pid, &status, 0);
  return Ended(status);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) End(SIGKILL);
}

absl::Status ServerProcess::Start() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return absl::UnavailableError("no pipe");
  const absl::StatusOr<pid_t> pid = Spawn({program_, "--data", data_dir_, "--grace", "1",
                                           "--listen", address_.empty() ? "127.0.0.1:0" : address_},
                                          ends[1], log_);
  close(ends[1]);
  output_ = ends[0];
  SUYUAN_RETURN_IF_ERROR(pid.status());
  pid_ = *pid;
  said_.clear();
  return absl::OkStatus();
}

absl::StatusOr<bool> ServerProcess::Serves() {
  int status = 0;
  if (pid_ < 0 || waitpid(pid_, &status, WNOHANG) == pid_) {
    pid_ = -1;
    return absl::UnavailableError(StrCat("the server ended by itself: ", Ended(status)));
  }
  pollfd readable = {output_, POLLIN, 0};
  while (said_.find('\n') == std::string::npos && poll(&readable, 1, 0) == 1) {
    char bytes[256];
    const ssize_t count = read(output_, bytes, sizeof bytes);
    if (count <= 0) return false;  // it is about to end
    said_.append(bytes, static_cast<size_t>(count));
  }
  if (said_.find('\n') == std::string::npos) return false;
  address_ = nlohmann::json::parse(said_, nullptr, false).value("listening", "");
  return true;
}

absl::Status ServerProcess::WaitUntilItServes(int seconds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (std::chrono::steady_clock::now() < deadline) {
    SUYUAN_ASSIGN_OR_RETURN(const bool serves, Serves());
    if (serves) return absl::OkStatus();
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return absl::DeadlineExceededError(StrCat("the server does not serve after ", seconds, " s"));
}

int ServerProcess::End(int signal) {
  kill(pid_, signal);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  close(output_);
  return Ended(status);
}

ServerProcess::Memory ServerProcess::memory() const {
  Memory memory;
  std::ifstream status(StrCat("/proc/", pid_, "/status"));
  std::string line;
  while (std::getline(status, line)) {
    if (line.starts_with("VmRSS:")) memory.resident = std::stoull(line.substr(6));
    if (line.starts_with("VmHWM:")) memory.most = std::stoull(line.substr(6));
  }
  return memory;
}

}  // namespace suyuan::load
