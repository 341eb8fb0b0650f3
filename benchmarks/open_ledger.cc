#include "benchmarks/open_ledger.h"

#include <optional>
#include <utility>

#include "benchmarks/duel.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/base/clock.h"
#include "lib/store/rocksdb_store.h"

namespace suyuan::bench {
namespace {

v1::Genesis PlantGenesis() {
  v1::Genesis genesis;
  genesis.set_profile("ordinary");
  genesis.set_owner(kPlantOwner.data(), kPlantOwner.size());
  genesis.set_clock_tolerance_micros(60'000'000);
  return genesis;
}

}  // namespace

OpenLedger::OpenLedger(const std::string& dir, bool sm3) : index_(dir + "/index") {
  ledgers_ = Must(ledger::Ledgers::Open(
      {.store = Must(store::OpenRocksDb(dir + "/db", store::RocksDbMode::kReadWrite, true)),
       .marks_dir = dir + "/marks",
       .keys_dir = dir + "/keys",
       .index_dir = dir + "/index",
       .index = &index_,
       .clock = SystemClock(),
       .progress = {}}));
  const std::optional<ledger::Ledgers::State> state = ledgers_->Get(kPlantLedger);
  number_ =
      state.has_value() ? state->number : Must(ledgers_->Create(kPlantLedger, PlantGenesis(), sm3));
}

void OpenLedger::Append(std::vector<ledger::NewEvent> events) {
  const size_t count = events.size();
  const auto receipts = ledgers_->Append(number_, std::move(events));
  Must(receipts.status());
  Must(receipts->size() == count, "receipts are missing");
}

}  // namespace suyuan::bench
