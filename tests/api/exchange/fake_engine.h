#ifndef TESTS_API_EXCHANGE_FAKE_ENGINE_H_
#define TESTS_API_EXCHANGE_FAKE_ENGINE_H_

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/strings.h"
#include "tests/support/unimplemented_engine.h"

namespace suyuan::exchange {

// Keeps ledgers as lists of events in memory, entry 0 being a genesis. An event
// without an id, or with the remark "bad", breaks a rule of form; one with the remark
// "conduct" is refused by Append alone.
class FakeEngine : public UnimplementedEngine {
 public:
  std::map<std::string, std::vector<v1::Event>, std::less<>> ledgers;
  std::map<std::string, LedgerOptions, std::less<>> created;
  std::vector<size_t> batches;  // sizes of the calls of Append
  // The first Append after as many successful ones returns it.
  absl::Status failure;
  size_t appends_before_failure = 0;

  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) override {
    if (ledgers.contains(options.name)) return absl::AlreadyExistsError(options.name);
    created[options.name] = options;
    v1::Event genesis;
    genesis.mutable_genesis()->set_profile(options.profile);
    ledgers[options.name].push_back(genesis);
    return GetLedger(options.name);
  }
  absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const override {
    std::vector<LedgerInfo> list;
    for (const auto& [name, events] : ledgers) list.push_back(*GetLedger(name));
    return list;
  }
  absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const override {
    const auto it = ledgers.find(name);
    if (it == ledgers.end()) return NotFound("no such ledger: ", name);
    LedgerInfo info;
    info.name = std::string(name);
    info.size = it->second.size();
    return info;
  }

  absl::StatusOr<std::vector<Violation>> Validate(
      std::string_view, std::span<const v1::Event> events) const override {
    std::vector<Violation> faults;
    for (size_t i = 0; i < events.size(); ++i) {
      if (events[i].id().empty()) {
        faults.push_back({i, "form.required", "id", "", "an id", "ours", "缺", "missing"});
      }
      if (events[i].remark() == "bad") {
        faults.push_back({i, "form.bad", "remark", "bad", "good", "ours", "坏", "is bad"});
      }
    }
    return faults;
  }

  absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                              std::span<const v1::Event> events) override {
    const auto it = ledgers.find(ledger);
    if (it == ledgers.end()) return NotFound("no such ledger: ", ledger);
    if (!failure.ok() && batches.size() >= appends_before_failure) return failure;
    std::vector<v1::Event> fresh;
    std::vector<Receipt> receipts;
    for (const v1::Event& event : events) {
      if (event.remark() == "conduct") return FailedPrecondition("it was recalled");
      Receipt& receipt = receipts.emplace_back();
      const v1::Event* known = Find(it->second, event.id());
      if (known == nullptr) known = Find(fresh, event.id());
      if (known == nullptr) {
        fresh.push_back(event);
      } else if (known->SerializeAsString() != event.SerializeAsString()) {
        return absl::AlreadyExistsError("taken");
      } else {
        receipt.duplicate = true;
      }
    }
    it->second.insert(it->second.end(), fresh.begin(), fresh.end());
    batches.push_back(events.size());
    return receipts;
  }

  absl::Status Read(std::string_view ledger, uint64_t from, uint64_t to,
                    const std::function<bool(const Entry&)>& visit) const override {
    const auto it = ledgers.find(ledger);
    if (it == ledgers.end()) return NotFound("no such ledger: ", ledger);
    for (uint64_t i = from; i < to && i < it->second.size(); ++i) {
      Entry entry;
      entry.sequence = i;
      entry.event = it->second[i];
      if (!visit(entry)) break;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view) const override {
    return std::vector<UnitInfo>();
  }
  absl::Status RebuildIndexes() override { return absl::OkStatus(); }

 private:
  static const v1::Event* Find(const std::vector<v1::Event>& events, const std::string& id) {
    for (const v1::Event& event : events) {
      if (event.id() == id) return &event;
    }
    return nullptr;
  }
};

}  // namespace suyuan::exchange

#endif  // TESTS_API_EXCHANGE_FAKE_ENGINE_H_
