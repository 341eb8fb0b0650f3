#ifndef TESTS_LOAD_LOAD_PLANT_H_
#define TESTS_LOAD_LOAD_PLANT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "suyuan/trace.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::load {

// What one client records: round after round, milk is received and dried with that of the
// round before, the powder is filled with that of the round before, and the product ships
// to two shops. An event is a pure function of client and number, so that it can be sent
// again and what was stored can be compared with it. Thread-safe.
class LoadPlant {
 public:
  static constexpr uint64_t kEventsARound = 9;

  // `client` is part of every key: no two clients speak of the same lot.
  LoadPlant(uint64_t client, std::string owner) : client_(client), owner_(std::move(owner)) {}

  v1::Event EventOf(uint64_t number) const;
  std::string EventId(uint64_t number) const;
  // Client and number of an id that EventId made.
  static std::optional<std::pair<uint64_t, uint64_t>> ParseId(std::string_view id);

  // What is traced once all of `round` is recorded, and the units that it must reach, no
  // more and no less, with their depths and holders: in the order of TraceResult.
  TraceRequest WhereProductIsFrom(uint64_t round) const;
  std::vector<TracedUnit> UnitsOfProduct(uint64_t round) const;
  // Of the oldest milk that is in the product of `round`, which is 2 or more.
  TraceRequest WhoGotTheMilk(uint64_t round) const;
  std::vector<TracedUnit> UnitsOfMilk(uint64_t round) const;

 private:
  std::string Milk(uint64_t round) const;
  std::string Powder(uint64_t round) const;
  std::string Product(uint64_t round) const;
  std::string Farm() const;
  static std::string Shop(uint64_t round, uint64_t which);
  v1::Event Charge(v1::Event event, const char* run, uint64_t round, const std::string& unit) const;
  v1::Event Produce(v1::Event event, const char* run, uint64_t round, const std::string& unit,
                    const char* name) const;

  const uint64_t client_;
  const std::string owner_;  // of the ledger
};

}  // namespace suyuan::load

#endif  // TESTS_LOAD_LOAD_PLANT_H_
