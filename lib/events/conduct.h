#ifndef LIB_EVENTS_CONDUCT_H_
#define LIB_EVENTS_CONDUCT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/base/time.h"
#include "lib/events/state.h"
#include "suyuan/v1/event.pb.h"
#include "suyuan/violation.h"

namespace suyuan::events {

// What may not be done with some goods. The words are those of the column `uses`
// of schemas/db31t1110/conduct_rule.csv.
enum class Use : uint8_t {
  kIngredient,  // CHG
  kRework,      // RWK
  kRepack,      // SPL, MRG
  kPack,        // PKG
  kShip,        // SHP
  kServe,       // SRV
  kRelease,     // REL without an authority
};

// The key of a unit: its own, or else the first of its external ids that is one.
const std::string& KeyOf(const v1::UnitRef& ref);

// What there is to judge about one event: a pure function of it, made on its
// caller's thread.
struct Deed {
  struct Used {
    Use use = Use::kIngredient;
    std::string field;
    Goods goods;
  };
  bool judged = false;
  std::vector<Used> used;
  std::vector<std::pair<std::string, std::string>> equipment;  // field, name
  std::string place;      // where it happens; empty: at the owner's
  bool releases = false;  // nothing is done there, or with the equipment
  std::string released_place;
  std::string sent_to;  // SHP
  Interval at;
  std::vector<std::string> breaches;  // rules that it says it broke
};

// Nothing is to be judged of late entries (that name the form they were copied from) and of what
// third parties tell: a ledger that refused what happened would take its children off the recall
// list.
Deed DeedOf(const v1::Event& event);

// The rules of conduct of one ledger: the rows of conduct_rule.csv for its profile
// and the jurisdiction of its owner (CN, and CN-<two digits> by the division code
// of a USCI). Source: architecture, section 5, "Form refuses, conduct reports";
// decision 0008. Immutable, so thread-safe.
class Conduct {
 public:
  // kInternal if a row names a condition or use that does not exist.
  static absl::StatusOr<std::unique_ptr<Conduct>> For(std::string_view profile,
                                                      std::string_view owner);

  // Appends what `deed` does that must not happen, unless it says so itself. Goods
  // are judged as they stood at the time of the event, `now` (UTC microseconds) if
  // it tells none, and by the rules that were in force then.
  void Judge(const Deed& deed, uint32_t ledger, int64_t now, const State& state, size_t event_index,
             std::vector<Violation>* violations) const;

 private:
  enum class Condition : uint8_t {
    kReturned,
    kRecalled,
    kExpired,
    kExpiredReturn,
    kHeld,
    kAuthorityHold,
    kFailed,
    kUnreleased,
    kFinished,
  };
  struct Rule {
    std::string_view id;
    Condition condition = Condition::kReturned;
    bool regional = false;  // it takes the place of the national one
    Interval in_force;
    uint32_t uses = 0;
    uint32_t causes = 0;  // bits 1 << v1::ReturnCause
    uint32_t after_remedy = 0;
    uint32_t remedied_causes = 0;
    std::string_view name_zh;
    std::string_view name_en;
    std::string_view source;
  };
  Conduct() = default;

  static absl::StatusOr<Condition> ConditionOf(std::string_view word);
  static absl::StatusOr<uint32_t> UsesOf(std::string_view words);
  // All of them if `words` is empty.
  static absl::StatusOr<uint32_t> CausesOf(std::string_view words);
  bool Applies(const Rule& rule, const Interval& at) const;
  // Does a remedy allow the use again?
  static bool IsRemedied(const Rule& rule, Use use, const Standing& standing);
  class Reporter;

  std::vector<Rule> rules_;
};

}  // namespace suyuan::events

#endif  // LIB_EVENTS_CONDUCT_H_
