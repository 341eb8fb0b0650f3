#ifndef LIB_STORE_MEMORY_STORE_H_
#define LIB_STORE_MEMORY_STORE_H_

#include <map>

#include "lib/base/mutex.h"
#include "lib/store/store.h"

namespace suyuan::store {

// A store for tests: ordered, forgetful, and able to fail on demand.
class MemoryStore : public Store {
 public:
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  std::unique_ptr<Iterator> NewIterator() const override;
  absl::Status Write(const WriteBatch& batch) override;
  absl::Status Flush() override { return absl::OkStatus(); }
  absl::Status Purge(const std::vector<std::string>& /*keys*/) override { return absl::OkStatus(); }
  absl::Status PurgeAll() override { return absl::OkStatus(); }

  // Every Write from now on fails with `status` and stores nothing.
  void FailWrites(absl::Status status);
  // Changes a stored pair behind the back of everybody.
  void Tamper(std::string_view key, std::optional<std::string> value);
  std::map<std::string, std::string> Contents() const;

 private:
  mutable Mutex mu_;
  std::map<std::string, std::string> pairs_ ABSL_GUARDED_BY(mu_);
  absl::Status write_status_ ABSL_GUARDED_BY(mu_);
};

}  // namespace suyuan::store

#endif  // LIB_STORE_MEMORY_STORE_H_
