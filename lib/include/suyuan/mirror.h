#ifndef SUYUAN_MIRROR_H_
#define SUYUAN_MIRROR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "suyuan/check.h"

namespace suyuan {

// A ledger that is written elsewhere, copied entry by entry (镜像).
struct MirrorInfo {
  // Its name here: the name in its origin, "@" and eight hexadecimal digits of the
  // SHA-256 of the origin. No ledger of one's own has such a name; every mirror of it has this.
  std::string ledger;
  std::string origin;            // what its checkpoints call it
  std::string url;               // where it was last followed
  uint64_t size = 0;             // entries that are here
  uint64_t checkpoint_size = 0;  // of the newest checkpoint that was accepted
  int64_t accepted_micros = 0;   // when that was; UTC, 0: never
  // Why it is not followed any more; empty while nothing speaks against it.
  std::string stopped;
  std::string evidence;  // the directory with what was shown then
};

struct MirrorRequest {
  std::string url;     // by which the mirror is known; not opened
  std::string policy;  // whom to believe: the text of a tlog-policy file (C2SP)
  // Gives what the log shows at a path below its address, as C2SP tlog-tiles names it, at most
  // `max_bytes`. kNotFound: nothing is there. Any other error ends the round and is not held
  // against the log. From the thread that calls Follow.
  std::function<absl::StatusOr<std::string>(std::string_view path, size_t max_bytes)> fetch;
  // Goes on although it was stopped: a person has looked at the evidence.
  bool resume = false;
  ProgressFunction progress = nullptr;
};

}  // namespace suyuan

#endif  // SUYUAN_MIRROR_H_
