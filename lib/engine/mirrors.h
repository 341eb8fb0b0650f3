#ifndef LIB_ENGINE_MIRRORS_H_
#define LIB_ENGINE_MIRRORS_H_

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/ledger/ledgers.h"
#include "lib/merkle/follow.h"
#include "suyuan/mirror.h"

namespace suyuan::engine {

// Where they lie below a data directory; as if it were one itself, and without keys.
std::string MirrorsDir(const std::string& data_dir);

// The name of a mirror of `origin`.
std::string MirrorName(std::string_view origin);

// Follows logs into a store of mirrors, and remembers how that stands: see FORMAT.md of the
// ledger. Thread-safe.
class Mirrors {
 public:
  // Gives the store, which is made at the first entry of the first mirror.
  using Store = std::function<absl::StatusOr<ledger::Ledgers*>(bool create)>;
  // Runs `write` while no index is rebuilt.
  using Guard = std::function<absl::Status(const std::function<absl::Status()>& write)>;

  Mirrors(std::string dir, Store store, Guard guard, const Clock* clock)
      : dir_(std::move(dir)), store_(std::move(store)), guard_(std::move(guard)), clock_(*clock) {}

  // As Engine::Follow. `own` names the ledger of one's own that has an origin, if there is one.
  absl::StatusOr<MirrorInfo> Follow(
      const MirrorRequest& request,
      const std::function<std::string(const std::string& origin)>& own);

  // As Engine::ListMirrors: looks at files alone.
  static absl::StatusOr<std::vector<MirrorInfo>> List(const std::string& dir);

 private:
  struct Round;

  absl::Status FollowOne(Round* round);
  absl::StatusOr<merkle::HeldLog> Held(const Round& round) const;
  absl::Status Add(Round* round, uint64_t first, std::span<const std::string_view> records);
  absl::Status Flush(Round* round);
  absl::Status Stop(Round* round, merkle::Contradiction found);
  absl::Status Save(const MirrorInfo& info);
  Mutex* MutexOf(const std::string& ledger);

  const std::string dir_;
  const Store store_;
  const Guard guard_;
  const Clock& clock_;
  Mutex mu_;
  // One follower a mirror at a time.
  std::map<std::string, std::unique_ptr<Mutex>> busy_ ABSL_GUARDED_BY(mu_);
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_MIRRORS_H_
