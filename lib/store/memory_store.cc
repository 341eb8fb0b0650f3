#include "lib/store/memory_store.h"

namespace suyuan::store {
namespace {

class SnapshotIterator : public Iterator {
 public:
  explicit SnapshotIterator(std::map<std::string, std::string> pairs)
      : pairs_(std::move(pairs)), at_(pairs_.end()) {}
  void Seek(std::string_view key) override { at_ = pairs_.lower_bound(std::string(key)); }
  void SeekForPrev(std::string_view key) override {
    at_ = pairs_.upper_bound(std::string(key));
    at_ = at_ == pairs_.begin() ? pairs_.end() : std::prev(at_);
  }
  void Next() override { ++at_; }
  bool Valid() const override { return at_ != pairs_.end(); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return at_->second; }
  absl::Status status() const override { return absl::OkStatus(); }

 private:
  const std::map<std::string, std::string> pairs_;
  std::map<std::string, std::string>::const_iterator at_;
};

}  // namespace

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(std::string_view key) const {
  MutexLock lock(&mu_);
  const auto it = pairs_.find(std::string(key));
  if (it == pairs_.end()) return std::optional<std::string>();
  return std::optional<std::string>(it->second);
}

std::unique_ptr<Iterator> MemoryStore::NewIterator() const {
  MutexLock lock(&mu_);
  return std::make_unique<SnapshotIterator>(pairs_);
}

absl::Status MemoryStore::Write(const WriteBatch& batch) {
  MutexLock lock(&mu_);
  if (!write_status_.ok()) return write_status_;
  for (const auto& [key, value] : batch.puts()) pairs_[key] = value;
  for (const std::string& key : batch.deletes()) pairs_.erase(key);
  return absl::OkStatus();
}

void MemoryStore::FailWrites(absl::Status status) {
  MutexLock lock(&mu_);
  write_status_ = std::move(status);
}

void MemoryStore::Tamper(std::string_view key, std::optional<std::string> value) {
  MutexLock lock(&mu_);
  if (value.has_value()) {
    pairs_[std::string(key)] = *std::move(value);
  } else {
    pairs_.erase(std::string(key));
  }
}

std::map<std::string, std::string> MemoryStore::Contents() const {
  MutexLock lock(&mu_);
  return pairs_;
}

}  // namespace suyuan::store
