#include "api/grpc/master_data.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"

namespace suyuan::rpc {
namespace {

v1::MasterKind KindOf(const v1::RegisterMaster& master) {
  switch (master.master_case()) {
    case v1::RegisterMaster::kSubject:
      return v1::MASTER_SUBJECT;
    case v1::RegisterMaster::kSite:
      return v1::MASTER_SITE;
    case v1::RegisterMaster::kProduct:
      return v1::MASTER_PRODUCT;
    case v1::RegisterMaster::kFormula:
      return v1::MASTER_FORMULA;
    case v1::RegisterMaster::kPerson:
      return v1::MASTER_PERSON;
    case v1::RegisterMaster::kEquipment:
      return v1::MASTER_EQUIPMENT;
    case v1::RegisterMaster::kCodeMap:
      return v1::MASTER_CODE_MAP;
    case v1::RegisterMaster::MASTER_NOT_SET:
      break;
  }
  return v1::MASTER_KIND_UNSPECIFIED;
}

std::string KeyOf(const v1::RegisterMaster& master) {
  switch (master.master_case()) {
    case v1::RegisterMaster::kSubject:
      return master.subject().key();
    case v1::RegisterMaster::kSite:
      return master.site().key();
    case v1::RegisterMaster::kProduct:
      return master.product().product();
    case v1::RegisterMaster::kFormula:
      return master.formula().formula();
    case v1::RegisterMaster::kPerson:
      return master.person().person();
    case v1::RegisterMaster::kEquipment:
      return master.equipment().equipment();
    case v1::RegisterMaster::kCodeMap:
      return master.code_map().source();
    case v1::RegisterMaster::MASTER_NOT_SET:
      break;
  }
  return "";
}

// The text by which two spellings of a key are compared.
std::string Normal(v1::MasterKind kind, const std::string& key) {
  if (kind == v1::MASTER_SUBJECT || kind == v1::MASTER_SITE || kind == v1::MASTER_CODE_MAP) {
    const auto holder = codes::HolderKey::Parse(key);
    if (holder.ok()) return holder->ToString();
  }
  if (kind == v1::MASTER_PRODUCT) {
    // A lot key knows what is a GTIN and pads it.
    const auto lot = codes::LotKey("ext:suyuan:any", key, "1");
    if (lot.ok()) return codes::UnitKey::Parse(*lot)->product;
  }
  const auto text = codes::NormalText(key);
  return text.ok() ? *text : key;
}

bool Names(const v1::RegisterMaster& master, v1::MasterKind kind, const std::string& normal) {
  if (Normal(kind, KeyOf(master)) == normal) return true;
  if (kind != v1::MASTER_PRODUCT) return false;
  return std::any_of(
      master.product().packing_levels().begin(), master.product().packing_levels().end(),
      [&](const v1::PackingLevel& level) { return Normal(kind, level.gtin()) == normal; });
}

int64_t ValidFrom(const v1::Event& event) {
  if (event.register_master().has_effective_from()) {
    return IntervalOf(event.register_master().effective_from()).earliest;
  }
  return BeginOf(event.time()).earliest;
}

struct Candidate {
  int64_t from = 0;
  int64_t recorded = 0;
  std::string normal_key;
  v1::MasterVersion version;
};

// What one ledger tells.
struct Told {
  std::vector<Candidate> candidates;
  // Which entry corrects or withdraws which event, in order.
  std::vector<std::pair<std::string, std::string>> corrections;  // id, id of the corrected
};

absl::Status ReadLedger(const Engine& engine, const LedgerInfo& info, const MasterQuery& query,
                        const std::string& normal, const std::function<bool()>& go_on, Told* told) {
  bool cancelled = false;
  SUYUAN_RETURN_IF_ERROR(engine.Read(info.name, 0, info.size, [&](const Entry& entry) {
    const v1::Event& event = entry.event;
    if (entry.sequence % 1024 == 0 && !go_on()) {
      cancelled = true;
      return false;
    }
    if (event.has_correction()) {
      told->corrections.emplace_back(event.id(), event.correction().event_id());
    } else if (event.correct().has_withdrawn_event_id()) {
      told->corrections.emplace_back(event.id(), event.correct().withdrawn_event_id());
    }
    const v1::RegisterMaster& master = event.register_master();
    if (!event.has_register_master() || KindOf(master) != query.kind) return true;
    if (query.key.has_value() && !Names(master, query.kind, normal)) return true;
    Candidate& one = told->candidates.emplace_back();
    one.from = ValidFrom(event);
    one.recorded = entry.recorded_micros;
    one.normal_key = Normal(query.kind, KeyOf(master));
    *one.version.mutable_master() = master;
    one.version.set_ledger(info.name);
    one.version.set_sequence(entry.sequence);
    one.version.set_event_id(event.id());
    return true;
  }));
  return cancelled ? absl::CancelledError("the client is gone") : absl::OkStatus();
}

// Events that have no effect. An event names only what was there before it, so from the last
// one back each correction is judged before what it corrects (decision 0007).
std::set<std::string> WithoutEffect(const Told& told) {
  std::set<std::string> dead;
  for (auto it = told.corrections.rbegin(); it != told.corrections.rend(); ++it) {
    if (!dead.contains(it->first)) dead.insert(it->second);
  }
  return dead;
}

}  // namespace

absl::StatusOr<std::vector<v1::MasterVersion>> ReadMasters(const Engine& engine,
                                                           const MasterQuery& query,
                                                           const std::function<bool()>& go_on) {
  if (query.kind == v1::MASTER_KIND_UNSPECIFIED || !v1::MasterKind_IsValid(query.kind)) {
    return InvalidArgument("缺少主数据的种类 kind；the kind of master data is missing");
  }
  if (query.key.has_value() && query.key->empty()) {
    return InvalidArgument("缺少主数据的键 key；the key of the master data is missing");
  }
  std::vector<LedgerInfo> ledgers;
  if (query.ledger.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(ledgers, engine.ListLedgers());
  } else {
    SUYUAN_ASSIGN_OR_RETURN(LedgerInfo info, engine.GetLedger(query.ledger));
    ledgers.push_back(std::move(info));
  }
  const std::string normal = query.key.has_value() ? Normal(query.kind, *query.key) : "";
  std::map<std::string, Candidate> best;  // by key; one of "" for a query by key
  for (const LedgerInfo& info : ledgers) {
    Told told;
    SUYUAN_RETURN_IF_ERROR(ReadLedger(engine, info, query, normal, go_on, &told));
    const std::set<std::string> dead = WithoutEffect(told);
    for (Candidate& one : told.candidates) {
      if (one.from > query.at_micros || dead.contains(one.version.event_id())) continue;
      const auto [it, fresh] = best.try_emplace(query.key.has_value() ? "" : one.normal_key);
      if (!fresh &&
          std::tie(one.from, one.recorded) < std::tie(it->second.from, it->second.recorded)) {
        continue;
      }
      it->second = std::move(one);
    }
  }
  std::vector<v1::MasterVersion> versions;
  for (auto& [key, one] : best) {
    if (one.from != Interval::kMin) {
      google::protobuf::Timestamp& from = *one.version.mutable_valid_from();
      int64_t seconds = one.from / 1'000'000;
      int64_t micros = one.from % 1'000'000;
      if (micros < 0) {
        --seconds;
        micros += 1'000'000;
      }
      from.set_seconds(seconds);
      from.set_nanos(static_cast<int32_t>(micros * 1'000));
    }
    versions.push_back(std::move(one.version));
  }
  return versions;
}

}  // namespace suyuan::rpc
