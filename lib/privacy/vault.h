#ifndef LIB_PRIVACY_VAULT_H_
#define LIB_PRIVACY_VAULT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"
#include "lib/base/mutex.h"
#include "lib/privacy/commitment.h"
#include "lib/store/store.h"

namespace suyuan::privacy {

// A personal value on its way into the vault, or out of it.
struct Datum {
  Place place;
  std::string value;
  std::string person;  // may be empty: a person of this datum alone
  std::string salt;
};

// What the vault knows of a place.
struct Found {
  enum class State { kNothing, kHeld, kKeyMissing, kErased };
  State state = State::kNothing;
  std::optional<int64_t> restricted_until;  // held or key missing
  Datum datum;                              // held
  Hash commitment;                          // erased: what the entry has
};

// An erasure: what its entry says, and what is to be done when that is durable.
struct Erasure {
  struct Erased {
    Place place;
    Hash commitment;
  };
  struct Restricted {
    Place place;
    int64_t until_micros = 0;
  };
  uint32_t ledger = 0;
  // Of the event that tells of it, the first if there are several.
  std::string entry_id = {};
  std::vector<Erased> erased = {};
  std::vector<Restricted> restricted = {};
};

// Personal values, encrypted, in two databases: rows/, and keys/ with a key a person, so that
// copies can be kept without the keys. FORMAT.md has the bytes. Nothing is there before the first
// value. Thread-safe, but for Begin, Finish and Drop, and what is said to be for opening: those
// want the vault alone (Gate).
class Vault {
 public:
  // Opens what is in `dir`; makes nothing. kDataLoss if it is damaged.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(const std::string& dir);
  // The same, for looking only: writes nothing.
  static absl::StatusOr<std::unique_ptr<Vault>> OpenReadOnly(const std::string& dir);
  ~Vault();
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;

  // Whether there is anything at all.
  bool empty() const { return rows_ == nullptr; }
  // The databases, to be copied; null where they are missing.
  store::Store* rows() const { return rows_; }
  store::Store* keys() const { return keys_; }

  // kDataLoss if what is there is not what was written.
  absl::StatusOr<Found> Find(const Place& place) const;

  // What Put did, until it is known whether its entries are durable.
  struct Ticket {
    std::vector<Place> places;
    std::vector<std::string> owners;
  };
  // Stores values at places where there are none. When it returns OK, they are durable, and
  // pending: without a Keep the next opening finds them so. kFailedPrecondition: the rows are
  // here and their keys are not. kUnavailable: the disk.
  absl::StatusOr<Ticket> Put(std::span<const Datum> data);
  // Their entries are durable.
  void Keep(const Ticket& ticket);
  // There will be no entries: the values are gone when it returns OK, their bytes with the next
  // purge.
  absl::Status Forget(const Ticket& ticket);

  // For opening: the places that are pending; that they have entries; that they have none.
  absl::StatusOr<std::vector<Place>> Pending() const;
  void Keep(const std::vector<Place>& places);
  absl::Status Destroy(const std::vector<Place>& places);

  // Where values are held, `origin` being that of the ledger. kFailedPrecondition: without keys
  // nobody knows which are a person's.
  absl::StatusOr<std::vector<Place>> OfPerson(uint32_t ledger, const std::string& origin,
                                              std::string_view person) const;
  absl::StatusOr<std::vector<Place>> OfEvent(uint32_t ledger, const std::string& origin,
                                             std::string_view event_id) const;
  // Whether anything was erased of an event.
  absl::StatusOr<bool> AnyErased(uint32_t ledger, std::string_view event_id) const;
  absl::StatusOr<std::vector<Erasure::Restricted>> RestrictedOf(uint32_t ledger,
                                                                const std::string& origin) const;

  // Durable: from here on an opening sees that an erasure is in hand.
  absl::Status Begin(const Erasure& erasure);
  absl::StatusOr<std::vector<Erasure>> Begun() const;
  // Its entry is durable: keys, salts and values are destroyed, no file of the vault holds them
  // any more, what is restricted is. `again`: it may have been done in part before; reads the
  // whole vault then.
  absl::Status Finish(const Erasure& erasure, bool again = false);
  // Its entry will never be.
  absl::Status Drop(const Erasure& erasure);

  // Every row in the order of the keys, without its origin; `settled`: it has an entry.
  absl::Status ForEachRow(const std::function<void(const Place& place, bool settled)>& visit) const;

 private:
  struct Row;
  struct Key {
    std::string id;
    std::string bytes;
  };
  // What is to be destroyed.
  struct Going {
    struct Owner {
      uint32_t ledger = 0;
      std::string origin;
      std::string owner;
      std::vector<Place> left;  // what stays of the same person
    };
    std::vector<std::string> rows;  // keys
    std::set<std::string> key_ids;  // of keys
    std::vector<Owner> owners;
  };

  Vault(std::string dir, bool read_only) : dir_(std::move(dir)), read_only_(read_only) {}

  absl::Status OpenStores();
  absl::Status Make();
  absl::StatusOr<std::optional<Row>> ReadRow(const Place& place) const;
  absl::StatusOr<std::optional<Key>> KeyOfOwner(uint32_t ledger, std::string_view owner) const;
  absl::StatusOr<std::string> OwnerOf(const std::string& origin, std::string_view person) const;
  absl::StatusOr<bool> OwnsAny(uint32_t ledger, std::string_view owner) const;
  absl::StatusOr<std::vector<Place>> RowsOfOwner(uint32_t ledger, std::string_view owner) const;
  absl::Status Look(const std::vector<Place>& places, Going* going) const;
  absl::Status Rekey(const Going& going, std::vector<std::string>* changed);
  bool IsInHand(const std::string& owner_key) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    return in_hand_.contains(owner_key);
  }
  absl::Status DeleteKeys(const Going& going) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  absl::Status DeleteRows(const Going& going, store::WriteBatch batch);
  absl::Status Purge(const Going& going, std::vector<std::string> changed);
  void TakeSettled(store::WriteBatch* batch);

  const std::string dir_;
  const bool read_only_;
  std::unique_ptr<store::Store> rows_store_;
  std::unique_ptr<store::Store> keys_store_;
  // Set once, when they can be used; keys_ stays null where they are missing.
  std::atomic<store::Store*> rows_ = nullptr;
  std::atomic<store::Store*> keys_ = nullptr;
  std::string index_secret_;  // before keys_ is set

  Mutex make_mu_;
  mutable Mutex mu_;
  // Keys that are not durable yet, and who is being written for.
  std::map<std::string, Key> fresh_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, int> in_hand_ ABSL_GUARDED_BY(mu_);
  // Marks of what is no longer pending; they go with the next batch.
  std::vector<std::string> settled_ ABSL_GUARDED_BY(mu_);
};

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_VAULT_H_
