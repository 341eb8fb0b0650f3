#include "api/exchange/event_json.h"
#include "api/exchange/jsonl.h"
#include "lib/base/status_macros.h"
#include "lib/events/operation.h"

namespace suyuan::exchange {

absl::Status ExportJsonl(const Engine& engine, const std::string& ledger,
                         const std::function<absl::Status(std::string_view)>& write,
                         const ProgressFunction& progress) {
  SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine.GetLedger(ledger));
  absl::Status status;
  SUYUAN_RETURN_IF_ERROR(engine.Read(ledger, 0, info.size, [&](const Entry& entry) {
    const events::OperationInfo* const operation = events::OperationOf(entry.event);
    if (operation != nullptr && operation->by_ledger) return true;
    if (progress && entry.sequence % 1024 == 0) progress({"export", entry.sequence, info.size});
    absl::StatusOr<std::string> line = EventToJson(entry.event);
    if (!line.ok()) {
      status = line.status();
      return false;
    }
    *line += '\n';
    status = write(*line);
    return status.ok();
  }));
  return status;
}

}  // namespace suyuan::exchange
