#include "lib/backup/repository.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_format.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::backup {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr std::string_view kManifestSuffix = ".backup";
constexpr std::string_view kFormatText = "suyuan backups 1\n";

// SHA-256 of what comes in pieces.
class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new()) { EVP_DigestInit_ex(context_, EVP_sha256(), nullptr); }
  ~Digest() { EVP_MD_CTX_free(context_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;
  void Update(std::string_view bytes) { EVP_DigestUpdate(context_, bytes.data(), bytes.size()); }
  Hash Finish() {
    Hash hash;
    EVP_DigestFinal_ex(context_, hash.bytes.data(), nullptr);
    return hash;
  }

 private:
  EVP_MD_CTX* const context_;
};

class InFile {
 public:
  static absl::StatusOr<std::unique_ptr<InFile>> Open(const std::string& path) {
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return ErrnoStatus("open", path, errno);
    return std::unique_ptr<InFile>(new InFile(path, fd));
  }
  ~InFile() { close(fd_); }
  // Empty at the end.
  absl::StatusOr<std::string_view> Read(size_t at_most) {
    buffer_.resize(kPieceBytes);
    for (;;) {
      const ssize_t n = read(fd_, buffer_.data(), std::min(at_most, buffer_.size()));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ErrnoStatus("read", path_, errno);
      return std::string_view(buffer_.data(), static_cast<size_t>(n));
    }
  }

 private:
  InFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  const int fd_;
  std::string buffer_;
};

// A file that is not there yet; removed again unless it is closed.
class OutFile {
 public:
  static absl::StatusOr<std::unique_ptr<OutFile>> Create(const std::string& path, int mode) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return ErrnoStatus("create", path, errno);
    return std::unique_ptr<OutFile>(new OutFile(path, fd));
  }
  ~OutFile() {
    close(fd_);
    if (!whole_) unlink(path_.c_str());
  }
  absl::Status Write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return ErrnoStatus("write", path_, errno);
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return absl::OkStatus();
  }
  absl::Status Sync() {
    if (fsync(fd_) != 0) return ErrnoStatus("sync", path_, errno);
    whole_ = true;
    return absl::OkStatus();
  }

 private:
  OutFile(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  const std::string path_;
  const int fd_;
  bool whole_ = false;
};

// The first `size` bytes of a file, piece by piece. kDataLoss: it has fewer.
absl::Status ReadPieces(const std::string& path, uint64_t size,
                        const std::function<absl::Status(std::string_view)>& take) {
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<InFile> in, InFile::Open(path));
  for (uint64_t left = size; left > 0;) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string_view piece,
                            in->Read(static_cast<size_t>(std::min<uint64_t>(left, kPieceBytes))));
    if (piece.empty()) {
      return DataLoss(path, ": found ", size - left, " bytes, expected ", size);
    }
    left -= piece.size();
    SUYUAN_RETURN_IF_ERROR(take(piece));
  }
  return absl::OkStatus();
}

std::string Parent(const std::string& path) { return path.substr(0, path.rfind('/')); }

bool Exists(const std::string& path) {
  struct stat info;
  return stat(path.c_str(), &info) == 0;
}

// Counts bytes for whoever watches.
class Count {
 public:
  Count(const Manifest& manifest, const BytesFunction& progress) : progress_(progress) {
    for (const FileRow& row : manifest.files) total_ += row.size;
  }
  void Add(uint64_t bytes) {
    done_ += bytes;
    if (progress_) progress_(done_, total_);
  }

 private:
  const BytesFunction& progress_;
  uint64_t done_ = 0;
  uint64_t total_ = 0;
};

}  // namespace

std::string Repository::PathOf(const Hash& hash) const {
  const std::string hex = hash.hex();
  return StrCat(path_, "/files/", hex.substr(0, 2), "/", hex);
}

std::string Repository::ManifestPath(uint64_t id) const {
  return absl::StrFormat("%s/backups/%06d%s", path_, id, ToAbsl(kManifestSuffix));
}

bool Repository::Holds(const FileRow& row) const {
  struct stat info;
  return stat(PathOf(row.hash).c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         static_cast<uint64_t>(info.st_size) == row.size;
}

// Makes what is not there; throws away what an interrupted backup left.
absl::Status Repository::Prepare() const {
  const std::string format = path_ + "/FORMAT";
  const absl::StatusOr<std::string> text = ReadFile(format);
  if (absl::IsNotFound(text.status())) {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDir(path_));
    for (const std::string& name : names) {
      // The first backup can have been cut off before it said what this is.
      if (name == "LOCK" || name == "FORMAT.tmp") continue;
      return FailedPrecondition(path_, " holds ", name,
                                " and no backups; expected a directory of backups or an empty one");
    }
    SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(format, kFormatText));
  } else if (!text.ok()) {
    return text.status();
  } else if (*text != kFormatText) {
    return FailedPrecondition(format, ": found ", text->substr(0, 40), ", expected ", kFormatText);
  }
  SUYUAN_RETURN_IF_ERROR(MakeDirs(path_ + "/backups"));
  SUYUAN_RETURN_IF_ERROR(MakeDirs(path_ + "/files"));
  SUYUAN_RETURN_IF_ERROR(MakeDirs(IncomingDir()));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> left, ListDir(IncomingDir()));
  for (const std::string& name : left) {
    SUYUAN_RETURN_IF_ERROR(RemoveFile(StrCat(IncomingDir(), "/", name)));
  }
  return absl::OkStatus();
}

absl::StatusOr<FileRow> Repository::Take(const Source& source,
                                         const std::function<void(uint64_t)>& read,
                                         Moved* copied) const {
  FileRow row{source.name, {}, source.file.size, source.mode, source.file.fingerprint};
  const std::string incoming = IncomingDir() + "/file";
  SUYUAN_RETURN_IF_ERROR(RemoveFile(incoming));
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<OutFile> out, OutFile::Create(incoming, source.mode));
  Digest digest;
  const std::unique_ptr<store::FileChecksum> checksum =
      source.file.checksum ? source.file.checksum() : nullptr;
  const auto take = [&](std::string_view piece) {
    digest.Update(piece);
    if (checksum != nullptr) checksum->Update(piece);
    read(piece.size());
    return out->Write(piece);
  };
  if (source.file.path.empty()) {
    row.size = source.file.contents.size();
    SUYUAN_RETURN_IF_ERROR(take(source.file.contents));
  } else {
    SUYUAN_RETURN_IF_ERROR(ReadPieces(source.file.path, source.file.size, take));
  }
  if (checksum != nullptr && !checksum->Matches()) {
    return DataLoss(source.file.path,
                    " is not what was written: its checksum is another one; nothing was backed up");
  }
  row.hash = digest.Finish();
  if (!Holds(row)) {
    const std::string path = PathOf(row.hash);
    SUYUAN_RETURN_IF_ERROR(MakeDirs(Parent(path)));
    SUYUAN_RETURN_IF_ERROR(out->Sync());
    if (rename(incoming.c_str(), path.c_str()) != 0) {
      return ErrnoStatus("rename to", path, errno);
    }
    ++copied->files;
    copied->bytes += row.size;
  }
  return row;
}

absl::StatusOr<Manifest> Repository::Add(Manifest manifest, const std::vector<Source>& sources,
                                         const BytesFunction& progress, Moved* copied) {
  *copied = {};
  SUYUAN_RETURN_IF_ERROR(MakeDirs(path_));
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<FileLock> lock,
                          FileLock::Acquire(path_ + "/LOCK", StrCat("process ", getpid())));
  SUYUAN_RETURN_IF_ERROR(Prepare());
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, Ids());
  // A damaged one is no reason not to make another; it only cannot spare any copying.
  Manifest before;
  if (!ids.empty()) {
    absl::StatusOr<Manifest> newest = Get(ids.back());
    if (newest.ok()) before = *std::move(newest);
  }
  manifest.id = ids.empty() ? 1 : ids.back() + 1;
  manifest.files.clear();
  uint64_t total = 0;
  for (const Source& source : sources) {
    if (!IsFileName(source.name)) return InvalidArgument("file: no such name: ", source.name);
    total += source.file.path.empty() ? source.file.contents.size() : source.file.size;
  }
  uint64_t done = 0;
  const auto read = [&](uint64_t bytes) {
    done += bytes;
    if (progress) progress(done, total);
  };
  std::set<std::string> dirs;
  for (const Source& source : sources) {
    const FileRow* const known =
        source.file.fingerprint.empty() ? nullptr : before.Find(source.name);
    if (known != nullptr && known->fingerprint == source.file.fingerprint &&
        known->size == source.file.size && known->mode == source.mode && Holds(*known)) {
      manifest.files.push_back(*known);
      read(known->size);
    } else {
      SUYUAN_ASSIGN_OR_RETURN(FileRow row, Take(source, read, copied));
      dirs.insert(Parent(PathOf(row.hash)));
      manifest.files.push_back(std::move(row));
    }
  }
  for (const std::string& dir : dirs) SUYUAN_RETURN_IF_ERROR(SyncDir(dir));
  RemoveFile(IncomingDir() + "/file").IgnoreError();
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(ManifestPath(manifest.id), FormatManifest(manifest)));
  return manifest;
}

absl::StatusOr<std::vector<uint64_t>> Repository::Ids() const {
  const absl::StatusOr<std::vector<std::string>> names = ListDir(path_ + "/backups");
  if (absl::IsNotFound(names.status())) {
    return NotFound(path_, ": no directory of backups");
  }
  SUYUAN_RETURN_IF_ERROR(names.status());
  std::vector<uint64_t> ids;
  for (const std::string& name : *names) {
    if (!name.ends_with(kManifestSuffix)) continue;
    uint64_t id = 0;
    const char* const end = name.data() + name.size() - kManifestSuffix.size();
    const auto [stop, error] = std::from_chars(name.data(), end, id);
    if (error == std::errc() && stop == end && id > 0) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  return ids;
}

absl::StatusOr<Manifest> Repository::Get(uint64_t id) const {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, Ids());
  if (ids.empty()) return NotFound(path_, ": no backups");
  if (id == 0) id = ids.back();
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    return NotFound(path_, ": no backup ", id, "; there are ", ids.front(), " to ", ids.back());
  }
  const std::string path = ManifestPath(id);
  SUYUAN_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  absl::StatusOr<Manifest> manifest = ParseManifest(bytes);
  if (!manifest.ok()) return DataLoss(path, ": ", manifest.status().message());
  if (manifest->id != id) return DataLoss(path, ": it is backup ", manifest->id);
  return manifest;
}

absl::StatusOr<std::vector<Manifest>> Repository::List() const {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, Ids());
  std::vector<Manifest> all;
  for (const uint64_t id : ids) {
    SUYUAN_ASSIGN_OR_RETURN(Manifest manifest, Get(id));
    all.push_back(std::move(manifest));
  }
  return all;
}

absl::StatusOr<Moved> Repository::Forget(uint64_t keep) {
  if (keep == 0) return InvalidArgument("keep: found 0, expected at least 1");
  // Before a lock is made where there is nothing.
  SUYUAN_RETURN_IF_ERROR(Ids().status());
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<FileLock> lock,
                          FileLock::Acquire(path_ + "/LOCK", StrCat("process ", getpid())));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, Ids());
  const size_t leave = ids.size() - std::min<uint64_t>(keep, ids.size());
  std::set<std::string> named;
  for (size_t i = leave; i < ids.size(); ++i) {
    SUYUAN_ASSIGN_OR_RETURN(const Manifest manifest, Get(ids[i]));
    for (const FileRow& row : manifest.files) named.insert(PathOf(row.hash));
  }
  for (size_t i = 0; i < leave; ++i) SUYUAN_RETURN_IF_ERROR(RemoveFile(ManifestPath(ids[i])));
  SUYUAN_RETURN_IF_ERROR(SyncDir(path_ + "/backups"));
  Moved removed;
  const std::string files = path_ + "/files";
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> dirs, ListDir(files));
  for (const std::string& dir : dirs) {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDir(StrCat(files, "/", dir)));
    for (const std::string& name : names) {
      const std::string path = StrCat(files, "/", dir, "/", name);
      struct stat info;
      if (named.contains(path) || stat(path.c_str(), &info) != 0) continue;
      SUYUAN_RETURN_IF_ERROR(RemoveFile(path));
      ++removed.files;
      removed.bytes += static_cast<uint64_t>(info.st_size);
    }
  }
  return removed;
}

namespace {

// Hands over the bytes of a file and then says whether they were those of `row`.
absl::Status ReadChecked(const std::string& path, const FileRow& row,
                         const std::function<absl::Status(std::string_view)>& take) {
  struct stat info;
  if (stat(path.c_str(), &info) == 0 && static_cast<uint64_t>(info.st_size) != row.size) {
    return DataLoss(path, " (", row.name, "): found ", info.st_size, " bytes, expected ", row.size);
  }
  Digest digest;
  const absl::Status read = ReadPieces(path, row.size, [&](std::string_view piece) {
    digest.Update(piece);
    return take(piece);
  });
  if (absl::IsNotFound(read)) return DataLoss(path, " (", row.name, "): it is missing");
  SUYUAN_RETURN_IF_ERROR(read);
  if (const Hash hash = digest.Finish(); hash != row.hash) {
    return DataLoss(path, " (", row.name, "): its SHA-256 is ", hash.hex());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Repository::Verify(
    const Manifest& manifest, const BytesFunction& progress,
    const std::function<void(const FileRow&, const absl::Status&)>& damaged) const {
  Count count(manifest, progress);
  for (const FileRow& row : manifest.files) {
    const absl::Status status =
        ReadChecked(PathOf(row.hash), row, [&](std::string_view piece) -> absl::Status {
          count.Add(piece.size());
          return absl::OkStatus();
        });
    if (status.ok()) continue;
    if (!damaged) return status;
    damaged(row, status);
  }
  return absl::OkStatus();
}

absl::Status Repository::CopyTo(const Manifest& manifest, const std::string& directory,
                                const BytesFunction& progress) const {
  Count count(manifest, progress);
  std::set<std::string> dirs;
  for (const FileRow& row : manifest.files) {
    const std::string to = StrCat(directory, "/", row.name);
    const std::string parent = Parent(to);
    if (!Exists(parent)) SUYUAN_RETURN_IF_ERROR(MakeDirs(parent));
    SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<OutFile> out, OutFile::Create(to, row.mode));
    SUYUAN_RETURN_IF_ERROR(ReadChecked(PathOf(row.hash), row, [&](std::string_view piece) {
      count.Add(piece.size());
      return out->Write(piece);
    }));
    SUYUAN_RETURN_IF_ERROR(out->Sync());
    dirs.insert(parent);
  }
  for (const std::string& dir : dirs) SUYUAN_RETURN_IF_ERROR(SyncDir(dir));
  return SyncDir(directory);
}

}  // namespace suyuan::backup
