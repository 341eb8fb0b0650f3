#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/privacy/commitment.h"
#include "lib/privacy/fields.h"
#include "suyuan/personal.h"
#include "suyuan/storage/v1/record.pb.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan {
namespace {

constexpr size_t kMaxRecordBytes = 65'535;

}  // namespace

absl::Status VerifyDisclosure(const Disclosure& disclosure, std::string_view entry) {
  storage::v1::Record record;
  v1::Event event;
  if (entry.size() > kMaxRecordBytes ||
      !record.ParseFromArray(entry.data(), static_cast<int>(entry.size())) ||
      record.format() != 1 || !event.ParseFromString(record.event())) {
    return InvalidArgument("the entry is no record of a ledger");
  }
  if (record.event_id() != disclosure.event_id || event.id() != disclosure.event_id) {
    return InvalidArgument("the entry is of event ", record.event_id(), ", expected ",
                           disclosure.event_id);
  }
  if (disclosure.salt.size() != privacy::kSaltBytes) {
    return InvalidArgument("the salt has ", disclosure.salt.size(), " bytes, expected ",
                           privacy::kSaltBytes);
  }
  std::string commitment;
  privacy::ForEachPersonal(event, [&](const std::string& path, const v1::Personal& personal) {
    if (path == disclosure.path) commitment = personal.commitment();
  });
  if (commitment.size() != sizeof(Hash::bytes)) {
    return InvalidArgument("event ", disclosure.event_id, " has no commitment at ",
                           disclosure.path);
  }
  const Hash opened = privacy::Commit({0, disclosure.origin, disclosure.event_id, disclosure.path},
                                      disclosure.salt, disclosure.value);
  if (opened.view() == commitment) return absl::OkStatus();
  return DataLoss("the value, its salt and its place give the commitment ", opened.hex(),
                  ", the entry has ", ToHex(commitment), " at ", disclosure.path);
}

}  // namespace suyuan
