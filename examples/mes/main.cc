// What a manufacturer's MES does: open the ledger, record a run, ask who got what.
#include <cstdio>
#include <vector>

#include "suyuan/suyuan.h"

namespace {

const char kMilk[] = "lot:uscc:91310120MA0000015K/RAW-MILK/T1";
const char kPowder[] = "lot:uscc:91310116MA1J8XYC4H/06912345000017/A20251103B";

suyuan::v1::Event Charge(const char* unit, int64_t kilograms) {
  suyuan::v1::Event event;
  event.set_id("chg-0001");  // your own id: told again, it is there once
  suyuan::v1::Charge& charge = *event.mutable_charge();
  charge.set_run("R1");
  charge.mutable_unit()->set_key(unit);
  charge.mutable_quantity()->set_value(kilograms);
  charge.mutable_quantity()->set_unit("KGM");
  return event;
}

suyuan::v1::Event Produce(const char* unit, int64_t kilograms) {
  suyuan::v1::Event event;
  event.set_id("prd-0001");
  suyuan::v1::Produce& produce = *event.mutable_produce();
  produce.set_run("R1");
  produce.mutable_unit()->set_key(unit);
  produce.set_lot_number("A20251103B");
  produce.mutable_quantity()->set_value(kilograms);
  produce.mutable_quantity()->set_unit("KGM");
  return event;
}

}  // namespace

int main(int argc, char** argv) {
  auto engine = suyuan::Engine::Open({.data_dir = argc > 1 ? argv[1] : "plant-data"});
  if (!engine.ok()) return std::fprintf(stderr, "%s\n", engine.status().ToString().c_str()), 1;
  // kAlreadyExists the second time.
  (void)(*engine)->CreateLedger({.name = "plant-1",
                                 .subject = "uscc:91310116MA1J8XYC4H",
                                 .subject_name = "Example Dairy",
                                 .profile = "investigation"});
  const std::vector<suyuan::v1::Event> run = {Charge(kMilk, 800), Produce(kPowder, 96)};
  const auto receipts = (*engine)->Append("plant-1", run);
  if (!receipts.ok()) {
    for (const suyuan::Violation& fault : suyuan::ViolationsOf(receipts.status())) {
      std::fprintf(stderr, "%s: %s\n", fault.rule.c_str(), fault.message_zh.c_str());
    }
    return 2;
  }
  for (const suyuan::Receipt& receipt : *receipts) {
    std::printf("%s is entry %llu\n", receipt.event_id.c_str(),
                static_cast<unsigned long long>(receipt.sequence));
  }
  const auto answer = (*engine)->Trace({.unit = kMilk, .direction = suyuan::Direction::kForward});
  for (const suyuan::TracedUnit& unit : answer->units) std::printf("in %s\n", unit.key.c_str());
}
