#ifndef API_CLI_RECALL_JSON_H_
#define API_CLI_RECALL_JSON_H_

#include <string>

#include "api/cli/output.h"
#include "suyuan/completeness.h"
#include "suyuan/recall.h"
#include "suyuan/stock.h"

// What `suyuan stock`, `suyuan recall plan` and `suyuan report` print for machines, as
// result_json.h.
namespace suyuan::cli {

// {"rows":[{"unit","product","part","container","holder","holder_name","place","state",
//  "quantity","uom"}],"findings":[{"unit","what","what_zh"}],"heads"}
Json StockJson(const StockResult& result);
// {"origins","affected":[as rows above],"customers":[{"name","key","buyer","address","contact",
//  "unit","product","shipped","returned","out","uom","date","tier","boundary","public"}],
//  "unaccounted":[{"unit","holder","why","why_zh"}],"balances":[...],"heads","digest"}
Json RecallJson(const RecallPlan& plan);
// {"unit","product","present","missing","late","corrected","elements":[{"number","name_zh",
//  "name_en","source","operation","about","status","late","corrected","entries":[{"ledger",
//  "sequence"}]}],"heads"}
Json CompletenessJson(const CompletenessReport& report);
// RFC 4180 with a head line and a byte order mark, as spreadsheets like it: one row a
// customer, unit and unit of measure.
std::string CustomersCsv(const RecallPlan& plan);

}  // namespace suyuan::cli

#endif  // API_CLI_RECALL_JSON_H_
