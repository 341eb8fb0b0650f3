#include "api/cli/holder_names.h"

namespace suyuan::cli {

HolderNames HolderNames::Load(const Engine& engine, const std::vector<LedgerHead>& heads,
                              uint64_t max_entries) {
  HolderNames result;
  const absl::StatusOr<std::vector<LedgerInfo>> ledgers = engine.ListLedgers();
  if (!ledgers.ok()) return result;  // the keys are shown
  for (const LedgerInfo& info : *ledgers) result.Note(info.subject, info.subject_name, "");
  uint64_t total = 0;
  for (const LedgerHead& head : heads) total += head.size;
  if (total > max_entries) return result;
  for (const LedgerHead& head : heads) {
    const absl::Status status = engine.Read(head.ledger, 0, head.size, [&](const Entry& entry) {
      if (entry.event.has_register_master()) {
        const v1::RegisterMaster& master = entry.event.register_master();
        const v1::SubjectVersion& subject = master.subject();
        const v1::SiteVersion& site = master.site();
        if (master.has_subject()) result.Note(subject.key(), subject.name(), subject.address());
        if (master.has_site()) result.Note(site.key(), site.name(), site.address());
      }
      return true;
    });
    // Without names the keys are shown: an unreadable entry is for `check` to tell.
    if (!status.ok()) continue;
  }
  return result;
}

void HolderNames::Note(const std::string& key, const std::string& name,
                       const std::string& address) {
  if (key.empty() || name.empty()) return;
  Holder& holder = holders_[key];
  if (holder.name != name) {
    if (!holder.name.empty()) --shared_[holder.name];
    ++shared_[name];
    holder.name = name;
  }
  if (!address.empty()) holder.address = address;
}

std::string HolderNames::Get(const std::string& key) const {
  const auto it = holders_.find(key);
  if (it == holders_.end()) return key;
  const Holder& holder = it->second;
  if (shared_.at(holder.name) == 1) return holder.name;
  return holder.name + " (" + (holder.address.empty() ? key : holder.address) + ")";
}

std::string HolderNames::Join(const std::vector<std::string>& keys) const {
  std::string joined;
  for (const std::string& key : keys) joined += (joined.empty() ? "" : ", ") + Get(key);
  return joined;
}

}  // namespace suyuan::cli
