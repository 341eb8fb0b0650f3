#ifndef API_CLI_RESULT_JSON_H_
#define API_CLI_RESULT_JSON_H_

#include <string_view>
#include <vector>

#include "api/cli/output.h"
#include "api/exchange/fcl.h"
#include "api/exchange/jsonl.h"
#include "suyuan/engine.h"

// What `--json` prints: the contract that scripts rely on. Fields may be added, never
// taken away. Roots and digests are lower-case hexadecimal. Pure functions.
namespace suyuan::cli {

// [{"ledger","size","root"}]
Json HeadsJson(const std::vector<LedgerHead>& heads);
// {"ledger","subject","subject_name","profile","size","root","origin","vkeys","sealed"}
Json LedgerJson(const LedgerInfo& info);
// {"ledgers":[...]}
Json LedgersJson(const std::vector<LedgerInfo>& ledgers);
// {"units":[{"key","external_ids","holders","product"}]}
Json UnitsJson(const std::vector<UnitInfo>& units);
// {"origin","origin_external_ids","origin_product","origin_holders","direction","units",
//  "steps","edges","ends","conflicts","withdrawn","heads","digest","asked","as_recorded"}, and
// with links {"step_list","places","links","hops"}, which name each other by their places in the
// lists: the way to a unit is hops[unit.witness], then the hop `before`, until a hop that names
// itself.
Json TraceJson(const TraceResult& result);
// {"units":[{"key","external_ids","name","score","positive","negative","cases","forward",
//  "backward"}],"places":[the same],"cases","vanished","heads"}
Json ScoreJson(const ScoreResult& result);
// {"ok","differences":[{"list","told","found"}]}
Json TraceDifferencesJson(const std::vector<TraceDifference>& differences);
// {"ok","ledgers","problems"}
Json CheckJson(const CheckReport& report);
// {"ledger","events","stored","subjects","units","links","warnings"}
Json FclJson(const exchange::FclResult& result);
// {"ledger","accepted","duplicates","rejected","lines","errors","errors_left_off"}
Json JsonlJson(std::string_view ledger, const exchange::JsonlResult& result);

std::string_view DirectionName(Direction direction);
std::string_view EndKindName(EndKind kind);
std::string_view RoleName(GoodsRole role);

}  // namespace suyuan::cli

#endif  // API_CLI_RESULT_JSON_H_
