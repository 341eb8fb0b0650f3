#include "lib/engine/personal_data.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/base/utf8.h"
#include "lib/privacy/fields.h"
#include "lib/privacy/retention.h"
#include "lib/privacy/seal.h"

namespace suyuan::engine {
namespace {

using ledger::Ledgers;
using privacy::Datum;
using privacy::Erasure;
using privacy::Found;
using privacy::Gate;
using privacy::Place;
using privacy::Vault;

constexpr int kChinaOffsetMinutes = 480;
constexpr size_t kMaxReasonBytes = 1'024;
// Well below what an entry can hold.
constexpr size_t kErasureBytes = 32'000;
constexpr std::string_view kBases[] = {"consent-withdrawn", "purpose-fulfilled", "retention-over",
                                       "other"};

absl::Status OtherContent(std::string_view id, std::string_view ledger) {
  return absl::AlreadyExistsError(
      StrCat("event ", id, " exists in ledger ", ledger, " with other content"));
}

std::string CommitmentAt(const v1::Event& event, std::string_view path) {
  std::string commitment;
  privacy::ForEachPersonal(event, [&](const std::string& at, const v1::Personal& personal) {
    if (at == path) commitment = personal.commitment();
  });
  return commitment;
}

std::string NameOf(uint32_t ledger, std::string_view event_id) {
  return StrCat(ledger, "/", event_id);
}

absl::Status DoesNotOpen(const Place& place) {
  return DataLoss("event ", place.event_id, ", ", place.path,
                  ": what the vault holds does not open the commitment of the entry");
}

}  // namespace

// ---------------------------------------------------------------- opening

PersonalData::PersonalData(const std::string& vault_dir, Ledgers* ledgers, const Clock* clock)
    : ledgers_(*ledgers), clock_(*clock) {
  absl::StatusOr<std::unique_ptr<Vault>> vault = Vault::Open(vault_dir);
  status_ = vault.status();
  if (!status_.ok()) return;
  vault_ = *std::move(vault);
  status_ = CatchUp();
}

absl::Status PersonalData::CatchUp() {
  SUYUAN_RETURN_IF_ERROR(SettlePending());
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Erasure> begun, vault_->Begun());
  for (const Erasure& erasure : begun) {
    const absl::Status found = EntryOf(erasure.ledger, erasure.entry_id).status();
    if (found.ok()) {
      SUYUAN_RETURN_IF_ERROR(vault_->Finish(erasure, /*again=*/true));
    } else if (absl::IsNotFound(found)) {
      SUYUAN_RETURN_IF_ERROR(vault_->Drop(erasure));
    } else {
      return found;
    }
  }
  return absl::OkStatus();
}

absl::Status PersonalData::SettlePending() {
  SUYUAN_ASSIGN_OR_RETURN(std::vector<Place> pending, vault_->Pending());
  std::vector<Place> kept;
  std::vector<Place> lost;
  for (Place& place : pending) {
    const std::optional<Ledgers::State> ledger = ledgers_.Get(place.ledger);
    if (ledger.has_value()) place.origin = ledger->genesis.origin();
    const absl::StatusOr<Stored> stored = EntryOf(place.ledger, place.event_id);
    if (!stored.ok() && !absl::IsNotFound(stored.status())) return stored.status();
    const std::string commitment =
        stored.ok() ? CommitmentAt(stored->event, place.path) : std::string();
    bool is_its = !commitment.empty();
    if (is_its) {
      SUYUAN_ASSIGN_OR_RETURN(const Found found, vault_->Find(place));
      // Without the key nobody can tell; then it is kept.
      is_its = found.state != Found::State::kHeld ||
               privacy::Commit(place, found.datum.salt, found.datum.value).view() == commitment;
    }
    (is_its ? kept : lost).push_back(std::move(place));
  }
  SUYUAN_RETURN_IF_ERROR(vault_->Destroy(lost));
  vault_->Keep(kept);
  return absl::OkStatus();
}

absl::StatusOr<PersonalData::Stored> PersonalData::EntryOf(uint32_t ledger,
                                                           std::string_view event_id) const {
  SUYUAN_ASSIGN_OR_RETURN(const uint64_t sequence, ledgers_.Find(ledger, event_id));
  Stored result;
  bool parsed = false;
  SUYUAN_RETURN_IF_ERROR(
      ledgers_.Read(ledger, sequence, sequence + 1, [&](const ledger::StoredRecord& stored) {
        parsed = result.event.ParseFromArray(stored.record.event.data(),
                                             static_cast<int>(stored.record.event.size()));
        result.recorded_micros = stored.record.recorded_micros;
        return false;
      }));
  if (!parsed) return DataLoss("entry ", sequence, ": no event");
  return result;
}

// ---------------------------------------------------------------- storing

absl::StatusOr<Hash> PersonalData::Committed(const Place& place, v1::Personal* personal,
                                             std::vector<Datum>* fresh) {
  SUYUAN_ASSIGN_OR_RETURN(const Found found, vault_->Find(place));
  switch (found.state) {
    case Found::State::kErased:
      return found.commitment;
    case Found::State::kKeyMissing:
      return absl::FailedPreconditionError(
          StrCat("event ", place.event_id, ", ", place.path,
                 ": its value is held and its key is not here, so that nobody can compare"));
    case Found::State::kHeld:
      if (found.datum.value != personal->value()) return absl::AlreadyExistsError("");
      return privacy::Commit(place, found.datum.salt, found.datum.value);
    case Found::State::kNothing:
      break;
  }
  for (const Datum& datum : *fresh) {
    if (datum.place != place) continue;
    if (datum.value != personal->value()) return absl::AlreadyExistsError("");
    return privacy::Commit(place, datum.salt, datum.value);
  }
  Datum& datum = fresh->emplace_back();
  datum.place = place;
  datum.value = std::move(*personal->mutable_value());
  datum.person = std::move(*personal->mutable_person());
  SUYUAN_ASSIGN_OR_RETURN(datum.salt, privacy::RandomBytes(privacy::kSaltBytes));
  return privacy::Commit(place, datum.salt, datum.value);
}

absl::StatusOr<std::vector<Receipt>> PersonalData::Append(
    const Ledgers::State& ledger, std::span<const v1::Event> events,
    const std::function<absl::StatusOr<std::vector<Receipt>>(std::span<const v1::Event>)>& append) {
  SUYUAN_RETURN_IF_ERROR(status_);
  std::set<std::string> names;
  for (const v1::Event& event : events) {
    if (privacy::HasPersonal(event)) names.insert(NameOf(ledger.number, event.id()));
  }
  const Gate::Shared inside(&gate_, std::move(names));
  std::vector<v1::Event> committed(events.begin(), events.end());
  std::vector<Datum> fresh;
  absl::Status status;
  for (v1::Event& event : committed) {
    privacy::ForEachPersonal(&event, [&](const std::string& path, v1::Personal* personal) {
      if (!status.ok()) return;
      const Place place{ledger.number, ledger.genesis.origin(), event.id(), path};
      const absl::StatusOr<Hash> commitment = Committed(place, personal, &fresh);
      status = absl::IsAlreadyExists(commitment.status()) ? OtherContent(event.id(), ledger.name)
                                                          : commitment.status();
      personal->Clear();
      if (status.ok()) personal->set_commitment(std::string(commitment->view()));
    });
  }
  SUYUAN_RETURN_IF_ERROR(status);
  if (fresh.empty()) return append(committed);
  SUYUAN_ASSIGN_OR_RETURN(const Vault::Ticket ticket, vault_->Put(fresh));
  absl::StatusOr<std::vector<Receipt>> receipts = append(committed);
  if (receipts.ok()) {
    vault_->Keep(ticket);
  } else if (!absl::IsUnavailable(receipts.status())) {
    SUYUAN_RETURN_IF_ERROR(vault_->Forget(ticket));
  }  // else the next opening sees whether the events are there
  return receipts;
}

// ---------------------------------------------------------------- reading

absl::StatusOr<std::vector<PersonalDatum>> PersonalData::Read(const Ledgers::State& ledger,
                                                              std::string_view event_id) {
  SUYUAN_RETURN_IF_ERROR(status_);
  const Gate::Shared inside(&gate_);
  SUYUAN_ASSIGN_OR_RETURN(const Stored stored, EntryOf(ledger.number, event_id));
  std::vector<PersonalDatum> data;
  absl::Status status;
  privacy::ForEachPersonal(
      stored.event, [&](const std::string& path, const v1::Personal& personal) {
        if (!status.ok()) return;
        const Place place{ledger.number, ledger.genesis.origin(), std::string(event_id), path};
        absl::StatusOr<Found> found = vault_->Find(place);
        status = found.status();
        if (!status.ok()) return;
        PersonalDatum& datum = data.emplace_back();
        datum.path = path;
        switch (found->state) {
          case Found::State::kErased:
            datum.state = PersonalState::kErased;
            return;
          case Found::State::kNothing:
          case Found::State::kKeyMissing:
            datum.state = PersonalState::kKeyMissing;
            break;
          case Found::State::kHeld:
            if (privacy::Commit(place, found->datum.salt, found->datum.value).view() !=
                personal.commitment()) {
              status = DoesNotOpen(place);
              return;
            }
            if (!found->restricted_until.has_value()) {
              datum.value = std::move(found->datum.value);
              datum.person = std::move(found->datum.person);
            }
            break;
        }
        if (found->restricted_until.has_value()) {
          datum.state = PersonalState::kRestricted;
          datum.until_micros = *found->restricted_until;
        }
      });
  SUYUAN_RETURN_IF_ERROR(status);
  return data;
}

absl::StatusOr<Disclosure> PersonalData::Disclose(const Ledgers::State& ledger,
                                                  std::string_view event_id, std::string_view path,
                                                  bool to_authority) {
  SUYUAN_RETURN_IF_ERROR(status_);
  const Gate::Shared inside(&gate_);
  SUYUAN_ASSIGN_OR_RETURN(const Stored stored, EntryOf(ledger.number, event_id));
  const std::string commitment = CommitmentAt(stored.event, path);
  if (commitment.empty()) {
    return NotFound("event ", event_id, " has no personal value at ", path);
  }
  const Place place{ledger.number, ledger.genesis.origin(), std::string(event_id),
                    std::string(path)};
  SUYUAN_ASSIGN_OR_RETURN(Found found, vault_->Find(place));
  if (found.state == Found::State::kErased) {
    return NotFound("event ", event_id, ", ", path, ": the value was erased");
  }
  if (found.state != Found::State::kHeld) {
    return absl::FailedPreconditionError(
        StrCat("event ", event_id, ", ", path, ": the key of the value is not here"));
  }
  if (found.restricted_until.has_value() && !to_authority) {
    return absl::FailedPreconditionError(
        StrCat("event ", event_id, ", ", path, ": the value is restricted until ",
               TimeText(*found.restricted_until, kChinaOffsetMinutes),
               " and is shown to an authority only"));
  }
  if (privacy::Commit(place, found.datum.salt, found.datum.value).view() != commitment) {
    return DoesNotOpen(place);
  }
  return Disclosure{place.origin, place.event_id, place.path, std::move(found.datum.salt),
                    std::move(found.datum.value)};
}

// ---------------------------------------------------------------- erasing

absl::StatusOr<ErasureResult> PersonalData::Erase(const Ledgers::State& ledger,
                                                  const ErasureRequest& request) {
  SUYUAN_RETURN_IF_ERROR(status_);
  if (request.person.empty() == request.event_id.empty()) {
    return InvalidArgument("erasure: expected a person or an event id, found ",
                           request.person.empty() ? "neither" : "both");
  }
  if (!request.path.empty() && request.event_id.empty()) {
    return InvalidArgument("erasure: a path goes with an event id");
  }
  if (std::find(std::begin(kBases), std::end(kBases), request.basis) == std::end(kBases)) {
    return InvalidArgument("erasure: basis: found \"", request.basis,
                           "\", expected consent-withdrawn, purpose-fulfilled, retention-over or "
                           "other");
  }
  if (request.reason.empty() || request.reason.size() > kMaxReasonBytes ||
      !IsUtf8(request.reason)) {
    return InvalidArgument("erasure: reason: found ", request.reason.size(),
                           " bytes, expected 1 to ", kMaxReasonBytes, " of UTF-8 text");
  }
  const Gate::Alone alone(&gate_);
  const std::string& origin = ledger.genesis.origin();
  std::vector<Place> places;
  if (!request.person.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(places, vault_->OfPerson(ledger.number, origin, request.person));
  } else {
    SUYUAN_ASSIGN_OR_RETURN(places, vault_->OfEvent(ledger.number, origin, request.event_id));
    if (!request.path.empty()) {
      std::erase_if(places, [&](const Place& place) { return place.path != request.path; });
    }
    if (places.empty()) {
      SUYUAN_ASSIGN_OR_RETURN(const bool erased,
                              vault_->AnyErased(ledger.number, request.event_id));
      if (erased) return ErasureResult();
    }
  }
  if (places.empty()) {
    return NotFound("no personal data of ",
                    request.person.empty() ? StrCat("event ", request.event_id) : request.person,
                    " are held of ledger ", ledger.name);
  }
  return Erase(ledger, places, request.basis, request.reason);
}

absl::StatusOr<ErasureResult> PersonalData::EraseDue(const Ledgers::State& ledger) {
  SUYUAN_RETURN_IF_ERROR(status_);
  const Gate::Alone alone(&gate_);
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Erasure::Restricted> restricted,
                          vault_->RestrictedOf(ledger.number, ledger.genesis.origin()));
  const int64_t now = clock_.WallMicros();
  std::vector<Place> due;
  for (const Erasure::Restricted& one : restricted) {
    if (one.until_micros < now) due.push_back(one.place);
  }
  if (due.empty()) return ErasureResult();
  return Erase(ledger, due, "retention-over", "保存期限届满 the term of keeping is over");
}

absl::StatusOr<ErasureResult> PersonalData::Erase(const Ledgers::State& ledger,
                                                  const std::vector<Place>& places,
                                                  const std::string& basis,
                                                  const std::string& reason) {
  const int64_t now = clock_.WallMicros();
  ErasureResult result;
  Erasure erasure;
  erasure.ledger = ledger.number;
  std::map<std::string, Stored> entries;
  for (const Place& place : places) {
    auto it = entries.find(place.event_id);
    if (it == entries.end()) {
      SUYUAN_ASSIGN_OR_RETURN(Stored stored, EntryOf(ledger.number, place.event_id));
      it = entries.emplace(place.event_id, std::move(stored)).first;
    }
    SUYUAN_ASSIGN_OR_RETURN(const Found found, vault_->Find(place));
    const int64_t until =
        privacy::KeptUntil(it->second.event, place.path, it->second.recorded_micros);
    if (until < now) {
      erasure.erased.push_back({place, Hash::From(CommitmentAt(it->second.event, place.path))});
      result.erased.push_back({place.event_id, place.path, 0});
    } else {
      // What is so already, and was said, is told but not said again.
      if (found.restricted_until != until) erasure.restricted.push_back({place, until});
      result.restricted.push_back({place.event_id, place.path, until});
    }
  }
  if (erasure.erased.empty() && erasure.restricted.empty()) return result;

  std::vector<v1::Event> told;
  size_t bytes = kErasureBytes;
  const auto entry = [&](const Place& place) -> absl::StatusOr<v1::ErasePersonal*> {
    bytes += place.event_id.size() + place.path.size() + 32;
    if (bytes > kErasureBytes) {
      bytes = 0;
      SUYUAN_ASSIGN_OR_RETURN(const std::string random, privacy::RandomBytes(16));
      v1::Event& event = told.emplace_back();
      event.set_id(StrCat(ledger::kReservedIdPrefix, "erase:", ToHex(random)));
      event.mutable_erase_personal()->set_basis(basis);
      event.mutable_erase_personal()->set_reason(reason);
    }
    return told.back().mutable_erase_personal();
  };
  for (const Erasure::Erased& one : erasure.erased) {
    SUYUAN_ASSIGN_OR_RETURN(v1::ErasePersonal* const message, entry(one.place));
    v1::PersonalField* const field = message->add_erased();
    field->set_event_id(one.place.event_id);
    field->set_path(one.place.path);
  }
  for (const Erasure::Restricted& one : erasure.restricted) {
    SUYUAN_ASSIGN_OR_RETURN(v1::ErasePersonal* const message, entry(one.place));
    v1::PersonalField* const field = message->add_restricted();
    field->set_event_id(one.place.event_id);
    field->set_path(one.place.path);
    field->set_until_micros(one.until_micros);
  }
  erasure.entry_id = told.front().id();
  std::vector<ledger::NewEvent> prepared;
  for (const v1::Event& event : told) {
    result.event_ids.push_back(event.id());
    SUYUAN_ASSIGN_OR_RETURN(ledger::NewEvent one, ledgers_.Prepare(event));
    prepared.push_back(std::move(one));
  }
  SUYUAN_RETURN_IF_ERROR(vault_->Begin(erasure));
  const absl::Status written = ledgers_.Append(ledger.number, std::move(prepared)).status();
  if (!written.ok()) {
    if (!absl::IsUnavailable(written)) SUYUAN_RETURN_IF_ERROR(vault_->Drop(erasure));
    return written;
  }
  if (const absl::Status done = vault_->Finish(erasure); !done.ok()) {
    return absl::UnavailableError(
        StrCat("the erasure is recorded and its destruction not finished; open the store again: ",
               done.message()));
  }
  return result;
}

}  // namespace suyuan::engine
