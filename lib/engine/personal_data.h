#ifndef LIB_ENGINE_PERSONAL_DATA_H_
#define LIB_ENGINE_PERSONAL_DATA_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/ledger/ledgers.h"
#include "lib/privacy/gate.h"
#include "lib/privacy/vault.h"
#include "suyuan/personal.h"
#include "suyuan/receipt.h"

namespace suyuan::engine {

// Personal data between the ledgers and the vault. Thread-safe. The ledgers work also if the
// vault cannot be opened: whatever needs it answers why.
class PersonalData {
 public:
  // Opens the vault and does what a crash left undone: what has no entry is destroyed, erasures
  // are finished. `ledgers` and `clock` are borrowed.
  PersonalData(const std::string& vault_dir, ledger::Ledgers* ledgers, const Clock* clock);

  // Appends valid events of which some have personal values: `append` gets them with
  // commitments, the values are durable before. Errors of `append`; kAlreadyExists: its
  // id is taken by another value.
  absl::StatusOr<std::vector<Receipt>> Append(
      const ledger::Ledgers::State& ledger, std::span<const v1::Event> events,
      const std::function<absl::StatusOr<std::vector<Receipt>>(std::span<const v1::Event>)>&
          append);

  // As those of Engine.
  absl::StatusOr<std::vector<PersonalDatum>> Read(const ledger::Ledgers::State& ledger,
                                                  std::string_view event_id);
  absl::StatusOr<Disclosure> Disclose(const ledger::Ledgers::State& ledger,
                                      std::string_view event_id, std::string_view path,
                                      bool to_authority);
  absl::StatusOr<ErasureResult> Erase(const ledger::Ledgers::State& ledger,
                                      const ErasureRequest& request);
  absl::StatusOr<ErasureResult> EraseDue(const ledger::Ledgers::State& ledger);

  // For a check: null if it could not be opened.
  const privacy::Vault* vault() const { return vault_.get(); }
  const absl::Status& status() const { return status_; }
  privacy::Gate* gate() const { return &gate_; }

 private:
  struct Stored {
    v1::Event event;
    int64_t recorded_micros = 0;
  };

  absl::Status CatchUp();
  absl::Status SettlePending();
  // kNotFound.
  absl::StatusOr<Stored> EntryOf(uint32_t ledger, std::string_view event_id) const;
  absl::StatusOr<Hash> Committed(const privacy::Place& place, v1::Personal* personal,
                                 std::vector<privacy::Datum>* fresh);
  absl::StatusOr<ErasureResult> Erase(const ledger::Ledgers::State& ledger,
                                      const std::vector<privacy::Place>& places,
                                      const std::string& basis, const std::string& reason);

  ledger::Ledgers& ledgers_;
  const Clock& clock_;
  absl::Status status_;
  std::unique_ptr<privacy::Vault> vault_;
  mutable privacy::Gate gate_;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_PERSONAL_DATA_H_
