#include "lib/engine/mirrors.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/engine/open_store.h"
#include "lib/ledger/mark.h"
#include "lib/merkle/note.h"

namespace suyuan::engine {
namespace {

namespace fs = std::filesystem;
using ledger::Ledgers;
using merkle::Contradiction;

constexpr std::string_view kFormat = "suyuan-mirror 1";
constexpr std::string_view kStateSuffix = ".mirror";
constexpr std::string_view kPromisedSuffix = ".promised";
// As much as one commit takes, and what of an answer is kept as a reason.
constexpr size_t kCommitEntries = 4'096;
constexpr size_t kCommitBytes = 4 << 20;
constexpr size_t kMaxTextBytes = 2'000;

std::string StateDir(const std::string& dir) { return dir + "/state"; }
std::string StatePath(const std::string& dir, const std::string& ledger) {
  return StrCat(StateDir(dir), "/", ledger, kStateSuffix);
}
std::string PromisedPath(const std::string& dir, const std::string& ledger) {
  return StrCat(StateDir(dir), "/", ledger, kPromisedSuffix);
}

// On one line.
std::string Line(std::string text) {
  if (text.size() > kMaxTextBytes) text.resize(kMaxTextBytes);
  std::replace_if(
      text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
  return text;
}

std::string StateText(const MirrorInfo& info) {
  std::string text = StrCat(kFormat, "\n", "ledger ", info.ledger, "\norigin ", info.origin,
                            "\nurl ", Line(info.url), "\naccepted ", info.accepted_micros, "\n");
  if (!info.stopped.empty()) text += StrCat("stopped ", Line(info.stopped), "\n");
  if (!info.evidence.empty()) text += StrCat("evidence ", Line(info.evidence), "\n");
  return text;
}

absl::StatusOr<MirrorInfo> ParseState(const std::string& path, std::string_view text) {
  MirrorInfo info;
  const auto bad = [&] { return DataLoss(path, ": not the state of a mirror"); };
  bool first = true;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    if (end == std::string_view::npos) return bad();
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (std::exchange(first, false)) {
      if (line != kFormat) return bad();
      continue;
    }
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return bad();
    const std::string_view key = line.substr(0, space);
    const std::string_view value = line.substr(space + 1);
    if (key == "ledger") {
      info.ledger = value;
    } else if (key == "origin") {
      info.origin = value;
    } else if (key == "url") {
      info.url = value;
    } else if (key == "stopped") {
      info.stopped = value;
    } else if (key == "evidence") {
      info.evidence = value;
    } else if (key == "accepted") {
      const char* const last = value.data() + value.size();
      const auto [read_to, error] = std::from_chars(value.data(), last, info.accepted_micros);
      if (error != std::errc() || read_to != last) return bad();
    } else {
      return bad();
    }
  }
  if (info.ledger.empty() || info.origin.empty()) return bad();
  return info;
}

absl::StatusOr<std::vector<MirrorInfo>> ReadStates(const std::string& dir) {
  std::vector<MirrorInfo> infos;
  const absl::StatusOr<std::vector<std::string>> files = ListDir(StateDir(dir));
  if (absl::IsNotFound(files.status())) return infos;
  SUYUAN_RETURN_IF_ERROR(files.status());
  for (const std::string& file : *files) {
    if (!file.ends_with(kStateSuffix)) continue;
    const std::string path = StateDir(dir) + "/" + file;
    SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
    SUYUAN_ASSIGN_OR_RETURN(MirrorInfo info, ParseState(path, text));
    infos.push_back(std::move(info));
  }
  return infos;
}

absl::StatusOr<std::string> ReadIfThere(const std::string& path) {
  absl::StatusOr<std::string> bytes = ReadFile(path);
  return absl::IsNotFound(bytes.status()) ? std::string() : std::move(bytes);
}

uint64_t SizeIn(const std::string& bytes) {
  const absl::StatusOr<merkle::Note> note = merkle::ParseNote(bytes);
  if (!note.ok()) return 0;
  const absl::StatusOr<merkle::Checkpoint> checkpoint = merkle::ParseCheckpoint(note->text);
  return checkpoint.ok() ? checkpoint->size : 0;
}

absl::Status StoppedBefore(const MirrorInfo& info) {
  return DataLoss("mirror ", info.ledger, " is stopped: ", info.stopped, "; what was shown is in ",
                  info.evidence, "; it is followed again when somebody says so (--resume)");
}

}  // namespace

std::string MirrorsDir(const std::string& data_dir) { return data_dir + "/mirrors"; }

std::string MirrorName(std::string_view origin) {
  // suyuan/<name>/<random>; of other logs what is left of their own name.
  std::string_view named = origin;
  if (named.starts_with("suyuan/")) {
    named.remove_prefix(7);
    named = named.substr(0, named.rfind('/'));
  }
  std::string name;
  for (const char c : named) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    name += plain ? c : '-';
    if (name.size() == 64) break;
  }
  return StrCat(name.empty() ? std::string("ledger") : name, "@",
                Sha256({origin}).hex().substr(0, 8));
}

// One call of Follow.
struct Mirrors::Round {
  explicit Round(const MirrorRequest& asked) : request(asked) {}

  const MirrorRequest& request;
  MirrorInfo info;
  merkle::Offer offer;
  Ledgers* ledgers = nullptr;
  std::optional<uint32_t> number;
  // The note on disk by which entries are taken, and its size.
  std::string promise;
  uint64_t promised_size = 0;
  uint64_t Size() const { return number.has_value() ? ledgers->Get(*number)->size : 0; }

  // Behind those that are stored, of one commit.
  uint64_t first = 0;
  std::vector<std::string> records;
  size_t bytes = 0;
  // What speaks against an entry that the tree counts.
  Contradiction found;
};

Mutex* Mirrors::MutexOf(const std::string& ledger) {
  MutexLock lock(&mu_);
  std::unique_ptr<Mutex>& mutex = busy_[ledger];
  if (mutex == nullptr) mutex = std::make_unique<Mutex>();
  return mutex.get();
}

absl::StatusOr<MirrorInfo> Mirrors::Follow(
    const MirrorRequest& request,
    const std::function<std::string(const std::string& origin)>& own) {
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Policy policy, merkle::Policy::Parse(request.policy));
  const auto known = [&](auto&& is_it) -> absl::StatusOr<std::optional<MirrorInfo>> {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<MirrorInfo> infos, ReadStates(dir_));
    const auto it = std::find_if(infos.begin(), infos.end(), is_it);
    if (it == infos.end()) return std::nullopt;
    return *it;
  };
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<MirrorInfo> here, known([&](const MirrorInfo& info) {
                            return info.url == Line(request.url);
                          }));
  if (here.has_value() && !here->stopped.empty() && !request.resume) return StoppedBefore(*here);

  merkle::LogFollower follower(&policy, request.fetch);
  Round round(request);
  SUYUAN_ASSIGN_OR_RETURN(round.offer, follower.Ask());
  const std::string& origin = round.offer.checkpoint.origin;
  if (here.has_value() && here->origin != origin) {
    return absl::PermissionDeniedError(StrCat("checkpoint: origin is ", origin, ", expected ",
                                              here->origin, ", which ", request.url,
                                              " showed before"));
  }
  if (const std::string name = own(origin); !name.empty()) {
    return FailedPrecondition("checkpoint: ", origin, " is ledger ", name,
                              " of this data directory");
  }
  const std::string ledger = MirrorName(origin);
  MutexLock busy(MutexOf(ledger));
  SUYUAN_ASSIGN_OR_RETURN(const std::optional<MirrorInfo> before,
                          known([&](const MirrorInfo& info) { return info.ledger == ledger; }));
  if (before.has_value()) {
    round.info = *before;
    if (before->origin != origin) {
      return FailedPrecondition("mirror ", ledger, " is of ", before->origin, ", not of ", origin);
    }
    if (!before->stopped.empty() && !request.resume) return StoppedBefore(*before);
    round.info.stopped.clear();
    round.info.evidence.clear();
  } else {
    round.info.ledger = ledger;
    round.info.origin = origin;
  }
  round.info.url = Line(request.url);
  SUYUAN_ASSIGN_OR_RETURN(round.ledgers, store_(/*create=*/false));
  if (round.ledgers != nullptr) {
    if (const auto state = round.ledgers->Get(ledger)) round.number = state->number;
  }
  SUYUAN_ASSIGN_OR_RETURN(const merkle::HeldLog held, Held(round));
  round.promise = held.promised;
  round.promised_size = SizeIn(held.promised);
  Contradiction found;
  absl::StatusOr<bool> newer = follower.Take(
      held, round.offer,
      [&](uint64_t first, std::span<const std::string_view> records) {
        return Add(&round, first, records);
      },
      &found);
  if (newer.ok()) {
    if (const absl::Status stored = Flush(&round); !stored.ok()) newer = stored;
  }
  if (!round.found.why.empty()) {
    if (round.promise != held.promised && round.Size() == held.tree.size()) {
      // Nothing was taken by it.
      SUYUAN_RETURN_IF_ERROR(RemoveFile(PromisedPath(dir_, ledger)));
    }
    found.why = round.found.why;
    found.files = round.found.files;
    found.files.emplace_back("offered.checkpoint", round.offer.note);
    if (!held.accepted.empty()) found.files.emplace_back("accepted.checkpoint", held.accepted);
  }
  if (!found.why.empty()) return Stop(&round, std::move(found));
  SUYUAN_RETURN_IF_ERROR(newer.status());
  if (*newer && round.number.has_value()) {
    SUYUAN_RETURN_IF_ERROR(round.ledgers->TakeCheckpoint(*round.number, round.offer.note));
    const bool grown = held.accepted != round.offer.note;
    if (grown) round.info.accepted_micros = clock_.WallMicros();
  }
  if (!before.has_value() || StateText(*before) != StateText(round.info)) {
    SUYUAN_RETURN_IF_ERROR(Save(round.info));
  }
  if (round.number.has_value()) {
    round.info.size = round.Size();
    round.info.checkpoint_size = SizeIn(round.ledgers->NewestCheckpoint(*round.number));
    if (!round.promise.empty() && round.promised_size <= round.info.checkpoint_size) {
      SUYUAN_RETURN_IF_ERROR(RemoveFile(PromisedPath(dir_, ledger)));
    }
  }
  return round.info;
}

absl::StatusOr<merkle::HeldLog> Mirrors::Held(const Round& round) const {
  merkle::HeldLog held;
  SUYUAN_ASSIGN_OR_RETURN(held.promised, ReadIfThere(PromisedPath(dir_, round.info.ledger)));
  if (!round.number.has_value()) {
    held.root_at = [](uint64_t) -> absl::StatusOr<Hash> { return merkle::Frontier().Root(); };
    return held;
  }
  Ledgers* const ledgers = round.ledgers;
  const uint32_t number = *round.number;
  SUYUAN_ASSIGN_OR_RETURN(held.tree, ledgers->FrontierOf(number));
  held.leaf_at = [=](uint64_t sequence) { return ledgers->LeafAt(number, sequence); };
  held.root_at = [=](uint64_t size) { return ledgers->RootOf(number, size); };
  held.accepted = ledgers->NewestCheckpoint(number);
  return held;
}

absl::Status Mirrors::Add(Round* round, uint64_t first, std::span<const std::string_view> records) {
  for (size_t i = 0; i < records.size(); ++i) {
    if (!round->promise.empty() && round->promised_size == first + i) {
      SUYUAN_RETURN_IF_ERROR(Flush(round));
      SUYUAN_RETURN_IF_ERROR(round->ledgers->TakeCheckpoint(*round->number, round->promise));
      round->promise.clear();
    }
    if (round->records.empty()) round->first = first + i;
    round->bytes += records[i].size();
    round->records.emplace_back(records[i]);
    if (round->records.size() >= kCommitEntries || round->bytes >= kCommitBytes) {
      SUYUAN_RETURN_IF_ERROR(Flush(round));
    }
  }
  return absl::OkStatus();
}

// Stores what was gathered.
absl::Status Mirrors::Flush(Round* round) {
  if (round->records.empty()) return absl::OkStatus();
  const std::string& ledger = round->info.ledger;
  if (round->promise.empty()) {
    // Who vouched for the entries must be known even if not all of them come.
    SUYUAN_RETURN_IF_ERROR(MakeDirs(StateDir(dir_)));
    SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(PromisedPath(dir_, ledger), round->offer.note));
    SUYUAN_RETURN_IF_ERROR(Save(round->info));
    round->promise = round->offer.note;
    round->promised_size = round->offer.checkpoint.size;
  }
  if (round->ledgers == nullptr) {
    SUYUAN_ASSIGN_OR_RETURN(round->ledgers, store_(/*create=*/true));
  }
  std::vector<std::string> records = std::move(round->records);
  round->records.clear();
  round->bytes = 0;
  uint64_t first = round->first;
  const std::vector<std::string> shown = records;
  absl::Status status = guard_([&]() -> absl::Status {
    if (!round->number.has_value()) {
      SUYUAN_ASSIGN_OR_RETURN(
          round->number, round->ledgers->CreateMirror(ledger, records.front(), round->info.origin));
      records.erase(records.begin());
      ++first;
    }
    return round->ledgers->AppendRecords(*round->number, first, std::move(records));
  });
  if (absl::IsInvalidArgument(status)) {
    round->found.why = std::string(status.message());
    std::string bundle;
    for (const std::string& record : shown) merkle::AppendToBundle(record, &bundle);
    round->found.files.emplace_back(StrCat("entries-from-", round->first), std::move(bundle));
    return DataLoss(round->found.why);
  }
  SUYUAN_RETURN_IF_ERROR(status);
  if (round->request.progress) {
    round->request.progress(
        {StrCat("mirror ", ledger), round->first + shown.size(), round->offer.checkpoint.size});
  }
  return absl::OkStatus();
}

// What was shown is on disk before anybody is told; the same again is the same directory.
absl::Status Mirrors::Stop(Round* round, Contradiction found) {
  MirrorInfo& info = round->info;
  found.why = Line(found.why);
  std::string all = found.why;
  for (const auto& [name, bytes] : found.files) all += Sha256({name, bytes}).view();
  const std::string name = StrCat(info.ledger, "-", Sha256({all}).hex().substr(0, 12));
  const std::string evidence = StrCat(dir_, "/evidence/", name);
  std::error_code code;
  if (!fs::exists(evidence, code)) {
    const std::string making = StrCat(dir_, "/evidence/making-", name);
    fs::remove_all(making, code);
    SUYUAN_RETURN_IF_ERROR(MakeDirs(making));
    found.files.emplace_back(
        "why.txt", StrCat(found.why, "\nledger ", info.ledger, "\norigin ", info.origin, "\nurl ",
                          info.url, "\nseen ", clock_.WallMicros(), "\n"));
    for (const auto& [file, bytes] : found.files) {
      SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(making + "/" + file, bytes));
    }
    fs::rename(making, evidence, code);
    if (code) return ErrnoStatus("rename", making, code.value());
    SUYUAN_RETURN_IF_ERROR(SyncDir(dir_ + "/evidence"));
  }
  info.stopped = found.why;
  info.evidence = evidence;
  SUYUAN_RETURN_IF_ERROR(Save(info));
  return DataLoss("mirror ", info.ledger, ": ", found.why, "; what was shown is in ", evidence);
}

absl::Status Mirrors::Save(const MirrorInfo& info) {
  SUYUAN_RETURN_IF_ERROR(MakeDirs(StateDir(dir_)));
  return WriteFileAtomically(StatePath(dir_, info.ledger), StateText(info));
}

absl::StatusOr<std::vector<MirrorInfo>> Mirrors::List(const std::string& dir) {
  SUYUAN_ASSIGN_OR_RETURN(std::vector<MirrorInfo> infos, ReadStates(dir));
  for (MirrorInfo& info : infos) {
    const std::string base = StrCat(MarksDir(dir), "/", info.ledger);
    const absl::StatusOr<ledger::MarkFile::Contents> mark = ledger::MarkFile::Read(base + ".mark");
    if (mark.ok()) info.size = mark->mark.size;
    SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadIfThere(base + ".checkpoint"));
    info.checkpoint_size = SizeIn(text);
  }
  return infos;
}

}  // namespace suyuan::engine
