#include "api/cli/trace_answer.h"

#include <initializer_list>
#include <limits>
#include <string>
#include <utility>

#include "api/cli/output.h"
#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/trace/indexes.h"

namespace suyuan::cli {
namespace {

// Reads the members of one object; the first fault stays, and what is read after it is empty.
class Reader {
 public:
  Reader(const Json& json, std::string where, absl::Status* status)
      : json_(json), where_(std::move(where)), status_(status) {
    if (json_.is_object() || !status_->ok()) return;
    *status_ = InvalidArgument(std::string_view(where_).substr(0, where_.size() - 1), ": found ",
                               Shown(json_), ", expected an object");
  }

  std::string Text(const char* name) {
    const Json* const value = Find(name);
    if (value == nullptr) return "";
    if (value->is_string()) return value->get<std::string>();
    return Fail(name, "a text"), "";
  }
  std::vector<std::string> Texts(const char* name) {
    std::vector<std::string> texts;
    const Json* const value = Find(name);
    if (value == nullptr) return texts;
    bool good = value->is_array();
    for (size_t i = 0; good && i < value->size(); ++i) {
      good = (*value)[i].is_string();
      if (good) texts.push_back((*value)[i].get<std::string>());
    }
    if (!good) Fail(name, "a list of texts");
    return texts;
  }
  uint64_t Number(const char* name, uint64_t most = std::numeric_limits<uint64_t>::max()) {
    const Json* const value = Find(name);
    if (value == nullptr) return 0;
    if (value->is_number_unsigned() && value->get<uint64_t>() <= most) {
      return value->get<uint64_t>();
    }
    return Fail(name, "a whole number"), 0;
  }
  uint32_t Index(const char* name) { return static_cast<uint32_t>(Number(name, kNoIndex - 1)); }
  // kNoIndex where it is null or missing.
  uint32_t OptionalIndex(const char* name) {
    const auto it = json_.is_object() ? json_.find(name) : json_.end();
    return it == json_.end() || it->is_null() ? kNoIndex : Index(name);
  }
  int64_t Micros(const char* name, int64_t untold) {
    const Json* const value = Find(name);
    if (value == nullptr || value->is_null()) return untold;
    if (value->is_number_integer() &&
        !(value->is_number_unsigned() &&
          value->get<uint64_t>() > uint64_t{std::numeric_limits<int64_t>::max()})) {
      return value->get<int64_t>();
    }
    return Fail(name, "microseconds or null"), untold;
  }
  bool Flag(const char* name) {
    const Json* const value = Find(name);
    if (value == nullptr) return false;
    if (value->is_boolean()) return value->get<bool>();
    return Fail(name, "true or false"), false;
  }
  std::string Hex(const char* name) {
    const std::string text = Text(name);
    std::optional<std::string> bytes = FromHex(text);
    if (bytes.has_value()) return *std::move(bytes);
    return Fail(name, "hexadecimal digits"), "";
  }
  // Where in `names` the text stands.
  size_t OneOf(const char* name, std::initializer_list<std::string_view> names) {
    const std::string text = Text(name);
    size_t i = 0;
    std::string expected;
    for (const std::string_view one : names) {
      if (one == text) return i;
      ++i;
      expected += StrCat(expected.empty() ? "" : ", ", one);
    }
    return Fail(name, StrCat("one of ", expected)), 0;
  }
  bool Has(const char* name) const { return json_.is_object() && json_.contains(name); }
  // Calls `read` with a Reader of each item.
  template <typename Read>
  void Each(const char* name, Read read) {
    const Json* const value = Find(name);
    if (value == nullptr) return;
    if (!value->is_array()) return Fail(name, "a list");
    for (size_t i = 0; i < value->size() && status_->ok(); ++i) {
      Reader item((*value)[i], StrCat(where_, name, "[", i, "]."), status_);
      read(&item);
    }
  }
  void Fail(std::string_view name, std::string_view expected) {
    if (!status_->ok()) return;
    const auto it = json_.is_object() ? json_.find(std::string(name)) : json_.end();
    *status_ = InvalidArgument(where_, name, ": found ",
                               it == json_.end() ? std::string("nothing") : Shown(*it),
                               ", expected ", expected);
  }

 private:
  static std::string Shown(const Json& json) {
    const std::string text = JsonText(json);
    return text.size() <= 80 ? text : text.substr(0, 80) + "...";
  }
  const Json* Find(const char* name) {
    if (!status_->ok() || !json_.is_object()) return nullptr;
    const auto it = json_.find(name);
    if (it != json_.end()) return &*it;
    Fail(name, "a value");
    return nullptr;
  }

  const Json& json_;
  const std::string where_;
  absl::Status* const status_;
};

Direction ReadDirection(Reader* reader) {
  switch (reader->OneOf("direction", {"forward", "backward", "both"})) {
    case 0:
      return Direction::kForward;
    case 1:
      return Direction::kBackward;
    default:
      return Direction::kBoth;
  }
}

void ReadLinks(Reader* all, TraceResult* result) {
  result->steps.clear();
  all->Each("step_list", [&](Reader* item) {
    TracedStep& step = result->steps.emplace_back();
    step.ledger = item->Text("ledger");
    step.sequence = item->Number("sequence");
    step.operation = item->Text("operation");
    step.run = item->Text("run");
    step.makes = item->Flag("makes");
  });
  all->Each("places", [&](Reader* item) {
    result->places.push_back({item->Text("unit"), item->Text("holder"), item->Text("part")});
  });
  all->Each("links", [&](Reader* item) {
    TracedLink& link = result->links.emplace_back();
    link.place = item->Index("place");
    link.step = item->Index("step");
    link.output = item->Flag("output");
    link.ledger = item->Text("ledger");
    link.sequence = item->Number("sequence");
    link.operation = item->Text("operation");
    link.quantity = item->Text("quantity");
    link.uom = item->Text("uom");
    link.role = GoodsRole{
        static_cast<int>(item->OneOf("role", {"ingredient", "packaging", "processing-aid"}))};
    link.earliest_micros = item->Micros("earliest_micros", std::numeric_limits<int64_t>::min());
    link.latest_micros = item->Micros("latest_micros", std::numeric_limits<int64_t>::max());
  });
  all->Each("hops", [&](Reader* item) {
    TraceHop& hop = result->hops.emplace_back();
    hop.before = item->Index("before");
    hop.place = item->Index("place");
    hop.backward = item->Flag("backward");
    hop.took = item->OptionalIndex("took");
    hop.brought = item->OptionalIndex("brought");
    hop.carrier = item->OptionalIndex("carrier");
    if (!item->Has("packed_ledger")) return;
    const std::string ledger = item->Text("packed_ledger");
    for (size_t i = 0; i < result->heads.size(); ++i) {
      if (result->heads[i].ledger == ledger) hop.packed_ledger = static_cast<uint32_t>(i);
    }
    if (hop.packed_ledger == kNoIndex) item->Fail("packed_ledger", "a ledger of the heads");
    hop.packed_sequence = item->Number("packed_sequence");
  });
}

}  // namespace

absl::StatusOr<TraceResult> ReadTraceAnswer(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded() || !json.is_object()) {
    return InvalidArgument("found no JSON object, expected what `suyuan trace UNIT --json` writes");
  }
  absl::Status status;
  Reader all(json, "", &status);
  TraceResult result;
  result.origin = all.Text("origin");
  result.asked = all.Has("asked") ? all.Text("asked") : result.origin;
  if (all.Has("as_recorded")) result.as_recorded = all.Flag("as_recorded");
  if (all.Has("from_micros")) result.from_micros = all.Micros("from_micros", 0);
  if (all.Has("until_micros")) result.until_micros = all.Micros("until_micros", 0);
  result.origin_external_ids = all.Texts("origin_external_ids");
  result.origin_product = all.Text("origin_product");
  result.origin_holders = all.Texts("origin_holders");
  result.direction = ReadDirection(&all);
  all.Each("units", [&](Reader* item) {
    TracedUnit& unit = result.units.emplace_back();
    unit.key = item->Text("key");
    unit.external_ids = item->Texts("external_ids");
    unit.direction = ReadDirection(item);
    unit.depth = item->Index("depth");
    unit.certain = item->Flag("certain");
    unit.holders = item->Texts("holders");
    unit.product = item->Text("product");
    unit.witness = item->OptionalIndex("witness");
  });
  all.Each("vessels", [&](Reader* item) {
    result.vessels.push_back({item->Text("name"), item->Text("holder"), ReadDirection(item)});
  });
  result.edges = all.Number("edges");
  all.Each("ends", [&](Reader* item) {
    TraceEnd& end = result.ends.emplace_back();
    end.unit = item->Text("unit");
    end.holder = item->Text("holder");
    end.direction = ReadDirection(item);
    end.kind = EndKind{static_cast<int>(item->OneOf("kind", {"end", "boundary", "gap"}))};
    end.why_zh = item->Text("why_zh");
    end.why = item->Text("why");
  });
  all.Each("conflicts", [&](Reader* item) {
    TraceConflict& conflict = result.conflicts.emplace_back();
    conflict.input = item->Text("input");
    conflict.output = item->Text("output");
    conflict.ledger = item->Text("ledger");
    conflict.sequence = item->Number("sequence");
    conflict.what_zh = item->Text("what_zh");
    conflict.what = item->Text("what");
  });
  all.Each("withdrawn", [&](Reader* item) {
    WithdrawnLink& link = result.withdrawn.emplace_back();
    link.input = item->Text("input");
    link.output = item->Text("output");
    link.ledger = item->Text("ledger");
    link.sequence = item->Number("sequence");
    link.corrected_by = item->Number("corrected_by");
    link.late = item->Flag("late");
  });
  all.Each("heads", [&](Reader* item) {
    result.heads.push_back({item->Text("ledger"), item->Number("size"), item->Hex("root")});
  });
  result.digest = all.Hex("digest");
  // Without links only the number of the steps is told; the digest covers them.
  const uint64_t steps = all.Number("steps", kNoIndex);
  if (all.Has("places")) {
    ReadLinks(&all, &result);
    if (status.ok() && result.steps.size() != steps) all.Fail("steps", "the size of step_list");
  }
  SUYUAN_RETURN_IF_ERROR(status);
  if (const absl::Status indexes = trace::CheckIndexes(result); !indexes.ok()) {
    return absl::InvalidArgumentError(indexes.message());
  }
  return result;
}

}  // namespace suyuan::cli
