#include "tests/fault/fault_support.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

extern char** environ;

namespace suyuan::fault {
namespace {

namespace fs = std::filesystem;

std::map<std::string, Role>& Roles() {
  static std::map<std::string, Role>* const roles = new std::map<std::string, Role>();
  return *roles;
}

}  // namespace

v1::Event Seen(const std::string& id, const std::string& unit) {
  v1::Event event;
  event.set_id(id);
  event.mutable_observe_unit()->mutable_unit()->set_key("ext:test:" + unit);
  event.mutable_observe_unit()->set_recipient("ext:test:owner");
  return event;
}

v1::Event Linked(const std::string& id, const std::string& input, const std::string& output) {
  v1::Event event;
  event.set_id(id);
  event.mutable_link_units()->mutable_input()->set_key("ext:test:" + input);
  event.mutable_link_units()->mutable_output()->set_key("ext:test:" + output);
  event.mutable_link_units()->set_at("ext:test:owner");
  return event;
}

absl::StatusOr<std::unique_ptr<Engine>> OpenEngine(const std::string& data_dir, bool create) {
  Options options;
  options.data_dir = data_dir;
  options.create_if_missing = create;
  return Engine::Open(options);
}

absl::Status MakeLedger(Engine& engine, const std::string& name) {
  LedgerOptions options;
  options.name = name;
  options.subject = "ext:test:owner";
  options.profile = "investigation";
  options.sm3 = name == "plant-b";
  return engine.CreateLedger(options).status();
}

absl::StatusOr<CheckReport> CheckEngine(const std::string& data_dir) {
  Options options;
  options.data_dir = data_dir;
  return Engine::Check(options);
}

std::vector<ReadBack> ReadLedger(const Engine& engine, const std::string& ledger, uint64_t from) {
  std::vector<ReadBack> entries;
  SUYUAN_EXPECT_OK(engine.Read(ledger, from, ~uint64_t{0}, [&](const Entry& entry) {
    EXPECT_EQ(entry.sequence, from + entries.size());
    entries.push_back({entry.event.id(), entry.leaf_hash, entry.event.SerializeAsString()});
    return true;
  }));
  return entries;
}

std::map<std::string, std::vector<ReadBack>> ReadAll(const Engine& engine) {
  std::map<std::string, std::vector<ReadBack>> all;
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine.ListLedgers();
  SUYUAN_EXPECT_OK(ledgers);
  for (const LedgerInfo& info : *ledgers) {
    all[info.name] = ReadLedger(engine, info.name);
    EXPECT_EQ(all[info.name].size(), info.size);
  }
  return all;
}

std::string Told(const CheckReport& report) {
  std::string text;
  for (const Problem& problem : report.problems) {
    text += problem.ledger + " " + std::to_string(problem.sequence) + " " + problem.what +
            ": expected " + problem.expected + ", found " + problem.found + "\n";
  }
  return text.empty() ? "nothing" : text;
}

void ExpectWholeBatches(const std::string& ledger, const std::vector<ReadBack>& entries) {
  size_t expected = 0;  // place of the next entry in its batch
  size_t of = 0;
  std::string batch;
  for (const ReadBack& entry : entries) {
    if (entry.id.starts_with("suyuan:")) continue;
    const size_t of_at = entry.id.rfind('.');
    const size_t place_at = entry.id.rfind('.', of_at - 1);
    const size_t place = std::stoul(entry.id.substr(place_at + 1));
    ASSERT_EQ(place, expected) << ledger << ": " << entry.id << " follows " << batch;
    if (place > 0) {
      ASSERT_EQ(entry.id.substr(0, place_at), batch) << ledger;
    }
    batch = entry.id.substr(0, place_at);
    of = std::stoul(entry.id.substr(of_at + 1));
    expected = place + 1 == of ? 0 : place + 1;
  }
  EXPECT_EQ(expected, 0u) << ledger << ": the end of batch " << batch << " is missing";
}

FastDir::FastDir() {
  std::error_code code;
  const bool in_memory = access("/dev/shm", W_OK) == 0;
  path_ = (in_memory ? fs::path("/dev/shm") : fs::temp_directory_path()) / "suyuan-XXXXXX";
  if (mkdtemp(path_.data()) == nullptr) std::abort();
}

FastDir::~FastDir() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

void CopyDir(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  fs::copy(from, to, fs::copy_options::recursive);
}

std::map<std::string, std::string> FilesOf(const std::string& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(dir)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[fs::relative(entry.path(), dir)] = std::string(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

void WriteBytes(const std::string& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  EXPECT_TRUE(out.good()) << path;
}

uint64_t EnvNumber(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

OtherProcess::OtherProcess(const std::vector<std::string>& arguments) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) std::abort();
  std::vector<std::string> owned = {"/proc/self/exe", "--role"};
  owned.insert(owned.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& argument : owned) argv.push_back(argument.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fds[1], STDOUT_FILENO);
  if (posix_spawn(&pid_, "/proc/self/exe", &actions, nullptr, argv.data(), environ) != 0) {
    std::abort();
  }
  posix_spawn_file_actions_destroy(&actions);
  close(fds[1]);
  fd_ = fds[0];
}

OtherProcess::~OtherProcess() {
  if (!waited_) {
    Kill();
    Wait();
  }
  close(fd_);
}

bool OtherProcess::ReadFor(int64_t micros) {
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + std::chrono::microseconds(micros);
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now()).count();
    if (left < 0) return true;
    pollfd poll_fd{fd_, POLLIN, 0};
    if (poll(&poll_fd, 1, static_cast<int>(left)) <= 0) continue;
    char buffer[1 << 16];
    const ssize_t n = read(fd_, buffer, sizeof buffer);
    if (n == 0) return false;
    if (n > 0) said_.append(buffer, static_cast<size_t>(n));
  }
}

void OtherProcess::ReadAll() {
  while (ReadFor(1'000'000)) {
  }
}

bool OtherProcess::ReadUntil(const std::string& words) {
  while (said_.find(words) == std::string::npos) {
    if (!ReadFor(1'000)) return said_.find(words) != std::string::npos;
  }
  return true;
}

void OtherProcess::Kill() {
  if (!waited_) kill(pid_, SIGKILL);
}

void OtherProcess::Stop() { kill(pid_, SIGSTOP); }
void OtherProcess::Continue() { kill(pid_, SIGCONT); }

int OtherProcess::Wait() {
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  waited_ = true;
  return status;
}

void Say(const std::string& lines) {
  // Short enough, so that a write to the pipe is whole or not at all.
  for (size_t begin = 0; begin < lines.size();) {
    size_t end = lines.size();
    if (end - begin > 4096) end = lines.rfind('\n', begin + 4095) + 1;
    const std::string_view piece = std::string_view(lines).substr(begin, end - begin);
    if (write(STDOUT_FILENO, piece.data(), piece.size()) < 0) _exit(3);
    begin = end;
  }
}

RegisterRole::RegisterRole(const char* name, Role role) { Roles()[name] = role; }

int PlayRole(int argc, char** argv) {
  if (argc < 3 || std::string_view(argv[1]) != "--role") return -1;
  const auto role = Roles().find(argv[2]);
  if (role == Roles().end()) return -1;
  return role->second(std::vector<std::string>(argv + 3, argv + argc));
}

}  // namespace suyuan::fault
