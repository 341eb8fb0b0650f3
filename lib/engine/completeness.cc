#include "lib/engine/completeness.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/code_table.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/engine/expected_records.h"
#include "lib/events/catalogue.h"
#include "lib/events/conditions.h"
#include "lib/events/operation.h"
#include "lib/events/profile.h"

namespace suyuan::engine {
namespace {

using events::DataElement;
using genealogy::Graph;
using genealogy::UnitId;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr uint64_t kChunkEntries = 4'096;
// Stores are read once a day or more often.
constexpr int64_t kReadingMicros = int64_t{24} * 3'600 * 1'000'000;

// Is there something at `path` ("receive.quantity") of `message`?
bool Carries(const Message& message, std::string_view path) {
  const size_t dot = path.find('.');
  const FieldDescriptor* const field =
      message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return false;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field->is_repeated()) {
    const int size = reflection.FieldSize(message, field);
    if (dot == std::string_view::npos) return size > 0;
    for (int i = 0; i < size; ++i) {
      if (Carries(reflection.GetRepeatedMessage(message, field, i), path.substr(dot + 1))) {
        return true;
      }
    }
    return false;
  }
  if (dot == std::string_view::npos) return reflection.HasField(message, field);
  return reflection.HasField(message, field) &&
         Carries(reflection.GetMessage(message, field), path.substr(dot + 1));
}

// Every unit that `message` names, at any depth.
void UnitKeys(const Message& message, std::vector<std::string>* keys) {
  if (message.GetDescriptor() == v1::UnitRef::descriptor()) {
    keys->push_back(static_cast<const v1::UnitRef&>(message).key());
    return;
  }
  std::vector<const FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      UnitKeys(reflection.GetMessage(message, field), keys);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      UnitKeys(reflection.GetRepeatedMessage(message, field, i), keys);
    }
  }
}

// What an event refers to that master data tell of.
struct Reference {
  std::string_view number;
  std::string_view name_zh;
  std::string_view name_en;
  std::string_view source;
};
constexpr Reference kPerson = {"open.person", "未登记的人员或岗位",
                               "person or post without master data", "requirement 002, 4.3"};
constexpr Reference kPlace = {"open.place", "未登记的场所", "place without master data",
                              "requirement 002, 4.1.2"};
constexpr Reference kEquipment = {"open.equipment", "未登记的设备设施",
                                  "equipment without master data", "requirement 002, 4.2.2"};

// As the master data of a holder and the events that name it are compared.
std::string NormalHolder(const std::string& text) {
  const absl::StatusOr<codes::HolderKey> key = codes::HolderKey::Parse(text);
  return key.ok() ? key->ToString() : text;
}

// Calls `visit(reference, name)` for what the texts of `message` refer to, at any depth.
template <typename Visit>
void ForEachReference(const Message& message, const Visit& visit) {
  std::vector<const FieldDescriptor*> fields;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    const options::Format format = field->options().GetExtension(options::rule).format();
    const int size = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        ForEachReference(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                              : reflection.GetMessage(message, field),
                         visit);
      }
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
      const std::string text = field->is_repeated()
                                   ? reflection.GetRepeatedString(message, field, i)
                                   : reflection.GetString(message, field);
      if (format == options::PERSON_REF) visit(kPerson, text);
      if (format == options::EQUIPMENT) visit(kEquipment, codes::NormalOrSame(text));
      if (format != options::HOLDER_KEY) continue;
      // Of a company its shipments and receipts tell name and address.
      const absl::StatusOr<codes::HolderKey> key = codes::HolderKey::Parse(text);
      if (key.ok() && key->is_site()) visit(kPlace, key->ToString());
    }
  }
}

std::string RunOf(const v1::Event& event) {
  switch (event.operation_case()) {
    case v1::Event::kCharge:
      return codes::NormalOrSame(event.charge().run());
    case v1::Event::kRework:
      return codes::NormalOrSame(event.rework().run());
    case v1::Event::kProduce:
      return codes::NormalOrSame(event.produce().run());
    case v1::Event::kRecordParameters:
      return codes::NormalOrSame(event.record_parameters().run());
    default:
      return "";
  }
}

std::string BaseKey(const std::string& text) {
  const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(text);
  if (!key.ok()) return text;
  return key->kind == codes::UnitKey::Kind::kLot ? key->Base() : key->ToString();
}

// As the product stands in the keys of its lots; empty if it cannot.
std::string ProductOf(const std::string& text) {
  const absl::StatusOr<std::string> lot = codes::LotKey("ext:x:x", text, "0");
  if (!lot.ok()) return "";
  const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(*lot);
  return key.ok() ? key->product : "";
}

std::string ProductOfLot(const std::string& unit) {
  const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(unit);
  return key.ok() ? key->product : "";
}

bool IsLot(const std::string& unit) {
  const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(unit);
  return key.ok() && key->kind == codes::UnitKey::Kind::kLot;
}

// The field in which `body` says how goods are kept; null if it has none.
const FieldDescriptor* StorageField(const Message& body) {
  return body.GetDescriptor()->FindFieldByName("storage_condition");
}

// What the records of one operation about one thing hold of one element.
struct Found {
  bool lacks = false;      // one of them has none
  bool due = false;        // its condition holds for one of them,
  bool lacks_due = false;  // and one of these has none
};

// What happened of one operation to one thing, by one ledger.
struct Record {
  std::string profile;
  std::vector<EntryRef> entries;
  std::vector<Found> found;  // by element, in the order of the operation's
  bool late = false;
  bool corrected = false;
  std::optional<codes::CodeTable::Row> expected;  // by that row, and there is none
};

class Reporter {
 public:
  Reporter(const AllLedgers& ledgers, const genealogy::GraphIndex& index,
           const TraceResult& history)
      : ledgers_(ledgers), index_(index), history_(history) {
    for (const DataElement& element : events::DataElements()) {
      if (element.operation != nullptr) {
        AddElement(element, element.operation->code);
        continue;
      }
      for (const events::OperationInfo& operation : events::Operations()) {
        AddElement(element, operation.code);
      }
    }
  }

  absl::StatusOr<CompletenessReport> Make() {
    report_.unit = history_.origin;
    report_.product = history_.origin_product;
    report_.heads = history_.heads;
    Gather();
    for (const LedgerHead& head : history_.heads) {
      SUYUAN_RETURN_IF_ERROR(Scan(head));
      TellOpen();
    }
    JudgeUnsaid();
    for (const ExpectedRecords::Missing& missing : expected_.Judge()) {
      if (!IsLot(missing.about) && units_by_key_.contains(missing.about)) continue;
      Record& record =
          records_[{std::string(missing.row.Get("operation")), missing.about, missing.book.ledger}];
      record.profile = missing.book.profile;
      record.expected = missing.row;
    }
    for (const auto& [key, record] : records_) SUYUAN_RETURN_IF_ERROR(Tell(key, record));
    std::stable_sort(report_.elements.begin(), report_.elements.end(),
                     [](const ElementStatus& a, const ElementStatus& b) {
                       return std::tie(a.operation, a.about, a.ledger) <
                              std::tie(b.operation, b.about, b.ledger);
                     });
    return std::move(report_);
  }

 private:
  struct Element {
    const options::Element* element = nullptr;
    std::vector<std::string> paths;
    events::Condition condition = nullptr;
    bool own = false;  // of the operation, not of every header
  };
  using RecordKey = std::tuple<std::string, std::string, std::string>;  // operation, about, ledger

  void AddElement(const DataElement& element, const std::string& operation) {
    std::vector<Element>& numbers = elements_[operation];
    auto it = std::find_if(numbers.begin(), numbers.end(), [&](const Element& one) {
      return one.element->number() == element.element->number();
    });
    if (it == numbers.end()) {
      it = numbers.insert(it, {element.element,
                               {},
                               events::FindCondition(element.element->condition()),
                               element.operation != nullptr});
    }
    it->paths.push_back(element.field);
  }

  // The units and runs of the history, and what was bought for it.
  void Gather() {
    std::map<uint32_t, std::string> ledgers;  // that are read
    for (const LedgerHead& head : history_.heads) {
      if (const auto state = ledgers_.Get(head.ledger)) ledgers[state->number] = head.ledger;
    }
    index_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>&) {
      const auto add = [&](const std::string& key) {
        if (const auto place = graph.FindPlaceOf(BaseKey(key))) {
          units_.emplace(place->unit, key);
          units_by_key_.insert(key);
        }
      };
      add(history_.origin);
      for (const TracedUnit& unit : history_.units) add(unit.key);
      std::set<UnitId> seen;
      for (const auto& [unit, key] : units_) {
        std::vector<UnitId> open = {unit};
        for (size_t i = 0; i < open.size(); ++i) {
          const std::vector<UnitId>* const containers = graph.ContainersOf(open[i]);
          if (containers == nullptr || !seen.insert(open[i]).second) continue;
          for (const UnitId container : *containers) {
            contents_[container].insert(open[i]);
            open.push_back(container);
          }
        }
      }
      const auto origin = graph.FindPlaceOf(BaseKey(history_.origin));
      if (!origin.has_value()) return;
      for (genealogy::NodeId node = graph.unit(origin->unit).first_node; node != 0;
           node = graph.node(node).next_of_unit) {
        GatherOpenRuns(graph, node, ledgers);
      }
    });
    for (const TracedStep& step : history_.steps) {
      if (!step.run.empty()) runs_.emplace(step.ledger, step.run);
    }
  }

  // Runs that took of `node` and of which no output is told.
  void GatherOpenRuns(const Graph& graph, genealogy::NodeId node,
                      const std::map<uint32_t, std::string>& ledgers) {
    for (genealogy::EdgeId e = graph.node(node).first_out; e != 0; e = graph.edge(e).next_of_node) {
      const genealogy::Step& step = graph.step(graph.edge(e).step);
      if (graph.edge(e).dead || step.kind != genealogy::StepKind::kRun || step.run == 0) continue;
      bool open = true;
      for (genealogy::EdgeId out = step.first_output; out != 0;
           out = graph.edge(out).next_of_step) {
        open = open && graph.edge(out).dead;
      }
      const auto ledger = ledgers.find(graph.event(graph.edge(e).event).ledger);
      if (!open || ledger == ledgers.end()) continue;
      open_runs_.emplace(ledger->second, std::string(graph.text(step.run)));
    }
  }

  absl::Status Scan(const LedgerHead& head) {
    const std::optional<ledger::Ledgers::State> state = ledgers_.Get(head.ledger);
    if (!state.has_value()) return NotFound("no ledger ", head.ledger);
    book_ = {head.ledger, state->genesis.profile(), NormalHolder(state->genesis.owner())};
    registered_.emplace(kPlace.number, state->genesis.owner());
    for (uint64_t from = 0; from < head.size; from += kChunkEntries) {
      std::vector<std::pair<uint64_t, v1::Event>> entries;
      absl::Status inner;
      SUYUAN_RETURN_IF_ERROR(ledgers_.Read(
          state->number, from, std::min(head.size, from + kChunkEntries),
          [&](const ledger::StoredRecord& stored) {
            v1::Event& event = entries.emplace_back(stored.record.sequence, v1::Event()).second;
            if (!event.ParseFromArray(stored.record.event.data(),
                                      static_cast<int>(stored.record.event.size()))) {
              inner = DataLoss("entry ", stored.record.sequence, ": no event");
            }
            return inner.ok();
          }));
      SUYUAN_RETURN_IF_ERROR(inner);
      index_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>&) {
        for (const auto& [sequence, event] : entries) {
          if (!graph.IsTakenAway(state->number, sequence)) {
            Take(graph, {head.ledger, sequence}, event);
          }
        }
      });
    }
    return absl::OkStatus();
  }

  void Take(const Graph& graph, const EntryRef& entry, const v1::Event& event) {
    const events::OperationInfo* const operation = events::OperationOf(event);
    if (operation == nullptr) return;
    const auto units_in = [&](const Message& message) {
      std::set<std::string> units;
      About(graph, event, message, &units);
      return units;
    };
    const std::string run = RunOf(event);
    std::set<std::string> about = units_in(event);
    if (event.has_register_master()) {
      const v1::RegisterMaster& master = event.register_master();
      Register(master);
      if (master.has_product()) about.insert(master.product().product());
      if (master.has_person()) about.insert(master.person().person());
    } else if (!run.empty() && runs_.contains({entry.ledger, run})) {
      // A charge is about its input, everything else of a run about the run.
      if (!event.has_charge() && !event.has_produce()) about.clear();
      if (!event.has_charge()) about.insert(run);
      if (about.empty()) about.insert(BaseKey(event.charge().unit().key()));
    }
    if (event.has_record_environment()) Read(event);
    if (!event.breaches().empty()) {
      for (const std::string& one : about) {
        for (const v1::Breach& breach : event.breaches()) {
          TellBreach(breach.rule(), operation->code, one, entry, event);
        }
      }
    }
    Expect(graph, *operation, event, units_in, about);
    if (about.empty()) return;
    if (!event.has_register_master()) {
      for (const std::string& person : event.persons()) persons_.insert(person);
      Refer(entry, event);
    }
    for (const std::string& one : about) Note(*operation, one, entry, event);
  }

  // What is there, and what must be there by what was done.
  void Expect(const Graph& graph, const events::OperationInfo& operation, const v1::Event& event,
              const ExpectedRecords::UnitsIn& units_in, const std::set<std::string>& about) {
    // A return of an ancestor says where it is from, though it is not this lot's history.
    expected_.TellArrival(book_, event, [&](const Message& message) {
      std::set<std::string> units;
      Named(graph, event, message, &units);
      return units;
    });
    if (about.empty()) return;
    for (const std::string& one : about) expected_.Note(book_, operation.code, one);
    if (event.has_register_master()) {
      const std::string product = ProductOf(event.register_master().product().product());
      if (!product.empty()) expected_.Note(book_, operation.code, product);
      return;
    }
    const bool own = event.subject().empty() || NormalHolder(event.subject()) == book_.owner;
    if (own) expected_.Tell(book_, event, units_in);
    if (const std::string run = RunOf(event); !run.empty()) {
      expected_.NoteRun(book_, event.has_rework() ? "CHG" : operation.code, run);
      if (own && runs_.contains({book_.ledger, run})) expected_.GiveRun(book_, "run", run);
      if (own && !event.has_produce() && open_runs_.contains({book_.ledger, run}) &&
          about.contains(history_.origin)) {
        expected_.GiveRun(book_, "open-run", run);
      }
    }
    if (!own) return;
    if (event.has_produce() && about.contains(history_.origin)) {
      expected_.Give(book_, "product", ProductOfLot(history_.origin));
    }
    for (const std::string& person : event.persons()) {
      if (person.starts_with("person:")) expected_.Give(book_, "person", person);
    }
  }

  // Readings at a place.
  void Read(const v1::Event& event) {
    readings_[{book_.ledger, PlaceOf(event)}].push_back(
        {BeginOf(event.time()).earliest, EndOf(event.time()).latest});
  }

  std::string PlaceOf(const v1::Event& event) const {
    return event.place().empty() ? book_.owner : NormalHolder(event.place());
  }

  void Register(const v1::RegisterMaster& master) {
    if (master.has_person()) {
      registered_.emplace(kPerson.number, master.person().person());
      registered_.emplace(kPerson.number, StrCat("post:", master.person().post().post()));
      registered_.emplace(kPerson.number, master.person().post().post());
    } else if (master.has_site()) {
      registered_.emplace(kPlace.number, NormalHolder(master.site().key()));
    } else if (master.has_subject()) {
      registered_.emplace(kPlace.number, NormalHolder(master.subject().key()));
    } else if (master.has_product()) {
      const int64_t from = master.has_effective_from()
                               ? IntervalOf(master.effective_from()).earliest
                               : Interval::kMin;
      kept_[{book_.ledger, ProductOf(master.product().product())}][from] =
          master.product().storage_condition();
    } else if (master.has_equipment()) {
      registered_.emplace(kEquipment.number, codes::NormalOrSame(master.equipment().equipment()));
    }
  }

  void Refer(const EntryRef& entry, const v1::Event& event) {
    // Whom and what third parties tell of need not be known.
    if (event.has_observe_unit() || event.has_link_units()) return;
    const auto refer = [&](const Reference& reference, std::string name) {
      Open& open = referred_[{std::string(reference.number), std::move(name)}];
      open.reference = &reference;
      if (open.entries.empty() || open.entries.back().sequence != entry.sequence) {
        open.entries.push_back(entry);
      }
      open.late |= event.has_late_entry();
      open.corrected |= event.has_correction();
    };
    ForEachReference(event, refer);
    if (!event.place().empty()) refer(kPlace, NormalHolder(event.place()));
  }

  // What the ledger in hand refers to and does not register.
  void TellOpen() {
    for (auto& [key, open] : referred_) {
      const auto& [number, name] = key;
      if (registered_.contains(key)) continue;
      ElementStatus status;
      status.number = number;
      status.name_zh = std::string(open.reference->name_zh);
      status.name_en = std::string(open.reference->name_en);
      status.source = std::string(open.reference->source);
      status.operation = "MST";
      status.ledger = book_.ledger;
      status.about = name;
      status.late = open.late;
      status.corrected = open.corrected;
      status.entries = std::move(open.entries);
      Add(std::move(status));
    }
    referred_.clear();
    registered_.clear();
  }

  void TellBreach(const std::string& rule, const std::string& operation, const std::string& about,
                  const EntryRef& entry, const v1::Event& event) {
    ElementStatus status;
    status.number = rule;
    status.name_zh = "已承认的违规，未见整改记录";
    status.name_en = "breach that was owned up to, no correction recorded";
    for (const codes::CodeTable::Row& row : codes::CodeTable::Get("conduct_rule").rows()) {
      if (row.Get("rule") != rule) continue;
      status.name_zh += StrCat("：", row.Get("name_zh"));
      status.name_en += StrCat(": ", row.Get("name_en"));
      status.source = std::string(row.Get("source"));
      break;
    }
    status.operation = operation;
    status.ledger = entry.ledger;
    status.about = about;
    status.late = event.has_late_entry();
    status.corrected = event.has_correction();
    status.entries.push_back(entry);
    Add(std::move(status));
  }

  void Add(ElementStatus status) {
    report_.present += status.present ? 1 : 0;
    report_.missing += status.present ? 0 : 1;
    report_.late += status.late ? 1 : 0;
    report_.corrected += status.corrected ? 1 : 0;
    report_.elements.push_back(std::move(status));
  }

  // The units of the history that `message`, of `event`, names, or that can lie in a
  // container that it names.
  void Named(const Graph& graph, const v1::Event& event, const Message& message,
             std::set<std::string>* about) const {
    std::vector<std::string> keys;
    UnitKeys(message, &keys);
    std::set<UnitId> seen;
    for (const std::string& key : keys) {
      const auto place = graph.FindPlaceOf(BaseKey(key));
      if (!place.has_value()) continue;
      if (const auto known = units_.find(place->unit); known != units_.end()) {
        about->insert(known->second);
      } else {
        Inside(graph, place->unit, BeginOf(event.time()), &seen, about);
      }
    }
  }

  // Where an ancestor went besides is not this lot's history.
  void About(const Graph& graph, const v1::Event& event, const Message& message,
             std::set<std::string>* about) const {
    Named(graph, event, message, about);
    if (!event.has_ship() && !event.has_serve() && !event.has_return_goods()) return;
    std::erase_if(*about, [&](const std::string& unit) { return unit != history_.origin; });
  }

  // What can lie in `container` at `at`.
  void Inside(const Graph& graph, UnitId container, const Interval& at, std::set<UnitId>* seen,
              std::set<std::string>* about) const {
    const auto contents = contents_.find(container);
    if (contents == contents_.end() || !seen->insert(container).second) return;
    for (const UnitId content : contents->second) {
      if (!CanHold(graph, container, content, at)) continue;
      if (const auto known = units_.find(content); known != units_.end()) {
        about->insert(known->second);
      } else {
        Inside(graph, content, at, seen, about);
      }
    }
  }

  // Had `content` gone into `container`, and was that not emptied since?
  static bool CanHold(const Graph& graph, UnitId container, UnitId content, const Interval& at) {
    const std::vector<genealogy::Packing>* const packings = graph.PackingsOf(container);
    if (packings == nullptr) return false;
    for (const genealogy::Packing& in : *packings) {
      const Interval packed = graph.event(in.event).begin;
      if (in.out || !graph.IsLive(in.event) || packed.earliest > at.latest) continue;
      if (std::none_of(in.contents.begin(), in.contents.end(),
                       [&](const genealogy::Place& one) { return one.unit == content; })) {
        continue;
      }
      if (std::none_of(packings->begin(), packings->end(), [&](const genealogy::Packing& out) {
            const Interval emptied = graph.event(out.event).begin;
            const bool after = emptied.earliest > packed.latest ||
                               (emptied.latest >= packed.earliest && &out > &in);
            return out.out && out.contents.empty() && graph.IsLive(out.event) && after &&
                   emptied.earliest <= at.latest;
          })) {
        return true;
      }
    }
    return false;
  }

  void Note(const events::OperationInfo& operation, const std::string& about, const EntryRef& entry,
            const v1::Event& event) {
    const std::vector<Element>& elements = elements_[operation.code];
    const RecordKey key = {operation.code, about, book_.ledger};
    const Interval begin = BeginOf(event.time());
    Record& record = records_[key];
    record.profile = book_.profile;
    record.found.resize(elements.size());
    record.entries.push_back(entry);
    record.late |= event.has_late_entry();
    record.corrected |= event.has_correction();
    if (event.has_take_out() || event.has_ship() || event.has_serve() || event.has_charge() ||
        event.has_rework() || event.has_move() || event.has_destroy_goods()) {
      int64_t& left = left_.try_emplace({book_.ledger, about}, Interval::kMin).first->second;
      left = std::max(left, EndOf(event.time()).latest);
    }
    const Message& body = event.GetReflection()->GetMessage(event, operation.field);
    for (size_t i = 0; i < elements.size(); ++i) {
      const Element& element = elements[i];
      const bool carried =
          std::any_of(element.paths.begin(), element.paths.end(),
                      [&](const std::string& path) { return Carries(event, path); });
      Found& found = record.found[i];
      found.lacks |= !carried;
      if (element.condition == nullptr) continue;
      if (carried) carried_[{element.element->number(), about}].insert(operation.code);
      if (element.condition(body)) {
        found.due = true;
        found.lacks_due |= !carried;
      } else if (const FieldDescriptor* const field = StorageField(body);
                 field != nullptr && !body.GetReflection()->HasField(body, field)) {
        unsaid_.push_back({key, i, carried, begin, PlaceOf(event)});
      }
    }
  }

  // Records that do not say how the goods are kept are judged by what their product needs.
  void JudgeUnsaid() {
    for (const Unsaid& unsaid : unsaid_) {
      const auto& [operation, about, ledger] = unsaid.key;
      const Element& element = elements_[operation][unsaid.element];
      if (!NeedsIt(element, operation, about, ledger, unsaid.begin.latest)) continue;
      Found& found = records_[unsaid.key].found[unsaid.element];
      found.due = true;
      found.lacks_due |= !unsaid.carried && !IsCarriedBy(element, operation, about) &&
                         !WasRead(element, ledger, about, unsaid);
    }
  }

  // Would the condition hold if the record said what master data of its ledger say of the
  // product?
  bool NeedsIt(const Element& element, const std::string& operation, const std::string& about,
               const std::string& ledger, int64_t at) const {
    const auto versions = kept_.find({ledger, ProductOfLot(about)});
    if (versions == kept_.end()) return false;
    auto version = versions->second.upper_bound(at);
    if (version != versions->second.begin()) --version;
    const std::unique_ptr<Message> body(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(events::FindOperation(operation)->field->message_type())
            ->New());
    const FieldDescriptor* const field = StorageField(*body);
    if (field == nullptr) return false;
    body->GetReflection()->SetString(body.get(), field, version->second);
    return element.condition(*body);
  }

  // By a record of another operation.
  bool IsCarriedBy(const Element& element, const std::string& operation,
                   const std::string& about) const {
    const auto others = carried_.find({element.element->number(), about});
    return others != carried_.end() &&
           (others->second.size() > 1 || !others->second.contains(operation));
  }

  struct Unsaid {
    RecordKey key;
    size_t element = 0;
    bool carried = false;
    Interval begin;
    std::string place;
  };

  // By readings of the place while it lay there.
  bool WasRead(const Element& element, const std::string& ledger, const std::string& about,
               const Unsaid& unsaid) const {
    const std::vector<Element>& read = elements_.at("ENV");
    if (std::none_of(read.begin(), read.end(), [&](const Element& one) {
          return one.element->number() == element.element->number();
        })) {
      return false;
    }
    const auto readings = readings_.find({ledger, unsaid.place});
    if (readings == readings_.end()) return false;
    const auto left = left_.find({ledger, about});
    // Saturated: the time of either can be unknown.
    const int64_t from = std::max(unsaid.begin.earliest, Interval::kMin + kReadingMicros);
    const int64_t until = std::min(left == left_.end() ? Interval::kMax : left->second,
                                   Interval::kMax - kReadingMicros);
    return std::any_of(readings->second.begin(), readings->second.end(), [&](const Interval& one) {
      return one.latest >= from - kReadingMicros && one.earliest <= until + kReadingMicros;
    });
  }

  absl::Status Tell(const RecordKey& key, const Record& record) {
    const auto& [operation, about, ledger] = key;
    const auto elements = elements_.find(operation);
    if (elements == elements_.end()) return absl::OkStatus();
    SUYUAN_ASSIGN_OR_RETURN(const events::Profile* const profile, ProfileOf(record.profile));
    const bool person = about.starts_with("person:");
    if (operation == "MST" && !person && !IsProductOfHistory(about)) return absl::OkStatus();
    if (person && !persons_.contains(about)) return absl::OkStatus();
    ElementStatus status;
    status.operation = operation;
    status.ledger = ledger;
    status.about = about;
    status.late = record.late;
    status.corrected = record.corrected;
    status.entries = record.entries;
    bool has_elements = false;
    for (size_t i = 0; i < elements->second.size(); ++i) {
      const Element& element = elements->second[i];
      has_elements |= element.own;
      // A master registers one of several things.
      if (operation == "MST" &&
          person != (element.paths[0].find(".person.") != std::string::npos)) {
        continue;
      }
      const events::Duty duty = profile->Of(operation, *element.element);
      const Presence presence =
          PresenceOf(record, i, element, duty.obligation, operation, about, ledger);
      if (presence == Presence::kNotNeeded) continue;
      status.number = element.element->number();
      status.name_zh = element.element->name_zh();
      status.name_en = element.element->name_en();
      status.source = std::string(duty.source);
      status.present = presence == Presence::kThere;
      Add(status);
    }
    if (has_elements || !record.expected.has_value()) return absl::OkStatus();
    status.number = std::string(record.expected->Get("code"));
    status.name_zh = std::string(record.expected->Get("name_zh"));
    status.name_en = std::string(record.expected->Get("name_en"));
    status.source = std::string(record.expected->Get("source"));
    Add(status);
    return absl::OkStatus();
  }

  enum class Presence { kNotNeeded, kThere, kMissing };
  static Presence ThereIf(bool there) { return there ? Presence::kThere : Presence::kMissing; }

  Presence PresenceOf(const Record& record, size_t i, const Element& element,
                      options::Obligation obligation, const std::string& operation,
                      const std::string& about, const std::string& ledger) const {
    const bool there = !record.entries.empty();
    if (obligation == options::MANDATORY) return ThereIf(there && !record.found[i].lacks);
    if (obligation != options::CONDITIONAL) return Presence::kNotNeeded;
    if (there) {
      return record.found[i].due ? ThereIf(!record.found[i].lacks_due) : Presence::kNotNeeded;
    }
    if (!NeedsIt(element, operation, about, ledger, Interval::kMax)) return Presence::kNotNeeded;
    return IsCarriedBy(element, operation, about) ? Presence::kNotNeeded : Presence::kMissing;
  }

  bool IsProductOfHistory(const std::string& product) const {
    const std::string of_origin = ProductOfLot(history_.origin);
    return !of_origin.empty() && ProductOf(product) == of_origin;
  }

  absl::StatusOr<const events::Profile*> ProfileOf(const std::string& name) {
    auto it = profiles_.find(name);
    if (it == profiles_.end()) {
      SUYUAN_ASSIGN_OR_RETURN(events::Profile profile, events::Profile::Load(name));
      it = profiles_.emplace(name, std::move(profile)).first;
    }
    return &it->second;
  }

  const AllLedgers& ledgers_;
  const genealogy::GraphIndex& index_;
  const TraceResult& history_;
  CompletenessReport report_;
  std::map<std::string, std::vector<Element>> elements_;  // by operation
  std::map<UnitId, std::string> units_;
  std::set<std::string> units_by_key_;
  std::map<UnitId, std::set<UnitId>> contents_;  // that were ever in a container
  std::set<std::pair<std::string, std::string>> runs_;
  std::set<std::pair<std::string, std::string>> open_runs_;
  std::set<std::string> persons_;
  ExpectedRecords expected_;
  // Of the ledger in hand.
  struct Open {
    const Reference* reference = nullptr;
    std::vector<EntryRef> entries;
    bool late = false;
    bool corrected = false;
  };
  Book book_;
  std::set<std::pair<std::string, std::string>> registered_;      // number, name
  std::map<std::pair<std::string, std::string>, Open> referred_;  // by number, name
  std::map<RecordKey, Record> records_;
  std::vector<Unsaid> unsaid_;
  // By ledger and product, what it needs from when on.
  std::map<std::pair<std::string, std::string>, std::map<int64_t, std::string>> kept_;
  std::map<std::pair<std::string, std::string>, std::set<std::string>> carried_;   // number, about
  std::map<std::pair<std::string, std::string>, std::vector<Interval>> readings_;  // ledger, place
  std::map<std::pair<std::string, std::string>, int64_t> left_;  // ledger, about: for the last time
  std::map<std::string, events::Profile> profiles_;
};

}  // namespace

absl::StatusOr<CompletenessReport> ReportCompleteness(const AllLedgers& ledgers,
                                                      const genealogy::GraphIndex& graph,
                                                      const TraceResult& history) {
  return Reporter(ledgers, graph, history).Make();
}

}  // namespace suyuan::engine
