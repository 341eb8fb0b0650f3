#include "lib/engine/backup.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/backup/repository.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/engine/open_store.h"
#include "lib/ledger/mark.h"
#include "lib/ledger/seal.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/store/rocksdb_store.h"

namespace suyuan::engine {
namespace {

namespace fs = std::filesystem;
using backup::FileRow;
using backup::Manifest;
using backup::Repository;
using backup::Source;

constexpr std::string_view kStorePart = "db";
constexpr std::string_view kMarksPart = "marks";
constexpr std::string_view kKeysPart = "keys";
constexpr std::string_view kVaultRowsPart = "vault/rows";
constexpr std::string_view kVaultKeysPart = "vault/keys";
constexpr int kOwnerOnly = 0600;

// The part that a file is of; null if of none.
const BackupPart* PartOf(std::string_view file) {
  for (const BackupPart& part : BackupParts()) {
    if (file.starts_with(part.name) && file.substr(part.name.size()).starts_with('/') &&
        file.find('/', part.name.size() + 1) == file.npos) {
      return &part;
    }
  }
  return nullptr;
}

// Tells how far it is a few times a second.
backup::BytesFunction BytesProgress(std::string what, const ProgressFunction& progress) {
  if (!progress) return nullptr;
  return
      [what = std::move(what), progress, last = int64_t{0}](uint64_t done, uint64_t total) mutable {
        const int64_t now = SystemClock()->SteadyMicros();
        if (now - last < 300'000) return;
        last = now;
        progress({what, done, total});
      };
}

BackupInfo InfoOf(const Manifest& manifest) {
  BackupInfo info;
  info.id = manifest.id;
  info.made_micros = manifest.made_micros;
  for (const backup::LedgerRow& row : manifest.ledgers) {
    info.ledgers.push_back({row.name, row.size, std::string(row.root.view())});
  }
  for (const FileRow& row : manifest.files) {
    const BackupPart* const part = PartOf(row.name);
    info.with_keys |= part != nullptr && part->policy == BackupPart::Policy::kWithKeys;
    info.bytes += row.size;
  }
  info.files = manifest.files.size();
  return info;
}

Source Contents(std::string_view part, const std::string& name, std::string bytes, int mode) {
  Source source;
  source.name = StrCat(part, "/", name);
  source.mode = mode;
  source.file.name = name;
  source.file.size = bytes.size();
  source.file.contents = std::move(bytes);
  return source;
}

// What stands in a manifest came from outside: only what a backup writes may lie in a data
// directory.
absl::Status CheckNames(const Manifest& manifest) {
  for (const FileRow& row : manifest.files) {
    const BackupPart* const part = PartOf(row.name);
    if (part == nullptr) {
      return DataLoss("backup ", manifest.id, ": ", row.name, " is no file of a data directory");
    }
    if (part->policy == BackupPart::Policy::kWithKeys && row.mode != kOwnerOnly) {
      return DataLoss("backup ", manifest.id, ": ", row.name, " could be read by others");
    }
  }
  return absl::OkStatus();
}

// What the check found, and what of the backup's own words it does not bear out.
void CompareHeads(const Manifest& manifest, CheckReport* report) {
  for (const backup::LedgerRow& row : manifest.ledgers) {
    const auto it = std::find_if(report->ledgers.begin(), report->ledgers.end(),
                                 [&](const LedgerHead& head) { return head.ledger == row.name; });
    if (it == report->ledgers.end()) {
      report->problems.push_back({row.name, 0, "store", StrCat(row.size, " entries"), "no ledger"});
    } else if (it->size != row.size || it->root != row.root.view()) {
      report->problems.push_back(
          {row.name, it->size, "head", StrCat("size ", row.size, ", root ", row.root.hex()),
           StrCat("size ", it->size, ", root ", Hash::From(it->root).hex())});
    }
  }
  for (const LedgerHead& head : report->ledgers) {
    const bool known =
        std::any_of(manifest.ledgers.begin(), manifest.ledgers.end(),
                    [&](const backup::LedgerRow& row) { return row.name == head.ledger; });
    if (!known) {
      report->problems.push_back({head.ledger, head.size, "store", "no ledger", "a ledger"});
    }
  }
}

// A directory that goes away again unless it is kept.
class Scratch {
 public:
  explicit Scratch(std::string path) : path_(std::move(path)) { Clear(); }
  ~Scratch() {
    if (!kept_) Clear();
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& path() const { return path_; }
  void Keep() { kept_ = true; }

 private:
  void Clear() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const std::string path_;
  bool kept_ = false;
};

std::string WithoutSlash(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

// The name of the ledger of `origin`.
absl::StatusOr<std::string> NameOf(const std::string& marks_dir, const std::string& origin) {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListDir(marks_dir));
  constexpr std::string_view kSuffix = ".mark";
  for (const std::string& file : files) {
    if (!file.ends_with(kSuffix)) continue;
    const auto mark = ledger::MarkFile::Read(StrCat(marks_dir, "/", file));
    if (mark.ok() && mark->mark.origin == Sha256({origin})) {
      return file.substr(0, file.size() - kSuffix.size());
    }
  }
  return InvalidArgument("checkpoint: no ledger here has its origin, ", origin);
}

}  // namespace

const std::vector<BackupPart>& BackupParts() {
  using Kind = BackupPart::Kind;
  using Policy = BackupPart::Policy;
  static const auto* const parts = new std::vector<BackupPart>{
      {kStorePart, Kind::kStore, Policy::kAlways},
      {kMarksPart, Kind::kFiles, Policy::kAlways},
      {kKeysPart, Kind::kFiles, Policy::kWithKeys},
      {kVaultRowsPart, Kind::kStore, Policy::kAlways},
      {kVaultKeysPart, Kind::kStore, Policy::kWithKeys},
  };
  return *parts;
}

absl::StatusOr<BackupInfo> WriteBackup(ledger::Ledgers* ledgers, const privacy::Vault* vault,
                                       const std::string& keys_dir, int64_t now_micros,
                                       const std::string& to, const BackupOptions& options) {
  if (to.empty()) return InvalidArgument("backup: found no directory, expected one to write to");
  SUYUAN_ASSIGN_OR_RETURN(ledger::Ledgers::Cut cut, ledgers->TakeCut());
  Manifest manifest;
  manifest.made_micros = now_micros;
  for (const ledger::Ledgers::State& state : cut.ledgers) {
    manifest.ledgers.push_back({state.name, state.size, state.root});
  }
  std::vector<Source> sources;
  for (const store::StoreFile& file : cut.store->files()) {
    sources.push_back({StrCat(kStorePart, "/", file.name), 0644, file});
  }
  std::vector<std::unique_ptr<store::StoreCut>> other_cuts;
  // After the ledgers: a value is durable before its entry.
  std::vector<std::pair<std::string_view, store::Store*>> others;
  if (vault != nullptr && !vault->empty()) others.emplace_back(kVaultRowsPart, vault->rows());
  if (vault != nullptr && options.with_keys && vault->keys() != nullptr) {
    others.emplace_back(kVaultKeysPart, vault->keys());
  }
  for (const auto& [part, store] : others) {
    SUYUAN_RETURN_IF_ERROR(store->Flush());
    SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<store::StoreCut> taken, store->Cut());
    for (const store::StoreFile& file : taken->files()) {
      sources.push_back({StrCat(part, "/", file.name), kOwnerOnly, file});
    }
    other_cuts.push_back(std::move(taken));
  }
  for (auto& [name, bytes] : cut.marks) {
    sources.push_back(Contents(kMarksPart, name, std::move(bytes), 0644));
  }
  if (options.with_keys) {
    for (const ledger::Ledgers::State& state : cut.ledgers) {
      for (const std::string_view suffix : {".key", ".sm2.key"}) {
        const std::string name = StrCat(state.name, suffix);
        absl::StatusOr<std::string> key = ReadFile(StrCat(keys_dir, "/", name));
        if (absl::IsNotFound(key.status())) continue;
        SUYUAN_RETURN_IF_ERROR(key.status());
        sources.push_back(Contents(kKeysPart, name, *std::move(key), kOwnerOnly));
      }
    }
  }
  backup::Moved copied;
  const absl::StatusOr<Manifest> added =
      Repository(WithoutSlash(to))
          .Add(std::move(manifest), sources, BytesProgress("backup", options.progress), &copied);
  // The ledgers' own disk is well, as far as anybody knows.
  if (absl::IsUnavailable(added.status())) return absl::AbortedError(added.status().message());
  SUYUAN_RETURN_IF_ERROR(added.status());
  BackupInfo info = InfoOf(*added);
  info.copied_files = copied.files;
  info.copied_bytes = copied.bytes;
  return info;
}

absl::StatusOr<std::vector<BackupInfo>> ListBackups(const std::string& from) {
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<Manifest> manifests,
                          Repository(WithoutSlash(from)).List());
  std::vector<BackupInfo> infos;
  for (const Manifest& manifest : manifests) infos.push_back(InfoOf(manifest));
  return infos;
}

absl::StatusOr<CheckReport> CheckBackup(const std::string& from, uint64_t id,
                                        const CheckFunction& check,
                                        const ProgressFunction& progress) {
  const Repository repository(WithoutSlash(from));
  CheckReport report;
  const absl::StatusOr<Manifest> manifest = repository.Get(id);
  if (absl::IsDataLoss(manifest.status())) {
    report.problems.push_back(
        {"", 0, "store", "a whole backup", std::string(manifest.status().message())});
    return report;
  }
  SUYUAN_RETURN_IF_ERROR(manifest.status());
  if (const absl::Status names = CheckNames(*manifest); !names.ok()) {
    report.problems.push_back({"", 0, "store", "a whole backup", std::string(names.message())});
    return report;
  }
  SUYUAN_RETURN_IF_ERROR(repository.Verify(
      *manifest, BytesProgress("verify", progress),
      [&](const FileRow& row, const absl::Status& status) {
        report.problems.push_back({"", 0, "store", StrCat(row.name, ", SHA-256 ", row.hash.hex()),
                                   std::string(status.message())});
      }));
  if (!report.ok()) return report;

  // The ledgers are read where they are, by links that look like a data directory.
  std::string path = (fs::temp_directory_path() / "suyuan-check-XXXXXX").string();
  if (mkdtemp(path.data()) == nullptr) return ErrnoStatus("make directory", path, errno);
  const Scratch scratch(path);
  SUYUAN_RETURN_IF_ERROR(MakeDirs(path));
  for (const FileRow& row : manifest->files) {
    const fs::path link = fs::path(path) / row.name;
    std::error_code code;
    fs::create_directories(link.parent_path(), code);
    fs::create_symlink(fs::absolute(repository.PathOf(row.hash)), link, code);
    if (code) return ErrnoStatus("link", link.string(), code.value());
  }
  SUYUAN_ASSIGN_OR_RETURN(report, check(path));
  CompareHeads(*manifest, &report);
  return report;
}

absl::StatusOr<BackupInfo> Restore(const std::string& from, const RestoreOptions& options,
                                   const CheckFunction& check) {
  const std::string data_dir = WithoutSlash(options.data_dir);
  if (data_dir.empty()) return InvalidArgument("restore: no data directory is named");
  std::error_code code;
  if (fs::exists(data_dir, code) &&
      (!fs::is_directory(data_dir, code) || !fs::is_empty(data_dir, code))) {
    return FailedPrecondition(data_dir,
                              " is there and not empty; expected a new or an empty directory");
  }
  const Repository repository(WithoutSlash(from));
  SUYUAN_ASSIGN_OR_RETURN(const Manifest manifest, repository.Get(options.id));
  SUYUAN_RETURN_IF_ERROR(CheckNames(manifest));
  // Under another name until it is whole.
  Scratch making(data_dir + ".restoring");
  SUYUAN_RETURN_IF_ERROR(MakeDirs(making.path()));
  SUYUAN_RETURN_IF_ERROR(
      repository.CopyTo(manifest, making.path(), BytesProgress("restore", options.progress)));
  SUYUAN_ASSIGN_OR_RETURN(CheckReport report, check(making.path()));
  CompareHeads(manifest, &report);
  if (!report.ok()) {
    const Problem& problem = report.problems.front();
    return DataLoss("backup ", manifest.id, ": ledger ", problem.ledger, ", entry ",
                    problem.sequence, ", ", problem.what, ": found ", problem.found, ", expected ",
                    problem.expected, "; ", report.problems.size(), " problems in all");
  }
  for (const backup::LedgerRow& row : manifest.ledgers) {
    SUYUAN_RETURN_IF_ERROR(ledger::Seal(MarksDir(making.path()), row.name));
  }
  SUYUAN_RETURN_IF_ERROR(SyncDir(making.path()));
  fs::rename(making.path(), data_dir, code);
  if (code) return ErrnoStatus("rename to", data_dir, code.value());
  making.Keep();
  const size_t slash = data_dir.rfind('/');
  SUYUAN_RETURN_IF_ERROR(SyncDir(slash == data_dir.npos ? "."
                                 : slash == 0           ? "/"
                                                        : data_dir.substr(0, slash)));
  return InfoOf(manifest);
}

absl::StatusOr<ResumeReport> Resume(const std::string& data_dir, const ResumeOptions& options) {
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<FileLock> lock,
                          FileLock::Acquire(LockPath(data_dir), StrCat("process ", getpid())));
  ResumeReport report;
  report.head.ledger = options.ledger;
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Note note, merkle::ParseNote(options.checkpoint));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Checkpoint checkpoint, merkle::ParseCheckpoint(note.text));
  if (report.head.ledger.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(report.head.ledger, NameOf(MarksDir(data_dir), checkpoint.origin));
  }
  SUYUAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<store::Store> store,
      store::OpenRocksDb(DbDir(data_dir), store::RocksDbMode::kReadWrite, false));
  SUYUAN_ASSIGN_OR_RETURN(const ledger::Unsealed unsealed,
                          ledger::Unseal(store.get(), MarksDir(data_dir), report.head.ledger,
                                         {options.checkpoint, options.tiles}, options.progress));
  report.head.size = unsealed.size;
  report.head.root = std::string(unsealed.root.view());
  report.added = unsealed.added;
  return report;
}

}  // namespace suyuan::engine
