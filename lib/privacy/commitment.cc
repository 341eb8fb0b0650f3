#include "lib/privacy/commitment.h"

#include "lib/base/bytes.h"

namespace suyuan::privacy {
namespace {

// Leaves begin with 0x00, nodes with 0x01.
constexpr std::string_view kPrefix = "\x03";
constexpr std::string_view kDomain = "suyuan/personal/v1";

}  // namespace

Hash Commit(const Place& place, std::string_view salt, std::string_view value) {
  std::string binding;
  PutString(&binding, kDomain);
  PutString(&binding, place.origin);
  PutString(&binding, place.event_id);
  PutString(&binding, place.path);
  return Sha256({kPrefix, salt, binding, value});
}

}  // namespace suyuan::privacy
