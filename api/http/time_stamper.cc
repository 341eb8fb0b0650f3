#include "api/http/time_stamper.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/ledger/time_stamp.h"

namespace suyuan::http {
namespace {

constexpr std::chrono::minutes kTryAgain(1);

// Whether the last entry of a ledger says how old the others are.
absl::StatusOr<bool> IsStamped(const Engine& engine, const LedgerInfo& info) {
  bool stamped = false;
  SUYUAN_RETURN_IF_ERROR(engine.Read(info.name, info.size - 1, info.size, [&](const Entry& entry) {
    stamped = entry.event.has_time_stamp();
    return false;
  }));
  return stamped;
}

}  // namespace

absl::StatusOr<Receipt> StampLedger(Engine* engine, const std::string& ledger,
                                    const std::string& url) {
  v1::TimeStamp stamp;
  stamp.set_authority(url);
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<Client> client,
                          Client::Make(url, kTimeStampPatience, ledger::kMaxTimeStampReplyBytes));
  SUYUAN_ASSIGN_OR_RETURN(*stamp.mutable_checkpoint(), engine->Checkpoint(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine->GetLedger(ledger));
  if (!info.sm3_root.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(*stamp.mutable_sm3_checkpoint(),
                            engine->Checkpoint(ledger, TreeHash::kSm3));
  }
  SUYUAN_ASSIGN_OR_RETURN(const ledger::TimeStampQuery query,
                          ledger::MakeQuery({stamp.checkpoint(), stamp.sm3_checkpoint()}));
  SUYUAN_ASSIGN_OR_RETURN(const Response response,
                          client->Post("", query.der, "application/timestamp-query"));
  if (response.status != 200) {
    return absl::UnavailableError(
        StrCat("time stamp: ", url, " answered with status ", response.status, " of HTTP"));
  }
  SUYUAN_ASSIGN_OR_RETURN(*stamp.mutable_token(), ledger::TokenOfReply(response.body, query));
  return engine->AddTimeStamp(ledger, stamp);
}

absl::StatusOr<std::unique_ptr<TimeStamper>> TimeStamper::Start(Engine* engine, std::string url,
                                                                std::chrono::milliseconds every,
                                                                Log log) {
  SUYUAN_RETURN_IF_ERROR(Client::Make(url).status());
  std::unique_ptr<TimeStamper> stamper(
      new TimeStamper(engine, std::move(url), every, std::move(log)));
  TimeStamper* const raw = stamper.get();
  stamper->thread_ = std::thread([raw] { raw->Loop(); });
  return stamper;
}

TimeStamper::~TimeStamper() {
  {
    MutexLock lock(&mu_);
    stopping_ = true;
    cv_.SignalAll();
  }
  if (thread_.joinable()) thread_.join();
}

void TimeStamper::Loop() {
  using Clock = std::chrono::steady_clock;
  for (;;) {
    const bool done = StampAll();
    const Clock::time_point next =
        Clock::now() + (done ? every_ : std::min<std::chrono::milliseconds>(every_, kTryAgain));
    MutexLock lock(&mu_);
    while (!stopping_ && Clock::now() < next) cv_.WaitFor(&mu_, next - Clock::now());
    if (stopping_) return;
  }
}

bool TimeStamper::StampAll() {
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine_->ListLedgers();
  if (!ledgers.ok()) return false;
  bool done = true;
  for (const LedgerInfo& info : *ledgers) {
    {
      MutexLock lock(&mu_);
      if (stopping_) return true;
    }
    if (info.verifier_keys.empty() || info.sealed || info.size == 0) continue;
    const absl::StatusOr<bool> stamped = IsStamped(*engine_, info);
    if (stamped.ok() && *stamped) continue;
    const absl::Status status = StampLedger(engine_, info.name, url_).status();
    std::string& told = told_[info.name];
    const std::string message = status.ok() ? "" : StrCat(info.name, ": ", ToStd(status.message()));
    if (!message.empty() && message != told) log_(message);
    told = message;
    done = done && status.ok();
  }
  return done;
}

}  // namespace suyuan::http
