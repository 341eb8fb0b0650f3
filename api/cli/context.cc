#include "api/cli/context.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <vector>

#include "api/cli/output.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"

namespace suyuan::cli {
namespace {

struct CodeText {
  absl::StatusCode status;
  std::string_view code;
  std::string_view zh;
};
constexpr CodeText kCodes[] = {
    {absl::StatusCode::kInvalidArgument, "invalid_argument", "内容有误"},
    {absl::StatusCode::kNotFound, "not_found", "没有找到"},
    {absl::StatusCode::kAlreadyExists, "already_exists", "已经存在且内容不同"},
    {absl::StatusCode::kFailedPrecondition, "failed_precondition", "与账本现状不符"},
    {absl::StatusCode::kDataLoss, "data_loss", "数据缺失或被改动"},
    {absl::StatusCode::kUnavailable, "unavailable", "系统暂时不可用"},
    {absl::StatusCode::kResourceExhausted, "resource_exhausted", "磁盘已满或超出限制"},
    {absl::StatusCode::kPermissionDenied, "permission_denied", "没有权限"},
    {absl::StatusCode::kDeadlineExceeded, "deadline_exceeded", "超过时限"},
    {absl::StatusCode::kUnauthenticated, "unauthenticated", "身份未获认可"},
    {absl::StatusCode::kUnimplemented, "unimplemented", "服务器没有此项功能"},
    {absl::StatusCode::kAborted, "aborted", "未能完成"},
    {absl::StatusCode::kCancelled, "cancelled", "已中止"},
    {absl::StatusCode::kInternal, "internal", "程序内部错误"},
};

int ExitStatusOf(absl::StatusCode code, Doing doing) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kAlreadyExists:
      return doing == Doing::kImporting ? kBadData : kAskedWrongly;
    case absl::StatusCode::kNotFound:
      return kAskedWrongly;
    case absl::StatusCode::kFailedPrecondition:
      return doing == Doing::kOpening ? kSystemFailed : kBadData;
    case absl::StatusCode::kDataLoss:
      return kBadData;
    default:
      return kSystemFailed;
  }
}

class ProgressPrinter {
 public:
  ProgressPrinter(bool terminal, bool at_once)
      : terminal_(terminal), at_once_(at_once), start_(Clock::now()) {}
  ~ProgressPrinter() {
    if (shown_ && terminal_) std::fputs("\r\x1b[K", stderr);
  }
  ProgressPrinter(const ProgressPrinter&) = delete;
  ProgressPrinter& operator=(const ProgressPrinter&) = delete;

  void Show(const Progress& progress) {
    using std::chrono::milliseconds;
    const Clock::time_point now = Clock::now();
    if (!at_once_ && now - start_ < milliseconds(1000)) return;
    const bool last = progress.total != 0 && progress.done >= progress.total;
    if (shown_ && !last && now - last_ < milliseconds(terminal_ ? 200 : 1000)) return;
    last_ = now;
    shown_ = true;
    std::string line = StrCat(progress.what, " ", progress.done);
    if (progress.total != 0) {
      const uint64_t done = std::min(progress.done, progress.total);
      const auto percent = static_cast<uint64_t>(100.0 * static_cast<double>(done) /
                                                 static_cast<double>(progress.total));
      line = StrCat(line, " / ", progress.total, "  ", percent, "%");
    }
    if (terminal_) {
      std::fprintf(stderr, "\r\x1b[K%s", line.c_str());
    } else {
      std::fprintf(stderr, "%s\n", line.c_str());
    }
    std::fflush(stderr);
  }

 private:
  using Clock = std::chrono::steady_clock;
  const bool terminal_;
  const bool at_once_;
  const Clock::time_point start_;
  Clock::time_point last_;
  bool shown_ = false;
};

}  // namespace

Failure FailureOf(const absl::Status& status, Doing doing) {
  Failure failure;
  failure.exit_status = ExitStatusOf(status.code(), doing);
  failure.message_en = std::string(status.message().data(), status.message().size());
  failure.code = "unknown";
  std::string_view zh = "未知错误";
  for (const CodeText& text : kCodes) {
    if (text.status != status.code()) continue;
    failure.code = std::string(text.code);
    zh = text.zh;
  }
  if (doing == Doing::kOpening && absl::IsFailedPrecondition(status)) {
    failure.code = "locked";
    zh = "数据目录正被另一个进程使用";
  } else if (doing == Doing::kAsking && absl::IsInvalidArgument(status)) {
    zh = "请求有误或有歧义";
  } else if (doing == Doing::kAsking && absl::IsAlreadyExists(status)) {
    zh = "已经存在";
  }
  failure.message_zh = StrCat(zh, "：", failure.message_en);
  return failure;
}

Failure UsageFailure(std::string message_zh, std::string message_en) {
  return {kAskedWrongly, "usage", std::move(message_zh), std::move(message_en)};
}

int Report(const Context& context, const Failure& failure) {
  // Whoever closed the pipe has seen enough.
  if (failure.code == "cancelled") return failure.exit_status;
  if (context.json) {
    Json error;
    error["error"]["code"] = failure.code;
    error["error"]["message_zh"] = failure.message_zh;
    error["error"]["message_en"] = failure.message_en;
    std::fprintf(stderr, "%s\n", JsonText(error).c_str());
  } else {
    std::fprintf(stderr, "错误：%s\nerror: %s\n", failure.message_zh.c_str(),
                 failure.message_en.c_str());
  }
  return failure.exit_status;
}

ProgressFunction ProgressOnStderr(const Context& context) {
  const bool terminal = isatty(STDERR_FILENO) != 0;
  if (!context.progress && (!terminal || context.json)) return nullptr;
  // Shared: a std::function is copied, and the line belongs to all copies.
  auto printer = std::make_shared<ProgressPrinter>(terminal, context.progress);
  return [printer](const Progress& progress) { printer->Show(progress); };
}

bool HasDataDir(const Context& context, Failure* failure) {
  struct stat info;
  const bool found = stat(context.data_dir.c_str(), &info) == 0;
  if (found && S_ISDIR(info.st_mode)) return true;
  if (found) errno = ENOTDIR;
  if (errno == ENOENT || errno == ENOTDIR) {
    *failure = {kAskedWrongly, "not_found", "数据目录不存在：" + context.data_dir,
                "no such data directory: " + context.data_dir};
  } else {
    *failure = FailureOf(ErrnoStatus("open", context.data_dir, errno), Doing::kOpening);
  }
  return false;
}

int Finish(const Context& context, const std::string& text, int exit_status) {
  const absl::Status status = Print(text);
  return status.ok() ? exit_status : Report(context, FailureOf(status, Doing::kAsking));
}

std::optional<std::string> ChooseLedger(const Engine& engine, const std::string& named,
                                        Failure* failure) {
  if (!named.empty()) return named;
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine.ListLedgers();
  if (!ledgers.ok()) {
    *failure = FailureOf(ledgers.status(), Doing::kAsking);
    return std::nullopt;
  }
  // One's own, if there are mirrors beside it.
  std::vector<std::string> own;
  for (const LedgerInfo& info : *ledgers) {
    if (info.name.find('@') == std::string::npos) own.push_back(info.name);
  }
  if (own.size() == 1) return own.front();
  if (ledgers->size() == 1) return ledgers->front().name;
  std::string names;
  for (const LedgerInfo& info : *ledgers) names += (names.empty() ? "" : ", ") + info.name;
  *failure = ledgers->empty()
                 ? UsageFailure("还没有账本，请先 ledger create",
                                "there is no ledger yet: create one with ledger create")
                 : UsageFailure("有多个账本，请用 --ledger 指定：" + names,
                                "there are several ledgers, name one with --ledger: " + names);
  return std::nullopt;
}

}  // namespace suyuan::cli
