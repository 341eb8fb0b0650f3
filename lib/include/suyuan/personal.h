#ifndef SUYUAN_PERSONAL_H_
#define SUYUAN_PERSONAL_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

// Personal data (个人信息): an entry holds a commitment, the value lies encrypted in a vault
// apart, where it can be destroyed without a change of any entry (lib/privacy/FORMAT.md).
namespace suyuan {

enum class PersonalState {
  kHeld,
  kRestricted,  // its erasure was asked for; the law has it kept until a day, unread
  kErased,
  kKeyMissing,  // its key, or all of the vault, is not in this directory
};

// A personal field of an event, as it stands now.
struct PersonalDatum {
  std::string path;  // "receive.supplier_contact", "destroy_goods.officers[0].name"
  PersonalState state = PersonalState::kHeld;
  std::string value = {};    // when it is held
  std::string person = {};   // whose it is, if that was told; when it is held
  int64_t until_micros = 0;  // restricted: until when, UTC
};

// All that opens one commitment: whoever has it and the entry knows the value, and that it is
// what was recorded. It opens no other commitment.
struct Disclosure {
  std::string origin;  // of the ledger
  std::string event_id;
  std::string path;
  std::string salt;  // 32 bytes
  std::string value;
};

// What is to be erased: all of one person, or one event, or one of its fields.
struct ErasureRequest {
  std::string person = {};  // the pseudonym that was told with the values
  std::string event_id = {};
  std::string path = {};  // with event_id only
  // consent-withdrawn, purpose-fulfilled, retention-over, other.
  std::string basis = {};
  // Stands in the ledger for ever: nothing personal. 1 to 1,024 bytes.
  std::string reason = {};
};

struct ErasedField {
  std::string event_id;
  std::string path;
  int64_t until_micros = 0;  // restricted: until when, UTC
};

struct ErasureResult {
  std::vector<ErasedField> erased;
  // The law has them kept: they are read no more, and destroyed by EraseDue when their time is
  // over.
  std::vector<ErasedField> restricted;
  // Of the entries that say so; none if nothing changed.
  std::vector<std::string> event_ids;
};

// That `entry` (the bytes that are hashed, as Engine::Prove gives them) holds the commitment
// that `disclosure` opens. It proves the value; that the entry is in the ledger
// `disclosure.origin` is proved by VerifyReceipt, whose origin must be the same. Pure; any thread.
// kInvalidArgument: the entry is none, or of another event, or has no commitment at the path, or
// the salt is not 32 bytes. kDataLoss: the commitment is one to something else.
absl::Status VerifyDisclosure(const Disclosure& disclosure, std::string_view entry);

}  // namespace suyuan

#endif  // SUYUAN_PERSONAL_H_
