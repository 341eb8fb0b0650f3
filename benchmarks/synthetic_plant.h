#ifndef BENCHMARKS_SYNTHETIC_PLANT_H_
#define BENCHMARKS_SYNTHETIC_PLANT_H_

#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "suyuan/v1/event.pb.h"

namespace suyuan::bench {

// Owner of the ledger that the plant records in.
inline constexpr std::string_view kPlantOwner = "uscc:91310116MA1J8XYC4H";

// A made-up dairy plant that records run after run: two lots are received, four
// are charged (the two and two older ones), two new lots are produced, four
// shipments leave. Each event has what the profile `ordinary` demands and about
// 350 to 400 bytes. The same seed tells the same events. Not thread-safe.
class SyntheticPlant {
 public:
  explicit SyntheticPlant(uint64_t seed) : random_(seed) {}

  v1::Event Next();

 private:
  v1::Event Start();
  v1::Event Receive();
  v1::Event Charge(uint64_t turn);
  v1::Event Produce(uint64_t turn);
  v1::Event Ship();
  // One of the last lots in `lots`.
  const std::string& Recent(const std::deque<std::string>& lots);
  uint64_t Below(uint64_t limit) { return random_() % limit; }

  std::mt19937_64 random_;
  uint64_t told_ = 0;
  std::deque<std::string> materials_;  // keys of lots, the newest last
  std::deque<std::string> products_;
};

// The first `count` events of the plant with `seed`.
std::vector<v1::Event> PlantEvents(uint64_t seed, uint64_t count);

}  // namespace suyuan::bench

#endif  // BENCHMARKS_SYNTHETIC_PLANT_H_
