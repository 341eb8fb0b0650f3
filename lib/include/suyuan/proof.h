#ifndef SUYUAN_PROOF_H_
#define SUYUAN_PROOF_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// What a ledger proves, and how it is checked without one: pure functions of the bytes
// handed over, no engine, no server, no clock. Formats: RFC 6962 and C2SP signed-note,
// tlog-checkpoint, tlog-proof, tlog-policy, tlog-tiles. Safe on any thread.
//
// Of all of them: kInvalidArgument: the bytes are not of their format. kPermissionDenied: nobody
// whom the policy trusts signed it, or too few witnesses. kDataLoss: a signature or a hash is
// not what it claims to be, which no accident explains: keep the evidence. Each message names
// what was found and what was expected.
namespace suyuan {

// Of which of a ledger's trees. Every ledger has that of SHA-256; one that was created so has
// another of the same shape over the same entries, by SM3 (GB/T 32905), whose checkpoints
// have the origin `<origin>/sm3` and are signed with SM2 (GB/T 32918): lib/merkle/FORMAT.md. A
// verifier tells them apart by the key that its policy names.
enum class TreeHash { kSha256, kSm3 };

// An entry and the proof that it is in its ledger.
struct EventProof {
  uint64_t sequence = 0;
  std::string entry;  // the bytes that are hashed (lib/ledger/FORMAT.md)
  std::string proof;  // a .tlog-proof file: place, path, signed checkpoint
};

// A head that somebody signed whom the policy trusts.
struct SignedHead {
  std::string origin;
  uint64_t size = 0;
  std::string root;  // 32 bytes
  TreeHash hash = TreeHash::kSha256;
};

// A checkpoint, as a ledger signs it.
absl::StatusOr<SignedHead> VerifyCheckpoint(std::string_view checkpoint, std::string_view policy);

// That `entry` is in a ledger that the policy trusts: the head that proves it. About 60
// microseconds beside the signatures.
absl::StatusOr<SignedHead> VerifyReceipt(std::string_view proof, std::string_view entry,
                                         std::string_view policy);

// That the newer of two checkpoints of one ledger begins with all that the older counts; `proof`:
// base64 hashes, a line each, as `suyuan prove-consistency` writes them. The newer head.
// kDataLoss also for two heads of one size and different roots: history was rewritten, or two
// histories are told.
absl::StatusOr<SignedHead> VerifyConsistency(std::string_view older, std::string_view newer,
                                             std::string_view proof, std::string_view policy);

// That an authority (RFC 3161) said when the bytes `data` were there at the latest.
struct TimeStampInfo {
  int64_t time_micros = 0;  // since 1970-01-01 UTC
  std::string serial;       // of the token, at the authority; hexadecimal
  std::string policy;       // of the authority; dotted numbers
  std::string signer;       // the subject of the authority's certificate
};

// `token`: a TimeStampToken (DER) over the SHA-256 of `data`; `ca`: certificates (PEM) of whom to
// believe. The certificate has to be good at the time that the token says, and to be meant for time
// stamps; no list of revoked ones is looked at. kInvalidArgument: no token, or no certificates.
// kDataLoss: of other bytes, or its signature is not true. kPermissionDenied: `ca` does not vouch
// for who signed it.
absl::StatusOr<TimeStampInfo> VerifyTimeStamp(std::string_view data, std::string_view token,
                                              std::string_view ca);

// A whole ledger as `suyuan export tiles` writes it: the checkpoint, and that entries and tiles
// are those that it signs. `read` gives the bytes of a path ("checkpoint", "tile/0/000", ...);
// what it returns ends the check. Reads every entry.
absl::StatusOr<SignedHead> VerifyExport(
    const std::function<absl::StatusOr<std::string>(std::string_view path)>& read,
    std::string_view policy);

}  // namespace suyuan

#endif  // SUYUAN_PROOF_H_
