#include "lib/privacy/vault.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/privacy/seal.h"
#include "lib/store/rocksdb_store.h"

namespace suyuan::privacy {
namespace {

using store::RocksDbMode;
using store::WriteBatch;

constexpr size_t kIdBytes = 16;
constexpr char kRowFormat = 1;
constexpr std::string_view kMetaKey = "m";
constexpr std::string_view kSecretKey = "s";
constexpr size_t kRowsAtOnce = 1'024;

// rows: what stands behind the first byte is a place. keys: what stands behind it is an id.
enum Kind : char {
  kRow = 'r',
  kPending = 'w',
  kRestricted = 'q',
  kErased = 'e',
  kOwned = 'p',
  kBegun = 'x',
  kDataKey = 'k',
  kOwner = 'h',
};

std::string EventPrefix(Kind kind, uint32_t ledger, std::string_view event_id) {
  std::string key(1, kind);
  PutFixed32(&key, ledger);
  PutString(&key, event_id);
  return key;
}

std::string PlaceKey(Kind kind, const Place& place) {
  std::string key = EventPrefix(kind, place.ledger, place.event_id);
  PutString(&key, place.path);
  return key;
}

std::string OwnedPrefix(uint32_t ledger, std::string_view owner) {
  std::string key(1, kOwned);
  PutFixed32(&key, ledger);
  key += owner;
  return key;
}

std::string OwnedKey(const Place& place, std::string_view owner) {
  std::string key = OwnedPrefix(place.ledger, owner);
  PutString(&key, place.event_id);
  PutString(&key, place.path);
  return key;
}

std::string OwnerKey(uint32_t ledger, std::string_view owner) {
  std::string key(1, kOwner);
  PutFixed32(&key, ledger);
  key += owner;
  return key;
}

std::string DataKey(std::string_view id) { return StrCat(std::string(1, kDataKey), id); }

// The place behind the first byte of a key.
std::optional<Place> PlaceOfKey(std::string_view key) {
  ByteReader reader(key.substr(1));
  Place place;
  place.ledger = reader.Fixed32();
  place.event_id = reader.String();
  place.path = reader.String();
  if (!reader.ok() || !reader.done()) return std::nullopt;
  return place;
}

std::string Bound(const Place& place, std::string_view key_id, std::string_view owner) {
  std::string bound;
  PutString(&bound, "suyuan/vault/v1");
  PutString(&bound, place.origin);
  PutString(&bound, place.event_id);
  PutString(&bound, place.path);
  PutString(&bound, key_id);
  PutString(&bound, owner);
  return bound;
}

std::string EncodeErasure(const Erasure& erasure) {
  std::string bytes;
  PutFixed32(&bytes, erasure.ledger);
  PutVarint(&bytes, erasure.erased.size());
  for (const Erasure::Erased& one : erasure.erased) {
    PutString(&bytes, one.place.origin);
    PutString(&bytes, one.place.event_id);
    PutString(&bytes, one.place.path);
    bytes += one.commitment.view();
  }
  PutVarint(&bytes, erasure.restricted.size());
  for (const Erasure::Restricted& one : erasure.restricted) {
    PutString(&bytes, one.place.origin);
    PutString(&bytes, one.place.event_id);
    PutString(&bytes, one.place.path);
    PutSignedVarint(&bytes, one.until_micros);
  }
  return bytes;
}

absl::StatusOr<Erasure> DecodeErasure(std::string_view entry_id, std::string_view bytes) {
  ByteReader reader(bytes);
  Erasure erasure;
  erasure.entry_id = entry_id;
  erasure.ledger = reader.Fixed32();
  const auto place = [&] {
    Place one;
    one.ledger = erasure.ledger;
    one.origin = reader.String();
    one.event_id = reader.String();
    one.path = reader.String();
    return one;
  };
  for (uint64_t left = reader.Varint(); left > 0 && reader.ok(); --left) {
    Place one = place();
    erasure.erased.push_back({std::move(one), Hash::From(reader.Raw(sizeof(Hash::bytes)))});
  }
  for (uint64_t left = reader.Varint(); left > 0 && reader.ok(); --left) {
    Place one = place();
    erasure.restricted.push_back({std::move(one), reader.SignedVarint()});
  }
  if (!reader.ok() || !reader.done()) {
    return DataLoss("vault: the note of the erasure ", entry_id, " is damaged");
  }
  return erasure;
}

absl::Status MakePrivateDir(const std::string& path) {
  SUYUAN_RETURN_IF_ERROR(MakeDirs(path));
  if (chmod(path.c_str(), 0700) != 0) return ErrnoStatus("close to others", path, errno);
  return absl::OkStatus();
}

bool HasDatabase(const std::string& path) {
  std::error_code code;
  return std::filesystem::exists(path + "/CURRENT", code);
}

absl::Status KeysAreMissing() {
  return absl::FailedPreconditionError(
      "保险库的密钥不在此处（vault/keys），请先放回；the keys of the vault (vault/keys) are not "
      "here; put them back first");
}

}  // namespace

// As stored.
struct Vault::Row {
  std::string key_id;
  std::string owner;  // empty: nobody told
  std::string sealed;

  std::string Encode() const {
    std::string bytes(1, kRowFormat);
    bytes += key_id;
    PutString(&bytes, owner);
    return bytes + sealed;
  }
  static std::optional<Row> Decode(std::string_view bytes) {
    ByteReader reader(bytes);
    const std::string_view format = reader.Raw(1);
    Row row;
    row.key_id = reader.Raw(kIdBytes);
    row.owner = reader.String();
    if (!reader.ok() || format[0] != kRowFormat) return std::nullopt;
    if (!row.owner.empty() && row.owner.size() != kIdBytes) return std::nullopt;
    row.sealed = reader.rest();
    return row;
  }
};

// ---------------------------------------------------------------- opening

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(const std::string& dir) {
  std::unique_ptr<Vault> vault(new Vault(dir, /*read_only=*/false));
  SUYUAN_RETURN_IF_ERROR(vault->OpenStores());
  return vault;
}

absl::StatusOr<std::unique_ptr<Vault>> Vault::OpenReadOnly(const std::string& dir) {
  std::unique_ptr<Vault> vault(new Vault(dir, /*read_only=*/true));
  SUYUAN_RETURN_IF_ERROR(vault->OpenStores());
  return vault;
}

Vault::~Vault() {
  store::Store* const rows = rows_;
  if (rows == nullptr || read_only_) return;
  WriteBatch batch;
  TakeSettled(&batch);
  if (!batch.deletes().empty()) rows->Write(batch).IgnoreError();
  rows->Flush().IgnoreError();
  if (store::Store* const keys = keys_; keys != nullptr) keys->Flush().IgnoreError();
}

absl::Status Vault::OpenStores() {
  const RocksDbMode mode = read_only_ ? RocksDbMode::kReadOnly : RocksDbMode::kReadWrite;
  const auto open = [&](const std::string& path) {
    return store::OpenRocksDb(path, mode, /*create=*/false, nullptr, store::FileRights::kOwnerOnly);
  };
  std::optional<std::string> id_of_rows;
  std::optional<std::string> id_of_keys;
  if (HasDatabase(dir_ + "/keys")) {
    SUYUAN_ASSIGN_OR_RETURN(keys_store_, open(dir_ + "/keys"));
    SUYUAN_ASSIGN_OR_RETURN(id_of_keys, keys_store_->Get(kMetaKey));
    SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> secret, keys_store_->Get(kSecretKey));
    index_secret_ = secret.value_or("");
  }
  if (!HasDatabase(dir_ + "/rows")) return absl::OkStatus();
  SUYUAN_ASSIGN_OR_RETURN(rows_store_, open(dir_ + "/rows"));
  SUYUAN_ASSIGN_OR_RETURN(id_of_rows, rows_store_->Get(kMetaKey));
  // It was being made.
  if (!id_of_rows.has_value()) return absl::OkStatus();
  rows_ = rows_store_.get();
  if (id_of_keys == id_of_rows && index_secret_.size() == kKeyBytes) keys_ = keys_store_.get();
  return absl::OkStatus();
}

absl::Status Vault::Make() {
  MutexLock lock(&make_mu_);
  if (keys_ != nullptr) return absl::OkStatus();
  if (rows_ != nullptr || read_only_) return KeysAreMissing();
  const auto open = [&](const std::string& name, std::unique_ptr<store::Store>* store) {
    if (*store != nullptr) return absl::OkStatus();
    SUYUAN_RETURN_IF_ERROR(MakePrivateDir(dir_ + name));
    SUYUAN_ASSIGN_OR_RETURN(
        *store, store::OpenRocksDb(dir_ + name, RocksDbMode::kReadWrite, /*create=*/true, nullptr,
                                   store::FileRights::kOwnerOnly));
    return absl::OkStatus();
  };
  SUYUAN_RETURN_IF_ERROR(MakePrivateDir(dir_));
  SUYUAN_RETURN_IF_ERROR(open("/keys", &keys_store_));
  SUYUAN_ASSIGN_OR_RETURN(std::optional<std::string> id, keys_store_->Get(kMetaKey));
  if (!id.has_value() || index_secret_.size() != kKeyBytes) {
    SUYUAN_ASSIGN_OR_RETURN(id, RandomBytes(kIdBytes));
    SUYUAN_ASSIGN_OR_RETURN(index_secret_, RandomBytes(kKeyBytes));
    WriteBatch batch;
    batch.Put(std::string(kMetaKey), *id);
    batch.Put(std::string(kSecretKey), index_secret_);
    SUYUAN_RETURN_IF_ERROR(keys_store_->Write(batch));
  }
  SUYUAN_RETURN_IF_ERROR(open("/rows", &rows_store_));
  WriteBatch batch;
  batch.Put(std::string(kMetaKey), *id);
  SUYUAN_RETURN_IF_ERROR(rows_store_->Write(batch));
  keys_ = keys_store_.get();
  rows_ = rows_store_.get();
  return absl::OkStatus();
}

// ---------------------------------------------------------------- looking

absl::StatusOr<std::optional<Vault::Row>> Vault::ReadRow(const Place& place) const {
  store::Store* const rows = rows_;
  if (rows == nullptr) return std::optional<Row>();
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, rows->Get(PlaceKey(kRow, place)));
  if (!bytes.has_value()) return std::optional<Row>();
  std::optional<Row> row = Row::Decode(*bytes);
  if (!row.has_value()) {
    return DataLoss("vault: the row of event ", place.event_id, ", ", place.path, ", is damaged");
  }
  return row;
}

absl::StatusOr<Found> Vault::Find(const Place& place) const {
  Found found;
  store::Store* const rows = rows_;
  if (rows == nullptr) return found;
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<Row> row, ReadRow(place));
  if (!row.has_value()) {
    SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> erased,
                            rows->Get(PlaceKey(kErased, place)));
    if (!erased.has_value()) return found;
    found.state = Found::State::kErased;
    found.commitment = Hash::From(*erased);
    return found;
  }
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> until,
                          rows->Get(PlaceKey(kRestricted, place)));
  if (until.has_value()) {
    if (until->size() != 8) {
      return DataLoss("vault: the term of event ", place.event_id, ", ", place.path,
                      ", is damaged");
    }
    found.restricted_until = static_cast<int64_t>(GetFixed64(until->data()));
  }
  found.state = Found::State::kKeyMissing;
  store::Store* const keys = keys_;
  if (keys == nullptr) return found;
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> key, keys->Get(DataKey(row->key_id)));
  if (!key.has_value()) return found;
  const absl::StatusOr<std::string> plain =
      Unseal(*key, Bound(place, row->key_id, row->owner), row->sealed);
  const auto damaged = [&](std::string_view why) {
    return DataLoss("vault: the row of event ", place.event_id, ", ", place.path,
                    ", cannot be read: ", why);
  };
  if (!plain.ok()) return damaged(ToStd(plain.status().message()));
  ByteReader reader(*plain);
  found.state = Found::State::kHeld;
  found.datum.place = place;
  found.datum.salt = reader.Raw(kSaltBytes);
  found.datum.value = reader.String();
  found.datum.person = reader.String();
  if (!reader.ok() || !reader.done()) return damaged("it is no personal datum");
  return found;
}

absl::StatusOr<std::string> Vault::OwnerOf(const std::string& origin,
                                           std::string_view person) const {
  if (keys_ == nullptr) return KeysAreMissing();
  std::string text;
  PutString(&text, origin);
  PutString(&text, person);
  return Mac(index_secret_, text).substr(0, kIdBytes);
}

absl::StatusOr<std::optional<Vault::Key>> Vault::KeyOfOwner(uint32_t ledger,
                                                            std::string_view owner) const {
  store::Store* const keys = keys_;
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> id, keys->Get(OwnerKey(ledger, owner)));
  if (!id.has_value()) return std::optional<Key>();
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, keys->Get(DataKey(*id)));
  if (!bytes.has_value()) return std::optional<Key>();
  if (bytes->size() != kKeyBytes) return DataLoss("vault: a key is damaged");
  return std::optional<Key>(Key{*id, *bytes});
}

absl::StatusOr<std::vector<Place>> Vault::RowsOfOwner(uint32_t ledger,
                                                      std::string_view owner) const {
  std::vector<Place> places;
  store::Store* const rows = rows_;
  if (rows == nullptr) return places;
  const std::string prefix = OwnedPrefix(ledger, owner);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    ByteReader reader(it->key().substr(prefix.size()));
    Place& place = places.emplace_back();
    place.ledger = ledger;
    place.event_id = reader.String();
    place.path = reader.String();
    if (!reader.ok() || !reader.done()) return DataLoss("vault: a row of a person is damaged");
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return places;
}

absl::StatusOr<std::vector<Place>> Vault::OfPerson(uint32_t ledger, const std::string& origin,
                                                   std::string_view person) const {
  if (rows_ == nullptr) return std::vector<Place>();
  SUYUAN_ASSIGN_OR_RETURN(const std::string owner, OwnerOf(origin, person));
  SUYUAN_ASSIGN_OR_RETURN(std::vector<Place> places, RowsOfOwner(ledger, owner));
  for (Place& place : places) place.origin = origin;
  return places;
}

absl::StatusOr<std::vector<Place>> Vault::OfEvent(uint32_t ledger, const std::string& origin,
                                                  std::string_view event_id) const {
  std::vector<Place> places;
  store::Store* const rows = rows_;
  if (rows == nullptr) return places;
  const std::string prefix = EventPrefix(kRow, ledger, event_id);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    std::optional<Place> place = PlaceOfKey(it->key());
    if (!place.has_value()) return DataLoss("vault: the key of a row is damaged");
    place->origin = origin;
    places.push_back(*std::move(place));
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return places;
}

absl::StatusOr<bool> Vault::AnyErased(uint32_t ledger, std::string_view event_id) const {
  store::Store* const rows = rows_;
  if (rows == nullptr) return false;
  const std::string prefix = EventPrefix(kErased, ledger, event_id);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  it->Seek(prefix);
  SUYUAN_RETURN_IF_ERROR(it->status());
  return it->Valid() && it->key().starts_with(prefix);
}

absl::StatusOr<std::vector<Erasure::Restricted>> Vault::RestrictedOf(
    uint32_t ledger, const std::string& origin) const {
  std::vector<Erasure::Restricted> all;
  store::Store* const rows = rows_;
  if (rows == nullptr) return all;
  std::string prefix(1, kRestricted);
  PutFixed32(&prefix, ledger);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    std::optional<Place> place = PlaceOfKey(it->key());
    if (!place.has_value() || it->value().size() != 8) {
      return DataLoss("vault: the term of a row is damaged");
    }
    place->origin = origin;
    all.push_back({*std::move(place), static_cast<int64_t>(GetFixed64(it->value().data()))});
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return all;
}

absl::Status Vault::ForEachRow(
    const std::function<void(const Place& place, bool settled)>& visit) const {
  store::Store* const rows = rows_;
  if (rows == nullptr) return absl::OkStatus();
  // An iterator keeps files that an erasure wants to be gone: never for long.
  std::string from(1, kRow);
  for (bool more = true; more;) {
    more = false;
    std::vector<Place> places;
    {
      const std::unique_ptr<store::Iterator> it = rows->NewIterator();
      for (it->Seek(from); it->Valid() && it->key()[0] == kRow; it->Next()) {
        if (places.size() == kRowsAtOnce) {
          from = it->key();
          more = true;
          break;
        }
        std::optional<Place> place = PlaceOfKey(it->key());
        if (!place.has_value()) return DataLoss("vault: the key of a row is damaged");
        places.push_back(*std::move(place));
      }
      SUYUAN_RETURN_IF_ERROR(it->status());
    }
    for (const Place& place : places) {
      const std::string mark = PlaceKey(kPending, place);
      SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> pending, rows->Get(mark));
      bool settled = !pending.has_value();
      if (!settled) {
        MutexLock lock(&mu_);
        settled = std::find(settled_.begin(), settled_.end(), mark) != settled_.end();
      }
      visit(place, settled);
    }
  }
  return absl::OkStatus();
}

// ---------------------------------------------------------------- storing

void Vault::TakeSettled(WriteBatch* batch) {
  MutexLock lock(&mu_);
  for (std::string& mark : settled_) batch->Delete(std::move(mark));
  settled_.clear();
}

absl::StatusOr<Vault::Ticket> Vault::Put(std::span<const Datum> data) {
  SUYUAN_RETURN_IF_ERROR(Make());
  Ticket ticket;
  WriteBatch rows;
  WriteBatch keys;
  std::set<std::string> new_owners;
  const auto put_key = [&](const Key& key) { keys.Put(DataKey(key.id), key.bytes); };
  const auto new_key = []() -> absl::StatusOr<Key> {
    Key key;
    SUYUAN_ASSIGN_OR_RETURN(key.id, RandomBytes(kIdBytes));
    SUYUAN_ASSIGN_OR_RETURN(key.bytes, RandomBytes(kKeyBytes));
    return key;
  };
  const auto write = [&]() -> absl::Status {
    for (const Datum& datum : data) {
      const Place& place = datum.place;
      Key key;
      Row row;
      if (datum.person.empty()) {
        SUYUAN_ASSIGN_OR_RETURN(key, new_key());
        put_key(key);
      } else {
        SUYUAN_ASSIGN_OR_RETURN(row.owner, OwnerOf(place.origin, datum.person));
        const std::string owner_key = OwnerKey(place.ledger, row.owner);
        MutexLock lock(&mu_);
        ++in_hand_[owner_key];
        ticket.owners.push_back(owner_key);
        auto it = fresh_.find(owner_key);
        if (it == fresh_.end()) {
          SUYUAN_ASSIGN_OR_RETURN(std::optional<Key> known, KeyOfOwner(place.ledger, row.owner));
          if (!known.has_value()) {
            SUYUAN_ASSIGN_OR_RETURN(known, new_key());
            it = fresh_.emplace(owner_key, *known).first;
          }
          key = *std::move(known);
        } else {
          key = it->second;
        }
        // Somebody else's new key need not be durable before this row: it is written by both.
        if (it != fresh_.end() && new_owners.insert(owner_key).second) {
          put_key(key);
          keys.Put(owner_key, key.id);
        }
        rows.Put(OwnedKey(place, row.owner), "");
      }
      std::string plain = datum.salt;
      PutString(&plain, datum.value);
      PutString(&plain, datum.person);
      row.key_id = key.id;
      SUYUAN_ASSIGN_OR_RETURN(row.sealed,
                              Seal(key.bytes, Bound(place, row.key_id, row.owner), plain));
      rows.Put(PlaceKey(kRow, place), row.Encode());
      rows.Put(PlaceKey(kPending, place), "");
      ticket.places.push_back(place);
    }
    TakeSettled(&rows);
    // The rows first: what is pending leads to keys that nobody needs.
    SUYUAN_RETURN_IF_ERROR(rows_.load()->Write(rows));
    if (!keys.puts().empty()) SUYUAN_RETURN_IF_ERROR(keys_.load()->Write(keys));
    return absl::OkStatus();
  };
  const absl::Status status = write();
  MutexLock lock(&mu_);
  for (const std::string& owner : new_owners) fresh_.erase(owner);
  if (status.ok()) return ticket;
  for (const std::string& owner : ticket.owners) {
    if (--in_hand_[owner] == 0) in_hand_.erase(owner);
  }
  return status;
}

void Vault::Keep(const Ticket& ticket) {
  Keep(ticket.places);
  MutexLock lock(&mu_);
  for (const std::string& owner : ticket.owners) {
    if (--in_hand_[owner] == 0) in_hand_.erase(owner);
  }
}

void Vault::Keep(const std::vector<Place>& places) {
  MutexLock lock(&mu_);
  for (const Place& place : places) settled_.push_back(PlaceKey(kPending, place));
}

absl::Status Vault::Forget(const Ticket& ticket) {
  Going going;
  {
    MutexLock lock(&mu_);
    for (const std::string& owner : ticket.owners) {
      if (--in_hand_[owner] == 0) in_hand_.erase(owner);
    }
    // Of a person for whom somebody else is writing, the key stays.
    SUYUAN_RETURN_IF_ERROR(Look(ticket.places, &going));
    SUYUAN_RETURN_IF_ERROR(DeleteKeys(going));
  }
  return DeleteRows(going, WriteBatch());
}

absl::StatusOr<std::vector<Place>> Vault::Pending() const {
  std::vector<Place> places;
  store::Store* const rows = rows_;
  if (rows == nullptr) return places;
  const std::string prefix(1, kPending);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    std::optional<Place> place = PlaceOfKey(it->key());
    if (!place.has_value()) return DataLoss("vault: the mark of a row is damaged");
    places.push_back(*std::move(place));
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return places;
}

// ---------------------------------------------------------------- destroying

// What goes with the rows at `places`, and what of the same persons stays.
absl::Status Vault::Look(const std::vector<Place>& places, Going* going) const {
  store::Store* const keys = keys_;
  std::map<std::string, Going::Owner> owners;
  std::set<std::string> row_keys;
  for (const Place& place : places) {
    row_keys.insert(PlaceKey(kRow, place));
    going->rows.push_back(PlaceKey(kRow, place));
    going->rows.push_back(PlaceKey(kPending, place));
    going->rows.push_back(PlaceKey(kRestricted, place));
    SUYUAN_ASSIGN_OR_RETURN(const std::optional<Row> row, ReadRow(place));
    if (!row.has_value()) continue;
    going->key_ids.insert(row->key_id);
    if (row->owner.empty()) continue;
    going->rows.push_back(OwnedKey(place, row->owner));
    Going::Owner& owner = owners[OwnerKey(place.ledger, row->owner)];
    owner.ledger = place.ledger;
    owner.origin = place.origin;
    owner.owner = row->owner;
  }
  for (auto& [owner_key, owner] : owners) {
    SUYUAN_ASSIGN_OR_RETURN(owner.left, RowsOfOwner(owner.ledger, owner.owner));
    std::erase_if(owner.left,
                  [&](const Place& place) { return row_keys.contains(PlaceKey(kRow, place)); });
    for (Place& place : owner.left) place.origin = owner.origin;
    if (keys != nullptr) {
      SUYUAN_ASSIGN_OR_RETURN(const std::optional<Key> key, KeyOfOwner(owner.ledger, owner.owner));
      if (key.has_value() && owner.left.empty()) going->key_ids.insert(key->id);
    }
    going->owners.push_back(std::move(owner));
  }
  return absl::OkStatus();
}

// Gives those of whom something stays a new key, so that a copy of what goes opens with no
// key that is kept.
absl::Status Vault::Rekey(const Going& going, std::vector<std::string>* changed) {
  store::Store* const keys = keys_;
  if (keys == nullptr) return absl::OkStatus();
  for (const Going::Owner& owner : going.owners) {
    if (owner.left.empty()) continue;
    SUYUAN_ASSIGN_OR_RETURN(std::optional<Key> key, KeyOfOwner(owner.ledger, owner.owner));
    if (!key.has_value() || going.key_ids.contains(key->id)) {
      key.emplace();
      SUYUAN_ASSIGN_OR_RETURN(key->id, RandomBytes(kIdBytes));
      SUYUAN_ASSIGN_OR_RETURN(key->bytes, RandomBytes(kKeyBytes));
      WriteBatch batch;
      batch.Put(DataKey(key->id), key->bytes);
      batch.Put(OwnerKey(owner.ledger, owner.owner), key->id);
      SUYUAN_RETURN_IF_ERROR(keys->Write(batch));
    }
    WriteBatch batch;
    for (const Place& place : owner.left) {
      SUYUAN_ASSIGN_OR_RETURN(std::optional<Row> row, ReadRow(place));
      if (!row.has_value() || !going.key_ids.contains(row->key_id)) continue;
      SUYUAN_ASSIGN_OR_RETURN(const std::optional<std::string> old,
                              keys->Get(DataKey(row->key_id)));
      if (!old.has_value()) continue;
      const absl::StatusOr<std::string> plain =
          Unseal(*old, Bound(place, row->key_id, row->owner), row->sealed);
      if (!plain.ok()) continue;  // damaged: no key helps it
      row->key_id = key->id;
      SUYUAN_ASSIGN_OR_RETURN(row->sealed,
                              Seal(key->bytes, Bound(place, row->key_id, row->owner), *plain));
      batch.Put(PlaceKey(kRow, place), row->Encode());
      changed->push_back(PlaceKey(kRow, place));
    }
    if (!batch.puts().empty()) SUYUAN_RETURN_IF_ERROR(rows_.load()->Write(batch));
  }
  return absl::OkStatus();
}

absl::Status Vault::DeleteKeys(const Going& going) {
  store::Store* const keys = keys_;
  if (keys == nullptr) return absl::OkStatus();
  std::set<std::string> kept;
  WriteBatch batch;
  for (const Going::Owner& owner : going.owners) {
    const std::string owner_key = OwnerKey(owner.ledger, owner.owner);
    SUYUAN_ASSIGN_OR_RETURN(const std::optional<Key> key, KeyOfOwner(owner.ledger, owner.owner));
    if (!owner.left.empty() || IsInHand(owner_key)) {
      if (key.has_value()) kept.insert(key->id);
    } else {
      batch.Delete(owner_key);
    }
  }
  for (const std::string& id : going.key_ids) {
    if (!kept.contains(id)) batch.Delete(DataKey(id));
  }
  return batch.deletes().empty() ? absl::OkStatus() : keys->Write(batch);
}

absl::Status Vault::DeleteRows(const Going& going, WriteBatch batch) {
  for (const std::string& key : going.rows) batch.Delete(key);
  return rows_.load()->Write(batch);
}

// Only rows and keys hold what must not be found.
absl::Status Vault::Purge(const Going& going, std::vector<std::string> changed) {
  for (const std::string& key : going.rows) {
    if (key[0] == kRow) changed.push_back(key);
  }
  SUYUAN_RETURN_IF_ERROR(rows_.load()->Purge(changed));
  store::Store* const keys = keys_;
  if (keys == nullptr) return absl::OkStatus();
  std::vector<std::string> data_keys;
  for (const std::string& id : going.key_ids) data_keys.push_back(DataKey(id));
  return keys->Purge(data_keys);
}

absl::Status Vault::Destroy(const std::vector<Place>& places) {
  if (rows_ == nullptr || places.empty()) return absl::OkStatus();
  Going going;
  {
    MutexLock lock(&mu_);
    SUYUAN_RETURN_IF_ERROR(Look(places, &going));
    SUYUAN_RETURN_IF_ERROR(DeleteKeys(going));
  }
  SUYUAN_RETURN_IF_ERROR(DeleteRows(going, WriteBatch()));
  return Purge(going, {});
}

absl::Status Vault::Begin(const Erasure& erasure) {
  WriteBatch batch;
  batch.Put(StrCat(std::string(1, kBegun), erasure.entry_id), EncodeErasure(erasure));
  return rows_.load()->Write(batch);
}

absl::StatusOr<std::vector<Erasure>> Vault::Begun() const {
  std::vector<Erasure> all;
  store::Store* const rows = rows_;
  if (rows == nullptr) return all;
  const std::string prefix(1, kBegun);
  const std::unique_ptr<store::Iterator> it = rows->NewIterator();
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    SUYUAN_ASSIGN_OR_RETURN(Erasure erasure, DecodeErasure(it->key().substr(1), it->value()));
    all.push_back(std::move(erasure));
  }
  SUYUAN_RETURN_IF_ERROR(it->status());
  return all;
}

absl::Status Vault::Drop(const Erasure& erasure) {
  WriteBatch batch;
  batch.Delete(StrCat(std::string(1, kBegun), erasure.entry_id));
  return rows_.load()->Write(batch);
}

// Whoever is left with a new key has it before the old ones go, and these go before the rows
// that lead to them: at every moment a crash leaves what is needed to do it again.
absl::Status Vault::Finish(const Erasure& erasure, bool again) {
  store::Store* const rows = rows_;
  WriteBatch marks;
  TakeSettled(&marks);
  if (!marks.deletes().empty()) SUYUAN_RETURN_IF_ERROR(rows->Write(marks));
  std::vector<Place> places;
  WriteBatch batch;
  for (const Erasure::Erased& one : erasure.erased) {
    places.push_back(one.place);
    batch.Put(PlaceKey(kErased, one.place), std::string(one.commitment.view()));
  }
  for (const Erasure::Restricted& one : erasure.restricted) {
    std::string until;
    PutFixed64(&until, static_cast<uint64_t>(one.until_micros));
    batch.Put(PlaceKey(kRestricted, one.place), std::move(until));
  }
  Going going;
  std::vector<std::string> changed;
  SUYUAN_RETURN_IF_ERROR(Look(places, &going));
  SUYUAN_RETURN_IF_ERROR(Rekey(going, &changed));
  {
    MutexLock lock(&mu_);
    SUYUAN_RETURN_IF_ERROR(DeleteKeys(going));
  }
  SUYUAN_RETURN_IF_ERROR(DeleteRows(going, std::move(batch)));
  if (again) {
    // What the first time deleted is not known any more.
    SUYUAN_RETURN_IF_ERROR(rows->PurgeAll());
    if (store::Store* const keys = keys_; keys != nullptr) {
      SUYUAN_RETURN_IF_ERROR(keys->PurgeAll());
    }
  } else if (!places.empty()) {
    SUYUAN_RETURN_IF_ERROR(Purge(going, std::move(changed)));
  }
  return Drop(erasure);
}

}  // namespace suyuan::privacy
