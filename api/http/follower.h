#ifndef API_HTTP_FOLLOWER_H_
#define API_HTTP_FOLLOWER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/http/client.h"
#include "lib/base/mutex.h"
#include "suyuan/engine.h"

namespace suyuan::http {

// What is followed: the address of a ledger ("http://host:port/ledger", as TileSite serves it)
// and whom to believe.
struct FollowOptions {
  std::string url;
  std::string policy;  // the text of a tlog-policy file
  bool resume = false;
  ProgressFunction progress = nullptr;
  // Of one answer, and how often one that does not come is asked for again, each time after
  // twice the pause, before the round is given up.
  std::chrono::milliseconds patience = std::chrono::seconds(30);
  int attempts = 5;
  std::chrono::milliseconds pause = std::chrono::milliseconds(250);
};

// Keeps a mirror of one ledger up to date.
class Follower {
 public:
  // Told of what goes wrong, once each time that it is something else, and when entries came.
  using Log = std::function<void(const std::string& message)>;

  // `engine` is borrowed. kInvalidArgument: no address, or no policy.
  static absl::StatusOr<std::unique_ptr<Follower>> Make(Engine* engine, FollowOptions options);
  // Ends the round that runs at the next answer, which is at most `patience` away.
  ~Follower();
  Follower(const Follower&) = delete;
  Follower& operator=(const Follower&) = delete;

  // One round, as Engine::Follow. Not while Start runs.
  absl::StatusOr<MirrorInfo> Once();

  // From now on a round each `every`, on a thread of its own, until the ledger is caught
  // contradicting itself: Result then says so. A network that fails is waited for, up to
  // twenty times as long.
  void Start(std::chrono::milliseconds every, Log log);
  // Why it ended; OK while it runs.
  absl::Status Result() const;

 private:
  Follower(Engine* engine, FollowOptions options, std::unique_ptr<Client> client)
      : engine_(engine), options_(std::move(options)), client_(std::move(client)) {}

  absl::StatusOr<std::string> Fetch(std::string_view path, size_t max_bytes);
  // False if it is to stop.
  bool Wait(std::chrono::milliseconds pause);
  void Loop(std::chrono::milliseconds every, const Log& log);

  Engine* const engine_;
  FollowOptions options_;
  const std::unique_ptr<Client> client_;
  mutable Mutex mu_;
  CondVar cv_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status result_ ABSL_GUARDED_BY(mu_);
  std::thread thread_;
};

// The followers that a list tells: a line each, "URL POLICYFILE"; "#" and empty lines say
// nothing. A policy file is looked for beside the list. kInvalidArgument, naming the line.
absl::StatusOr<std::vector<std::unique_ptr<Follower>>> FollowersOf(Engine* engine,
                                                                   const std::string& list_path);

}  // namespace suyuan::http

#endif  // API_HTTP_FOLLOWER_H_
