#ifndef LIB_LEDGER_TIME_STAMP_H_
#define LIB_LEDGER_TIME_STAMP_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "suyuan/proof.h"

// Time stamps of an authority (RFC 3161), over SHA-256 of bytes that come in pieces. Pure
// functions but for the nonce; safe on any thread.
namespace suyuan::ledger {

// A reply that is longer is none.
inline constexpr size_t kMaxTimeStampReplyBytes = size_t{32} << 10;

struct TimeStampQuery {
  std::string der;     // TimeStampReq
  std::string digest;  // what is to be stamped
  std::string nonce;   // DER
};
// With a nonce of its own; asks for the certificate, too.
absl::StatusOr<TimeStampQuery> MakeQuery(const std::vector<std::string_view>& data);

// The token in what the authority answered. kInvalidArgument: no reply, or one of another question:
// another nonce, other bytes. kPermissionDenied: the authority refused; the message says why.
// kDataLoss: its signature is not that of the certificate in it.
absl::StatusOr<std::string> TokenOfReply(std::string_view reply, const TimeStampQuery& query);

// What a token says. kInvalidArgument: it is none, or of other bytes. kDataLoss as above.
absl::StatusOr<TimeStampInfo> ReadToken(std::string_view token,
                                        const std::vector<std::string_view>& data);

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_TIME_STAMP_H_
