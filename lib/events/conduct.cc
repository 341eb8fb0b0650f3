#include "lib/events/conduct.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "absl/strings/str_split.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/code_table.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/events/messages.h"

namespace suyuan::events {
namespace {

constexpr int kChinaOffsetMinutes = 480;

constexpr std::array<std::pair<std::string_view, Use>, 7> kUses = {{
    {"ingredient", Use::kIngredient},
    {"rework", Use::kRework},
    {"repack", Use::kRepack},
    {"pack", Use::kPack},
    {"ship", Use::kShip},
    {"serve", Use::kServe},
    {"release", Use::kRelease},
}};

constexpr std::array<std::pair<std::string_view, v1::ReturnCause>, 7> kCauses = {{
    {"untold", v1::RETURN_CAUSE_UNSPECIFIED},
    {"violation", v1::RETURN_VIOLATION},
    {"label", v1::RETURN_LABEL},
    {"expired", v1::RETURN_EXPIRED},
    {"in-date", v1::RETURN_IN_DATE},
    {"unsold", v1::RETURN_UNSOLD},
    {"seized", v1::RETURN_SEIZED},
}};

template <typename Enum>
constexpr uint32_t Bit(Enum value) {
  return 1u << static_cast<uint32_t>(value);
}

// The bits of the words in a cell.
template <typename Words>
absl::StatusOr<uint32_t> BitsOf(const Words& known, std::string_view cell) {
  uint32_t bits = 0;
  for (const absl::string_view word : absl::StrSplit(ToAbsl(cell), '|', absl::SkipEmpty())) {
    const auto it = std::find_if(known.begin(), known.end(),
                                 [&](const auto& one) { return ToAbsl(one.first) == word; });
    if (it == known.end()) {
      return absl::InternalError(StrCat("conduct_rule.csv: no word \"", std::string(word), "\""));
    }
    bits |= Bit(it->second);
  }
  return bits;
}

std::string NormalHolder(const std::string& text) {
  const absl::StatusOr<codes::HolderKey> key = codes::HolderKey::Parse(text);
  return key.ok() ? key->ToString() : std::string();
}

// The division code of a USCI stands behind its first two characters.
std::string Region(std::string_view owner) {
  const absl::StatusOr<codes::HolderKey> key = codes::HolderKey::Parse(owner);
  if (!key.ok() || key->scheme != codes::HolderKey::Scheme::kUscc || key->id.size() != 18) {
    return "";
  }
  return "CN-" + key->id.substr(2, 2);
}

class Reader {
 public:
  explicit Reader(const v1::Event& event) {
    deed_.place = NormalHolder(event.place().empty() ? event.subject() : event.place());
    deed_.at = BeginOf(event.time());
    for (const v1::Breach& breach : event.breaches()) deed_.breaches.push_back(breach.rule());
  }

  void Uses(Use use, const char* field, const v1::UnitRef& ref) {
    Deed::Used used;
    used.use = use;
    used.field = field;
    const std::string& text = KeyOf(ref);
    if (text.empty()) {
      for (const std::string& id : ref.external_ids()) {
        used.goods.external_ids.push_back(codes::NormalOrSame(id));
      }
      if (used.goods.external_ids.empty()) return;
    } else {
      const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(text);
      if (!key.ok()) return;
      used.goods.unit = key->kind == codes::UnitKey::Kind::kLot ? key->Base() : key->ToString();
      used.goods.variant = key->ToString().substr(used.goods.unit.size());
    }
    used.goods.holder = ref.holder().empty() ? deed_.place : NormalHolder(ref.holder());
    used.goods.part = codes::NormalOrSame(ref.part());
    deed_.used.push_back(std::move(used));
  }
  template <typename Names>
  void Works(const char* field, const Names& equipment) {
    for (const std::string& name : equipment)
      deed_.equipment.emplace_back(field, codes::NormalOrSame(name));
  }
  void SendsTo(const std::string& holder) { deed_.sent_to = NormalHolder(holder); }
  // What a company releases; an authority may release anything.
  void Releases(const v1::Release& release) {
    deed_.releases = true;
    if (!codes::NormalOrSame(release.authority()).empty()) return;
    if (release.has_unit()) Uses(Use::kRelease, "release.unit", release.unit());
    if (!release.has_unit() && release.equipment().empty()) {
      deed_.released_place = NormalHolder(release.place());
    }
    if (!release.equipment().empty()) {
      deed_.equipment.emplace_back("release.equipment", codes::NormalOrSame(release.equipment()));
    }
  }

  Deed Take() {
    deed_.judged = true;
    return std::move(deed_);
  }

 private:
  Deed deed_;
};

}  // namespace

const std::string& KeyOf(const v1::UnitRef& ref) {
  if (!ref.key().empty()) return ref.key();
  for (const std::string& id : ref.external_ids()) {
    if (codes::UnitKey::Parse(id).ok()) return id;
  }
  return ref.key();
}

Deed DeedOf(const v1::Event& event) {
  if (!event.late_entry().form().empty()) return {};
  Reader reader(event);
  switch (event.operation_case()) {
    case v1::Event::kCharge:
      reader.Uses(Use::kIngredient, "charge.unit", event.charge().unit());
      reader.Works("charge.equipment", event.charge().equipment());
      break;
    case v1::Event::kRework:
      reader.Uses(Use::kRework, "rework.unit", event.rework().unit());
      break;
    case v1::Event::kProduce:
      reader.Works("produce.equipment", event.produce().equipment());
      break;
    case v1::Event::kSplit:
      reader.Uses(Use::kRepack, "split.from.unit", event.split().from().unit());
      break;
    case v1::Event::kMerge:
      for (const v1::UnitQuantity& from : event.merge().from()) {
        reader.Uses(Use::kRepack, "merge.from.unit", from.unit());
      }
      break;
    case v1::Event::kPack:
      for (const v1::UnitQuantity& content : event.pack().contents()) {
        reader.Uses(Use::kPack, "pack.contents.unit", content.unit());
      }
      break;
    case v1::Event::kShip:
      reader.Uses(Use::kShip, "ship.unit", event.ship().unit());
      reader.SendsTo(event.ship().ship_to().empty() ? event.ship().customer()
                                                    : event.ship().ship_to());
      break;
    case v1::Event::kServe:
      reader.Uses(Use::kServe, "serve.unit", event.serve().unit());
      break;
    case v1::Event::kRelease:
      reader.Releases(event.release());
      break;
    default:
      return {};
  }
  return reader.Take();
}

absl::StatusOr<Conduct::Condition> Conduct::ConditionOf(std::string_view word) {
  static constexpr std::array<std::pair<std::string_view, Condition>, 9> kConditions = {{
      {"returned", Condition::kReturned},
      {"recalled", Condition::kRecalled},
      {"expired", Condition::kExpired},
      {"expired-return", Condition::kExpiredReturn},
      {"held", Condition::kHeld},
      {"held-by-authority", Condition::kAuthorityHold},
      {"failed", Condition::kFailed},
      {"unreleased", Condition::kUnreleased},
      {"finished", Condition::kFinished},
  }};
  for (const auto& [name, condition] : kConditions) {
    if (name == word) return condition;
  }
  return absl::InternalError(StrCat("conduct_rule.csv: no condition \"", word, "\""));
}

absl::StatusOr<uint32_t> Conduct::UsesOf(std::string_view words) { return BitsOf(kUses, words); }

absl::StatusOr<uint32_t> Conduct::CausesOf(std::string_view words) {
  if (words.empty()) return ~uint32_t{0};
  return BitsOf(kCauses, words);
}

absl::StatusOr<std::unique_ptr<Conduct>> Conduct::For(std::string_view profile,
                                                      std::string_view owner) {
  std::unique_ptr<Conduct> conduct(new Conduct());
  const std::string region = Region(owner);
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("conduct_rule").rows()) {
    if (row.Get("profile") != "*" && row.Get("profile") != profile) continue;
    const std::string_view jurisdiction = row.Get("jurisdiction");
    if (jurisdiction != "CN" && jurisdiction != region) continue;
    Rule rule;
    rule.id = row.Get("rule");
    rule.regional = jurisdiction != "CN";
    SUYUAN_ASSIGN_OR_RETURN(rule.condition, ConditionOf(row.Get("condition")));
    SUYUAN_ASSIGN_OR_RETURN(rule.uses, UsesOf(row.Get("uses")));
    SUYUAN_ASSIGN_OR_RETURN(rule.causes, CausesOf(row.Get("causes")));
    SUYUAN_ASSIGN_OR_RETURN(rule.after_remedy, UsesOf(row.Get("after_remedy")));
    SUYUAN_ASSIGN_OR_RETURN(rule.remedied_causes, CausesOf(row.Get("remedied_causes")));
    for (const bool end : {false, true}) {
      const std::string_view text = row.Get(end ? "valid_to" : "valid_from");
      if (text.empty()) continue;
      const std::optional<v1::Date> date = ParseDateText(text);
      if (!date.has_value()) {
        return absl::InternalError(StrCat("conduct_rule.csv: no date \"", text, "\""));
      }
      const Interval day = IntervalOf(*date, kChinaOffsetMinutes);
      (end ? rule.in_force.latest : rule.in_force.earliest) = end ? day.latest : day.earliest;
    }
    rule.name_zh = row.Get("name_zh");
    rule.name_en = row.Get("name_en");
    rule.source = row.Get("source");
    conduct->rules_.push_back(rule);
  }
  return conduct;
}

bool Conduct::Applies(const Rule& rule, const Interval& at) const {
  const auto in_force = [&](const Rule& one) {
    return one.in_force.earliest <= at.latest && at.earliest <= one.in_force.latest;
  };
  if (!in_force(rule)) return false;
  return rule.regional || std::none_of(rules_.begin(), rules_.end(), [&](const Rule& other) {
           return other.regional && other.id == rule.id && in_force(other);
         });
}

bool Conduct::IsRemedied(const Rule& rule, Use use, const Standing& standing) {
  if (!standing.remedied.has_value() || (rule.after_remedy & Bit(use)) == 0) return false;
  const uint32_t causes = rule.condition == Condition::kReturned   ? standing.return_causes
                          : rule.condition == Condition::kRecalled ? standing.recall_causes
                                                                   : 0;
  return (causes & ~rule.remedied_causes) == 0;
}

// What one event breaks.
class Conduct::Reporter {
 public:
  Reporter(const Deed& deed, size_t event_index, std::vector<Violation>* violations)
      : deed_(deed),
        event_index_(event_index),
        violations_(*violations),
        first_(static_cast<std::ptrdiff_t>(violations->size())) {}

  void Report(const Rule& rule, const std::string& field, const std::string& what,
              const std::optional<Evidence>& evidence) {
    const auto& owned_up = deed_.breaches;
    if (std::find(owned_up.begin(), owned_up.end(), rule.id) != owned_up.end()) return;
    Violation violation;
    violation.event_index = event_index_;
    violation.rule = std::string(rule.id);
    violation.field = field;
    violation.found = what;
    std::string zh;
    std::string en;
    if (evidence.has_value()) {
      violation.found += StrCat(" (", evidence->ledger, " #", evidence->sequence, ")");
      zh = StrCat("（见账本 ", evidence->ledger, " 第 ", evidence->sequence, " 条记录）");
      en = StrCat(" (see entry ", evidence->sequence, " of ledger ", evidence->ledger, ")");
    }
    const bool release = rule.condition == Condition::kAuthorityHold;
    violation.expected = StrCat(release ? "a release that names its authority" : "other goods",
                                ", or a breach that names ", rule.id);
    violation.source = std::string(rule.source);
    violation.message_zh = StrCat(
        "字段 ", field, " 的 ", Shown(what), " 属于“", rule.name_zh, "”", zh, "，依据", rule.source,
        release ? "企业不得自行解除，请在 release.authority 中写明作出解除决定的部门"
                : "不得这样使用",
        "；如果已经发生，请在 breaches 中写明规则 ", rule.id, "、原因和责任人后再记录。");
    violation.message_en =
        StrCat(Shown(what), " in ", field, " is subject to the rule on ", rule.name_en, en, " and ",
               release ? "is not the company's to release; name in release.authority who decided "
                         "so"
                       : "may not be used like this",
               " (", rule.source, "); if it did happen, say so in breaches: rule ", rule.id,
               ", reason and person.");
    // Two rows of a rule can be in force within an uncertain time.
    const auto same = [&](const Violation& other) {
      return other.rule == violation.rule && other.field == violation.field &&
             other.found == violation.found;
    };
    if (std::none_of(violations_.begin() + first_, violations_.end(), same)) {
      violations_.push_back(std::move(violation));
    }
  }

 private:
  const Deed& deed_;
  const size_t event_index_;
  std::vector<Violation>& violations_;
  const std::ptrdiff_t first_;
};

void Conduct::Judge(const Deed& deed, uint32_t ledger, int64_t now, const State& state,
                    size_t event_index, std::vector<Violation>* violations) const {
  if (!deed.judged) return;
  const Interval at = deed.at.unknown() ? Interval{now, now} : deed.at;
  Reporter reporter(deed, event_index, violations);
  const auto judge_holds = [&](const Holds& holds, const std::string& field,
                               const std::string& name) {
    const Condition condition = deed.releases ? Condition::kAuthorityHold : Condition::kHeld;
    const std::optional<Evidence>& evidence = deed.releases ? holds.by_authority : holds.any;
    if (!evidence.has_value()) return;
    for (const Rule& rule : rules_) {
      if (rule.condition != condition || !Applies(rule, at)) continue;
      reporter.Report(rule, field, name, evidence);
    }
  };
  if (!deed.releases) {
    judge_holds(state.HoldsOfPlace(ledger, deed.place, at), "place", deed.place);
  } else if (!deed.released_place.empty()) {
    judge_holds(state.HoldsOfPlace(ledger, deed.released_place, at), "release.place",
                deed.released_place);
  }
  for (const auto& [field, name] : deed.equipment) {
    judge_holds(state.HoldsOfEquipment(ledger, name, at), field, name);
  }
  for (const Deed::Used& used : deed.used) {
    std::vector<Standing> standings = state.StandingsOf(ledger, used.goods, at);
    // A pallet that is released says nothing of what lies on it.
    if (deed.releases && standings.size() > 1) standings.resize(1);
    for (const Standing& standing : standings) {
      // Nothing is expired that may still be used at some moment of the event.
      const bool expired =
          standing.usable_until.has_value() && at.earliest > *standing.usable_until;
      for (const Rule& rule : rules_) {
        if ((rule.uses & Bit(used.use)) == 0 || !Applies(rule, at)) continue;
        if (IsRemedied(rule, used.use, standing)) continue;
        std::optional<Evidence> evidence;
        bool broken = false;
        const auto by = [&](const std::optional<Evidence>& entry) {
          evidence = entry;
          broken = entry.has_value();
        };
        const auto counts = [&](uint32_t causes) {
          return ((causes == 0 ? Bit(v1::RETURN_CAUSE_UNSPECIFIED) : causes) & rule.causes) != 0;
        };
        switch (rule.condition) {
          case Condition::kReturned:
            by(standing.returned);
            broken = broken && counts(standing.return_causes);
            break;
          case Condition::kRecalled:
            by(standing.recalled);
            broken = broken && counts(standing.recall_causes);
            break;
          case Condition::kExpired:
            broken = expired;
            break;
          case Condition::kExpiredReturn:
            broken = expired && !deed.sent_to.empty() &&
                     state.CameFrom(ledger, standing.goods, deed.sent_to);
            break;
          case Condition::kHeld:
            by(standing.held);
            break;
          case Condition::kAuthorityHold:
            by(standing.held_by_authority);
            break;
          case Condition::kFailed:
            by(standing.failed);
            break;
          case Condition::kUnreleased:
            by(standing.finished);
            broken = broken && standing.made_here && !(standing.passed && standing.released);
            break;
          case Condition::kFinished:
            by(standing.finished);
            break;
        }
        if (!broken) continue;
        reporter.Report(rule, used.field, standing.goods.unit + standing.goods.variant, evidence);
      }
    }
  }
}

}  // namespace suyuan::events
