#ifndef LIB_PRIVACY_COMMITMENT_H_
#define LIB_PRIVACY_COMMITMENT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/hash.h"

namespace suyuan::privacy {

inline constexpr size_t kSaltBytes = 32;

// Where a personal datum stands: a field of an event of a ledger.
struct Place {
  uint32_t ledger = 0;  // in this store
  std::string origin;   // of the ledger
  std::string event_id;
  std::string path;

  friend bool operator==(const Place&, const Place&) = default;
};

// What the entry holds in place of `value`; FORMAT.md has the bytes. Does not depend on
// place.ledger.
Hash Commit(const Place& place, std::string_view salt, std::string_view value);

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_COMMITMENT_H_
