#ifndef LIB_MERKLE_POLICY_H_
#define LIB_MERKLE_POLICY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"

namespace suyuan::merkle {

// Whom a verifier trusts (C2SP tlog-policy): any of these logs, if enough of
// these witnesses saw what it signed. A log of an SM2 key is one of an SM3 tree; no two of
// one name differ in that. Immutable, safe on any thread.
class Policy {
 public:
  // kInvalidArgument, naming the line. At most 1,000 lines of 1,000 bytes.
  static absl::StatusOr<Policy> Parse(std::string_view text);

  // What a note says, if a log of the policy signed it under its own name as origin and the
  // witnesses that cosigned it are a quorum. kInvalidArgument: it is no checkpoint.
  // kPermissionDenied: no log of ours signed it, or too few witnesses. kDataLoss: a signature
  // of a log or a witness of the policy is not its own.
  absl::StatusOr<Checkpoint> VerifyCheckpoint(std::string_view note) const;

  // That `record` is entry proof.index of a ledger that the policy trusts: the checkpoint that
  // it was proved against. As VerifyCheckpoint and VerifyInclusion.
  absl::StatusOr<Checkpoint> VerifyProof(const ProofFile& proof, std::string_view record) const;

  const std::vector<VerifierKey>& logs() const { return logs_; }
  const std::vector<VerifierKey>& witnesses() const { return witnesses_; }
  // Where each witness is asked; empty where the policy does not say.
  const std::vector<std::string>& witness_urls() const { return witness_urls_; }

 private:
  // A witness, or at least `needed` of `members`, which come before it.
  struct Voter {
    std::string name;
    size_t witness = 0;  // among witnesses_, unless there are members
    size_t needed = 0;
    std::vector<size_t> members;
  };
  static constexpr size_t kNobody = ~size_t{0};

  absl::Status ReadLine(const std::vector<std::string_view>& words, bool* has_quorum,
                        std::vector<bool>* taken);
  size_t FindVoter(std::string_view name) const;

  std::vector<VerifierKey> logs_;
  std::vector<VerifierKey> witnesses_;
  std::vector<std::string> witness_urls_;
  std::vector<Voter> voters_;
  size_t quorum_ = kNobody;  // none needed
};

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_POLICY_H_
