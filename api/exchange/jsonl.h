#ifndef API_EXCHANGE_JSONL_H_
#define API_EXCHANGE_JSONL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "suyuan/engine.h"

// The events of a ledger as JSON Lines: one event a line (event_json.h), UTF-8.
namespace suyuan::exchange {

// Why a line was not taken.
struct JsonlError {
  uint64_t line = 0;  // from 1
  std::string field;
  std::string rule;  // of the engine, or form.json, form.event-size, form.event-id, ledger.*
  std::string found;
  std::string expected;
  std::string message_zh;
  std::string message_en;
};

struct JsonlResult {
  // Lines whose events are durable, those that the ledger held before among them. Zero if a
  // line fails and the valid ones were not to be kept.
  uint64_t accepted = 0;
  uint64_t duplicates = 0;  // of the accepted, how many the ledger held before
  uint64_t rejected = 0;    // lines with errors
  uint64_t lines = 0;       // read, blank ones left out
  // All faults of all rejected lines in the order of the file, the first 10,000 of them.
  std::vector<JsonlError> errors;
  uint64_t errors_left_off = 0;
};

struct JsonlOptions {
  // Appends what can be taken and writes the rejected lines, byte for byte, to
  // `rejected_path` (created or replaced, also if there are none; not written if empty).
  bool keep_valid = false;
  std::string rejected_path;
  ProgressFunction progress = nullptr;
};

// Appends the events of the file at `path` to `ledger` in their order. The whole file is
// judged first: JSON, form (Engine::Validate), ids used twice in the file and, where more
// than one batch is needed, ids that the ledger holds with other content. If a line fails,
// nothing is stored (unless keep_valid), and the result says why. An event whose id
// and content are told again counts as accepted. Blank lines, a byte order mark and CRLF
// are accepted.
//
// Only rules that depend on what the ledger holds can still refuse a batch after earlier
// ones were stored. The result names the lines then, or the first of the batch if the
// engine does not say which, and `accepted` counts what is durable. Importing again goes
// on from there, since ids are idempotency keys.
//
// kNotFound: no such file or ledger. kInvalidArgument: `rejected_path` is the file itself.
// kUnavailable, kResourceExhausted, kPermissionDenied, kDataLoss: a file or the store
// failed; the message says up to which line all is durable.
// Memory: the ids of the file and one batch.
absl::StatusOr<JsonlResult> ImportJsonl(Engine* engine, const std::string& ledger,
                                        const std::string& path, const JsonlOptions& options);

// Calls `write` with one line an entry, '\n' at its end, in order, for all entries but those
// that the ledger wrote itself (genesis, clock anomaly); stops at the first error of
// `write` and returns it. Importing the lines into an empty ledger gives the same event
// bytes and ids. kNotFound: no such ledger. kDataLoss: an entry cannot be read.
absl::Status ExportJsonl(const Engine& engine, const std::string& ledger,
                         const std::function<absl::Status(std::string_view)>& write,
                         const ProgressFunction& progress = nullptr);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_JSONL_H_
