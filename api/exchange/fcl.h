#ifndef API_EXCHANGE_FCL_H_
#define API_EXCHANGE_FCL_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "suyuan/engine.h"
#include "suyuan/v1/event.pb.h"

// FoodChain-Lab JSON, as FoodChain-Lab Desktop and Web write it, becomes events of
// a ledger of its own. Three steps, of which the first two are pure:
// ReadFcl (text to rows), ToEvents (rows to events), StoreFcl (events to a ledger).
namespace suyuan::exchange {

// Something that was doubtful in the file and was taken all the same.
struct FclWarning {
  std::string where;  // "delivery 61038176", "relation 12 (D1 -> D2)", "deliveries"
  std::string field;  // name of the column, or empty
  std::string found;  // as written
  std::string message_zh;
  std::string message_en;
};

struct FclCell {
  std::string column;
  std::string value;  // as written, never empty
};

// A station, delivery or relation: its cells in the order of the file. Empty and
// null cells are left out; numbers and truth values are kept as their text; control
// characters, which no event may hold, are spaces.
struct FclRow {
  size_t number = 0;  // from 1, within its table
  std::vector<FclCell> cells;

  // The value in the first cell of that column, or empty. O(cells).
  std::string_view Get(std::string_view column) const;
};

struct FclNetwork {
  std::vector<FclRow> stations;
  std::vector<FclRow> deliveries;
  std::vector<FclRow> relations;
  std::vector<FclWarning> warnings;  // of cells that were not taken as written
};

// Reads data.stations, data.deliveries and data.deliveryRelations (or
// deliveriesRelations); what FoodChain-Lab computed or drew (`tracing`, `settings`)
// is left out. A byte order mark is accepted.
// kInvalidArgument: no JSON (the message says at which byte), nested deeper than
// 64 levels, or another layout (the message says what was expected and where).
absl::StatusOr<FclNetwork> ReadFcl(std::string_view json);

// Events in the order stations, deliveries, relations, and the counts of the file.
struct FclEvents {
  std::string source;  // in the keys: ext:<source>:...
  std::vector<v1::Event> events;
  uint64_t subjects = 0;  // different stations
  uint64_t units = 0;     // different deliveries
  uint64_t links = 0;     // relations as read: one told twice counts twice
  std::vector<FclWarning> warnings;
};

// The same network and source give the same events with the same ids, byte for byte.
//   station   -> MST subject  id station:<ID>       key ext:<source>:station:<ID>
//   delivery  -> OBS          id delivery:<ID>      key ext:<source>:delivery:<ID>
//   relation  -> LNK          id link:<from>:<to>   one step, one input, one output
// External ids are fcl:<ID> and fcl:station:<ID> or fcl:delivery:<ID>. In event ids,
// % : and control characters of an <ID> are percent-encoded; an event id above 64 bytes
// ends in a SHA-256 prefix instead. A column without a field of its own, and a value
// that could not be read, becomes an attribute as written. Doubtful values, missing
// ones, contradicting dates and unknown stations or deliveries are warnings; no link
// is dropped for them. Of two rows with one ID and different cells the first counts.
// kInvalidArgument, naming the row: no ID, or one that fits into no key.
absl::StatusOr<FclEvents> ToEvents(const FclNetwork& network, std::string_view source);

// The ledger that a file goes to unless told otherwise: "fcl-" and the file's name
// without folder and extension in lower case, '-' for all but a-z and 0-9, at
// most 64 characters. Where characters beyond ASCII or the cut would make different names
// equal, it ends in the first 8 digits of the name's SHA-256.
std::string FclLedgerName(std::string_view path);

struct FclResult {
  std::string ledger;
  uint64_t events = 0;  // of the file, different ones
  uint64_t stored = 0;  // of these, how many the ledger did not hold before
  uint64_t subjects = 0;
  uint64_t units = 0;
  uint64_t links = 0;
  std::vector<FclWarning> warnings;
};

// Appends to `ledger`, which is created if missing (profile "investigation", owner
// ext:<ledger>:importer with the name `file_name`). Storing twice changes nothing: the
// event ids are the idempotency keys. All events are durable when it returns. After an
// error the ledger can hold the first part of them; storing again goes on from there.
// kInvalidArgument: the engine's rules refuse an event (nothing is stored).
// kAlreadyExists: the ledger holds other content under one of the ids.
// Others: as of Engine::Append.
absl::StatusOr<FclResult> StoreFcl(Engine* engine, FclEvents events, const std::string& ledger,
                                   const std::string& file_name,
                                   const ProgressFunction& progress = nullptr);

// Reads the file at `path`: ReadFcl and ToEvents; needs no engine.
// kNotFound, kPermissionDenied, kUnavailable: the file cannot be read.
absl::StatusOr<FclEvents> LoadFcl(const std::string& path, std::string_view ledger);

// LoadFcl and StoreFcl. An empty `ledger` means FclLedgerName(path).
absl::StatusOr<FclResult> ImportFcl(Engine* engine, const std::string& path,
                                    const std::string& ledger = "",
                                    const ProgressFunction& progress = nullptr);

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_FCL_H_
