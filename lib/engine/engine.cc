#include "suyuan/engine.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/mutex.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/keys.h"
#include "lib/engine/all_ledgers.h"
#include "lib/engine/backup.h"
#include "lib/engine/completeness.h"
#include "lib/engine/index_check.h"
#include "lib/engine/ledger_state.h"
#include "lib/engine/mirrors.h"
#include "lib/engine/open_store.h"
#include "lib/engine/past_graph.h"
#include "lib/engine/personal_data.h"
#include "lib/engine/vault_check.h"
#include "lib/events/validator.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/check.h"
#include "lib/ledger/ledgers.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/tile.h"
#include "lib/privacy/fields.h"
#include "lib/privacy/vault.h"
#include "lib/recall/plan.h"
#include "lib/store/rocksdb_store.h"
#include "lib/trace/indexes.h"
#include "lib/trace/score.h"
#include "lib/trace/tracer.h"
#include "lib/trace/verify.h"

namespace suyuan {
namespace {

using engine::AllLedgers;
using genealogy::Graph;
using genealogy::GraphIndex;
using ledger::Ledgers;

constexpr size_t kMaxBatchEvents = 4'096;
constexpr size_t kMaxBatchBytes = 4 << 20;
constexpr int64_t kClockToleranceMicros = 60'000'000;

LedgerInfo InfoOf(const AllLedgers& all, const Ledgers::State& state) {
  LedgerInfo info;
  info.name = state.name;
  info.subject = state.genesis.owner();
  info.subject_name = state.genesis.owner_name();
  info.profile = state.genesis.profile();
  info.size = state.size;
  info.root = std::string(state.root.view());
  info.origin = state.genesis.origin();
  const Ledgers& ledgers = all.Of(state.number);
  if (absl::StatusOr<std::vector<std::string>> keys = ledgers.Keys(state.number); keys.ok()) {
    info.verifier_keys = *std::move(keys);
  }
  info.sealed = ledgers.IsSealed(state.number);
  if (!state.sm3_root.has_value()) return info;
  info.sm3_root = std::string(state.sm3_root->view());
  if (absl::StatusOr<std::vector<std::string>> keys = ledgers.Keys(state.number, HashKind::kSm3);
      keys.ok()) {
    info.sm3_verifier_keys = *std::move(keys);
  }
  return info;
}

HashKind KindOf(TreeHash tree) {
  return tree == TreeHash::kSm3 ? HashKind::kSm3 : HashKind::kSha256;
}

std::string VaultDirOf(const Options& options) {
  return options.vault_dir.empty() ? engine::VaultDir(options.data_dir) : options.vault_dir;
}

// What is checked together.
struct Parts {
  const store::Store& own;
  const store::Store* mirrors = nullptr;                  // null: there are none
  absl::StatusOr<const privacy::Vault*> vault = nullptr;  // or why there is none
  privacy::Gate* gate = nullptr;
};

CheckReport CheckStore(const Parts& parts, const std::string& data_dir,
                       const ProgressFunction& progress) {
  std::unique_ptr<engine::VaultCheck> values;
  if (parts.vault.ok() && !(*parts.vault)->empty()) {
    values = std::make_unique<engine::VaultCheck>(**parts.vault, parts.gate);
  }
  engine::IndexCheck indexes(engine::IndexDir(data_dir), parts.own, parts.mirrors);
  const auto visit = [&](uint32_t ledger, const std::string& name,
                         const ledger::StoredRecord& stored,
                         const Hash& leaf) { indexes.Entry(ledger, name, stored, leaf); };
  CheckReport report =
      ledger::CheckLedgers(parts.own, engine::MarksDir(data_dir), progress,
                           [&](uint32_t ledger, const std::string& name,
                               const ledger::StoredRecord& stored, const Hash& leaf) {
                             visit(ledger, name, stored, leaf);
                             if (values != nullptr) values->Entry(ledger, name, stored);
                           });
  if (parts.mirrors != nullptr) {
    CheckReport more = ledger::CheckLedgers(
        *parts.mirrors, engine::MarksDir(engine::MirrorsDir(data_dir)), progress, visit);
    for (LedgerHead& head : more.ledgers) report.ledgers.push_back(std::move(head));
    for (Problem& problem : more.problems) report.problems.push_back(std::move(problem));
  }
  if (!parts.vault.ok()) {
    report.problems.push_back(
        {"", 0, "vault", "a readable vault", std::string(parts.vault.status().message())});
  }
  if (values != nullptr) {
    for (Problem& problem : values->Finish()) report.problems.push_back(std::move(problem));
  }
  for (Problem& problem : indexes.Finish()) report.problems.push_back(std::move(problem));
  return report;
}

bool HasMirrors(const std::string& data_dir) {
  std::error_code code;
  return std::filesystem::exists(engine::DbDir(engine::MirrorsDir(data_dir)), code);
}

bool IsLedgerName(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

class EngineImpl : public Engine {
 public:
  static absl::StatusOr<std::unique_ptr<Engine>> Open(const Options& options) {
    std::unique_ptr<EngineImpl> engine(new EngineImpl(options));
    if (options.create_if_missing) SUYUAN_RETURN_IF_ERROR(MakeDirs(options.data_dir));
    SUYUAN_ASSIGN_OR_RETURN(engine->lock_, FileLock::Acquire(engine::LockPath(options.data_dir),
                                                             StrCat("process ", getpid())));
    SUYUAN_RETURN_IF_ERROR(engine->OpenOwn());
    engine->personal_ = std::make_unique<engine::PersonalData>(
        VaultDirOf(options), engine->ledgers_.get(), engine->clock());
    if (HasMirrors(options.data_dir)) {
      SUYUAN_RETURN_IF_ERROR(engine->OpenMirrors(/*create=*/false).status());
    }
    return std::unique_ptr<Engine>(std::move(engine));
  }

  absl::StatusOr<LedgerInfo> CreateLedger(const LedgerOptions& options) override {
    if (!IsLedgerName(options.name)) {
      return InvalidArgument("ledger name: found \"", options.name,
                             "\", expected 1 to 64 of a-z, 0-9 and -");
    }
    SUYUAN_ASSIGN_OR_RETURN(const codes::HolderKey subject,
                            codes::HolderKey::Parse(options.subject));
    SUYUAN_RETURN_IF_ERROR(events::Validator::ForProfile(options.profile).status());
    v1::Genesis genesis;
    genesis.set_profile(options.profile);
    genesis.set_owner(subject.ToString());
    genesis.set_owner_name(options.subject_name);
    genesis.set_clock_tolerance_micros(kClockToleranceMicros);
    SUYUAN_RETURN_IF_ERROR(
        ledgers_->Create(options.name, std::move(genesis), options.sm3).status());
    return GetLedger(options.name);
  }

  absl::StatusOr<std::vector<LedgerInfo>> ListLedgers() const override {
    std::vector<LedgerInfo> infos;
    for (const Ledgers::State& state : all_.List()) infos.push_back(InfoOf(all_, state));
    return infos;
  }

  absl::StatusOr<LedgerInfo> GetLedger(std::string_view name) const override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(name));
    return InfoOf(all_, state);
  }

  absl::StatusOr<std::vector<Violation>> Validate(
      std::string_view ledger, std::span<const v1::Event> events) const override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    std::vector<Violation> violations;
    const events::Validator* const validator = ValidatorFor(state.genesis.profile());
    for (size_t i = 0; i < events.size(); ++i) {
      if (events[i].id().starts_with(ledger::kReservedIdPrefix)) {
        violations.push_back(
            {i, "form.id", "id", events[i].id(),
             StrCat("an id without the prefix ", ledger::kReservedIdPrefix), "ours",
             StrCat("事件编号不得以 ", ledger::kReservedIdPrefix, " 开头"),
             StrCat("an event id must not begin with ", ledger::kReservedIdPrefix)});
      }
      if (validator != nullptr) validator->Validate(events[i], i, &violations);
    }
    return violations;
  }

  absl::StatusOr<std::vector<Receipt>> Append(std::string_view ledger,
                                              std::span<const v1::Event> events) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    if (state.number >= ledger::kFirstMirror) {
      return FailedPrecondition("账本 ", state.name, " 是镜像，只能在来源处记录；ledger ",
                                state.name, " is a mirror of ", state.genesis.origin(),
                                ": record where it comes from");
    }
    if (events.size() > kMaxBatchEvents) {
      return absl::ResourceExhaustedError(StrCat("batch of ", events.size(), " events, at most ",
                                                 kMaxBatchEvents, " are possible"));
    }
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Violation> violations, Validate(ledger, events));
    if (!violations.empty()) return events::ViolationsToStatus(violations);
    // Before the gate of personal data, here and where they are erased.
    ReaderLock lock(&rebuild_mu_);
    if (std::none_of(events.begin(), events.end(), privacy::HasPersonal)) {
      return Store(state.number, events);
    }
    return personal_->Append(state, events, [&](std::span<const v1::Event> committed) {
      return Store(state.number, committed);
    });
  }

  absl::StatusOr<std::vector<PersonalDatum>> ReadPersonal(std::string_view ledger,
                                                          std::string_view event_id) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    return personal_->Read(state, event_id);
  }

  absl::StatusOr<Disclosure> Disclose(std::string_view ledger, std::string_view event_id,
                                      std::string_view path, bool to_authority) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    return personal_->Disclose(state, event_id, path, to_authority);
  }

  absl::StatusOr<ErasureResult> ErasePersonal(std::string_view ledger,
                                              const ErasureRequest& request) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    ReaderLock lock(&rebuild_mu_);
    return personal_->Erase(state, request);
  }

  absl::StatusOr<ErasureResult> EraseDue(std::string_view ledger) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    ReaderLock lock(&rebuild_mu_);
    return personal_->EraseDue(state);
  }

  absl::Status Read(std::string_view ledger, uint64_t from, uint64_t to,
                    const std::function<bool(const Entry&)>& visit) const override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    absl::Status inner;
    const absl::Status status =
        all_.Read(state.number, from, to, [&](const ledger::StoredRecord& stored) {
          Entry entry;
          entry.sequence = stored.record.sequence;
          entry.recorded_micros = stored.record.recorded_micros;
          entry.leaf_hash = std::string(merkle::LeafHash(stored.bytes).view());
          if (!entry.event.ParseFromArray(stored.record.event.data(),
                                          static_cast<int>(stored.record.event.size()))) {
            inner = DataLoss("entry ", entry.sequence, ": no event");
            return false;
          }
          return visit(entry);
        });
    return status.ok() ? inner : status;
  }

  absl::StatusOr<TraceResult> Trace(const TraceRequest& request) const override {
    if (!request.at.empty() || request.as_recorded) {
      SUYUAN_ASSIGN_OR_RETURN(const engine::PastGraph past, engine::MakePastGraph(all_, request));
      return trace::Trace(*past.graph, past.ledgers, request);
    }
    absl::StatusOr<TraceResult> result;
    ReadGraph([&](const Graph& graph, std::map<uint32_t, LedgerHead> heads) {
      result = trace::Trace(graph, {std::move(heads)}, request);
    });
    return result;
  }

  absl::StatusOr<std::vector<TraceDifference>> VerifyTrace(
      const TraceResult& answer) const override {
    SUYUAN_RETURN_IF_ERROR(trace::CheckIndexes(answer));
    SUYUAN_ASSIGN_OR_RETURN(const engine::PastGraph past,
                            engine::MakeGraphOf(all_, answer.heads, answer.as_recorded));
    absl::StatusOr<TraceResult> mine = trace::Trace(*past.graph, past.ledgers,
                                                    {.unit = answer.asked,
                                                     .direction = answer.direction,
                                                     .from_micros = answer.from_micros,
                                                     .until_micros = answer.until_micros});
    if (absl::IsNotFound(mine.status()) || absl::IsInvalidArgument(mine.status())) {
      std::vector<TraceDifference> differences = trace::CompareHeads(answer, past.ledgers);
      differences.push_back({"origin", answer.asked, std::string(ToStd(mine.status().message()))});
      return differences;
    }
    SUYUAN_RETURN_IF_ERROR(mine.status());
    mine->as_recorded = answer.as_recorded;
    return trace::Compare(*past.graph, past.ledgers, answer, *mine);
  }

  absl::StatusOr<ScoreResult> Score(const ScoreRequest& request) const override {
    absl::StatusOr<ScoreResult> result;
    ReadGraph([&](const Graph& graph, std::map<uint32_t, LedgerHead> heads) {
      result = trace::Score(graph, {std::move(heads)}, request);
    });
    return result;
  }

  absl::StatusOr<StockResult> GetStock(const StockRequest& request) const override {
    absl::StatusOr<StockResult> result;
    ReadGraph([&](const Graph& graph, std::map<uint32_t, LedgerHead> heads) {
      result = recall::GetStock(graph, {std::move(heads)}, request);
    });
    return result;
  }

  absl::StatusOr<RecallPlan> PlanRecall(const RecallRequest& request) const override {
    absl::StatusOr<RecallPlan> result;
    ReadGraph([&](const Graph& graph, std::map<uint32_t, LedgerHead> heads) {
      result = recall::PlanRecall(graph, {std::move(heads)}, request);
    });
    return result;
  }

  absl::StatusOr<CompletenessReport> ReportCompleteness(const std::string& unit) const override {
    SUYUAN_ASSIGN_OR_RETURN(
        const TraceResult history,
        Trace({.unit = unit, .direction = Direction::kBackward, .links = false}));
    return engine::ReportCompleteness(all_, *graph_, history);
  }

  absl::StatusOr<std::vector<UnitInfo>> FindUnits(std::string_view text) const override {
    std::vector<UnitInfo> units;
    graph_->Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>&) {
      for (genealogy::UnitId id = 1; id <= graph.unit_count(); ++id) {
        if (!graph.IsAlias(id) && graph.unit(id).kind == genealogy::UnitKind::kGoods) {
          AddUnit(graph, id, text, &units);
        }
      }
    });
    std::sort(units.begin(), units.end(),
              [](const UnitInfo& a, const UnitInfo& b) { return a.key < b.key; });
    return units;
  }

  absl::StatusOr<std::string> Checkpoint(std::string_view ledger, TreeHash tree) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    return all_.Of(state.number).Checkpoint(state.number, KindOf(tree));
  }

  absl::Status AddCosignatures(std::string_view ledger, std::string_view checkpoint) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    return all_.Of(state.number).TakeCosigned(state.number, checkpoint);
  }

  absl::StatusOr<std::string> PublishedCheckpoint(std::string_view ledger, TreeHash tree) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    return all_.Of(state.number).PublishedCheckpoint(state.number, KindOf(tree));
  }

  absl::StatusOr<EventProof> Prove(std::string_view ledger, std::string_view event_id,
                                   TreeHash tree) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    EventProof result;
    SUYUAN_ASSIGN_OR_RETURN(result.sequence, all_.Of(state.number).Find(state.number, event_id));
    SUYUAN_ASSIGN_OR_RETURN(
        const merkle::ProofFile proof,
        all_.Of(state.number).Prove(state.number, result.sequence, KindOf(tree)));
    result.proof = merkle::FormatProofFile(proof);
    SUYUAN_RETURN_IF_ERROR(all_.Read(state.number, result.sequence, result.sequence + 1,
                                     [&](const ledger::StoredRecord& stored) {
                                       result.entry = stored.bytes;
                                       return false;
                                     }));
    return result;
  }

  absl::StatusOr<std::vector<std::string>> ProveConsistency(std::string_view ledger, uint64_t from,
                                                            uint64_t to,
                                                            TreeHash tree) const override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    SUYUAN_ASSIGN_OR_RETURN(
        const std::vector<Hash> proof,
        all_.Of(state.number).ProveConsistency(state.number, from, to, KindOf(tree)));
    std::vector<std::string> hashes;
    for (const Hash& hash : proof) hashes.emplace_back(hash.view());
    return hashes;
  }

  absl::StatusOr<std::string> ReadTile(std::string_view ledger, std::string_view path,
                                       TreeHash tree) const override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    SUYUAN_ASSIGN_OR_RETURN(const merkle::Tile tile, merkle::ParseTilePath(path));
    return all_.Of(state.number).Tile(state.number, tile, KindOf(tree));
  }

  absl::StatusOr<LedgerInfo> RotateKey(std::string_view ledger, std::string_view pkcs11) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    SUYUAN_RETURN_IF_ERROR(all_.Of(state.number).AddKey(state.number, pkcs11));
    return GetLedger(ledger);
  }

  absl::StatusOr<LedgerInfo> RetireKeys(std::string_view ledger) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    SUYUAN_RETURN_IF_ERROR(all_.Of(state.number).RetireKeys(state.number));
    return GetLedger(ledger);
  }

  absl::StatusOr<MirrorInfo> Follow(const MirrorRequest& request) override {
    return mirroring_.Follow(request, [this](const std::string& origin) {
      for (const Ledgers::State& state : ledgers_->List()) {
        if (state.genesis.origin() == origin) return state.name;
      }
      return std::string();
    });
  }

  absl::StatusOr<Receipt> AddTimeStamp(std::string_view ledger,
                                       const v1::TimeStamp& stamp) override {
    SUYUAN_ASSIGN_OR_RETURN(const Ledgers::State state, StateOf(ledger));
    ReaderLock lock(&rebuild_mu_);
    return ledgers_->AddTimeStamp(state.number, stamp);
  }

  absl::StatusOr<BackupInfo> Backup(const std::string& to, const BackupOptions& options) override {
    SUYUAN_RETURN_IF_ERROR(personal_->status());
    // What is erased must not stay in files that are held for the copy.
    const privacy::Gate::Shared inside(personal_->gate());
    return engine::WriteBackup(ledgers_.get(), personal_->vault(), keys_dir(),
                               clock()->WallMicros(), to, options);
  }

  absl::Status RebuildIndexes() override {
    WriterLock lock(&rebuild_mu_);
    SUYUAN_RETURN_IF_ERROR(ledgers_->Rebuild());
    Ledgers* const mirrors = all_.mirrors();
    return mirrors == nullptr ? absl::OkStatus() : mirrors->Rebuild(/*drop=*/false);
  }

  absl::StatusOr<CheckReport> CheckNow(const ProgressFunction& progress) const override {
    ReaderLock lock(&rebuild_mu_);
    const Ledgers* const mirrors = all_.mirrors();
    absl::StatusOr<const privacy::Vault*> vault = personal_->vault();
    if (!personal_->status().ok()) vault = personal_->status();
    return CheckStore({.own = ledgers_->store(),
                       .mirrors = mirrors == nullptr ? nullptr : &mirrors->store(),
                       .vault = vault,
                       .gate = personal_->gate()},
                      options_.data_dir, progress);
  }

 private:
  explicit EngineImpl(const Options& options)
      : options_(options),
        clock_(options.clock == nullptr ? SystemClock() : options.clock),
        mirroring_(
            engine::MirrorsDir(options.data_dir),
            [this](bool create) { return OpenMirrors(create); },
            [this](const std::function<absl::Status()>& write) {
              ReaderLock lock(&rebuild_mu_);
              return write();
            },
            clock_) {}

  absl::Status OpenOwn() {
    const auto open =
        [this](std::unique_ptr<store::Store> store) -> absl::StatusOr<std::unique_ptr<Ledgers>> {
      graph_ = std::make_unique<GraphIndex>(engine::IndexDir(options_.data_dir));
      state_ = std::make_unique<engine::LedgerState>(
          graph_.get(), [this](uint32_t number) { return NameOf(number); });
      return Ledgers::Open({.store = std::move(store),
                            .marks_dir = engine::MarksDir(options_.data_dir),
                            .keys_dir = options_.keys_dir.empty()
                                            ? engine::KeysDir(options_.data_dir)
                                            : options_.keys_dir,
                            .index_dir = engine::IndexDir(options_.data_dir),
                            .index = graph_.get(),
                            .state = state_.get(),
                            .clock = clock_,
                            .progress = options_.progress});
    };
    ledgers_.reset();
    SUYUAN_ASSIGN_OR_RETURN(
        ledgers_, engine::OpenLedgers(options_.data_dir, options_.create_if_missing, open));
    all_.SetOwn(ledgers_.get());
    return absl::OkStatus();
  }

  // Null if there are none, unless they are to be made.
  absl::StatusOr<Ledgers*> OpenMirrors(bool create) {
    MutexLock lock(&mirrors_mu_);
    if (mirrors_ != nullptr) return mirrors_.get();
    const std::string dir = engine::MirrorsDir(options_.data_dir);
    if (create) {
      SUYUAN_RETURN_IF_ERROR(MakeDirs(dir));
    } else if (!HasMirrors(options_.data_dir)) {
      return nullptr;
    }
    bool told = false;
    const auto open =
        [&](std::unique_ptr<store::Store> store) -> absl::StatusOr<std::unique_ptr<Ledgers>> {
      // What a first try told the graph cannot be taken back.
      if (std::exchange(told, true)) SUYUAN_RETURN_IF_ERROR(OpenOwn());
      return Ledgers::Open({.store = std::move(store),
                            .marks_dir = engine::MarksDir(dir),
                            .keys_dir = engine::KeysDir(dir),
                            .index_dir = engine::IndexDir(options_.data_dir),
                            .index = graph_.get(),
                            .clock = clock_,
                            .progress = options_.progress,
                            .mirrors = true});
    };
    absl::StatusOr<std::unique_ptr<Ledgers>> opened = engine::OpenLedgers(dir, create, open);
    if (!opened.ok()) {
      return absl::Status(opened.status().code(),
                          StrCat("mirrors: ", ToStd(opened.status().message())));
    }
    mirrors_ = *std::move(opened);
    all_.SetMirrors(mirrors_.get());
    return mirrors_.get();
  }

  const Clock* clock() const { return options_.clock == nullptr ? SystemClock() : options_.clock; }
  std::string keys_dir() const {
    return options_.keys_dir.empty() ? engine::KeysDir(options_.data_dir) : options_.keys_dir;
  }

  absl::StatusOr<std::vector<Receipt>> Store(uint32_t ledger, std::span<const v1::Event> events) {
    std::vector<ledger::NewEvent> prepared;
    prepared.reserve(events.size());
    size_t bytes = 0;
    for (const v1::Event& event : events) {
      SUYUAN_ASSIGN_OR_RETURN(ledger::NewEvent one, ledgers_->Prepare(event));
      bytes += one.bytes.size();
      prepared.push_back(std::move(one));
    }
    if (bytes > kMaxBatchBytes) {
      return absl::ResourceExhaustedError(
          StrCat("batch of ", bytes, " bytes, at most ", kMaxBatchBytes, " are possible"));
    }
    if (prepared.empty()) return std::vector<Receipt>();
    return ledgers_->Append(ledger, std::move(prepared));
  }

  // Asked by the writer, which holds no lock then.
  std::string NameOf(uint32_t number) const {
    const std::optional<Ledgers::State> state = all_.Get(number);
    return state.has_value() ? state->name : std::to_string(number);
  }

  absl::StatusOr<Ledgers::State> StateOf(std::string_view name) const {
    std::optional<Ledgers::State> state = all_.Get(name);
    if (!state.has_value()) return NotFound("no ledger ", name);
    return *std::move(state);
  }

  // Null for a profile that this version does not know: the ledger can still be
  // read, and whatever has form is taken.
  const events::Validator* ValidatorFor(const std::string& profile) const {
    MutexLock lock(&validators_mu_);
    auto it = validators_.find(profile);
    if (it == validators_.end()) {
      absl::StatusOr<std::unique_ptr<events::Validator>> validator =
          events::Validator::ForProfile(profile);
      if (!validator.ok()) return nullptr;
      it = validators_.emplace(profile, *std::move(validator)).first;
    }
    return it->second.get();
  }

  // Calls `read` with the graph, which holds still, and the heads of all ledgers at its
  // heights. An entry is in the graph a moment before its ledger says so; the graph is let
  // go meanwhile, since the committer can have another ledger to tell it of before that.
  void ReadGraph(
      const std::function<void(const Graph&, std::map<uint32_t, LedgerHead>)>& read) const {
    for (bool done = false; !done;) {
      graph_->Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>& heights) {
        std::map<uint32_t, LedgerHead> heads;
        bool behind = false;
        for (const Ledgers::State& state : all_.List()) {
          heads[state.number] = {state.name, state.size, std::string(state.root.view())};
          const auto it = heights.find(state.number);
          behind |= it != heights.end() && it->second > state.size;
        }
        if (behind) return;
        read(graph, std::move(heads));
        done = true;
      });
      if (!done) std::this_thread::yield();
    }
  }

  static void AddUnit(const Graph& graph, genealogy::UnitId id, std::string_view text,
                      std::vector<UnitInfo>* units) {
    std::map<std::string, std::vector<genealogy::Name>> holders_of;  // by key
    const genealogy::Unit& unit = graph.unit(id);
    for (genealogy::NodeId node = unit.first_node; node != 0;
         node = graph.node(node).next_of_unit) {
      const genealogy::Place& place = graph.node(node).place;
      std::vector<genealogy::Name>& holders = holders_of[graph.KeyText(id, place.variant)];
      if (place.holder != 0) holders.push_back(place.holder);
    }
    if (holders_of.empty()) holders_of[graph.KeyText(id, 0)];
    for (auto& [key, holders] : holders_of) {
      UnitInfo info;
      info.key = key;
      info.product = graph.ProductName(id);
      for (const genealogy::Name name : graph.ExternalIds(id)) {
        info.external_ids.emplace_back(graph.text(name));
      }
      std::sort(info.external_ids.begin(), info.external_ids.end());
      const auto contains = [&](const std::string& whole) {
        return whole.find(text) != std::string::npos;
      };
      if (!contains(info.key) && !contains(info.product) &&
          !std::any_of(info.external_ids.begin(), info.external_ids.end(), contains)) {
        continue;
      }
      std::sort(holders.begin(), holders.end());
      holders.erase(std::unique(holders.begin(), holders.end()), holders.end());
      for (const genealogy::Name holder : holders) {
        info.holders.emplace_back(graph.text(holder));
      }
      std::sort(info.holders.begin(), info.holders.end());
      units->push_back(std::move(info));
    }
  }

  const Options options_;
  const Clock* const clock_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<GraphIndex> graph_;  // outlives ledgers_, which tell it
  std::unique_ptr<engine::LedgerState> state_;
  std::unique_ptr<Ledgers> ledgers_;
  std::unique_ptr<engine::PersonalData> personal_;
  Mutex mirrors_mu_;
  std::unique_ptr<Ledgers> mirrors_;  // set once, under mirrors_mu_
  AllLedgers all_;
  mutable SharedMutex rebuild_mu_;
  mutable Mutex validators_mu_;
  mutable std::map<std::string, std::unique_ptr<events::Validator>> validators_
      ABSL_GUARDED_BY(validators_mu_);
  engine::Mirrors mirroring_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const Options& options) {
  return EngineImpl::Open(options);
}

absl::StatusOr<CheckReport> Engine::Check(const Options& options) {
  SUYUAN_ASSIGN_OR_RETURN(
      const std::unique_ptr<FileLock> lock,
      FileLock::Acquire(engine::LockPath(options.data_dir), StrCat("process ", getpid())));
  absl::StatusOr<std::unique_ptr<store::Store>> store =
      store::OpenRocksDb(engine::DbDir(options.data_dir), store::RocksDbMode::kReadOnly, false);
  CheckReport report;
  if (!store.ok()) {
    if (!absl::IsDataLoss(store.status()) && !absl::IsNotFound(store.status())) {
      return store.status();
    }
    report.problems.push_back(
        {"", 0, "store", "a readable database", std::string(store.status().message())});
    return report;
  }
  std::unique_ptr<store::Store> mirrors;
  if (HasMirrors(options.data_dir)) {
    absl::StatusOr<std::unique_ptr<store::Store>> opened = store::OpenRocksDb(
        engine::DbDir(engine::MirrorsDir(options.data_dir)), store::RocksDbMode::kReadOnly, false);
    if (!opened.ok() && !absl::IsDataLoss(opened.status())) return opened.status();
    if (opened.ok()) {
      mirrors = *std::move(opened);
    } else {
      report.problems.push_back({"", 0, "store", "a readable database of mirrors",
                                 std::string(opened.status().message())});
    }
  }
  const absl::StatusOr<std::unique_ptr<privacy::Vault>> opened =
      privacy::Vault::OpenReadOnly(VaultDirOf(options));
  absl::StatusOr<const privacy::Vault*> vault = nullptr;
  if (opened.ok()) {
    vault = opened->get();
  } else {
    vault = opened.status();
  }
  CheckReport found = CheckStore({.own = **store, .mirrors = mirrors.get(), .vault = vault},
                                 options.data_dir, options.progress);
  for (Problem& problem : report.problems) found.problems.push_back(std::move(problem));
  return found;
}

absl::StatusOr<std::vector<MirrorInfo>> Engine::ListMirrors(const std::string& data_dir) {
  return engine::Mirrors::List(engine::MirrorsDir(data_dir));
}

namespace {

engine::CheckFunction CheckOf(const ProgressFunction& progress) {
  return [progress](const std::string& data_dir) {
    Options options;
    options.data_dir = data_dir;
    options.progress = progress;
    return Engine::Check(options);
  };
}

}  // namespace

absl::StatusOr<std::vector<BackupInfo>> Engine::ListBackups(const std::string& from) {
  return engine::ListBackups(from);
}

absl::StatusOr<CheckReport> Engine::CheckBackup(const std::string& from, uint64_t id,
                                                const ProgressFunction& progress) {
  return engine::CheckBackup(from, id, CheckOf(progress), progress);
}

absl::StatusOr<BackupInfo> Engine::Restore(const std::string& from, const RestoreOptions& options) {
  return engine::Restore(from, options, CheckOf(options.progress));
}

absl::StatusOr<ResumeReport> Engine::Resume(const Options& options, const ResumeOptions& resume) {
  return engine::Resume(options.data_dir, resume);
}

}  // namespace suyuan
