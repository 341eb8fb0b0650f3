#include "api/http/follower.h"

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <utility>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/policy.h"

namespace suyuan::http {
namespace {

// A bundle of entries is the largest answer: 256 of 65,535 bytes with their lengths.
constexpr size_t kMaxAnswerBytes = size_t{17} << 20;
constexpr int kLongestPause = 20;

}  // namespace

absl::StatusOr<std::unique_ptr<Follower>> Follower::Make(Engine* engine, FollowOptions options) {
  while (options.url.ends_with('/')) options.url.pop_back();
  SUYUAN_RETURN_IF_ERROR(merkle::Policy::Parse(options.policy).status());
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<Client> client,
                          Client::Make(options.url, options.patience, kMaxAnswerBytes));
  return std::unique_ptr<Follower>(new Follower(engine, std::move(options), std::move(client)));
}

Follower::~Follower() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    cv_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

bool Follower::Wait(std::chrono::milliseconds pause) {
  const auto until = std::chrono::steady_clock::now() + pause;
  MutexLock lock(&mu_);
  while (!stopping_) {
    const auto left = until - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return true;
    cv_.WaitFor(&mu_, left);
  }
  return false;
}

absl::StatusOr<std::string> Follower::Fetch(std::string_view path, size_t max_bytes) {
  absl::Status failure;
  std::chrono::milliseconds pause = options_.pause;
  for (int attempt = 0; attempt < std::max(options_.attempts, 1); ++attempt) {
    if (!Wait(attempt == 0 ? std::chrono::milliseconds(0) : std::exchange(pause, pause * 2))) {
      return absl::CancelledError("stopped");
    }
    absl::StatusOr<Response> answer = client_->Get(StrCat("/", path), max_bytes);
    // Not HTTP, or too much of it: asking again is no use.
    if (absl::IsDataLoss(answer.status())) {
      return InvalidArgument(path, ": ", ToStd(answer.status().message()), "; expected at most ",
                             max_bytes, " bytes");
    }
    if (!answer.ok()) {
      failure = answer.status();
      continue;
    }
    if (answer->status == 200) return std::move(answer->body);
    if (answer->status == 404 || answer->status == 410) return NotFound("no ", path);
    failure = absl::UnavailableError(
        StrCat(path, ": it answered ", answer->status, ": ", answer->body.substr(0, 200)));
  }
  return failure;
}

absl::StatusOr<MirrorInfo> Follower::Once() {
  MirrorRequest request;
  request.url = options_.url;
  request.policy = options_.policy;
  request.resume = options_.resume;
  request.progress = options_.progress;
  request.fetch = [this](std::string_view path, size_t max_bytes) {
    return Fetch(path, max_bytes);
  };
  absl::StatusOr<MirrorInfo> info = engine_->Follow(request);
  // Said once; a network that failed is no answer to it.
  if (info.ok()) options_.resume = false;
  return info;
}

void Follower::Start(std::chrono::milliseconds every, Log log) {
  thread_ = std::thread([this, every, log = std::move(log)] { Loop(every, log); });
}

void Follower::Loop(std::chrono::milliseconds every, const Log& log) {
  std::string told;
  uint64_t size = 0;
  int pause = 1;
  do {
    const absl::StatusOr<MirrorInfo> info = Once();
    if (info.ok()) {
      pause = 1;
      told.clear();
      if (info->size != size && log) {
        log(StrCat("镜像 mirror ", info->ledger, ": ", info->size, " 条记录 entries"));
      }
      size = info->size;
      continue;
    }
    if (absl::IsCancelled(info.status())) return;
    std::string message =
        StrCat("镜像 mirror ", options_.url, ": ", ToStd(info.status().message()));
    if (message != told && log) log(message);
    told = std::move(message);
    if (absl::IsDataLoss(info.status())) {
      MutexLock lock(&mu_);
      result_ = info.status();
      return;
    }
    pause = std::min(pause * 2, kLongestPause);
  } while (Wait(every * pause));
}

absl::Status Follower::Result() const {
  MutexLock lock(&mu_);
  return result_;
}

absl::StatusOr<std::vector<std::unique_ptr<Follower>>> FollowersOf(Engine* engine,
                                                                   const std::string& list_path) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(list_path));
  std::vector<std::unique_ptr<Follower>> followers;
  std::istringstream lines(text);
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const auto bad = [&](std::string_view why) {
      return InvalidArgument(list_path, " line ", number, ": ", why);
    };
    std::istringstream words(line);
    std::string url;
    std::string policy;
    std::string more;
    words >> url >> policy >> more;
    if (url.empty() || url.starts_with('#')) continue;
    if (policy.empty() || !more.empty()) return bad("expected URL POLICYFILE");
    const auto path = std::filesystem::path(list_path).parent_path() / policy;
    const absl::StatusOr<std::string> policy_text = ReadFile(path.string());
    if (!policy_text.ok()) return bad(ToStd(policy_text.status().message()));
    absl::StatusOr<std::unique_ptr<Follower>> follower =
        Follower::Make(engine, {.url = url, .policy = *policy_text});
    if (!follower.ok()) return bad(ToStd(follower.status().message()));
    followers.push_back(*std::move(follower));
  }
  return followers;
}

}  // namespace suyuan::http
