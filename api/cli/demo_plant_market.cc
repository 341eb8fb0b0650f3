#include "api/cli/demo_plant_market.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_format.h"
#include "lib/base/check.h"
#include "lib/base/strings.h"

namespace suyuan::demo {
namespace {

constexpr int kTestDays = 6;      // microbiology takes that long
constexpr int kRecallAfter = 15;  // a retained sample is tested again
constexpr int64_t kTestSamples = 10;
constexpr int64_t kRetainedSamples = 20;
constexpr int64_t kMixedCases = 5;  // of each of two lots

struct PalletPlan {
  int64_t cases;
  bool labelled;
};
constexpr std::array<PalletPlan, 3> kFewLabels = {{{32, false}, {32, false}, {12, true}}};
constexpr std::array<PalletPlan, 3> kAllLabels = {{{28, true}, {28, true}, {28, true}}};

int64_t CansIn(const Part& part) {
  return std::string_view(part.unit) == "XCT" ? part.milli * kCansInCase : part.milli;
}

}  // namespace

int64_t Market::LooseCases() const {
  int64_t cases = kCasesInLot;
  for (const PalletPlan& plan : full_ ? kAllLabels : kFewLabels) cases -= plan.cases;
  return cases;
}

void Market::Pack(FinishedLot& lot, int64_t at) {
  const int64_t pace = full_ ? kMinute / 3 : kMinute;
  for (const PalletPlan& plan : full_ ? kAllLabels : kFewLabels) {
    Pallet& pallet = lot.pallets.emplace_back();
    pallet.cases = plan.cases;
    for (int64_t i = 0; plan.labelled && i < plan.cases; ++i, at += pace) {
      pallet.labelled.push_back(Sscc(++serial_));
      // The two lines name the lot by the can and by the case; it is one lot.
      const Part content =
          i % 2 == 0 ? Part{lot.key, kCansInCase * kOne, "H87"} : Part{lot.case_key, kOne, "XCT"};
      clerk_.Pack(at, pallet.labelled.back(), {content});
    }
  }
  for (Pallet& pallet : lot.pallets) {
    pallet.key = Sscc(++serial_);
    if (pallet.labelled.empty()) {
      clerk_.Pack(at, pallet.key, {{lot.case_key, pallet.cases * kOne, "XCT"}});
    } else {
      v1::Pack& pack = *clerk_.Add("pkg", at, 0, PlantKey(), kPacker).mutable_pack();
      pack.mutable_container()->set_key(pallet.key);
      for (const std::string& packed : pallet.labelled) {
        v1::UnitQuantity& content = *pack.add_contents();
        content.mutable_unit()->set_key(packed);
        Set(content.mutable_quantity(), kOne, "XCT");
      }
    }
    at += kMinute;
  }
  clerk_.Sample(at, {lot.key, kTestSamples * kOne, "H87"}, StrCat("YP-", lot.number), false);
  clerk_.Sample(at + kMinute, {lot.key, kRetainedSamples * kOne, "H87"}, StrCat("LY-", lot.number),
                true);
  clerk_.PutIn(at + 10 * kMinute, PlantKey(), {lot.key, kCasesInLot * kCansInCase * kOne, "H87"},
               "金山一厂 成品库 待检区", kPacker, kGoodsKeeper, "dry",
               full_ ? rng_.Pick(16'000, 22'000, 100) : 0);
}

void Market::Tell(std::span<FinishedLot> lots, bool eventful) {
  for (FinishedLot& lot : lots) {
    if (eventful && lot.turn == 1) {
      Fail(lot);
      continue;
    }
    Release(lot);
    if (!full_) {
      BringToWarehouse(lot);
      SellPallets(lot);
      SellFew(lot);
      if (eventful) TakeBack(lot);
      continue;
    }
    if (eventful && lot.turn == 3) ShipUnreleased(lot);
    BringToWarehouse(lot);
    SellPallets(lot);
    SellWidely(lot, eventful && lot.turn == 4);
  }
  if (!full_) return;
  for (size_t i = 0; i + 1 < lots.size(); i += 2) {
    if (!lots[i].failed && !lots[i + 1].failed) SellMixed(lots[i], lots[i + 1]);
  }
  TakeBackNowAndThen(lots);
  if (eventful) Recall(lots[2]);
}

// All tests of all items, then the release; no lot leaves before.
void Market::Release(const FinishedLot& lot) {
  const int64_t at = At(lot.day + kTestDays, 14 + lot.turn, 0);
  v1::Inspect& inspect = clerk_.Inspect(
      "ins-final", at, lot.key, StrCat("JY-", lot.number), "GB 10765、GB 4789、GB 5009、GB 5413",
      {{"蛋白质", rng_.Pick(10'800, 11'600, 10), "P1", "", "标签值≥10.5 g/100 g"},
       {"DHA（占总脂肪酸）", rng_.Pick(320, 420, 10), "P1", "", "0.2 %～0.5 %"},
       {"水分", rng_.Pick(2200, 3100, 10), "P1", "", "≤5.0 %"},
       {"罐内残氧量", rng_.Pick(900, 1900, 100), "P1", "", "≤3.0 %"},
       {"黄曲霉毒素M1", rng_.Pick(30, 110, 10), "J33", "", "≤0.5 µg/kg"},
       {"克罗诺杆菌属", 0, "", "未检出", "n=3, c=0, 0/100 g"},
       {"沙门氏菌", 0, "", "未检出", "n=5, c=0, 0/25 g"},
       {"菌落总数", 0, "", "<10 CFU/g", "n=5, c=2, m=1000 CFU/g"}});
  inspect.set_certificate_number(lot.certificate());
  v1::Release& release =
      *clerk_.Add("rel", at + 30 * kMinute, 0, PlantKey(), kQualityHead).mutable_release();
  release.mutable_unit()->set_key(lot.key);
  release.set_released_by(kQualityHead);
  release.set_certificate_number(lot.certificate());
}

// Too much oxygen in the cans: the lot is held and destroyed, nothing of it leaves.
void Market::Fail(FinishedLot& lot) {
  lot.failed = true;
  const int64_t at = At(lot.day + 1, 10, 0);
  clerk_.Inspect("ins-oxygen", at, lot.key, StrCat("JY-", lot.number), "Q/SLRY-QC-015",
                 {{"罐内残氧量", rng_.Pick(5200, 6900, 100), "P1", "", "≤3.0 %", false},
                  {"净含量", rng_.Pick(800'000, 803'000, 100), "GRM", "", "≥800 g"}});
  v1::Hold& hold =
      *clerk_.Add("hld", at + 15 * kMinute, 0, PlantKey(), kQualityHead).mutable_hold();
  hold.mutable_unit()->set_key(lot.key);
  hold.set_reason("罐内残氧量超内控限值，整批扣留，查明为封罐机充氮阀故障");

  int64_t disposal = At(lot.day + 5, 14, 0);
  for (const Pallet& pallet : lot.pallets) {
    DestroyOf(disposal, PlantKey(), lot, pallet.part(), "");
    disposal += 10 * kMinute;
  }
  DestroyOf(disposal, PlantKey(), lot, {lot.key, LooseCases() * kCansInCase * kOne, "H87"}, "");
}

// The truck was at the door, and the tests all but done.
void Market::ShipUnreleased(FinishedLot& lot) {
  Pallet& pallet = lot.pallets[0];
  pallet.gone = true;
  const int64_t at = At(lot.day + kTestDays, 7, 30);
  clerk_.Move(at, pallet.part(), StrCat("DB", lot.number, "-1"));
  clerk_.books().Moved(lot.key, PlantKey(), WarehouseKey(), pallet.part().milli);
  v1::Event& ship = ShipTo(at + 40 * kMinute, pallet.part(),
                           Wholesaler(static_cast<size_t>(lot.day + lot.turn)), lot);
  v1::Breach& breach = *ship.add_breaches();
  breach.set_rule("conduct.unreleased");
  breach.set_reason(
      "放行单尚未签发，发货员误将该托盘与当日已放行批次一并发出；当日检验合格后补签放行");
  breach.set_person(kDispatcher);
  lot.sales.back().container = pallet.key;
}

void Market::BringToWarehouse(FinishedLot& lot) {
  const std::string note = "DB" + lot.number;
  int64_t at = At(lot.day + kTestDays + 1, 8 + lot.turn, 10);
  const Part loose = {lot.case_key, LooseCases() * kOne, "XCT"};
  int64_t moved = CansIn(loose);
  for (const Pallet& pallet : lot.pallets) {
    if (pallet.gone) continue;
    clerk_.Move(at += kMinute, pallet.part(), note);
    moved += pallet.part().milli;
  }
  clerk_.Move(at += kMinute, loose, note);
  clerk_.PutIn(at + 15 * kMinute, WarehouseKey(), {lot.key, moved, "H87"}, "成品物流仓 A区",
               kGoodsKeeper, kDispatcher, "dry", full_ ? rng_.Pick(15'000, 22'000, 100) : 0);
  clerk_.books().Moved(lot.key, PlantKey(), WarehouseKey(), moved);
}

const Party& Market::Wholesaler(size_t turn) const {
  if (!full_) {
    constexpr std::array<PartyId, 3> kDistributors = {kDistributorShanghai, kDistributorSuzhou,
                                                      kDistributorHangzhou};
    return GetParty(kDistributors[turn % kDistributors.size()]);
  }
  static const auto& wholesalers = *new std::vector<const Party*>([] {
    std::vector<const Party*> found;
    for (const Party& customer : Customers()) {
      if (customer.business == "批发") found.push_back(&customer);
    }
    return found;
  }());
  return *wholesalers[turn % wholesalers.size()];
}

const Party& Market::AnyCustomer() {
  const std::vector<Party>& all = Customers();
  return all[static_cast<size_t>(rng_.Pick(0, static_cast<int64_t>(all.size()) - 1))];
}

v1::Event& Market::ShipTo(int64_t at, const Part& part, const Party& customer, FinishedLot& lot,
                          const std::string& ship_to) {
  const std::string note = StrCat("CK", lot.number, absl::StrFormat("-%02d", ++lot.shipments));
  v1::Event& event = clerk_.Ship(at, part, customer, note);
  v1::Ship& ship = *event.mutable_ship();
  ship.set_ship_to(ship_to);
  ship.set_certificate_number(lot.certificate());
  ship.set_owner(GetParty(kOwner).key);
  const std::string& to = ship_to.empty() ? customer.key : ship_to;
  clerk_.books().Shipped(lot.key, WarehouseKey(), to, customer.key, CansIn(part));
  lot.sales.push_back({to, customer.key, CansIn(part), ""});
  return event;
}

void Market::SellPallets(FinishedLot& lot) {
  const int64_t from = At(lot.day + kTestDays + 1, full_ || lot.turn == 0 ? 10 + lot.turn : 13, 0);
  const size_t turn =
      static_cast<size_t>(lot.day) * (full_ ? 6 : 2) + static_cast<size_t>(lot.turn);
  int64_t at = from;
  for (size_t i = 0; i < 2; ++i) {
    const Pallet& pallet = lot.pallets[i];
    if (pallet.gone) continue;
    clerk_.TakeOut(at += 3 * kMinute, WarehouseKey(), pallet.part(), "成品物流仓 A区", kGoodsKeeper,
                   kDispatcher);
    ShipTo(at += 10 * kMinute, pallet.part(), Wholesaler(turn + i), lot);
    lot.sales.back().container = pallet.key;
  }
  v1::Transport& transport =
      *clerk_.Add("trn", at + 5 * kMinute, at + 185 * kMinute, WarehouseKey(), kDispatcher)
           .mutable_transport();
  transport.add_units()->set_key(lot.pallets[1].key);
  transport.set_carrier(GetParty(kCarrier).key);
  transport.set_vehicle("沪D·示例01");
  transport.set_from(WarehouseKey());
  transport.set_to(Wholesaler(turn + 1).key);
  transport.set_storage_condition("ambient");
  transport.set_document_number("YD" + lot.number);
}

// Of the small plant: the third pallet goes to one market, or is opened and four of
// its cases are sold one by one.
void Market::SellFew(FinishedLot& lot) {
  const Party& shanghai = GetParty(kMarketShanghai);
  const Party& wuxi = GetParty(kMarketWuxi);
  const Pallet& third = lot.pallets[2];
  const int64_t at = At(lot.day + kTestDays + 2, lot.turn == 0 ? 9 : 14, 0);
  if (lot.turn == 0) {
    ShipTo(at, third.part(), GetParty(kMarketNingbo), lot);
    ShipTo(at + 20 * kMinute, {lot.case_key, 10 * kOne, "XCT"}, wuxi, lot);
    ShipTo(at + 40 * kMinute, {lot.key, 36 * kOne, "H87"}, shanghai, lot, ShopKey());
    return;
  }
  v1::Unpack& unpack = *clerk_.Add("upk", at, 0, WarehouseKey(), kDispatcher).mutable_unpack();
  unpack.mutable_container()->set_key(third.key);
  for (size_t i = 0; i < 4; ++i) {
    v1::UnitQuantity& content = *unpack.add_contents();
    content.mutable_unit()->set_key(third.labelled[i]);
    Set(content.mutable_quantity(), kOne, "XCT");
    const bool near = i % 2 == 0;
    ShipTo(at + static_cast<int64_t>(10 + i * 5) * kMinute,
           {third.labelled[i], kCansInCase * kOne, "H87"}, near ? shanghai : wuxi, lot,
           near ? ShopKey() : "");
  }
  ShipTo(at + 40 * kMinute, {lot.case_key, 8 * kOne, "XCT"}, GetParty(kMarketNingbo), lot);
}

// Of the full plant: many customers with a few cases each. Some of the lot stays.
void Market::SellWidely(FinishedLot& lot, bool miskeyed) {
  const Pallet& third = lot.pallets[2];
  int64_t at = At(lot.day + kTestDays + 2, 8, 0) + lot.turn * 90 * kMinute;
  v1::Unpack& unpack = *clerk_.Add("upk", at, 0, WarehouseKey(), kDispatcher).mutable_unpack();
  unpack.mutable_container()->set_key(third.key);
  const bool all = lot.turn % 2 == 0;  // or only what is sold comes out
  const size_t sold = third.labelled.size() - static_cast<size_t>(rng_.Pick(0, 4));
  for (size_t next = 0; next < sold;) {
    const Party& customer = AnyCustomer();
    const size_t until = std::min(sold, next + static_cast<size_t>(rng_.Pick(1, 4)));
    for (; next < until; ++next) {
      const std::string& packed = third.labelled[next];
      if (!all) {
        v1::UnitQuantity& content = *unpack.add_contents();
        content.mutable_unit()->set_key(packed);
        Set(content.mutable_quantity(), kOne, "XCT");
      }
      ShipTo(at += 2 * kMinute, {packed, kCansInCase * kOne, "H87"}, customer, lot);
      lot.sales.back().container = packed;
    }
  }
  if (all) {
    for (size_t i = sold; i < third.labelled.size(); ++i) {
      lot.left.push_back({third.labelled[i], kCansInCase * kOne, "H87"});
    }
  } else if (sold < third.labelled.size()) {
    const auto cases = static_cast<int64_t>(third.labelled.size() - sold);
    lot.left.push_back({third.key, cases * kCansInCase * kOne, "H87"});
  }

  int64_t loose = LooseCases() * kCansInCase * kOne;
  const auto order = [&](const Part& part, const Party& customer,
                         const std::string& ship_to) -> v1::Event& {
    loose -= CansIn(part);
    return ShipTo(at += 4 * kMinute, part, customer, lot, ship_to);
  };
  const Party& market = GetParty(kMarketShanghai);
  order({lot.key, 36 * kOne, "H87"}, market, ShopKey());
  order({lot.case_key, kOne, "XCT"}, market, "");
  for (int i = 0; i < 2; ++i) {
    order({lot.case_key, rng_.Pick(1, 2) * kOne, "XCT"}, AnyCustomer(), "");
  }
  // One sells and another delivers.
  if (lot.turn == 5) {
    order({lot.case_key, kOne, "XCT"}, Wholesaler(static_cast<size_t>(lot.day)),
          GetParty(kMarketNingbo).key);
  }
  if (miskeyed) {
    v1::Event& form = order({lot.case_key, 2 * kOne, "XCT"}, GetParty(kMarketWuxi), "");
    const int64_t noticed = At(lot.day + kTestDays + 2, 19, 40);
    v1::Event& right = clerk_.AddLate("cor-shp", at, 0, noticed, WarehouseKey(), kDispatcher);
    *right.mutable_ship() = form.ship();
    right.mutable_correction()->set_event_id(form.id());
    right.mutable_correction()->set_reason("发货单误录购货者，按签收单更正");
    const Party& wrong = GetParty(kMarketNingbo);
    form.mutable_ship()->set_customer(wrong.key);
    form.mutable_ship()->set_customer_name(wrong.name);
    form.mutable_ship()->set_customer_address(wrong.address);
    form.mutable_ship()->set_customer_phone(wrong.phone);
  }
  lot.left.push_back({lot.key, loose, "H87"});
}

// Cases of two lots on one pallet.
void Market::SellMixed(FinishedLot& a, FinishedLot& b) {
  const int64_t at = At(a.day + kTestDays + 2, 18, 0) + a.turn * 10 * kMinute;
  const std::string pallet = Sscc(++serial_);
  v1::Pack& pack = *clerk_.Add("pkg", at, 0, WarehouseKey(), kDispatcher).mutable_pack();
  pack.mutable_container()->set_key(pallet);
  const int64_t milli = kMixedCases * kCansInCase * kOne;
  const Party& customer = AnyCustomer();
  for (FinishedLot* lot : {&a, &b}) {
    v1::UnitQuantity& content = *pack.add_contents();
    content.mutable_unit()->set_key(lot->case_key);
    Set(content.mutable_quantity(), kMixedCases * kOne, "XCT");
    clerk_.books().Shipped(lot->key, WarehouseKey(), customer.key, customer.key, milli);
    lot->sales.push_back({customer.key, customer.key, milli, ""});
    lot->left.back().milli -= milli;
    SUYUAN_CHECK(lot->left.back().milli >= 0);
  }
  v1::Ship& ship = *clerk_
                        .Ship(at + 20 * kMinute, {pallet, 2 * milli, "H87"}, customer,
                              StrCat("CK", a.number, b.letter(), "-P"))
                        .mutable_ship();
  ship.set_certificate_number(StrCat(a.certificate(), "、", b.certificate()));
  ship.set_owner(GetParty(kOwner).key);
}

std::string Market::Back(int64_t at, FinishedLot& lot, const Part& part, const Sale& sale,
                         v1::ReturnCause cause, const std::string& reason, std::string name) {
  if (name.empty()) {
    name =
        StrCat("TH", Compact(DayOf(at)), "-", lot.number, absl::StrFormat("-%02d", ++lot.returns));
  }
  v1::ReturnGoods& goods =
      *clerk_.Add("rtn", at, 0, WarehouseKey(), kGoodsKeeper).mutable_return_goods();
  goods.mutable_unit()->set_key(part.key);
  Set(goods.mutable_quantity(), part.milli, part.unit);
  goods.set_from(sale.to);
  goods.set_reason(reason);
  if (full_) goods.set_cause(cause);  // the small plant stays as it was
  goods.set_part(name);
  goods.set_document_number(name);
  clerk_.books().Returned(lot.key, name, sale.to, sale.buyer, CansIn(part));
  return name;
}

void Market::DestroyOf(int64_t at, const std::string& place, const FinishedLot& lot,
                       const Part& part, const std::string& of, const std::string& recall) {
  clerk_.Destroy(at, place, part, of).set_recall_number(recall);
  clerk_.books().Destroyed(lot.key, place, of, CansIn(part));
}

// Dented cans come back from the shop and are never sold again.
void Market::TakeBack(FinishedLot& lot) {
  const int day = lot.day + kTestDays + 4;
  const Part returned = {lot.key, 5 * kOne, "H87"};
  const Sale shop = {ShopKey(), GetParty(kMarketShanghai).key, 0, ""};
  const std::string part = Back(At(day, 10, 30), lot, returned, shop, v1::RETURN_UNSOLD,
                                "运输磕碰，罐体变形", StrCat("TH", Compact(day), "-01"));
  DestroyOf(At(day + 1, 15, 0), WarehouseKey(), lot, returned, part);
}

void Market::TakeBackNowAndThen(std::span<FinishedLot> lots) {
  FinishedLot& first = lots[0];
  FinishedLot& later = lots[4];
  const int64_t at = At(first.day + kTestDays + 4, 11, 0);
  switch (first.day % 3) {
    case 0: {  // loose cans of a case, which stay apart
      const auto sale = std::find_if(later.sales.begin(), later.sales.end(), [](const Sale& one) {
        return one.milli == kCansInCase * kOne && !one.container.empty();
      });
      Back(at, later, {later.key, rng_.Pick(1, 20) * kOne, "H87"}, *sale, v1::RETURN_IN_DATE,
           "消费者投诉：结块");
      break;
    }
    case 1:
      TakeBack(first);
      break;
    default: {  // a case from a pallet that was sold whole
      const std::string& returned = later.pallets[1].labelled[3];
      const auto sale = std::find_if(later.sales.begin(), later.sales.end(), [&](const Sale& one) {
        return one.container == later.pallets[1].key;
      });
      const Part part = {returned, kCansInCase * kOne, "H87"};
      const std::string name = Back(at, later, part, *sale, v1::RETURN_LABEL, "外箱受潮，标签脱落");
      DestroyOf(at + 2 * 24 * 60 * kMinute, WarehouseKey(), later, part, name);
      break;
    }
  }
}

void Market::TellRecall(int64_t at, const FinishedLot& lot, v1::RecallStage stage,
                        const RecallCount& count) {
  v1::RecallGoods& recall =
      *clerk_.Add("rcl", at, 0, WarehouseKey(), kQualityHead).mutable_recall_goods();
  recall.set_recall_number(lot.recall());
  recall.set_stage(stage);
  recall.mutable_unit()->set_key(lot.key);
  recall.set_product_name(kProductName);
  *recall.mutable_production_date() = DateOf(lot.day);
  recall.set_lot_number(lot.number);
  recall.set_specification(kProductSpec);
  Set(recall.mutable_quantity(), count.had, "H87");
  recall.set_returned_from(lot.sales[0].to);
  recall.set_reason("留样复检克罗诺杆菌属不符合 GB 10765");
  recall.set_cause(v1::RETURN_VIOLATION);
  recall.set_level("1");
  recall.mutable_progress()->set_notified(count.customers);
  Set(recall.mutable_progress()->mutable_returned(), count.returned, "H87");
  Set(recall.mutable_progress()->mutable_rate(), count.returned * 100'000 / count.had, "P1");
}

// What one customer sends back of what it bought once; how much that is.
int64_t Market::TakeBackRecalled(FinishedLot& lot, const Sale& sale, int number) {
  int64_t at = At(lot.day + kRecallAfter + 2 + number % 4, 9, number / 4 * 10);
  int64_t disposal = At(lot.day + kRecallAfter + 8, 8, number * 5);
  int64_t returned = 0;
  const auto back = [&](const Part& part) {
    const std::string name = Back(at += kMinute / 4, lot, part, sale, v1::RETURN_VIOLATION,
                                  StrCat("召回 ", lot.recall()));
    DestroyOf(disposal += kMinute / 4, WarehouseKey(), lot, part, name, lot.recall());
    returned += part.milli;
  };
  const auto loose = [&](int64_t cans) {
    if (cans > 0) back({lot.key, cans * kOne, "H87"});
  };
  const auto whole = [&](const std::string& packed) { back({packed, kCansInCase * kOne, "H87"}); };
  if (sale.container == lot.pallets[0].key) {
    back(lot.pallets[0].part());
  } else if (sale.container == lot.pallets[1].key) {
    for (size_t i = 0; i < 9; ++i) whole(lot.pallets[1].labelled[i]);
    loose(13);
  } else if (!sale.container.empty()) {
    const int64_t choice = rng_.Pick(0, 2);
    if (choice == 0) whole(sale.container);
    if (choice == 1) loose(rng_.Pick(1, kCansInCase - 1));
  } else {
    loose(rng_.Pick(0, sale.milli / kOne / 2));
  }
  return returned;
}

// A retained sample fails: what was sold is called back, and all of it destroyed.
void Market::Recall(FinishedLot& lot) {
  const int day = lot.day + kRecallAfter;
  clerk_.Inspect("ins-retained", At(day, 9, 0), lot.key, StrCat("JY-LY-", lot.number), "GB 4789.40",
                 {{"克罗诺杆菌属", 0, "", "检出", "n=3, c=0, 0/100 g", false}});
  v1::Hold& hold =
      *clerk_.Add("hld", At(day, 9, 20), 0, WarehouseKey(), kQualityHead).mutable_hold();
  hold.mutable_unit()->set_key(lot.key);
  hold.set_reason("留样复检不合格，停止发货，启动一级召回");

  RecallCount count;
  std::map<std::string, int64_t> had;
  std::map<std::string, int64_t> back;
  for (const Sale& sale : lot.sales) {
    had[sale.to] += sale.milli;
    count.had += sale.milli;
  }
  TellRecall(At(day, 10, 30), lot, v1::RECALL_ANNOUNCED, count);
  int number = 0;
  // The sales are not touched by what comes back of them.
  for (const Sale& sale : lot.sales) back[sale.to] += TakeBackRecalled(lot, sale, number++);
  for (const auto& [customer, milli] : had) {
    const int minute = 3 * count.customers++;
    v1::GiveNotice& notice =
        *clerk_.Add("ntc", At(day, 11, minute), 0, WarehouseKey(), kQualityHead)
             .mutable_give_notice();
    notice.set_recall_number(lot.recall());
    notice.set_to(customer);
    notice.set_channel("电话、传真");
    notice.add_units()->set_key(lot.key);
    v1::AnswerRecall& answer =
        *clerk_.Add("rsp", At(day + 1, 9, minute), 0, WarehouseKey(), kQualityHead)
             .mutable_answer_recall();
    answer.set_recall_number(lot.recall());
    answer.set_from(customer);
    answer.mutable_unit()->set_key(lot.key);
    Set(answer.mutable_had(), milli, "H87");
    Set(answer.mutable_sold(), milli - back[customer], "H87");
    Set(answer.mutable_left(), back[customer], "H87");
    count.returned += back[customer];
  }
  int64_t disposal = At(day + 8, 15, 0);
  for (const Part& part : lot.left) {
    if (part.milli == 0) continue;
    DestroyOf(disposal += kMinute, WarehouseKey(), lot, part, "", lot.recall());
  }
  TellRecall(At(day + 9, 10, 0), lot, v1::RECALL_FINISHED, count);
}

}  // namespace suyuan::demo
