#ifndef LIB_PRIVACY_FIELDS_H_
#define LIB_PRIVACY_FIELDS_H_

#include <functional>
#include <string>
#include <string_view>

#include "suyuan/v1/event.pb.h"

namespace suyuan::privacy {

// Whether the event has a personal field that says anything. Costs nothing for operations whose
// messages have none.
bool HasPersonal(const v1::Event& event);

// Calls `visit` for each such field, in the order of the schema, with its path as the validator
// writes it: "destroy_goods.officers[0].name".
void ForEachPersonal(
    const v1::Event& event,
    const std::function<void(const std::string& path, const v1::Personal&)>& visit);
void ForEachPersonal(v1::Event* event,
                     const std::function<void(const std::string& path, v1::Personal*)>& visit);

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_FIELDS_H_
