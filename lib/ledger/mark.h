#ifndef LIB_LEDGER_MARK_H_
#define LIB_LEDGER_MARK_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"

namespace suyuan::ledger {

// How far a ledger had come, kept outside its database: a database that was cut
// off or rolled back does not match it. See FORMAT.md.
struct Mark {
  uint64_t size = 0;  // 0: the ledger was about to be made
  Hash root;
  Hash last_leaf;
  Hash origin;  // SHA-256 of the origin
};

// The mark of one ledger: a file with two slots written in turn, so that one of
// them is whole whatever happens during a write.
class MarkFile {
 public:
  struct Contents {
    Mark mark;
    uint64_t generation = 0;
    // What is wrong with the other slot, if anything is.
    std::string damage;
  };
  // kNotFound if there is none, kDataLoss if no slot is whole.
  static absl::StatusOr<Contents> Read(const std::string& path);

  // Opens for writing; makes the file, durably, if `mark` is its first.
  static absl::StatusOr<std::unique_ptr<MarkFile>> Create(const std::string& path,
                                                          const Mark& mark);
  static absl::StatusOr<std::unique_ptr<MarkFile>> Open(const std::string& path,
                                                        uint64_t generation);

  // Reaches the system, not the disk.
  absl::Status Write(const Mark& mark);
  absl::Status Sync();
  bool dirty() const { return dirty_; }

 private:
  MarkFile(std::unique_ptr<RandomFile> file, uint64_t generation)
      : file_(std::move(file)), generation_(generation) {}

  const std::unique_ptr<RandomFile> file_;
  uint64_t generation_;
  bool dirty_ = false;
};

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_MARK_H_
