#ifndef TESTS_SUPPORT_UNIMPLEMENTED_ENGINE_H_
#define TESTS_SUPPORT_UNIMPLEMENTED_ENGINE_H_

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "suyuan/engine.h"

namespace suyuan {

// What a fake of an engine need not do.
class UnimplementedEngine : public Engine {
 public:
  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions&) override { return kNot; }
  absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const override { return kNot; }
  absl::StatusOr<LedgerInfo> GetLedger(std::string_view) const override { return kNot; }
  absl::StatusOr<std::vector<Violation>> Validate(std::string_view,
                                                  std::span<const v1::Event>) const override {
    return kNot;
  }
  absl::StatusOr<std::vector<Receipt>> Append(std::string_view,
                                              std::span<const v1::Event>) override {
    return kNot;
  }
  absl::Status Read(std::string_view, uint64_t, uint64_t,
                    const std::function<bool(const Entry&)>&) const override {
    return kNot;
  }
  absl::StatusOr<TraceResult> Trace(const TraceRequest&) const override { return kNot; }
  absl::StatusOr<std::vector<TraceDifference>> VerifyTrace(const TraceResult&) const override {
    return kNot;
  }
  absl::StatusOr<ScoreResult> Score(const ScoreRequest&) const override { return kNot; }
  absl::StatusOr<StockResult> GetStock(const StockRequest&) const override { return kNot; }
  absl::StatusOr<RecallPlan> PlanRecall(const RecallRequest&) const override { return kNot; }
  absl::StatusOr<CompletenessReport> ReportCompleteness(const std::string&) const override {
    return kNot;
  }
  absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view) const override { return kNot; }
  absl::Status RebuildIndexes() override { return kNot; }
  absl::StatusOr<CheckReport> CheckNow(const ProgressFunction&) const override { return kNot; }
  absl::StatusOr<std::string> Checkpoint(std::string_view, TreeHash) override { return kNot; }
  absl::Status AddCosignatures(std::string_view, std::string_view) override { return kNot; }
  absl::StatusOr<std::string> PublishedCheckpoint(std::string_view, TreeHash) override {
    return kNot;
  }
  absl::StatusOr<EventProof> Prove(std::string_view, std::string_view, TreeHash) override {
    return kNot;
  }
  absl::StatusOr<std::vector<std::string>> ProveConsistency(std::string_view, uint64_t, uint64_t,
                                                            TreeHash) const override {
    return kNot;
  }
  absl::StatusOr<std::string> ReadTile(std::string_view, std::string_view,
                                       TreeHash) const override {
    return kNot;
  }
  absl::StatusOr<LedgerInfo> RotateKey(std::string_view, std::string_view) override { return kNot; }
  absl::StatusOr<MirrorInfo> Follow(const MirrorRequest&) override { return kNot; }
  absl::StatusOr<LedgerInfo> RetireKeys(std::string_view) override { return kNot; }
  absl::StatusOr<Receipt> AddTimeStamp(std::string_view, const v1::TimeStamp&) override {
    return kNot;
  }
  absl::StatusOr<BackupInfo> Backup(const std::string&, const BackupOptions&) override {
    return kNot;
  }
  absl::StatusOr<std::vector<PersonalDatum>> ReadPersonal(std::string_view,
                                                          std::string_view) override {
    return kNot;
  }
  absl::StatusOr<Disclosure> Disclose(std::string_view, std::string_view, std::string_view,
                                      bool) override {
    return kNot;
  }
  absl::StatusOr<ErasureResult> ErasePersonal(std::string_view, const ErasureRequest&) override {
    return kNot;
  }
  absl::StatusOr<ErasureResult> EraseDue(std::string_view) override { return kNot; }

 private:
  const absl::Status kNot = absl::UnimplementedError("not of this fake");
};

}  // namespace suyuan

#endif  // TESTS_SUPPORT_UNIMPLEMENTED_ENGINE_H_
