#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>

#include "api/exchange/batch.h"
#include "api/exchange/event_json.h"
#include "api/exchange/jsonl.h"
#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/events/validator.h"
#include "suyuan/violation.h"

namespace suyuan::exchange {
namespace {

constexpr size_t kMaxErrors = 10'000;

// The bytes of a file: mapped, or read if it is a pipe, which can be read only once.
class Input {
 public:
  static absl::StatusOr<std::unique_ptr<Input>> Open(const std::string& path) {
    auto input = std::make_unique<Input>();
    struct stat info;
    if (stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
      SUYUAN_ASSIGN_OR_RETURN(input->map_, MappedFile::Open(path));
    } else {
      SUYUAN_ASSIGN_OR_RETURN(input->text_, ReadFile(path));
    }
    return input;
  }
  std::string_view bytes() const { return map_ ? map_->bytes() : text_; }

 private:
  std::unique_ptr<MappedFile> map_;
  std::string text_;
};

struct Line {
  uint64_t number = 0;    // from 1
  std::string_view raw;   // with its line end
  std::string_view text;  // without it
};

class LineReader {
 public:
  explicit LineReader(std::string_view bytes) : rest_(bytes) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
    if (rest_.substr(0, 3) == kByteOrderMark) rest_.remove_prefix(3);
  }

  // The next line that is not blank; false at the end.
  bool Next(Line* line) {
    while (!rest_.empty()) {
      const size_t end = rest_.find('\n');
      line->raw = rest_.substr(0, end == std::string_view::npos ? end : end + 1);
      rest_.remove_prefix(line->raw.size());
      ++number_;
      line->number = number_;
      line->text = line->raw;
      if (line->text.ends_with('\n')) line->text.remove_suffix(1);
      if (line->text.ends_with('\r')) line->text.remove_suffix(1);
      if (line->text.find_first_not_of(" \t\r") != std::string_view::npos) return true;
    }
    return false;
  }
  size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
  uint64_t number_ = 0;
};

struct Batch {
  std::vector<v1::Event> events;
  std::vector<uint64_t> lines;  // one an event
  BatchSize size;
  uint64_t before = 0;  // the last line that is surely durable
};

// What of an id the file tells.
struct Told {
  uint64_t line = 0;
  Hash content;
};

Hash ContentOf(const v1::Event& event) { return Sha256({event.SerializeAsString()}); }

bool IsRefusal(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsAlreadyExists(status) ||
         absl::IsNotFound(status) || absl::IsFailedPrecondition(status);
}

class Importer {
 public:
  Importer(Engine* engine, const std::string& ledger, std::string_view bytes,
           const JsonlOptions& options)
      : engine_(engine), ledger_(ledger), bytes_(bytes), options_(options) {}

  absl::StatusOr<JsonlResult> Run() {
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->GetLedger(ledger_));
    SUYUAN_RETURN_IF_ERROR(Judge());
    const bool one_batch = events_ <= kMaxBatchEvents && event_bytes_ <= kMaxBatchBytes;
    // One batch is refused as a whole, which costs less than reading the ledger.
    if (!one_batch && info.size > 1) SUYUAN_RETURN_IF_ERROR(FindTaken());
    SUYUAN_RETURN_IF_ERROR(WriteRejected());
    const size_t judged = bad_.size();
    if (bad_.empty() || options_.keep_valid) SUYUAN_RETURN_IF_ERROR(Store());
    if (bad_.size() != judged) SUYUAN_RETURN_IF_ERROR(WriteRejected());
    result_.rejected = bad_.size();
    std::stable_sort(result_.errors.begin(), result_.errors.end(),
                     [](const JsonlError& a, const JsonlError& b) { return a.line < b.line; });
    return std::move(result_);
  }

 private:
  void AddError(JsonlError error) {
    bad_.insert(error.line);
    if (result_.errors.size() < kMaxErrors) {
      result_.errors.push_back(std::move(error));
    } else {
      ++result_.errors_left_off;
    }
  }

  void AddFaults(const std::vector<Violation>& faults, const std::vector<uint64_t>& lines) {
    for (const Violation& fault : faults) {
      if (fault.event_index >= lines.size()) continue;
      AddError({lines[fault.event_index], fault.field, fault.rule, fault.found, fault.expected,
                fault.message_zh, fault.message_en});
    }
  }

  void AddTaken(uint64_t line, const std::string& id) {
    AddError({line, "id", "ledger.event-id", id, "", "账本中已有同编号而内容不同的事件",
              "the ledger holds an event with this id and other content"});
  }

  void Report(std::string_view what, size_t left) const {
    if (options_.progress) {
      options_.progress({std::string(what), bytes_.size() - left, bytes_.size()});
    }
  }

  // Finds all that can be said of the file without storing anything.
  absl::Status Judge() {
    LineReader reader(bytes_);
    Line line;
    Batch batch;
    while (reader.Next(&line)) {
      ++result_.lines;
      v1::Event event;
      if (!JudgeLine(line, &event)) continue;
      const size_t bytes = event.ByteSizeLong();
      ++events_;
      event_bytes_ += bytes;
      if (!batch.size.Fits(bytes)) {
        SUYUAN_RETURN_IF_ERROR(JudgeBatch(batch));
        batch = Batch();
        Report("judge", reader.left());
      }
      batch.size.Add(bytes);
      batch.lines.push_back(line.number);
      batch.events.push_back(std::move(event));
    }
    return JudgeBatch(batch);
  }

  absl::Status JudgeBatch(const Batch& batch) {
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<Violation> faults,
                            engine_->Validate(ledger_, batch.events));
    AddFaults(faults, batch.lines);
    return absl::OkStatus();
  }

  bool JudgeLine(const Line& line, v1::Event* event) {
    JsonFault fault;
    if (!EventFromJson(line.text, event, &fault)) {
      AddError({line.number, fault.field, "form.json", fault.found, "one event as JSON",
                "不是一个事件的 JSON：" + fault.message, "no event: " + fault.message});
      return false;
    }
    if (const size_t bytes = event->ByteSizeLong(); bytes > events::kMaxEventBytes) {
      AddError({line.number, "", "form.event-size", StrCat(bytes, " bytes"),
                StrCat("at most ", events::kMaxEventBytes, " bytes"), "事件过大",
                "the event is too large"});
      return false;
    }
    const Hash content = ContentOf(*event);
    const auto [known, fresh] = told_.emplace(event->id(), Told{line.number, content});
    if (fresh || known->second.content == content || event->id().empty()) return true;
    AddError({line.number, "id", "form.event-id", event->id(), "",
              StrCat("第 ", known->second.line, " 行已用此编号，内容不同"),
              StrCat("line ", known->second.line, " has this id with other content")});
    return false;
  }

  // Marks the lines whose ids the ledger holds with other content.
  absl::Status FindTaken() {
    SUYUAN_ASSIGN_OR_RETURN(const LedgerInfo info, engine_->GetLedger(ledger_));
    return engine_->Read(ledger_, 0, info.size, [&](const Entry& entry) {
      if (options_.progress && entry.sequence % 8192 == 0) {
        options_.progress({"compare", entry.sequence, info.size});
      }
      const auto it = told_.find(entry.event.id());
      if (it != told_.end() && !bad_.contains(it->second.line) &&
          it->second.content != ContentOf(entry.event)) {
        AddTaken(it->second.line, it->first);
      }
      return true;
    });
  }

  absl::Status Store() {
    LineReader reader(bytes_);
    Line line;
    Batch batch;
    while (reader.Next(&line)) {
      if (bad_.contains(line.number)) continue;
      v1::Event event;
      JsonFault fault;
      if (!EventFromJson(line.text, &event, &fault)) {
        return Durable(absl::UnavailableError("the file changed while it was read"), batch);
      }
      const size_t bytes = event.ByteSizeLong();
      if (!batch.size.Fits(bytes)) {
        SUYUAN_RETURN_IF_ERROR(StoreBatch(&batch));
        if (stopped_) return absl::OkStatus();
        Report("store", reader.left());
      }
      batch.size.Add(bytes);
      batch.lines.push_back(line.number);
      batch.events.push_back(std::move(event));
    }
    return StoreBatch(&batch);
  }

  // Appends the batch and empties it. A refusal becomes errors of its lines: then
  // the rest is tried again, or, if nothing but all is wanted, the import stops.
  absl::Status StoreBatch(Batch* batch) {
    while (!batch->events.empty()) {
      const absl::StatusOr<std::vector<Receipt>> receipts = engine_->Append(ledger_, batch->events);
      if (receipts.ok()) {
        Accept(*receipts);
        break;
      }
      if (!IsRefusal(receipts.status())) return Durable(receipts.status(), *batch);
      const size_t known = bad_.size();
      AddFaults(ViolationsOf(receipts.status()), batch->lines);
      if (bad_.size() == known && absl::IsAlreadyExists(receipts.status())) {
        SUYUAN_RETURN_IF_ERROR(FindTaken());
      }
      const bool named = bad_.size() != known;
      if (!options_.keep_valid) {
        if (!named) AddRefusal(batch->lines.front(), batch->lines.back(), receipts.status());
        stopped_ = true;
        return absl::OkStatus();
      }
      if (!named) return StoreOneByOne(batch);
      DropBad(batch);
    }
    const uint64_t last = batch->lines.empty() ? batch->before : batch->lines.back();
    *batch = Batch();
    batch->before = last;
    return absl::OkStatus();
  }

  // For refusals that do not say which event is meant.
  absl::Status StoreOneByOne(Batch* batch) {
    for (size_t i = 0; i < batch->events.size(); ++i) {
      const absl::StatusOr<std::vector<Receipt>> receipts =
          engine_->Append(ledger_, std::span(batch->events).subspan(i, 1));
      if (receipts.ok()) {
        Accept(*receipts);
        batch->before = batch->lines[i];
      } else if (IsRefusal(receipts.status())) {
        AddRefusal(batch->lines[i], batch->lines[i], receipts.status());
      } else {
        return Durable(receipts.status(), *batch);
      }
    }
    const uint64_t last = batch->lines.back();
    *batch = Batch();
    batch->before = last;
    return absl::OkStatus();
  }

  void Accept(const std::vector<Receipt>& receipts) {
    result_.accepted += receipts.size();
    for (const Receipt& receipt : receipts) result_.duplicates += receipt.duplicate ? 1 : 0;
  }

  void AddRefusal(uint64_t first, uint64_t last, const absl::Status& status) {
    const std::string lines = first == last ? "" : StrCat("lines ", first, " to ", last);
    const std::string message(status.message().data(), status.message().size());
    const std::string_view rule =
        absl::IsAlreadyExists(status) ? "ledger.event-id" : "ledger.state";
    AddError({first, "", std::string(rule), lines, "", "账本拒绝：" + message,
              "refused by the ledger: " + message});
  }

  void DropBad(Batch* batch) {
    Batch rest;
    rest.before = batch->before;
    for (size_t i = 0; i < batch->events.size(); ++i) {
      if (bad_.contains(batch->lines[i])) continue;
      rest.lines.push_back(batch->lines[i]);
      rest.events.push_back(std::move(batch->events[i]));
    }
    *batch = std::move(rest);
  }

  absl::Status Durable(const absl::Status& status, const Batch& batch) const {
    return absl::Status(status.code(),
                        StrCat(status.message(), " (all valid lines up to line ", batch.before,
                               " are stored, importing again goes on)"));
  }

  absl::Status WriteRejected() const {
    if (!options_.keep_valid || options_.rejected_path.empty()) return absl::OkStatus();
    std::ofstream out(options_.rejected_path, std::ios::binary | std::ios::trunc);
    LineReader reader(bytes_);
    Line line;
    while (!bad_.empty() && out && reader.Next(&line)) {
      if (bad_.contains(line.number)) {
        out.write(line.raw.data(), static_cast<std::streamsize>(line.raw.size()));
      }
    }
    out.close();
    if (!out) return ErrnoStatus("write", options_.rejected_path, errno);
    return absl::OkStatus();
  }

  Engine* const engine_;
  const std::string& ledger_;
  const std::string_view bytes_;
  const JsonlOptions& options_;
  JsonlResult result_;
  std::unordered_map<std::string, Told> told_;  // by event id
  std::set<uint64_t> bad_;                      // lines
  uint64_t events_ = 0;  // that are neither no JSON nor too large nor contradict another line
  uint64_t event_bytes_ = 0;
  bool stopped_ = false;
};

}  // namespace

absl::StatusOr<JsonlResult> ImportJsonl(Engine* engine, const std::string& ledger,
                                        const std::string& path, const JsonlOptions& options) {
  SUYUAN_ASSIGN_OR_RETURN(const std::unique_ptr<Input> input, Input::Open(path));
  std::error_code ignored;
  if (std::filesystem::equivalent(path, options.rejected_path, ignored)) {
    return InvalidArgument("the rejected lines cannot go to the file that is read: ", path);
  }
  return Importer(engine, ledger, input->bytes(), options).Run();
}

}  // namespace suyuan::exchange
