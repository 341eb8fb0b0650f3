#ifndef LIB_LEDGER_LEDGERS_H_
#define LIB_LEDGER_LEDGERS_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/clock.h"
#include "lib/base/mutex.h"
#include "lib/events/conduct.h"
#include "lib/ledger/id_index.h"
#include "lib/ledger/keys.h"
#include "lib/ledger/mark.h"
#include "lib/ledger/reader.h"
#include "lib/ledger/tiles.h"
#include "lib/ledger/writer_state.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/tile_tree.h"
#include "lib/store/index.h"
#include "lib/store/store.h"
#include "suyuan/check.h"
#include "suyuan/receipt.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::ledger {

// Event ids that begin with it are the ledger's own.
inline constexpr std::string_view kReservedIdPrefix = "suyuan:";
// Numbers from here on are those of mirrors: one graph can take in both.
inline constexpr uint32_t kFirstMirror = 0x8000'0000;

// An event made ready on its caller's thread.
struct NewEvent {
  std::string id;
  std::string bytes;
  uint64_t id_hash = 0;
  std::shared_ptr<const store::Index::Prepared> prepared;
  std::string corrects;             // id of the event whose place it takes
  std::vector<std::string> refers;  // ids of events that must be there before it
  std::shared_ptr<const events::Deed> deed;
};

// The ledgers of one store and their one writer, in two stages: the sequencer
// judges, orders, links and hashes; the committer makes durable, marks, tells
// the index, answers. A third thread signs, once a second, what has become of them.
// Thread-safe. Lock order: create_mu_, commit_mu_, a tree's sign_mu, then mu_, which is held
// briefly.
class Ledgers {
 public:
  struct Options {
    std::unique_ptr<store::Store> store;
    std::string marks_dir;
    std::string keys_dir;
    std::string index_dir;
    store::Index* index = nullptr;  // borrowed
    // By which rules of conduct are judged; borrowed. Null: none are.
    WriterState* state = nullptr;
    const Clock* clock = nullptr;  // borrowed
    ProgressFunction progress;
    // Copies of ledgers that others write: they have no keys and no rules, take records as
    // they are and show what their origin signed.
    bool mirrors = false;
  };

  // kDataLoss if the store does not match itself or its marks.
  static absl::StatusOr<std::unique_ptr<Ledgers>> Open(Options options);
  // Answers what is queued, forces the marks to disk, flushes the store.
  ~Ledgers();
  Ledgers(const Ledgers&) = delete;
  Ledgers& operator=(const Ledgers&) = delete;

  struct State {
    uint32_t number = 0;
    std::string name;
    uint64_t size = 0;
    Hash root;
    v1::Genesis genesis;
    std::optional<Hash> sm3_root = std::nullopt;  // where it has that tree, too
  };
  std::vector<State> List() const;  // by name
  std::optional<State> Get(std::string_view name) const;
  std::optional<State> Get(uint32_t number) const;

  // kAlreadyExists. `genesis.origin` and its keys are set here. `sm3`: with an SM3 tree beside
  // that of SHA-256. Durable when it returns.
  absl::StatusOr<uint32_t> Create(std::string_view name, v1::Genesis genesis, bool sm3 = false);

  // Makes `event` ready. kInvalidArgument if it is too large.
  absl::StatusOr<NewEvent> Prepare(const v1::Event& event) const;
  // As Engine::Append, for events that are valid by themselves. kInvalidArgument
  // with the violations if one of them tells of what must not happen.
  absl::StatusOr<std::vector<Receipt>> Append(uint32_t ledger, std::vector<NewEvent> events);

  // Entries [from, min(to, size)), see ReadRecords.
  absl::Status Read(uint32_t ledger, uint64_t from, uint64_t to,
                    const std::function<bool(const StoredRecord&)>& visit) const;

  // The place of an event. kNotFound.
  absl::StatusOr<uint64_t> Find(uint32_t ledger, std::string_view event_id);

  // Of all that asks for a tree: kNotFound if the ledger does not have that one.

  // A signed note of all that is published now: signed, on disk, and given out, in
  // this order. kFailedPrecondition: the ledger has no key, or the token that has it is not there;
  // the next call looks again. Otherwise the errors of the disk and of merkle::Pkcs11Signer.
  absl::StatusOr<std::string> Checkpoint(uint32_t ledger, HashKind hash = HashKind::kSha256);
  // The newest one that is on disk; empty if there is none.
  std::string NewestCheckpoint(uint32_t ledger) const;
  // Takes a checkpoint of this ledger with the signatures of witnesses beside its own. Proofs
  // are given against it as long as it counts their entry. kInvalidArgument: not signed
  // by the ledger, or not of it. In memory only: it can be had again.
  absl::Status TakeCosigned(uint32_t ledger, std::string_view note);
  // What is shown to others: the newest that was taken so, else a new one.
  absl::StatusOr<std::string> PublishedCheckpoint(uint32_t ledger,
                                                  HashKind hash = HashKind::kSha256);
  // Proof that entry `sequence` is in the ledger, against its newest checkpoint, or
  // one signed for it. kOutOfRange: there is no such entry.
  absl::StatusOr<merkle::ProofFile> Prove(uint32_t ledger, uint64_t sequence,
                                          HashKind hash = HashKind::kSha256);
  // The hashes by which the tree of `to` entries begins with that of `from`. kOutOfRange.
  absl::StatusOr<std::vector<Hash>> ProveConsistency(uint32_t ledger, uint64_t from, uint64_t to,
                                                     HashKind hash = HashKind::kSha256) const;
  // For mirrors alone. A ledger with entry 0 of another store. kInvalidArgument: it is no genesis
  // of `origin`. kAlreadyExists. Durable when it returns.
  absl::StatusOr<uint32_t> CreateMirror(std::string_view name, std::string_view record,
                                        std::string_view origin);
  // Entries from `first` on, which is the size, byte for byte: in one commit, or none of them. Not
  // judged again, but what every ledger is: chain, sequence, times that do not decrease, ids that
  // are new, corrections of what is there. kInvalidArgument, naming the entry, if it is not so.
  absl::Status AppendRecords(uint32_t ledger, uint64_t first, std::vector<std::string> records);
  // What its origin signed, whose entries are all here: from now on what the ledger is held to.
  // An older one changes nothing. kInvalidArgument: not of these entries. Durable when it returns.
  absl::Status TakeCheckpoint(uint32_t ledger, std::string_view note);
  // The leaf hash of an entry, and the root of the first `size` entries. kOutOfRange.
  absl::StatusOr<Hash> LeafAt(uint32_t ledger, uint64_t sequence) const;
  absl::StatusOr<Hash> RootOf(uint32_t ledger, uint64_t size) const;
  // The right edge of all that is published.
  absl::StatusOr<merkle::Frontier> FrontierOf(uint32_t ledger) const;

  // As ledger::ReadTile, of what is published.
  absl::StatusOr<std::string> Tile(uint32_t ledger, const merkle::Tile& tile,
                                   HashKind hash = HashKind::kSha256) const;

  // The verifier keys of the keys that sign now, the newest first.
  absl::StatusOr<std::vector<std::string>> Keys(uint32_t ledger,
                                                HashKind hash = HashKind::kSha256) const;
  // A new key for each tree, which the ledger names in an entry of its own; the old ones go on
  // signing until they are retired. `pkcs11`: as Engine::RotateKey. Durable when it returns.
  absl::Status AddKey(uint32_t ledger, std::string_view pkcs11 = {});
  // All but the newest key sign no more and are gone. kFailedPrecondition: there is no other.
  absl::Status RetireKeys(uint32_t ledger);

  // As Engine::AddTimeStamp.
  absl::StatusOr<Receipt> AddTimeStamp(uint32_t ledger, const v1::TimeStamp& stamp);

  // All ledgers as they are at one moment, for a copy. No appends while it is taken, which is
  // as long as signing takes; they go on while it is held.
  struct Cut {
    std::unique_ptr<store::StoreCut> store;
    // Marks and checkpoints, which are of just that moment: names of their files, bytes.
    std::vector<std::pair<std::string, std::string>> marks;
    std::vector<State> ledgers;
  };
  absl::StatusOr<Cut> TakeCut();

  // Whether it came from a backup and is read only: see seal.h.
  bool IsSealed(uint32_t ledger) const;

  // Makes the index, the id index and the tiles again from all entries. No appends meanwhile.
  // Without `drop`, the index forgot them already.
  absl::Status Rebuild(bool drop = true);

  const store::Store& store() const { return *options_.store; }

 private:
  // Consecutive new entries of one ledger in one commit.
  struct Part {
    uint64_t first = 0;
    std::string arena;  // the records, one behind the other
    std::vector<size_t> ends;
    std::vector<Hash> leaves;
    std::vector<const NewEvent*> events;  // of callers who wait, or own_events
    std::vector<std::optional<uint64_t>> corrects;
    std::vector<std::vector<uint64_t>> reread;
    std::deque<NewEvent> own_events;               // the ledger's own
    std::vector<Hash> sm3_leaves;                  // where the ledger has that tree
    std::shared_ptr<const merkle::TileEdge> edge;  // behind the last
    std::shared_ptr<const merkle::TileEdge> sm3_edge;
    Hash sm3_root;
    Hash previous;           // leaf before the first
    uint64_t tree_size = 0;  // 0 until sealed
    Hash root;
    std::string head;  // as stored

    std::string_view record(size_t i) const {
      const size_t begin = i == 0 ? 0 : ends[i - 1];
      return std::string_view(arena).substr(begin, ends[i] - begin);
    }
  };

  // A tree of a ledger and what was signed of it. Guarded by mu_.
  struct Tree {
    Tree(HashKind hash_kind, std::string its_origin)
        : hash(hash_kind), origin(std::move(its_origin)) {}

    const HashKind hash;
    const std::string origin;  // what its checkpoints call it
    // What readers see; the committer replaces it.
    std::shared_ptr<const merkle::TileEdge> edge;
    Hash root;
    std::string note;  // the newest checkpoint
    uint64_t signed_size = 0;
    std::string cosigned;
    uint64_t cosigned_size = 0;
    // One signature, or change of keys, at a time.
    mutable Mutex sign_mu;
    std::optional<KeyFile> keys ABSL_GUARDED_BY(sign_mu);
  };

  struct Ledger {
    uint32_t number = 0;
    std::string name;
    v1::Genesis genesis;
    std::unique_ptr<const events::Conduct> conduct;
    Hash origin;
    // The sequencer's.
    Head head;
    std::unique_ptr<IdIndex> ids;
    std::deque<std::shared_ptr<Part>> in_flight;
    int64_t clock_offset = 0;     // wall minus steady clock at its last commit
    bool clock_compared = false;  // with the last entry, at the first commit
    bool sealed = false;          // for good
    // The committer's.
    std::unique_ptr<MarkFile> mark;
    // Guarded by mu_: what readers see.
    uint64_t size = 0;
    std::unique_ptr<Tree> tree;
    std::unique_ptr<Tree> sm3;  // null: it has none
  };

  // What Judge found out about an event of a submission.
  struct Judged {
    std::optional<Receipt> known;         // it is in the ledger
    std::optional<size_t> same_as;        // an earlier one of the submission is the same
    std::optional<uint64_t> corrects;     // the entry that it corrects
    std::optional<size_t> corrects_here;  // or the earlier one of the submission
    std::vector<uint64_t> reread;         // entries that it says speak of another unit
    std::vector<size_t> reread_here;      // or earlier ones of the submission
  };

  struct Submission {
    Ledger* ledger = nullptr;
    std::vector<NewEvent> events;
    std::vector<std::string> records;  // of a mirror: as they are, one an event
    uint64_t first = 0;
    std::string find;  // an event id: only its place is wanted
    std::optional<uint64_t> found;
    std::vector<Judged> judged;
    absl::Status status;
    std::vector<Receipt> receipts;
    // Receipts to be completed with the head of the commit.
    std::vector<size_t> open_receipts;
    // Set last, under no lock; the caller sleeps on it.
    std::atomic<bool> done = false;
  };

  struct Group {
    std::vector<std::shared_ptr<Submission>> submissions;
    std::vector<std::pair<Ledger*, std::shared_ptr<Part>>> parts;
  };

  explicit Ledgers(Options options) : options_(std::move(options)) {}

  static State StateOf(const Ledger& ledger);

  absl::Status Recover();
  absl::Status RecoverLedger(uint32_t number, const std::string& name);
  absl::Status CompareWithMark(const Ledger& ledger, const Mark& mark) const;
  absl::Status RecoverTree(Ledger* ledger);
  absl::Status RecoverSm3(Ledger* ledger);
  absl::Status RecoverSignature(const Ledger& ledger, Tree* tree);
  absl::Status ReplayIndexes(Ledger* ledger);
  std::string MarkPath(std::string_view name) const;
  std::string NotePath(std::string_view name, HashKind hash = HashKind::kSha256) const;
  std::string KeyPath(std::string_view name, HashKind hash = HashKind::kSha256) const;
  // Makes all tiles of the SM3 tree and its head again; its right edge.
  absl::StatusOr<merkle::TileEdge> WriteSm3(const Ledger& ledger);

  absl::Status NotWrittenHere(uint32_t ledger) const;
  absl::StatusOr<Ledger*> LedgerOf(uint32_t number) const;
  absl::Status Run(uint32_t ledger, const std::shared_ptr<Submission>& submission);
  static absl::StatusOr<Tree*> TreeOf(const Ledger& ledger, HashKind hash);
  absl::StatusOr<std::string> Sign(const Ledger& ledger, Tree* tree);
  // That a key of the ledger signed the checkpoint `text` of what this tree was or is.
  absl::Status CheckSignedHere(const Ledger& ledger, Tree* tree, std::string_view text) const;
  void SignAll();
  void SignerLoop();
  void SequencerLoop();
  void CommitterLoop();
  void Judge(Submission* submission);
  void JudgeConduct(Submission* submission);
  void Sequence(Submission* submission, Group* group);
  void AddEntry(Ledger* ledger, Part* part, const NewEvent& event, std::optional<uint64_t> corrects,
                std::vector<uint64_t> reread, int64_t now);
  // The record that lies behind the others of `part`.
  void NoteEntry(Ledger* ledger, Part* part, const NewEvent& event,
                 std::optional<uint64_t> corrects, std::vector<uint64_t> reread);
  absl::StatusOr<uint32_t> Make(std::unique_ptr<Ledger> ledger, Part part,
                                const store::Index::Prepared* prepared);
  absl::StatusOr<NewEvent> ReadForeign(std::string_view record) const;
  void SequenceRecords(Submission* submission, Group* group);
  Part* PartOf(Ledger* ledger, Group* group);
  void NoteClock(Ledger* ledger, Part* part);
  // kDataLoss if an entry that can be it cannot be read.
  absl::StatusOr<std::optional<uint64_t>> FindEvent(Ledger* ledger, uint64_t id_hash,
                                                    std::string_view id) const;
  absl::Status ReadAnywhere(const Ledger& ledger, uint64_t sequence,
                            const std::function<void(const StoredRecord&)>& visit) const;
  // `known` is the receipt of what is stored as `sequence`, unless its bytes are
  // others than those of `event`.
  absl::Status Compare(const Ledger& ledger, uint64_t sequence, const NewEvent& event,
                       std::optional<Receipt>* known) const;
  absl::Status Commit(Group* group);
  void SyncMarks();
  void Answer(const absl::Status& status);
  static void Wake(const std::vector<std::shared_ptr<Submission>>& submissions);
  uint64_t PublishedSize(const Ledger& ledger) const;

  Options options_;

  mutable Mutex mu_;
  std::map<std::string, std::unique_ptr<Ledger>, std::less<>> ledgers_ ABSL_GUARDED_BY(mu_);
  std::deque<std::shared_ptr<Submission>> queue_ ABSL_GUARDED_BY(mu_);
  std::deque<std::unique_ptr<Group>> sealed_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool sequencer_done_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status failure_ ABSL_GUARDED_BY(mu_);
  CondVar queue_cv_;
  CondVar sealed_cv_;
  CondVar room_cv_;
  CondVar signer_cv_;

  Mutex create_mu_;  // one Create at a time; taken before mu_
  // The committer holds it from writing a group until it is published; taken after create_mu_,
  // before a ledger's sign_mu.
  Mutex commit_mu_;

  mutable TileCache tiles_;

  // The sequencer's: the clocks at the group in hand.
  int64_t now_ = 0;
  int64_t steady_ = 0;

  // The committer's.
  int64_t last_mark_sync_ = 0;

  std::thread sequencer_;
  std::thread committer_;
  std::thread signer_;
};

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_LEDGERS_H_
