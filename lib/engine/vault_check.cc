#include "lib/engine/vault_check.h"

#include <optional>
#include <utility>

#include "lib/base/strings.h"
#include "lib/ledger/id_index.h"
#include "lib/privacy/commitment.h"
#include "lib/privacy/fields.h"

namespace suyuan::engine {

using privacy::Place;
using State = privacy::Found::State;

namespace {

std::string NameOf(uint32_t ledger, std::string_view event_id, std::string_view path) {
  return StrCat(ledger, " ", path, " ", event_id);
}

}  // namespace

VaultCheck::VaultCheck(const privacy::Vault& vault, privacy::Gate* gate)
    : vault_(vault), gate_(gate) {
  const absl::Status status = vault_.ForEachRow([&](const Place& place, bool settled) {
    if (settled) ++events_[{place.ledger, ledger::IdHash(place.event_id)}].rows;
  });
  if (!status.ok()) Found("", 0, "readable rows", std::string(status.message()));
  const absl::StatusOr<std::vector<privacy::Erasure>> begun = vault_.Begun();
  if (!begun.ok()) {
    Found("", 0, "readable notes of erasures", std::string(begun.status().message()));
    return;
  }
  for (const privacy::Erasure& erasure : *begun) {
    for (const privacy::Erasure::Erased& one : erasure.erased) {
      going_.insert(NameOf(erasure.ledger, one.place.event_id, one.place.path));
    }
  }
}

void VaultCheck::Entry(uint32_t ledger, const std::string& name,
                       const ledger::StoredRecord& stored) {
  const std::string_view id = stored.record.event_id;
  const bool own = id.starts_with("suyuan:");
  if (!own && !events_.contains({ledger, ledger::IdHash(id)})) return;
  v1::Event event;
  if (!event.ParseFromArray(stored.record.event.data(),
                            static_cast<int>(stored.record.event.size()))) {
    return;  // told by others
  }
  if (event.has_genesis()) {
    origins_[ledger] = event.genesis().origin();
    names_[ledger] = name;
  }
  std::optional<privacy::Gate::Shared> inside;
  if (gate_ != nullptr) inside.emplace(gate_);
  for (const v1::PersonalField& field : event.erase_personal().erased()) {
    if (going_.contains(NameOf(ledger, field.event_id(), field.path()))) continue;
    const auto found = vault_.Find({ledger, origins_[ledger], field.event_id(), field.path()});
    if (found.ok() && (found->state == State::kNothing || found->state == State::kErased)) continue;
    Found(name, stored.record.sequence,
          StrCat("nothing of event ", field.event_id(), ", ", field.path(), ": it was erased"),
          found.ok() ? "a value" : std::string(found.status().message()));
  }
  if (!own) Look(ledger, name, stored, event);
}

void VaultCheck::Look(uint32_t ledger, const std::string& name, const ledger::StoredRecord& stored,
                      const v1::Event& event) {
  privacy::ForEachPersonal(event, [&](const std::string& path, const v1::Personal& personal) {
    const Place place{ledger, origins_[ledger], event.id(), path};
    const auto found = vault_.Find(place);
    if (!found.ok()) {
      ++events_[{ledger, ledger::IdHash(event.id())}].seen;
      Found(name, stored.record.sequence, "a value that can be read",
            std::string(found.status().message()));
      return;
    }
    if (found->state != State::kHeld && found->state != State::kKeyMissing) return;
    ++events_[{ledger, ledger::IdHash(event.id())}].seen;
    if (found->state == State::kHeld &&
        privacy::Commit(place, found->datum.salt, found->datum.value).view() !=
            personal.commitment()) {
      Found(name, stored.record.sequence, StrCat("a value that opens the commitment at ", path),
            "another one");
    }
  });
}

std::vector<Problem> VaultCheck::Finish() {
  for (const auto& [key, known] : events_) {
    if (known.seen >= known.rows) continue;
    // Which of them, unless an erasure took it meanwhile.
    const uint32_t ledger = key.first;
    const uint64_t hash = key.second;
    uint32_t still = 0;
    std::string id;
    const absl::Status status = vault_.ForEachRow([&](const Place& place, bool settled) {
      if (!settled || place.ledger != ledger || ledger::IdHash(place.event_id) != hash) return;
      ++still;
      id = place.event_id;
    });
    if (!status.ok() || still <= known.seen) continue;
    const auto name = names_.find(ledger);
    Found(name == names_.end() ? StrCat("no. ", ledger) : name->second, 0,
          StrCat("an entry for every value of event ", id),
          StrCat(still - known.seen, " without one"));
  }
  return std::move(problems_);
}

void VaultCheck::Found(const std::string& name, uint64_t sequence, std::string expected,
                       std::string found) {
  problems_.push_back({name, sequence, "vault", std::move(expected), std::move(found)});
}

}  // namespace suyuan::engine
