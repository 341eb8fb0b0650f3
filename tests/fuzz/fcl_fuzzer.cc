// FoodChain-Lab files: read, told as events, and each of them of good form.

#include <set>
#include <string>

#include "api/exchange/fcl.h"
#include "api/exchange/fcl_values.h"
#include "suyuan/v1/event.pb.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan;  // NOLINT(google-build-using-namespace)
  (void)exchange::ReadFclDate(input);
  (void)exchange::ReadFclAmount(input);
  const auto network = exchange::ReadFcl(input);
  if (!network.ok()) return;
  const auto events = exchange::ToEvents(*network, "fuzz");
  if (!events.ok()) return;
  std::set<std::string> ids;
  for (const v1::Event& event : events->events) {
    Require(!event.id().empty() && event.id().size() <= 64, "an event has an id");
    Require(ids.insert(event.id()).second, "no two events have one id");
  }
}
