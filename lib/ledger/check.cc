#include "lib/ledger/check.h"

#include <map>
#include <optional>

#include "lib/base/bytes.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/ledger/ledgers.h"
#include "lib/ledger/mark.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/tile_tree.h"
#include "suyuan/storage/v1/record.pb.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::ledger {
namespace {

constexpr std::string_view kMarkSuffix = ".mark";
constexpr std::string_view kNoteSuffix = ".checkpoint";
constexpr std::string_view kSm3NoteSuffix = ".sm3.checkpoint";
constexpr std::string_view kSm3OriginSuffix = "/sm3";

// A tree as the entries give it, and what was signed of it.
struct Tree {
  Tree(HashKind kind, const std::string& note_path) : edge(kind), note(ReadFile(note_path)) {
    if (!note.ok()) return;
    signed_note = merkle::ParseNote(*note);
    if (signed_note.ok()) checkpoint = merkle::ParseCheckpoint(signed_note->text);
  }

  merkle::TileEdge edge;
  absl::StatusOr<std::string> note;
  absl::StatusOr<merkle::Note> signed_note;
  absl::StatusOr<merkle::Checkpoint> checkpoint;
  Hash root_at_note;
};

class LedgerCheck {
 public:
  LedgerCheck(const store::Store& store, uint32_t number, std::string name,
              const std::string& marks_dir, CheckReport* report)
      : store_(store),
        number_(number),
        name_(std::move(name)),
        report_(report),
        tree_(HashKind::kSha256, StrCat(marks_dir, "/", name_, kNoteSuffix)),
        sm3_(HashKind::kSm3, StrCat(marks_dir, "/", name_, kSm3NoteSuffix)) {
    // The writer of a store that is in use writes one of the slots now and then; what is
    // damaged stays so.
    for (int look = 0; look < 3; ++look) {
      mark_ = MarkFile::Read(StrCat(marks_dir, "/", name_, kMarkSuffix));
      if (mark_.ok() && mark_->damage.empty()) break;
    }
    // After mark and checkpoints, so that all that they count is seen; head and entries are of one
    // moment.
    it_ = store.NewIterator();
  }

  void Run(const ProgressFunction& progress,
           const std::function<void(uint32_t, const std::string&, const StoredRecord&,
                                    const Hash&)>& visit) {
    const std::optional<Head> head = ReadHead();
    const bool whole = CheckEntries(head, progress, visit);
    if (whole && head.has_value()) CheckHead(*head);
    if (whole && has_sm3_) CheckSm3Head();
    CheckMark(whole);
    CheckNote(tree_, origin_name_, whole);
    if (has_sm3_) CheckNote(sm3_, StrCat(origin_name_, kSm3OriginSuffix), whole);
    report_->ledgers.push_back({name_, frontier_.size(), std::string(frontier_.Root().view())});
  }

 private:
  void Found(uint64_t sequence, std::string what, std::string expected, std::string found) {
    report_->problems.push_back(
        {name_, sequence, std::move(what), std::move(expected), std::move(found)});
  }

  std::optional<Head> ReadHead() {
    const std::string key = HeadKey(number_);
    it_->Seek(key);
    if (!it_->status().ok()) {
      Found(0, "store", "a readable head", std::string(it_->status().message()));
      return std::nullopt;
    }
    if (!it_->Valid() || it_->key() != key) {
      Found(0, "head", "a head", "none");
      return std::nullopt;
    }
    absl::StatusOr<Head> head = ParseHead(it_->value());
    if (!head.ok()) {
      Found(0, "head", "a whole head", std::string(head.status().message()));
      return std::nullopt;
    }
    return *std::move(head);
  }

  // False at the first broken entry.
  bool CheckEntries(const std::optional<Head>& head, const ProgressFunction& progress,
                    const std::function<void(uint32_t, const std::string&, const StoredRecord&,
                                             const Hash&)>& visit) {
    int64_t last_progress = SystemClock()->SteadyMicros();
    for (it_->Seek(EntryKey(number_, 0)); it_->Valid(); it_->Next()) {
      const uint64_t next = frontier_.size();
      const std::optional<uint64_t> first = SequenceOfEntryKey(number_, it_->key());
      if (!first.has_value()) break;
      if (*first != next) {
        Found(next, "entry", StrCat("entry ", next), StrCat("entry ", *first));
        return false;
      }
      const absl::StatusOr<Chunk> chunk = ParseChunk(it_->value());
      if (!chunk.ok()) {
        Found(next, "entry", "a whole chunk", std::string(chunk.status().message()));
        return false;
      }
      // A commit goes on in the next chunk until its tree has its size.
      if (next < commit_size_ ? chunk->tree_size != commit_size_ || chunk->root != commit_root_
                              : chunk->tree_size <= next) {
        Found(next, "tree",
              StrCat("a commit of size ", commit_size_, ", root ", commit_root_.hex()),
              StrCat("size ", chunk->tree_size, ", root ", chunk->root.hex()));
        return false;
      }
      commit_size_ = chunk->tree_size;
      commit_root_ = chunk->root;
      for (const std::string_view bytes : chunk->records) {
        if (!CheckEntry(bytes, *chunk, visit)) return false;
      }
      if (frontier_.size() > commit_size_) {
        Found(next, "tree", StrCat("a commit up to size ", commit_size_),
              StrCat("entries up to ", frontier_.size()));
        return false;
      }
      if (frontier_.size() == commit_size_ && frontier_.Root() != commit_root_) {
        // The next entry, or the head, can say which entry it is.
        broken_commit_ = Problem{name_, next, "tree", commit_root_.hex(), frontier_.Root().hex()};
      }
      if (progress && SystemClock()->SteadyMicros() - last_progress > 500'000) {
        last_progress = SystemClock()->SteadyMicros();
        progress({StrCat("check ", name_), frontier_.size(),
                  head.has_value() ? head->frontier.size() : 0});
      }
    }
    if (!it_->status().ok()) {
      Found(frontier_.size(), "entry", "a readable entry", std::string(it_->status().message()));
      return false;
    }
    if (broken_commit_.has_value()) {
      if (head.has_value() && head->frontier.size() == frontier_.size() &&
          head->last_leaf != last_leaf_) {
        Found(frontier_.size() - 1, "chain", head->last_leaf.hex(), last_leaf_.hex());
      } else {
        report_->problems.push_back(*broken_commit_);
      }
      return false;
    }
    if (frontier_.size() < commit_size_ ||
        (head.has_value() && frontier_.size() < head->frontier.size())) {
      Found(frontier_.size(), "entry", StrCat("entry ", frontier_.size()), "nothing");
      return false;
    }
    return true;
  }

  bool CheckEntry(std::string_view bytes, const Chunk& chunk,
                  const std::function<void(uint32_t, const std::string&, const StoredRecord&,
                                           const Hash&)>& visit) {
    const uint64_t next = frontier_.size();
    const absl::StatusOr<RecordView> record = ParseRecord(bytes);
    if (!record.ok()) {
      Found(next, "entry", "a whole record", std::string(record.status().message()));
      return false;
    }
    if (record->sequence != next) {
      Found(next, "entry", StrCat("sequence ", next), StrCat("sequence ", record->sequence));
      return false;
    }
    v1::Event event;
    if (!event.ParseFromArray(record->event.data(), static_cast<int>(record->event.size()))) {
      Found(next, "entry", "an event", "bytes that are none");
      return false;
    }
    if (!event.genesis().verifier_key().empty()) KnowKey(event.genesis().verifier_key());
    if (event.has_signing_key()) KnowKey(event.signing_key().verifier_key());
    if (next == 0) {
      origin_name_ = event.genesis().origin();
      // Of a mirror only the public tree is kept.
      has_sm3_ = number_ < kFirstMirror && !event.genesis().sm3_verifier_key().empty();
      if (has_sm3_) KnowKey(event.genesis().sm3_verifier_key());
      origin_ = Sha256({origin_name_});
      if (record->previous != origin_) {
        Found(0, "chain", origin_.hex(), record->previous.hex());
        return false;
      }
    } else if (record->previous != last_leaf_) {
      // The successor keeps what the broken entry's hash was.
      Found(next - 1, "chain", record->previous.hex(), last_leaf_.hex());
      return false;
    } else if (broken_commit_.has_value()) {
      report_->problems.push_back(*broken_commit_);
      return false;
    }
    if (record->recorded_micros < last_recorded_) {
      Found(next, "entry", StrCat("a recording time from ", last_recorded_),
            StrCat(record->recorded_micros));
      return false;
    }
    last_recorded_ = record->recorded_micros;
    last_leaf_ = merkle::LeafHash(bytes);
    frontier_.Append(last_leaf_);
    Grow(&tree_, last_leaf_);
    if (has_sm3_) Grow(&sm3_, merkle::LeafHash(bytes, HashKind::kSm3));
    if (mark_.ok() && frontier_.size() == mark_->mark.size) {
      root_at_mark_ = frontier_.Root();
      leaf_at_mark_ = last_leaf_;
    }
    if (visit) visit(number_, name_, {*record, bytes, chunk.tree_size, chunk.root}, last_leaf_);
    return true;
  }

  void KnowKey(const std::string& vkey) {
    absl::StatusOr<merkle::VerifierKey> key = merkle::VerifierKey::Parse(vkey);
    if (key.ok()) keys_.push_back(*std::move(key));
  }

  // By one leaf; the tiles that it fills are compared with those that are stored.
  void Grow(Tree* tree, const Hash& leaf) {
    const bool sm3 = tree->edge.kind() == HashKind::kSm3;
    const auto compare = [&](const merkle::Tile& tile, std::string_view bytes) {
      const auto stored = store_.Get(TileKey(number_, tile.level, tile.index, tree->edge.kind()));
      const std::string path = StrCat(sm3 ? "sm3/" : "", merkle::TilePath(tile));
      if (!stored.ok()) {
        Found(frontier_.size() - 1, "tree", path, std::string(stored.status().message()));
      } else if (!stored->has_value() || **stored != bytes) {
        Found(frontier_.size() - 1, "tree", StrCat(path, " as its entries give it"),
              stored->has_value() ? "another one" : "none");
      }
      return absl::OkStatus();
    };
    tree->edge.Append(leaf, compare).IgnoreError();
    if (tree->checkpoint.ok() && tree->edge.size() == tree->checkpoint->size) {
      tree->root_at_note = tree->edge.Root();
    }
  }

  void CheckNote(const Tree& tree, const std::string& origin, bool whole) {
    if (absl::IsNotFound(tree.note.status())) return;
    if (!tree.note.ok() || !tree.signed_note.ok() || !tree.checkpoint.ok()) {
      const absl::Status& why = !tree.note.ok()          ? tree.note.status()
                                : !tree.signed_note.ok() ? tree.signed_note.status()
                                                         : tree.checkpoint.status();
      Found(0, "head", "a whole checkpoint", std::string(why.message()));
      return;
    }
    const merkle::Checkpoint& checkpoint = *tree.checkpoint;
    if (frontier_.size() > 0 && checkpoint.origin != origin) {
      Found(0, "head", StrCat("a checkpoint of ", origin), checkpoint.origin);
    } else if (checkpoint.size > frontier_.size()) {
      if (whole) {
        Found(frontier_.size(), "entry", StrCat(checkpoint.size, " entries, by the checkpoint"),
              StrCat(frontier_.size(), " entries"));
      }
      return;
    } else if (checkpoint.size > 0 && tree.root_at_note != checkpoint.root) {
      Found(checkpoint.size - 1, "tree", checkpoint.root.hex(), tree.root_at_note.hex());
    }
    const absl::StatusOr<std::vector<size_t>> by = merkle::VerifyNote(*tree.signed_note, keys_);
    if (!by.ok()) {
      Found(checkpoint.size, "head", "a true signature under the checkpoint",
            std::string(by.status().message()));
    } else if (by->empty() && whole) {
      Found(checkpoint.size, "head", "a checkpoint that a key of the ledger signed",
            "other signatures");
    }
  }

  void CheckHead(const Head& head) {
    const uint64_t size = frontier_.size();
    if (head.frontier.size() != size) {
      Found(size, "head", StrCat("size ", size), StrCat("size ", head.frontier.size()));
    } else if (head.frontier.Root() != frontier_.Root()) {
      Found(size, "head", frontier_.Root().hex(), head.frontier.Root().hex());
    } else if (head.last_leaf != last_leaf_) {
      Found(size - 1, "head", last_leaf_.hex(), head.last_leaf.hex());
    } else if (head.last_recorded_micros != last_recorded_) {
      Found(size - 1, "head", StrCat("time ", last_recorded_),
            StrCat("time ", head.last_recorded_micros));
    }
  }

  // Of the same moment as the entries.
  void CheckSm3Head() {
    const std::string key = Sm3HeadKey(number_);
    it_->Seek(key);
    const bool there = it_->Valid() && it_->key() == key;
    const auto head = ParseSm3Head(there ? it_->value() : "");
    const Hash root = sm3_.edge.Root();
    if (head.ok() && head->size == sm3_.edge.size() && head->root == root) return;
    Found(sm3_.edge.size(), "head", StrCat("SM3 root ", root.hex(), " of size ", sm3_.edge.size()),
          head.ok() ? StrCat(head->root.hex(), " of size ", head->size)
                    : std::string(head.status().message()));
  }

  void CheckMark(bool whole) {
    if (!mark_.ok()) {
      Found(0, "head", "a mark outside the database", std::string(mark_.status().message()));
      return;
    }
    const Mark& mark = mark_->mark;
    if (!mark_->damage.empty()) Found(mark.size, "head", "a whole mark", mark_->damage);
    if (frontier_.size() > 0 && mark.origin != origin_) {
      Found(0, "head", mark.origin.hex(), origin_.hex());
    } else if (mark.size > frontier_.size()) {
      if (whole) {
        Found(frontier_.size(), "entry", StrCat(mark.size, " entries, by the mark"),
              StrCat(frontier_.size(), " entries"));
      }
    } else if (mark.size > 0 && leaf_at_mark_ != mark.last_leaf) {
      Found(mark.size - 1, "chain", mark.last_leaf.hex(), leaf_at_mark_.hex());
    } else if (mark.size > 0 && root_at_mark_ != mark.root) {
      Found(mark.size - 1, "tree", mark.root.hex(), root_at_mark_.hex());
    }
  }

  const store::Store& store_;
  const uint32_t number_;
  const std::string name_;
  CheckReport* const report_;
  absl::StatusOr<MarkFile::Contents> mark_;
  Tree tree_;
  bool has_sm3_ = false;
  Tree sm3_;
  std::vector<merkle::VerifierKey> keys_;  // that the ledger names
  std::unique_ptr<store::Iterator> it_;

  merkle::Frontier frontier_;
  uint64_t commit_size_ = 0;  // of the commit in hand
  Hash commit_root_;
  std::optional<Problem> broken_commit_;
  std::string origin_name_;
  Hash origin_;
  Hash last_leaf_;
  int64_t last_recorded_ = std::numeric_limits<int64_t>::min();
  Hash root_at_mark_;
  Hash leaf_at_mark_;
};

// Whether there is a ledger of that name now.
bool HasRow(const store::Store& store, const std::string& name) {
  const std::unique_ptr<store::Iterator> it = store.NewIterator();
  for (it->Seek(kInfoPrefix); it->Valid() && LedgerOfInfoKey(it->key()).has_value(); it->Next()) {
    storage::v1::LedgerInfo info;
    if (info.ParseFromArray(it->value().data(), static_cast<int>(it->value().size())) &&
        info.name() == name) {
      return true;
    }
  }
  return false;
}

}  // namespace

CheckReport CheckLedgers(const store::Store& store, const std::string& marks_dir,
                         const ProgressFunction& progress,
                         const std::function<void(uint32_t, const std::string&, const StoredRecord&,
                                                  const Hash&)>& visit) {
  CheckReport report;
  std::map<uint32_t, std::string> ledgers;
  std::map<std::string, uint32_t> names;
  const std::unique_ptr<store::Iterator> it = store.NewIterator();
  for (it->Seek(kInfoPrefix); it->Valid(); it->Next()) {
    const std::optional<uint32_t> number = LedgerOfInfoKey(it->key());
    if (!number.has_value()) break;
    storage::v1::LedgerInfo info;
    if (!info.ParseFromArray(it->value().data(), static_cast<int>(it->value().size())) ||
        info.format() != 1 || info.number() != *number || info.name().empty() ||
        info.SerializeAsString() != it->value()) {
      report.problems.push_back({"", 0, "store", StrCat("a row for ledger ", *number), "damage"});
      continue;
    }
    ledgers[*number] = info.name();
    names[info.name()] = *number;
  }
  if (!it->status().ok()) {
    report.problems.push_back(
        {"", 0, "store", "a readable database", std::string(it->status().message())});
  }
  for (const auto& [number, name] : ledgers) {
    LedgerCheck(store, number, name, marks_dir, &report).Run(progress, visit);
  }
  // Entries, heads and tiles of ledgers that have no row, marks of ledgers that are gone.
  for (const char kind : {'e', 'h', 'r', 's', 't'}) {
    for (it->Seek(std::string(1, kind)); it->Valid() && it->key().starts_with(kind);) {
      const uint32_t number = it->key().size() >= 5 ? GetFixed32(it->key().data() + 1) : 0;
      if (!ledgers.contains(number)) {
        report.problems.push_back(
            {"", 0, "store", StrCat("a row for ledger ", number), "entries without one"});
      }
      it->Seek(number == ~uint32_t{0} ? std::string(1, static_cast<char>(kind + 1))
               : kind == 'e'          ? EntryKey(number + 1, 0)
               : kind == 'r'          ? Sm3HeadKey(number + 1)
               : kind == 's'          ? TileKey(number + 1, 0, 0, HashKind::kSm3)
               : kind == 't'          ? TileKey(number + 1, 0, 0)
                                      : HeadKey(number + 1));
    }
  }
  const absl::StatusOr<std::vector<std::string>> files = ListDir(marks_dir);
  if (!files.ok()) {
    report.problems.push_back({"", 0, "head", "marks", std::string(files.status().message())});
    return report;
  }
  for (const std::string& file : *files) {
    if (!file.ends_with(kMarkSuffix)) continue;
    const std::string name = file.substr(0, file.size() - kMarkSuffix.size());
    if (names.contains(name)) continue;
    const absl::StatusOr<MarkFile::Contents> mark = MarkFile::Read(marks_dir + "/" + file);
    if (mark.ok() && mark->mark.size == 0) continue;
    // Made meanwhile, in a store that is in use: the row is there before the mark counts.
    if (HasRow(store, name)) continue;
    report.problems.push_back(
        {name, 0, "store",
         mark.ok() ? StrCat(mark->mark.size, " entries, by the mark") : std::string("a whole mark"),
         mark.ok() ? std::string("no such ledger in the database")
                   : std::string(mark.status().message())});
  }
  return report;
}

}  // namespace suyuan::ledger
