#include "lib/engine/completeness.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/code_table.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/events/catalogue.h"
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

// What happened of one operation to one thing.
struct Record {
  std::vector<EntryRef> entries;
  std::vector<bool> lacks;  // by element, in the order of the operation's
  bool late = false;
  bool corrected = false;
};

class Reporter {
 public:
  Reporter(const ledger::Ledgers& ledgers, const genealogy::GraphIndex& index,
           const TraceResult& history)
      : ledgers_(ledgers), index_(index), history_(history) {
    for (const DataElement& element : events::DataElements()) {
      if (element.operation == nullptr) continue;
      auto& numbers = elements_[element.operation->code];
      auto it = std::find_if(numbers.begin(), numbers.end(), [&](const Element& one) {
        return one.element->number() == element.element->number();
      });
      if (it == numbers.end()) it = numbers.insert(it, {element.element, {}});
      it->paths.push_back(element.field);
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
    Expect();
    for (const auto& [key, record] : records_) {
      const auto& [operation, about, profile] = key;
      SUYUAN_RETURN_IF_ERROR(Tell(operation, about, profile, record));
    }
    std::stable_sort(report_.elements.begin(), report_.elements.end(),
                     [](const ElementStatus& a, const ElementStatus& b) {
                       return std::tie(a.operation, a.about) < std::tie(b.operation, b.about);
                     });
    return std::move(report_);
  }

 private:
  struct Element {
    const options::Element* element = nullptr;
    std::vector<std::string> paths;
  };

  // The units and runs of the history, and what was bought for it.
  void Gather() {
    index_.Read([&](const Graph& graph, const std::map<uint32_t, uint64_t>&) {
      const auto add = [&](const std::string& key) {
        if (const auto place = graph.FindPlaceOf(BaseKey(key))) {
          units_.emplace(place->unit, key);
        }
      };
      add(history_.origin);
      for (const TracedUnit& unit : history_.units) add(unit.key);
      for (const auto& [unit, key] : units_) {
        std::vector<UnitId> open = {unit};
        for (size_t i = 0; i < open.size(); ++i) {
          const std::vector<UnitId>* const containers = graph.ContainersOf(open[i]);
          if (containers == nullptr) continue;
          for (const UnitId container : *containers) {
            if (containers_[container].insert(key).second) open.push_back(container);
          }
        }
      }
    });
    for (const TracedStep& step : history_.steps) {
      if (!step.run.empty()) runs_.emplace(step.ledger, step.run);
    }
  }

  absl::Status Scan(const LedgerHead& head) {
    const std::optional<ledger::Ledgers::State> state = ledgers_.Get(head.ledger);
    if (!state.has_value()) return NotFound("no ledger ", head.ledger);
    profile_ = state->genesis.profile();
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
    std::set<std::string> about;
    if (event.has_register_master()) {
      const v1::RegisterMaster& master = event.register_master();
      Register(master);
      if (master.has_product()) about.insert(master.product().product());
      if (master.has_person()) about.insert(master.person().person());
    } else if (const std::string run = RunOf(event);
               !run.empty() && runs_.contains({entry.ledger, run})) {
      // A charge is about its input, everything else of a run about the run.
      about.insert(event.has_charge() ? BaseKey(event.charge().unit().key()) : run);
      if (event.has_produce()) About(graph, event, &about);
    } else {
      About(graph, event, &about);
    }
    if (!event.breaches().empty()) {
      std::set<std::string> broken = about;
      InContainers(graph, event, &broken);
      for (const std::string& one : broken) {
        for (const v1::Breach& breach : event.breaches()) {
          TellBreach(breach.rule(), operation->code, one, entry, event);
        }
      }
    }
    if (about.empty()) return;
    if (!event.has_register_master()) {
      for (const std::string& person : event.persons()) persons_.insert(person);
      Refer(entry, event);
    }
    for (const std::string& one : about) Note(operation->code, one, entry, event);
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

  void About(const Graph& graph, const v1::Event& event, std::set<std::string>* about) {
    std::vector<std::string> keys;
    UnitKeys(event, &keys);
    for (const std::string& key : keys) {
      const auto place = graph.FindPlaceOf(BaseKey(key));
      if (!place.has_value()) continue;
      const auto known = units_.find(place->unit);
      if (known == units_.end() || LeftBesides(event, known->second)) continue;
      about->insert(known->second);
    }
  }

  // Where an ancestor went besides is not this lot's history.
  bool LeftBesides(const v1::Event& event, const std::string& unit) const {
    const bool out = event.has_ship() || event.has_serve() || event.has_return_goods();
    return out && unit != history_.origin;
  }

  // What can lie in the containers that `event` names.
  void InContainers(const Graph& graph, const v1::Event& event, std::set<std::string>* about) {
    std::vector<std::string> keys;
    UnitKeys(event, &keys);
    for (const std::string& key : keys) {
      const auto place = graph.FindPlaceOf(BaseKey(key));
      if (!place.has_value()) continue;
      const auto contents = containers_.find(place->unit);
      if (contents == containers_.end()) continue;
      for (const std::string& unit : contents->second) {
        if (!LeftBesides(event, unit)) about->insert(unit);
      }
    }
  }

  void Note(const std::string& operation, const std::string& about, const EntryRef& entry,
            const v1::Event& event) {
    const std::vector<Element>& elements = elements_[operation];
    Record& record = records_[{operation, about, profile_}];
    record.lacks.resize(elements.size());
    record.entries.push_back(entry);
    record.late |= event.has_late_entry();
    record.corrected |= event.has_correction();
    for (size_t i = 0; i < elements.size(); ++i) {
      const bool carried =
          std::any_of(elements[i].paths.begin(), elements[i].paths.end(),
                      [&](const std::string& path) { return Carries(event, path); });
      record.lacks[i] = record.lacks[i] || !carried;
    }
  }

  // What must be there and of which nothing was found.
  void Expect() {
    const auto expect = [&](const std::string& operation, const std::string& about) {
      const auto it = records_.lower_bound({operation, about, ""});
      if (it != records_.end() && std::get<0>(it->first) == operation &&
          std::get<1>(it->first) == about) {
        return;
      }
      records_[{operation, about, profile_}];
    };
    std::set<std::string> made;
    std::set<std::string> received;
    for (const auto& [key, record] : records_) {
      if (std::get<0>(key) == "PRD") made.insert(std::get<1>(key));
      if (std::get<0>(key) == "RCV") received.insert(std::get<1>(key));
    }
    for (const auto& [unit, key] : units_) {
      const absl::StatusOr<codes::UnitKey> parsed = codes::UnitKey::Parse(key);
      if (!parsed.ok() || parsed->kind != codes::UnitKey::Kind::kLot) continue;
      if (!made.contains(key)) {
        expect("RCV", key);
        continue;
      }
      expect("INS", key);
      expect("STO", key);
      if (key == history_.origin) expect("MST", parsed->product);
    }
    for (const auto& [ledger, run] : runs_) expect("PRM", run);
    for (const std::string& person : persons_) {
      if (person.starts_with("person:")) expect("MST", person);
    }
  }

  absl::Status Tell(const std::string& operation, const std::string& about,
                    const std::string& profile_name, const Record& record) {
    const auto elements = elements_.find(operation);
    if (elements == elements_.end()) return absl::OkStatus();
    SUYUAN_ASSIGN_OR_RETURN(const events::Profile* const profile, ProfileOf(profile_name));
    const bool person = about.starts_with("person:");
    if (operation == "MST" && !person && !IsProductOfHistory(about)) return absl::OkStatus();
    if (person && !persons_.contains(about)) return absl::OkStatus();
    for (size_t i = 0; i < elements->second.size(); ++i) {
      const Element& element = elements->second[i];
      // A master registers one of several things.
      if (operation == "MST" &&
          person != (element.paths[0].find(".person.") != std::string::npos)) {
        continue;
      }
      const events::Duty duty = profile->Of(operation, *element.element);
      if (duty.obligation != options::MANDATORY) continue;
      ElementStatus status;
      status.number = element.element->number();
      status.name_zh = element.element->name_zh();
      status.name_en = element.element->name_en();
      status.source = std::string(duty.source);
      status.operation = operation;
      status.about = about;
      status.present = !record.entries.empty() && !record.lacks[i];
      status.late = record.late;
      status.corrected = record.corrected;
      status.entries = record.entries;
      Add(std::move(status));
    }
    return absl::OkStatus();
  }

  bool IsProductOfHistory(const std::string& product) const {
    return std::any_of(units_.begin(), units_.end(), [&](const auto& unit) {
      const absl::StatusOr<codes::UnitKey> key = codes::UnitKey::Parse(unit.second);
      if (!key.ok() || unit.second != history_.origin) return false;
      const absl::StatusOr<std::string> as_key = codes::LotKey("ext:x:x", product, "0");
      if (!as_key.ok()) return false;
      const absl::StatusOr<codes::UnitKey> parsed = codes::UnitKey::Parse(*as_key);
      return parsed.ok() && parsed->product == key->product;
    });
  }

  absl::StatusOr<const events::Profile*> ProfileOf(const std::string& name) {
    auto it = profiles_.find(name);
    if (it == profiles_.end()) {
      SUYUAN_ASSIGN_OR_RETURN(events::Profile profile, events::Profile::Load(name));
      it = profiles_.emplace(name, std::move(profile)).first;
    }
    return &it->second;
  }

  const ledger::Ledgers& ledgers_;
  const genealogy::GraphIndex& index_;
  const TraceResult& history_;
  CompletenessReport report_;
  std::map<std::string, std::vector<Element>> elements_;  // by operation
  std::map<UnitId, std::string> units_;
  std::map<UnitId, std::set<std::string>> containers_;  // and the units that were ever in them
  std::set<std::pair<std::string, std::string>> runs_;
  std::set<std::string> persons_;
  // Of the ledger in hand.
  struct Open {
    const Reference* reference = nullptr;
    std::vector<EntryRef> entries;
    bool late = false;
    bool corrected = false;
  };
  std::string profile_;
  std::set<std::pair<std::string, std::string>> registered_;      // number, name
  std::map<std::pair<std::string, std::string>, Open> referred_;  // by number, name
  std::map<std::tuple<std::string, std::string, std::string>, Record> records_;
  std::map<std::string, events::Profile> profiles_;
};

}  // namespace

absl::StatusOr<CompletenessReport> ReportCompleteness(const ledger::Ledgers& ledgers,
                                                      const genealogy::GraphIndex& graph,
                                                      const TraceResult& history) {
  return Reporter(ledgers, graph, history).Make();
}

}  // namespace suyuan::engine
