#ifndef SUYUAN_ENGINE_H_
#define SUYUAN_ENGINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "suyuan/backup.h"
#include "suyuan/check.h"
#include "suyuan/completeness.h"
#include "suyuan/mirror.h"
#include "suyuan/personal.h"
#include "suyuan/proof.h"
#include "suyuan/recall.h"
#include "suyuan/receipt.h"
#include "suyuan/score.h"
#include "suyuan/stock.h"
#include "suyuan/trace.h"
#include "suyuan/v1/event.pb.h"
#include "suyuan/violation.h"

namespace suyuan {

class Clock;

struct Options {
  // Everything lies below it: db/, marks/, keys/, index/, vault/, mirrors/, LOCK.
  std::string data_dir = {};
  // The private keys of the ledgers, <ledger>.key and <ledger>.sm2.key, where they lie elsewhere.
  // Made if they are missing with their ledger; mode 0600.
  std::string keys_dir = {};
  // The personal values and their keys, rows/ and keys/, where they lie elsewhere. Made with the
  // first value; open to the owner alone.
  std::string vault_dir = {};
  bool create_if_missing = true;
  ProgressFunction progress = nullptr;
  // Borrowed; the machine's clock when null.
  const Clock* clock = nullptr;
};

struct LedgerOptions {
  std::string name = {};     // [a-z0-9-]{1,64}
  std::string subject = {};  // key of the owner
  std::string subject_name = {};
  std::string profile = "ordinary";  // who must record what: schemas/db31t1110/profile.csv
  // With a tree of SM3 beside that of SHA-256, signed with SM2 (TreeHash). It cannot be had
  // later; about four microseconds of processor an event.
  bool sm3 = false;
};

struct LedgerInfo {
  std::string name;
  std::string subject;
  std::string subject_name;
  std::string profile;
  uint64_t size = 0;
  std::string root;         // 32 bytes
  std::string origin = {};  // what its checkpoints call it
  // Who checks its checkpoints (C2SP signed-note, vkey): of the keys that sign now, the newest
  // first. Empty if its private key is not here.
  std::vector<std::string> verifier_keys = {};
  // The same of its SM3 tree; empty where it has none.
  std::string sm3_root = {};
  std::vector<std::string> sm3_verifier_keys = {};
  // It came from a backup, is read only, and waits for Resume.
  bool sealed = false;
};

// One entry as read back.
struct Entry {
  uint64_t sequence = 0;
  int64_t recorded_micros = 0;
  std::string leaf_hash;
  v1::Event event;
};

struct UnitInfo {
  std::string key;
  std::vector<std::string> external_ids;
  std::vector<std::string> holders;
  std::string product;
};

// The traceability engine on one data directory. Thread-safe. One process at a
// time; the directory is locked from Open until destruction.
class Engine {
 public:
  // Opens or creates the store and verifies it against the marks that lie
  // outside the database. kFailedPrecondition: another process has it.
  // kDataLoss: entries below the mark are missing or different, or the
  // database is damaged; nothing is changed then, Check tells more.
  // kPermissionDenied, kResourceExhausted: rights, disk.
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const Options& options);
  virtual ~Engine() = default;

  // kAlreadyExists if the name is taken, kInvalidArgument for a bad name,
  // subject or profile. Durable when it returns.
  virtual absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) = 0;
  // By name.
  virtual absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const = 0;
  // kNotFound.
  virtual absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const = 0;

  // All faults of all events, in order; empty when Append would take them.
  // Looks at the events alone, not at what the ledger holds. kNotFound: no such ledger.
  virtual absl::StatusOr<std::vector<Violation>> Validate(
      std::string_view ledger, std::span<const v1::Event> events) const = 0;

  // Appends all events, contiguously, or none; at most 4,096 events or 4 MiB.
  // When it returns receipts, one an event and in their order, all are durable
  // and every query sees them. An event whose id the ledger holds with the same
  // content gets its first receipt again. Personal values do not enter the ledger but the vault:
  // the entry holds commitments. A value is the same content if it is the one that was told
  // first; what was erased is the same as any.
  // kInvalidArgument: an event breaks a rule whatever the ledger holds
  //   (ViolationsOf lists all faults of all events).
  // kAlreadyExists: its id is taken by other content.
  // kNotFound: no such ledger, or a correction names an event that is not there.
  // kResourceExhausted: the batch is too large.
  // kFailedPrecondition, kDataLoss: an event has a personal value, and the keys of the vault are
  //   not here, or it is damaged.
  // kUnavailable: the store failed; whether the events are there is unknown.
  //   Open the engine again and append them again with the same ids.
  // kFailedPrecondition: the ledger came from a backup and is read only: see Resume.
  virtual absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                                      std::span<const v1::Event> events) = 0;

  // Calls `visit` for the entries [from, to) in order until it returns false.
  // kDataLoss if an entry cannot be read.
  virtual absl::Status Read(std::string_view ledger, uint64_t from, uint64_t to,
                            const std::function<bool(const Entry&)>& visit) const = 0;

  // Backward (溯源) and forward (追踪) closure, complete on any graph.
  // kNotFound: no such unit. kInvalidArgument: the spelling names several
  // things (the message lists them) or is malformed; a ledger never had the size
  // asked for.
  // O(edges visited); appends wait while it runs.
  virtual absl::StatusOr<TraceResult> Trace(const TraceRequest& request) const = 0;

  // Asks `answer.asked` again of the entries that `answer.heads` name, without any index, and
  // says what differs: heads, digest, every list, and ways that do not lead from the origin to
  // their unit by entries that are there. Empty: the answer is right. A way need not be the one
  // that is found now, but as short. Reads the ledgers from the beginning. kUnimplemented of
  // a server: who verifies needs the ledgers.
  virtual absl::StatusOr<std::vector<TraceDifference>> VerifyTrace(
      const TraceResult& answer) const = 0;

  // Which units and places can be the common source of cases (共同来源). kNotFound: a spelling
  // names nothing. kInvalidArgument: it names several things; a thing has two weights; no weight
  // is not 0; what is merged is not of one kind or is merged twice. O(edges visited) for each
  // weight; appends wait while it runs.
  virtual absl::StatusOr<ScoreResult> Score(const ScoreRequest& request) const = 0;

  // What of a unit, or of all units, is where. Errors as of Trace; kInvalidArgument also
  // for a package.
  virtual absl::StatusOr<StockResult> GetStock(const StockRequest& request) const = 0;

  // Everything that can hold some of the units named, where it is, who got it and
  // how much of it is still out (召回清单). Complete over the same links as Trace; time
  // and quantity never take anything off it. Errors as of Trace.
  virtual absl::StatusOr<RecallPlan> PlanRecall(const RecallRequest& request) const = 0;

  // Which data elements of the history of a unit are there and which are missing, by
  // the profile of each ledger: of the unit, the runs and inputs it was made by, its
  // product and the persons (完整性报告). Records that should be there and are not count,
  // and what is due on a condition. Errors as of Trace. Reads every entry.
  virtual absl::StatusOr<CompletenessReport> ReportCompleteness(const std::string& unit) const = 0;

  // The units whose key, external id, code or product contains `text`, sorted
  // by key; all when it is empty.
  virtual absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view text) const = 0;

  // Of all that names a tree: kNotFound if the ledger does not have that one.

  // A signed head of all that is acknowledged (C2SP tlog-checkpoint): on disk before it is
  // given out; a ledger is not opened again without what it signed. One is signed
  // every second that it grows anyway. kNotFound; kFailedPrecondition: its private key is not
  // here, or it is sealed (Resume). Durable when it returns.
  virtual absl::StatusOr<std::string> Checkpoint(std::string_view ledger,
                                                 TreeHash tree = TreeHash::kSha256) = 0;

  // Adds signatures of witnesses to what the ledger signed of its SHA-256 tree: `checkpoint` is a
  // note that Checkpoint gave, with their lines behind it. From then on PublishedCheckpoint and
  // Prove give it as long as nothing newer was cosigned. Not durable. kNotFound; kInvalidArgument:
  // it is not the ledger's; kUnimplemented over the wire: a server asks its witnesses itself.
  virtual absl::Status AddCosignatures(std::string_view ledger, std::string_view checkpoint) = 0;
  // What others are shown: the newest checkpoint that was cosigned, if any was, else as
  // Checkpoint.
  virtual absl::StatusOr<std::string> PublishedCheckpoint(std::string_view ledger,
                                                          TreeHash tree = TreeHash::kSha256) = 0;

  // Proof that an event is in the ledger, for whoever has its entry and trusts its key:
  // see suyuan/proof.h. Against the newest checkpoint that counts it; errors as of Checkpoint.
  virtual absl::StatusOr<EventProof> Prove(std::string_view ledger, std::string_view event_id,
                                           TreeHash tree = TreeHash::kSha256) = 0;

  // Proof that the tree of `to` entries begins with that of `from`: hashes of 32 bytes (RFC 6962,
  // 2.1.2). kNotFound; kOutOfRange unless from <= to <= size.
  virtual absl::StatusOr<std::vector<std::string>> ProveConsistency(
      std::string_view ledger, uint64_t from, uint64_t to,
      TreeHash tree = TreeHash::kSha256) const = 0;

  // The bytes of a tile or of a bundle of entries by its path ("tile/0/x001/067",
  // "tile/entries/000.p/3", C2SP tlog-tiles). kNotFound: no such ledger, or it is not as
  // large. kInvalidArgument: no such path.
  virtual absl::StatusOr<std::string> ReadTile(std::string_view ledger, std::string_view path,
                                               TreeHash tree = TreeHash::kSha256) const = 0;

  // A new signing key for each tree, which the ledger names in an entry of its own. The keys before
  // it go on signing until they are retired, so that who knows only them can follow.
  // `pkcs11`: the key of the SHA-256 tree is the one on a token that this URI names (RFC 7512,
  // lib/ledger/FORMAT.md), Ed25519; an SM3 tree gets a key in a file. Of the token, and then
  // nothing is changed: kInvalidArgument: the URI. kFailedPrecondition: module, token, PIN or key
  // is not there or does not sign. kPermissionDenied: others may read the PIN. kDataLoss: it signs
  // falsely. kAlreadyExists: the key is or was one of this ledger.
  virtual absl::StatusOr<LedgerInfo> RotateKey(std::string_view ledger,
                                               std::string_view pkcs11 = {}) = 0;
  // Keeps the newest key only. kFailedPrecondition: there is no other.
  virtual absl::StatusOr<LedgerInfo> RetireKeys(std::string_view ledger) = 0;

  // One round of following a ledger that is written elsewhere: asks for its checkpoint, checks
  // it by the policy and against all that was seen of that ledger, takes the entries that it counts
  // beyond those that are here, byte for byte, and keeps the checkpoint as what this copy is held
  // to. From then on every query sees them; nothing can be appended to it. Goes on where it was
  // interrupted. Durable when it returns.
  // kDataLoss: the ledger contradicts what it showed before, or shows other entries than it
  //   signed; nothing of it is taken, what it showed is kept and it is followed no more.
  // kPermissionDenied: nobody whom the policy trusts signed what it shows, or too few witnesses.
  // kInvalidArgument: a bad policy, or what it shows is no checkpoint.
  // kFailedPrecondition: it is a ledger of this data directory.
  // kUnavailable, kDeadlineExceeded and others: those of `fetch`, or of one's own store.
  // kUnimplemented over the wire: a server follows by itself.
  virtual absl::StatusOr<MirrorInfo> Follow(const MirrorRequest& request) = 0;
  // How the mirrors below `data_dir` stand, by name. Also while it is in use.
  static absl::StatusOr<std::vector<MirrorInfo>> ListMirrors(const std::string& data_dir);

  // Records that an authority stamped a head: `stamp.token` is a TimeStampToken (RFC 3161, DER)
  // over the SHA-256 of the checkpoints in it, notes that the ledger signed, one after the other.
  // Becomes an entry, or is the one that is there if the same token came before. Whether the
  // authority is to be believed is not judged: VerifyTimeStamp does. kInvalidArgument: no token,
  // one of other bytes, or a checkpoint that is not the ledger's. Otherwise as Append.
  virtual absl::StatusOr<Receipt> AddTimeStamp(std::string_view ledger,
                                               const v1::TimeStamp& stamp) = 0;

  // A copy of all that is acknowledged when it is called, put into the directory of backups
  // `to`, which is made if it is missing. Appends go on, but for a moment; what an earlier backup
  // holds is not copied again. It is there, whole and durable, when this returns, and otherwise not
  // at all; those before it stay as they are. Without the indexes, which are made again, and
  // without private keys unless they are asked for. Its checkpoints are of just the entries that it
  // holds. kFailedPrecondition: `to` holds something else, or somebody else is writing there.
  // kDataLoss: a table of the database is damaged. kResourceExhausted, kPermissionDenied, kAborted:
  // the disk of `to`. Over the wire `to` is a name below the directory that the server was given
  // for backups; kPermissionDenied if it was given none.
  virtual absl::StatusOr<BackupInfo> Backup(const std::string& to,
                                            const BackupOptions& options) = 0;

  // The backups in a directory, the oldest first. kNotFound, kDataLoss.
  static absl::StatusOr<std::vector<BackupInfo>> ListBackups(const std::string& from);
  // Reads every file of a backup (0: the newest) again and checks the ledgers in it, in place. The
  // status is an error only if the check could not run.
  static absl::StatusOr<CheckReport> CheckBackup(const std::string& from, uint64_t id,
                                                 const ProgressFunction& progress);
  // Makes a data directory of a backup. It is there when this returns, verified as by Check and
  // against the checkpoints in the backup, or not at all. Its ledgers are sealed: they are read,
  // traced and proved, but take no event and sign nothing until Resume, since the ledger that was
  // copied may have gone on and two histories must not have one origin.
  // kFailedPrecondition: the directory is there and not empty. kNotFound: no such backup.
  // kDataLoss: a file of it is not what it was.
  static absl::StatusOr<BackupInfo> Restore(const std::string& from, const RestoreOptions& options);
  // Lets a ledger that was restored go on, when it is at least what its newest checkpoint counts,
  // or has been caught up with that from its tiles. `options` names data_dir.
  // kFailedPrecondition: it is not sealed; entries are missing and no tiles were given (the message
  // says which); another process has the directory. kPermissionDenied: no key of the ledger
  // signed the checkpoint. kInvalidArgument: it is none, or of no ledger here. kDataLoss: two
  // histories, or the tiles do not lead to the checkpoint. It stays sealed then.
  static absl::StatusOr<ResumeReport> Resume(const Options& options, const ResumeOptions& resume);

  // The personal fields of an event, as they stand now; none if it has none. Read and all others
  // give them as they were recorded: commitments. kNotFound: no such ledger or event. kDataLoss: a
  // value is not what was committed to, or the vault is damaged.
  virtual absl::StatusOr<std::vector<PersonalDatum>> ReadPersonal(std::string_view ledger,
                                                                  std::string_view event_id) = 0;

  // What opens the commitment at `path` (see VerifyDisclosure). What is restricted is disclosed
  // to an authority alone: the law has it kept for them. kNotFound: no such ledger, event or
  // value, or it was erased. kFailedPrecondition: restricted, or its key is not here.
  virtual absl::StatusOr<Disclosure> Disclose(std::string_view ledger, std::string_view event_id,
                                              std::string_view path, bool to_authority) = 0;

  // Erases what the law lets go, and restricts the rest until it does (Personal Information
  // Protection Law 47; Food Safety Law 50, 51; schemas/db31t1110/retention.csv). The entry that
  // says so is durable first; when it returns, no file of the vault holds the value, its salt or
  // a key that opens it. Other calls with personal data wait meanwhile.
  // kInvalidArgument: the request. kNotFound: no such ledger, or nothing is held; what was
  // erased before gives an empty result. kFailedPrecondition: by person without keys.
  // kUnavailable: the disk; an erasure that was begun is finished by the next Open.
  virtual absl::StatusOr<ErasureResult> ErasePersonal(std::string_view ledger,
                                                      const ErasureRequest& request) = 0;
  // Erases what was restricted and whose time is over.
  virtual absl::StatusOr<ErasureResult> EraseDue(std::string_view ledger) = 0;

  // Drops all indexes and makes them again from the entries.
  virtual absl::Status RebuildIndexes() = 0;

  // What Check finds, of a directory that is in use: each ledger as it is when its
  // turn comes. Appends go on, RebuildIndexes waits. What the database still has in
  // memory is not read from disk again.
  virtual absl::StatusOr<CheckReport> CheckNow(const ProgressFunction& progress) const = 0;

  // Re-reads everything on disk below `options.data_dir`: entries, chain,
  // tree, head, marks, indexes and personal values against each other. Works on a store that
  // Open refuses, and changes nothing. The status is an error only if the
  // check itself could not run (locked, no rights, no such directory).
  static absl::StatusOr<CheckReport> Check(const Options& options);
};

}  // namespace suyuan

#endif  // SUYUAN_ENGINE_H_
