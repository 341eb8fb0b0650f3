#ifndef LIB_PRIVACY_RETENTION_H_
#define LIB_PRIVACY_RETENTION_H_

#include <cstdint>
#include <string_view>

#include "suyuan/v1/event.pb.h"

namespace suyuan::privacy {

// Until when (UTC microseconds) the law has the personal field `path` of an event kept that was
// recorded at `recorded_micros`: schemas/db31t1110/retention.csv, counted from the end of the
// shelf life that the event tells, else from the end of the event, at most from its recording.
int64_t KeptUntil(const v1::Event& event, std::string_view path, int64_t recorded_micros);

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_RETENTION_H_
