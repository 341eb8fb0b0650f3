#ifndef API_CLI_DEMO_PLANT_H_
#define API_CLI_DEMO_PLANT_H_

#include <cstdint>
#include <memory>
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

namespace demo {
class Books;
class Plant;
}  // namespace demo

enum class PlantSize : uint8_t {
  kSmall,  // 2 tankers of milk and 2 finished lots a day, 6 customers
  // 12 suppliers and some 40 raw lots a day, drying in three shifts, 6 finished lots
  // with a number on each case and pallet (600 units), 40 customers. Every 28 days,
  // beginning with the first: a late entry, corrections, a lot that fails, a pallet
  // that left before its release, a recall.
  kFull,
};

struct DemoOptions {
  int days = 3;  // of production, from 2025-11-03; 1 to MaxDemoDays
  uint64_t seed = 1;
  PlantSize size = PlantSize::kSmall;
};

// 366 of the small plant, 1,000,000 of the full one.
int MaxDemoDays(PlantSize size);

struct DemoSummary {
  std::string ledger;
  uint64_t events = 0;
  // Unit key, and why it is worth a trace (Chinese and English).
  std::vector<std::pair<std::string, std::string>> worth_tracing;
};

// Tells the events of the plant a day at a time; a pure function of the options.
// The memory that it takes does not grow with the days. Not thread-safe.
class DemoPlant {
 public:
  // Days out of range are clamped. Books take memory for every lot.
  explicit DemoPlant(const DemoOptions& options, bool keep_books = false);
  ~DemoPlant();
  DemoPlant(const DemoPlant&) = delete;
  DemoPlant& operator=(const DemoPlant&) = delete;

  // Puts the events that were recorded on the next day into `events`, in their order;
  // none on a day on which nothing was. False when all is told: tests take a week, so
  // the last lots are sold eight days after the last day of production.
  bool NextDay(std::vector<v1::Event>* events);

  // Of what has been told, and worth a trace so far.
  DemoSummary Summary() const;
  // How much of every lot went where, when all is told.
  const demo::Books& books() const;

 private:
  const std::unique_ptr<demo::Plant> plant_;
  uint64_t events_ = 0;
};

// All of them. `summary` may be null.
std::vector<v1::Event> DemoPlantEvents(const DemoOptions& options, DemoSummary* summary);

// Creates the ledger `demo-plant` if it is missing and appends the events. Doing
// it again with the same options changes nothing. Days are what `progress`, which may be
// null, is told. kInvalidArgument: days out of range. kFailedPrecondition: a ledger of
// that name belongs to somebody else. kAlreadyExists: it was filled with another seed
// or size. Else as Engine::Append.
absl::Status LoadDemoPlant(Engine* engine, const DemoOptions& options, DemoSummary* summary,
                           const ProgressFunction& progress = nullptr);

}  // namespace suyuan

#endif  // API_CLI_DEMO_PLANT_H_
