#ifndef LIB_MERKLE_WITNESS_H_
#define LIB_MERKLE_WITNESS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mutex.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"

namespace suyuan::merkle {

// Signs what a log signed if it goes on from what was seen of it before, so that a log cannot
// tell two histories to those who ask for its witness (C2SP tlog-witness v1.0.0). What was seen
// is on disk before it is signed. Thread-safe.
class Witness {
 public:
  // The answer to a request over HTTP.
  struct Answer {
    int status = 0;
    std::string content_type;
    std::string body;
  };

  // `directory` keeps the newest checkpoint of each log, and is this object's alone; `signer` has
  // an Ed25519 key; `logs` are those that are witnessed, by the names of their keys; `clock` is
  // borrowed. kFailedPrecondition: another process has the directory. kDataLoss: what is in
  // it is no checkpoint of a log. kInvalidArgument: the signer's key is of another type.
  static absl::StatusOr<std::unique_ptr<Witness>> Open(const std::string& directory,
                                                       std::unique_ptr<Signer> signer,
                                                       std::vector<VerifierKey> logs,
                                                       const Clock* clock);

  // Whom verifiers trust: the type is that of a cosignature.
  const VerifierKey& key() const { return key_; }

  // The body of a POST to add-checkpoint: "old <size>", at most 63 hashes in base64, an empty
  // line, a checkpoint. 200 with the cosignature; 400 not such a body; 403 not signed by its log;
  // 404 no such log; 409 with the size that is known if `old` is another, or if two
  // histories of one size are told, which are then kept as evidence; 422 the hashes do not show
  // that it goes on; 503 what was seen could not be kept.
  Answer AddCheckpoint(std::string_view body);

 private:
  Witness(std::string directory, std::unique_ptr<FileLock> lock, std::unique_ptr<Signer> signer,
          VerifierKey key, std::vector<VerifierKey> logs, const Clock* clock);
  std::string PathOf(std::string_view origin, std::string_view suffix) const;
  absl::Status Load();

  const std::string directory_;
  const std::unique_ptr<FileLock> lock_;
  const std::unique_ptr<Signer> signer_;
  const VerifierKey key_;
  const std::vector<VerifierKey> logs_;
  const Clock* const clock_;

  Mutex mu_;
  struct Seen {
    Checkpoint checkpoint;
    std::string note;
  };
  std::map<std::string, Seen, std::less<>> seen_ ABSL_GUARDED_BY(mu_);  // by origin
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_WITNESS_H_
