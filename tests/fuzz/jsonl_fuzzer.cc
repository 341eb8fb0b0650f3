// Lines of JSON: what is read as an event is written and read again as the same.

#include <string>

#include "api/exchange/event_json.h"
#include "suyuan/v1/event.pb.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan;  // NOLINT(google-build-using-namespace)
  v1::Event event;
  exchange::JsonFault fault;
  if (!exchange::EventFromJson(input, &event, &fault)) {
    Require(!fault.message.empty(), "what is no event is told why");
    return;
  }
  const auto line = exchange::EventToJson(event);
  if (!line.ok()) return;
  Require(line->find('\n') == std::string::npos, "one event is one line");
  v1::Event again;
  Require(exchange::EventFromJson(*line, &again, &fault), "what was written is read again");
  Require(again.SerializeAsString() == event.SerializeAsString(), "as the same event");
}
