#ifndef LIB_STORE_STORE_H_
#define LIB_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace suyuan::store {

// Changes that become visible and durable together. No key is in it twice.
class WriteBatch {
 public:
  void Put(std::string key, std::string value) {
    bytes_ += key.size() + value.size();
    puts_.emplace_back(std::move(key), std::move(value));
  }
  void Delete(std::string key) {
    bytes_ += key.size();
    deletes_.push_back(std::move(key));
  }
  const std::vector<std::pair<std::string, std::string>>& puts() const { return puts_; }
  const std::vector<std::string>& deletes() const { return deletes_; }
  size_t bytes() const { return bytes_; }

 private:
  std::vector<std::pair<std::string, std::string>> puts_;
  std::vector<std::string> deletes_;
  size_t bytes_ = 0;
};

// A walk over the pairs in key order, as they were when it was made. Not valid
// after it left either end or met an error; status() tells which.
class Iterator {
 public:
  virtual ~Iterator() = default;
  // To the first key at or after `key`.
  virtual void Seek(std::string_view key) = 0;
  // To the last key at or before `key`.
  virtual void SeekForPrev(std::string_view key) = 0;
  virtual void Next() = 0;
  virtual bool Valid() const = 0;
  virtual std::string_view key() const = 0;    // until the next move
  virtual std::string_view value() const = 0;  // until the next move
  virtual absl::Status status() const = 0;     // kDataLoss for damaged bytes
};

// Takes the bytes of a file, one piece after the other.
class FileChecksum {
 public:
  virtual ~FileChecksum() = default;
  virtual void Update(std::string_view bytes) = 0;
  virtual bool Matches() = 0;  // once, at the end
};

// One file of a store, as it was at a moment.
struct StoreFile {
  std::string name;  // in the directory of the store
  std::string path;  // its first `size` bytes count; empty: it is `contents`
  std::string contents;
  uint64_t size = 0;
  // Two files of one name, size and fingerprint are the same. Empty: only reading it can tell.
  std::string fingerprint;
  // Whether its bytes are those that the store wrote. Null: nobody knows.
  std::function<std::unique_ptr<FileChecksum>()> checksum;
};

// The files that together are a store as it was at a moment. They stay as long as this lives;
// the store may be written to meanwhile.
class StoreCut {
 public:
  virtual ~StoreCut() = default;
  virtual const std::vector<StoreFile>& files() const = 0;
};

// An ordered key-value store. Thread-safe.
class Store {
 public:
  virtual ~Store() = default;
  // Nothing if the key is not there.
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;
  virtual std::unique_ptr<Iterator> NewIterator() const = 0;
  // All or nothing; on disk when it returns OK. After an error it is unknown
  // which of the two, and the store must be opened again.
  virtual absl::Status Write(const WriteBatch& batch) = 0;
  // Moves what is only in the log into tables, so that opening is quick.
  virtual absl::Status Flush() = 0;
  // All that was written when it is called. The cut must not outlive the store. kUnimplemented:
  // the store has no files.
  virtual absl::StatusOr<std::unique_ptr<StoreCut>> Cut() {
    return absl::UnimplementedError("the store has no files");
  }
  // When it returns OK no file of the store holds any value that was deleted or written over
  // under one of `keys`: what can hold it was written anew without it, logs too. A few
  // milliseconds a key up to a few dozen keys, then at most all of the store.
  virtual absl::Status Purge(const std::vector<std::string>& /*keys*/) {
    return absl::UnimplementedError("this store keeps what is deleted");
  }
  // The same of all keys.
  virtual absl::Status PurgeAll() {
    return absl::UnimplementedError("this store keeps what is deleted");
  }
};

}  // namespace suyuan::store

#endif  // LIB_STORE_STORE_H_
