#ifndef API_HTTP_TIME_STAMPER_H_
#define API_HTTP_TIME_STAMPER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "api/http/client.h"
#include "lib/base/mutex.h"
#include "suyuan/engine.h"

namespace suyuan::http {

// How long an authority is waited for, and what of its answer is read.
inline constexpr std::chrono::seconds kTimeStampPatience(10);

// Has the head of a ledger stamped by the time stamp authority (RFC 3161) at `url` and
// records the token. What comes back is believed only if it answers what was asked: its digest,
// nonce and signature. Nothing is stored otherwise. Errors of ledger::TokenOfReply, the client and
// the engine; kUnavailable: the authority answered with another status of HTTP.
absl::StatusOr<Receipt> StampLedger(Engine* engine, const std::string& ledger,
                                    const std::string& url);

// Does so for every ledger of an engine, at once and then again and again, on a thread of its
// own. A ledger that did not grow since its last stamp is left alone, and so is one that signs
// nothing.
class TimeStamper {
 public:
  // Told of what goes wrong.
  using Log = std::function<void(const std::string& message)>;

  // `engine` is borrowed. kInvalidArgument: the address.
  static absl::StatusOr<std::unique_ptr<TimeStamper>> Start(Engine* engine, std::string url,
                                                            std::chrono::milliseconds every,
                                                            Log log);
  // Waits for the authority if it is being asked.
  ~TimeStamper();
  TimeStamper(const TimeStamper&) = delete;
  TimeStamper& operator=(const TimeStamper&) = delete;

 private:
  TimeStamper(Engine* engine, std::string url, std::chrono::milliseconds every, Log log)
      : engine_(engine), url_(std::move(url)), every_(every), log_(std::move(log)) {}

  void Loop();
  // False if one of them is to be tried again soon.
  bool StampAll();

  Engine* const engine_;
  const std::string url_;
  const std::chrono::milliseconds every_;
  const Log log_;
  std::map<std::string, std::string> told_;  // what was wrong last, by ledger
  Mutex mu_;
  CondVar cv_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace suyuan::http

#endif  // API_HTTP_TIME_STAMPER_H_
