#ifndef API_CLI_DEMO_PLANT_H_
#define API_CLI_DEMO_PLANT_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "suyuan/engine.h"
#include "suyuan/v1/event.pb.h"

// The example plant: a fictitious maker of infant formula in Shanghai, with its
// suppliers, customers and every event of some days of production. Everybody in
// it is invented; nobody's name stands in it.
namespace suyuan {

struct DemoOptions {
  int days = 3;  // of production, from 2025-11-03; 1 to 366
  uint64_t seed = 1;
};

struct DemoSummary {
  std::string ledger;
  uint64_t events = 0;
  // Unit key, and why it is worth a trace (Chinese and English).
  std::vector<std::pair<std::string, std::string>> worth_tracing;
};

// All events of the plant, in the order of recording; a pure function of the
// options. Tests take a week, so the last lots are sold eight days after the last
// day of production. `summary` may be null. Days out of range are clamped.
std::vector<v1::Event> DemoPlantEvents(const DemoOptions& options, DemoSummary* summary);

// Creates the ledger `demo-plant` if it is missing and appends the events. Doing
// it again with the same options changes nothing. kInvalidArgument: days out of
// range. kFailedPrecondition: a ledger of that name belongs to somebody else.
// kAlreadyExists: it was filled with another seed. Else as Engine::Append.
absl::Status LoadDemoPlant(Engine* engine, const DemoOptions& options, DemoSummary* summary);

}  // namespace suyuan

#endif  // API_CLI_DEMO_PLANT_H_
