#ifndef LIB_EVENTS_CATALOGUE_H_
#define LIB_EVENTS_CATALOGUE_H_

#include <span>
#include <string>

#include "lib/events/operation.h"
#include "suyuan/options/element.pb.h"

namespace suyuan::events {

// One place where a data element (数据元) is recorded.
struct DataElement {
  // Number, names, default obligation, condition, unit, source. Never null.
  const options::Element* element;
  // Null for an element that every operation has in the header of the event.
  const OperationInfo* operation;
  std::string field;  // path in the event: "receive.quantity", "time.begin"
};

// The data dictionary, by number (18 before 18a before 19), then in the order
// of the schema. An element that several fields carry has several rows. Made
// once by reflection, lives as long as the process.
std::span<const DataElement> DataElements();

// The path in an event that `field` of a header element means: a field of
// Event, where "time" is the beginning.
std::string HeaderPath(const options::Element& element);

}  // namespace suyuan::events

#endif  // LIB_EVENTS_CATALOGUE_H_
