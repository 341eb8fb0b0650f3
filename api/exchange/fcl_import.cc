#include <algorithm>
#include <span>
#include <utility>

#include "api/exchange/batch.h"
#include "api/exchange/fcl.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/events/validator.h"
#include "suyuan/violation.h"

namespace suyuan::exchange {
namespace {

constexpr size_t kMaxLedgerName = 64;

std::string_view FileName(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0
}

absl::Status MakeLedger(Engine* engine, const std::string& ledger, const std::string& file_name) {
  const absl::StatusOr<LedgerInfo> known = engine->GetLedger(ledger);
  if (!absl::IsNotFound(known.status())) return known.status();
  LedgerOptions options;
  options.name = ledger;
  SUYUAN_ASSIGN_OR_RETURN(options.subject, codes::ExternalKey(ledger, "importer"));
  options.subject_name = file_name;
  options.profile = "investigation";
  return engine->CreateLedger(options).status();
}

absl::Status RefuseFaults(const std::vector<Violation>& faults, std::span<const v1::Event> events) {
  if (faults.empty()) return absl::OkStatus();
  const Violation& first = faults.front();
  const std::string id =
      first.event_index < events.size() ? events[first.event_index].id() : std::string();
  return InvalidArgument(
      "event ", id, ", ", first.field, " ", first.found, ": ", first.message_en,
      faults.size() > 1 ? StrCat(" (and ", faults.size() - 1, " more faults)") : std::string());
}

// Calls `use` with contiguous parts of `events` that fit into one Append each.
template <typename Use>
absl::Status InBatches(std::span<const v1::Event> events, const Use& use) {
  for (size_t from = 0; from < events.size();) {
    BatchSize size;
    size_t to = from;
    for (; to < events.size(); ++to) {
      const size_t bytes = events[to].ByteSizeLong();
      if (!size.Fits(bytes)) break;
      size.Add(bytes);
    }
    SUYUAN_RETURN_IF_ERROR(use(events.subspan(from, to - from), from));
    from = to;
  }
  return absl::OkStatus();
}

}  // namespace

std::string FclLedgerName(std::string_view path) {
  std::string_view stem = FileName(path);
  if (const size_t dot = stem.rfind('.'); dot != std::string_view::npos && dot > 0) {
    stem = stem.substr(0, dot);
  }
  std::string name = "fcl-";
  bool lossy = false;
  for (char c : stem) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    lossy = lossy || (static_cast<uint8_t>(c) & 0x80) != 0;
    name += (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ? c : '-';
  }
  if (!lossy && name.size() <= kMaxLedgerName) return name;
  const std::string digest = Sha256({stem}).hex().substr(0, 8);
  return name.substr(0, kMaxLedgerName - digest.size() - 1) + "-" + digest;
}

absl::StatusOr<FclEvents> LoadFcl(const std::string& path, std::string_view ledger) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  SUYUAN_ASSIGN_OR_RETURN(const FclNetwork network, ReadFcl(text));
  return ToEvents(network, ledger);
}

absl::StatusOr<FclResult> StoreFcl(Engine* engine, FclEvents events, const std::string& ledger,
                                   const std::string& file_name, const ProgressFunction& progress) {
  const std::span<const v1::Event> all(events.events);
  for (const v1::Event& event : all) {
    if (event.ByteSizeLong() > suyuan::events::kMaxEventBytes) {
      return InvalidArgument("event ", event.id(), " is ", event.ByteSizeLong(),
                             " bytes long, expected at most ", suyuan::events::kMaxEventBytes);
    }
  }
  SUYUAN_RETURN_IF_ERROR(MakeLedger(engine, ledger, file_name));
  SUYUAN_RETURN_IF_ERROR(InBatches(all, [&](std::span<const v1::Event> batch, size_t) {
    const absl::StatusOr<std::vector<Violation>> faults = engine->Validate(ledger, batch);
    return faults.ok() ? RefuseFaults(*faults, batch) : faults.status();
  }));
  FclResult result;
  SUYUAN_RETURN_IF_ERROR(InBatches(all, [&](std::span<const v1::Event> batch, size_t from) {
    if (progress) progress({"import " + file_name, from, all.size()});
    const absl::StatusOr<std::vector<Receipt>> receipts = engine->Append(ledger, batch);
    if (!receipts.ok()) return receipts.status();
    for (const Receipt& receipt : *receipts) result.stored += receipt.duplicate ? 0 : 1;
    return absl::OkStatus();
  }));
  if (progress) progress({"import " + file_name, all.size(), all.size()});
  result.ledger = ledger;
  result.events = all.size();
  result.subjects = events.subjects;
  result.units = events.units;
  result.links = events.links;
  result.warnings = std::move(events.warnings);
  return result;
}

absl::StatusOr<FclResult> ImportFcl(Engine* engine, const std::string& path,
                                    const std::string& ledger, const ProgressFunction& progress) {
  const std::string name = ledger.empty() ? FclLedgerName(path) : ledger;
  SUYUAN_ASSIGN_OR_RETURN(FclEvents events, LoadFcl(path, name));
  return StoreFcl(engine, std::move(events), name, std::string(FileName(path)), progress);
}

}  // namespace suyuan::exchange
