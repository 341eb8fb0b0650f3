#include "lib/events/validator.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "google/protobuf/unknown_field_set.h"
#include "lib/base/decimal.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "lib/codes/unit_of_measure.h"
#include "lib/events/catalogue.h"
#include "lib/events/messages.h"
#include "lib/events/operation.h"
#include "lib/events/plan.h"
#include "lib/events/profile.h"

namespace suyuan::events {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr size_t kMaxIdBytes = 64;
constexpr size_t kMaxPersonIdBytes = 48;
// No clock on earth is further ahead of UTC; a date of unknown offset begins no
// earlier than there.
constexpr int kEasternmostMinutes = 14 * 60;

enum class TextFault : uint8_t { kNone, kNotUtf8, kControl };

// Judges by a table, since most texts are short ASCII.
TextFault JudgeText(std::string_view text) {
  static constexpr auto kClasses = [] {
    std::array<uint8_t, 256> classes{};
    for (size_t c = 0; c < 256; ++c) {
      classes[c] = c >= 0x80 ? 1 : c == 0x7f || (c < 0x20 && c != '\n' && c != '\t') ? 2 : 0;
    }
    return classes;
  }();
  uint8_t seen = 0;
  for (const char c : text) seen |= kClasses[static_cast<uint8_t>(c)];
  if (seen == 0) return TextFault::kNone;
  if ((seen & 1) != 0) {
    if (!codes::IsUtf8(text)) return TextFault::kNotUtf8;
    // U+0080 to U+009F.
    for (size_t i = text.find('\xc2'); i != std::string_view::npos; i = text.find('\xc2', i + 1)) {
      if (static_cast<uint8_t>(text[i + 1]) < 0xa0) return TextFault::kControl;
    }
  }
  return (seen & 2) != 0 ? TextFault::kControl : TextFault::kNone;
}

// Nothing but white space.
bool IsBlank(std::string_view text) {
  if (text.empty()) return true;
  switch (const auto first = static_cast<uint8_t>(text[0])) {
    case 0xc2:
    case 0xe1:
    case 0xe2:
    case 0xe3:
    case 0xef:
      break;  // how white space beyond ASCII begins
    default:
      if (first > ' ') return false;
  }
  const auto normal = codes::NormalText(text);
  return normal.ok() && normal->empty();
}

bool IsPrintableId(std::string_view id) {
  if (codes::IsPlainAscii(id)) return true;
  if (JudgeText(id) != TextFault::kNone || id.find_first_of("\n\t") != std::string_view::npos) {
    return false;
  }
  const auto inside = [](char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; };
  size_t first = 1;
  while (first < id.size() && inside(id[first])) ++first;
  size_t last = id.size() - 1;
  while (last > 0 && inside(id[last])) --last;
  return !IsBlank(id.substr(0, first)) && !IsBlank(id.substr(last));
}

bool IsPersonRef(std::string_view text) {
  for (const std::string_view prefix : {"person:", "post:"}) {
    if (text.substr(0, prefix.size()) != prefix) continue;
    const std::string_view id = text.substr(prefix.size());
    return !id.empty() && id.size() <= kMaxPersonIdBytes &&
           std::all_of(id.begin(), id.end(), [](char c) {
             return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                    c == '.' || c == '_' || c == '-';
           });
  }
  return false;
}

bool IsSubjectKey(std::string_view text) {
  const auto key = codes::HolderKey::Parse(text);
  return key.ok() && !key->is_site();
}

bool IsKnownUnit(std::string_view code) {
  const codes::UnitOfMeasure* unit = codes::FindUnit(code);
  return unit != nullptr && unit->code == code;
}

bool HasOnlyKnown(const MessagePlan& plan, const Message& message) {
  return plan.reflection->GetUnknownFields(message).empty();
}

// True if a small message of many events has no fault and nothing unusual. This
// is a shortcut only, half of the cost of validation: what it does not take goes
// through reflection field by field.
bool IsPlainlyGood(const MessagePlan& plan, const Message& message) {
  switch (plan.kind) {
    case MessagePlan::Kind::kQuantity: {
      const auto& quantity = static_cast<const v1::Quantity&>(message);
      return quantity.scale() >= 0 && quantity.scale() <= Decimal::kMaxScale &&
             quantity.as_written().empty() && IsKnownUnit(quantity.unit()) &&
             HasOnlyKnown(plan, message);
    }
    case MessagePlan::Kind::kUnitRef: {
      const auto& unit = static_cast<const v1::UnitRef&>(message);
      return unit.holder().empty() && unit.part().empty() && unit.external_ids().empty() &&
             unit.vessel().empty() && unit.product().empty() && unit.any_of().empty() &&
             !unit.key().empty() && JudgeText(unit.key()) == TextFault::kNone &&
             codes::UnitKey::Parse(unit.key()).ok() && HasOnlyKnown(plan, message);
    }
    case MessagePlan::Kind::kTime: {
      const auto& time = static_cast<const v1::Time&>(message);
      return time.as_written().empty() && IsValid(time) && HasOnlyKnown(plan, message) &&
             HasOnlyKnown(*plan.fields.front().message, time.at());
    }
    case MessagePlan::Kind::kTimeSpan: {
      // A moment; what has an end is compared with it elsewhere.
      const auto& span = static_cast<const v1::TimeSpan&>(message);
      return span.has_begin() && !span.has_end() && HasOnlyKnown(plan, message) &&
             IsPlainlyGood(*plan.fields.front().message, span.begin());
    }
    case MessagePlan::Kind::kDate: {
      const auto& date = static_cast<const v1::Date&>(message);
      return date.as_written().empty() && IsValid(date) && HasOnlyKnown(plan, message);
    }
    default:
      return false;
  }
}

// Where in the event we are: a list on the stack, turned into a path only when
// there is a fault.
struct Frame {
  const Frame* parent;
  const FieldDescriptor* field;
  int index;  // -1 if not repeated

  std::string Path() const {
    std::string path = parent == nullptr ? "" : parent->Path() + ".";
    path += field->name();
    if (index >= 0) path += StrCat("[", index, "]");
    return path;
  }
};

std::string PathOf(const Frame* parent, const FieldDescriptor* field) {
  return Frame{parent, field, -1}.Path();
}

std::string PathsOf(const Frame* parent, const std::vector<const FieldDescriptor*>& fields) {
  std::string paths;
  for (const FieldDescriptor* field : fields) {
    paths += (paths.empty() ? "" : " or ") + PathOf(parent, field);
  }
  return paths;
}

}  // namespace

// Of every operation, for every element id of the event plan.
struct Validator::Duties {
  const Duty* Of(size_t operation) const { return all.data() + operation * width; }

  size_t width = 0;
  std::vector<Duty> all;
};

namespace {

// One pass over one event.
class Pass {
 public:
  Pass(const v1::Event& event, size_t event_index, std::vector<Violation>* out)
      : plan_(GetEventPlan()), event_(event), event_index_(event_index), out_(out) {}

  // `duties` are those of the operation, or null if there is none.
  void Run(const OperationInfo* operation, const Duty* duties) {
    operation_ = operation;
    duties_ = duties;
    JudgeId();
    if (operation == nullptr) {
      Report(Fault::kNoOperation, {});
    } else if (operation->by_ledger) {
      Report(Fault::kReservedOperation, {operation->field->name(), "", "", operation->code, ""});
    }
    const size_t size = event_.ByteSizeLong();
    if (size > kMaxEventBytes) {
      Report(Fault::kTooLarge, {"", "", "", StrCat(size, " bytes"), ""});
      return;
    }
    if (operation != nullptr) JudgeHeader();
    Walk(*plan_.event, event_, nullptr);
  }

 private:
  void Report(Fault fault, Finding finding) {
    if (out_->size() >= kMaxViolations) return;
    if (out_->size() == kMaxViolations - 1) fault = Fault::kMore;
    out_->push_back(MakeViolation(fault, event_index_, std::move(finding)));
  }

  // A fault at `frame`, which carries the name of the nearest element around it.
  void Report(Fault fault, const Frame& frame, std::string found, std::string expected = "") {
    if (out_->size() >= kMaxViolations) return;
    Finding finding{frame.Path(), "", "", std::move(found), std::move(expected)};
    for (const Frame* at = &frame; at != nullptr; at = at->parent) {
      if (!at->field->options().HasExtension(options::element)) continue;
      const options::Element& element = at->field->options().GetExtension(options::element);
      finding.name_zh = element.name_zh();
      finding.name_en = element.name_en();
      break;
    }
    Report(fault, std::move(finding));
  }

  void ReportMissing(const options::Element& element, const Duty& duty, std::string first,
                     std::string all) {
    if (out_->size() >= kMaxViolations) return;
    if (out_->size() == kMaxViolations - 1) return Report(Fault::kMore, {});
    out_->push_back(MakeViolation(
        event_index_, MissingElement{element.number(), element.name_zh(), element.name_en(),
                                     operation_->name_zh, operation_->name_en,
                                     std::string(duty.source), std::move(first), std::move(all)}));
  }

  void JudgeId() {
    const std::string& id = event_.id();
    if (id.empty()) {
      Report(Fault::kIdMissing, {"id", "", "", "", ""});
    } else if (id.size() > kMaxIdBytes) {
      Report(Fault::kIdTooLong, {"id", "", "", StrCat(id.size(), " bytes"), ""});
    } else if (!IsPrintableId(id)) {
      Report(Fault::kIdMalformed, {"id", "", "", Shown(id), ""});
    }
  }

  static bool IsDue(const Duty& duty, Condition condition, const Message& message) {
    if (duty.obligation == options::CONDITIONAL) {
      return condition != nullptr && condition(message);
    }
    return duty.obligation == options::MANDATORY;
  }

  // Elements that the operation has in the header of the event.
  void JudgeHeader() {
    const auto& header = plan_.headers[static_cast<size_t>(operation_ - Operations().data())];
    for (const HeaderElement& element : header) {
      const Duty& duty = duties_[element.id];
      const Reflection& reflection = *event_.GetReflection();
      const bool given = element.element->field() == "time" ? event_.time().has_begin()
                         : element.field->is_repeated()
                             ? reflection.FieldSize(event_, element.field) > 0
                             : reflection.HasField(event_, element.field);
      if (given ||
          !IsDue(duty, element.condition, reflection.GetMessage(event_, operation_->field))) {
        continue;
      }
      const std::string path = HeaderPath(*element.element);
      ReportMissing(*element.element, duty, path, path);
    }
  }

  // Judges `message` and all below it. True if it says anything.
  bool Walk(const MessagePlan& plan, const Message& message, const Frame* frame) {
    if (IsPlainlyGood(plan, message)) return true;
    const Reflection& reflection = *plan.reflection;
    if (!HasOnlyKnown(plan, message)) JudgeUnknown(message, frame);
    if (plan.kind == MessagePlan::Kind::kPersonal) return JudgePersonal(message, *frame);
    bool any = plan.zero_is_answer;
    uint64_t given = 0;
    for (const FieldPlan& field : plan.fields) {
      if (!WalkField(field, reflection, message, frame)) continue;
      any = true;
      given |= field.bit;
    }
    for (const MessagePlan::Oneof& oneof : plan.oneofs) {
      any = WalkOneof(oneof, plan, message, frame) || any;
    }
    if (!any) {
      any = std::any_of(plan.numbers.begin(), plan.numbers.end(),
                        [&](const auto* number) { return reflection.HasField(message, number); });
    }
    if (plan.kind != MessagePlan::Kind::kPlain) any = JudgeKind(plan, message, frame) && any;
    if (plan.production_date != nullptr && plan.expiry_date != nullptr) {
      JudgeDates(plan, message, frame);
    }
    uint64_t missing = plan.required & ~given;
    if (duties_ != nullptr) {
      for (const ElementGroup& group : plan.elements) {
        if ((given & group.mask) != 0) continue;
        if (!IsDue(duties_[group.id], group.condition, message)) continue;
        JudgeGroup(group, frame);
        missing &= ~group.mask;  // told once
      }
    }
    for (const MessagePlan::OneOf& one_of : plan.one_ofs) {
      if ((given & one_of.mask) != 0) continue;
      Report(Fault::kRequired, Frame{frame, one_of.fields.front(), -1}, "",
             StrCat("a value in ", PathsOf(frame, one_of.fields)));
    }
    if (missing != 0) {
      for (const FieldPlan& field : plan.fields) {
        if ((field.bit & missing) == 0) continue;
        Report(Fault::kRequired, Frame{frame, field.field, -1}, "");
      }
    }
    return any;
  }

  void JudgeGroup(const ElementGroup& group, const Frame* frame) {
    ReportMissing(*group.element, duties_[group.id], PathOf(frame, group.fields.front()),
                  PathsOf(frame, group.fields));
  }

  void JudgeUnknown(const Message& message, const Frame* frame) {
    const auto& unknown = message.GetReflection()->GetUnknownFields(message);
    Report(Fault::kUnknownField, {frame == nullptr ? "event" : frame->Path(), "", "",
                                  StrCat("field number ", unknown.field(0).number()), ""});
  }

  bool WalkOneof(const MessagePlan::Oneof& oneof, const MessagePlan& plan, const Message& message,
                 const Frame* frame) {
    const FieldDescriptor* set = plan.reflection->GetOneofFieldDescriptor(message, oneof.oneof);
    if (set != nullptr) {
      const FieldPlan& field = oneof.fields[static_cast<size_t>(set->index_in_oneof())];
      const bool any = WalkField(field, *plan.reflection, message, frame);
      if (any || field.kind == FieldPlan::Kind::kMessage) return true;
    }
    if (frame == nullptr) return false;  // the operation has a rule of its own
    std::string names;
    for (const FieldPlan& field : oneof.fields) {
      names += (names.empty() ? "one of " : ", ") + field.field->name();
    }
    Report(Fault::kRequired,
           {StrCat(frame->Path(), ".", oneof.oneof->name()), "", "", "", std::move(names)});
    return false;
  }

  // True if the field says anything.
  bool WalkField(const FieldPlan& field, const Reflection& reflection, const Message& message,
                 const Frame* parent) {
    if (field.repeated) return WalkRepeated(field, reflection, message, parent);
    switch (field.kind) {
      case FieldPlan::Kind::kAny:
        return true;
      case FieldPlan::Kind::kString:
      case FieldPlan::Kind::kBytes: {
        const std::string& text = reflection.GetStringReference(message, field.field, &scratch_);
        if (text.empty()) return false;
        return JudgeString(field, text, Frame{parent, field.field, -1});
      }
      case FieldPlan::Kind::kEnum: {
        const int value = reflection.GetEnumValue(message, field.field);
        JudgeEnum(field, value, Frame{parent, field.field, -1});
        return value != 0;
      }
      case FieldPlan::Kind::kMessage: {
        // One call, where HasField and GetMessage would be two.
        const Message& below = reflection.GetMessage(message, field.field);
        if (&below == field.message->unset) return false;
        const Frame frame{parent, field.field, -1};
        const bool any = Walk(*field.message, below, &frame);
        if (field.amount != options::ANY_AMOUNT || field.unit != nullptr) {
          JudgeAmount(field, static_cast<const v1::Quantity&>(below), frame);
        }
        return any;
      }
    }
    return false;
  }

  bool WalkRepeated(const FieldPlan& field, const Reflection& reflection, const Message& message,
                    const Frame* parent) {
    const int size = reflection.FieldSize(message, field.field);
    bool any = false;
    for (int i = 0; i < size; ++i) {
      const Frame frame{parent, field.field, i};
      switch (field.kind) {
        case FieldPlan::Kind::kAny:
          any = true;
          break;
        case FieldPlan::Kind::kString:
        case FieldPlan::Kind::kBytes:
          any =
              JudgeString(field,
                          reflection.GetRepeatedStringReference(message, field.field, i, &scratch_),
                          frame) ||
              any;
          break;
        case FieldPlan::Kind::kEnum:
          any = true;
          JudgeEnum(field, reflection.GetRepeatedEnumValue(message, field.field, i), frame);
          break;
        case FieldPlan::Kind::kMessage:
          any = Walk(*field.message, reflection.GetRepeatedMessage(message, field.field, i),
                     &frame) ||
                any;
          break;
      }
    }
    return any;
  }

  // What a quantity may be where it stands. One without a unit is told by the rule of the
  // type.
  void JudgeAmount(const FieldPlan& field, const v1::Quantity& quantity, const Frame& frame) {
    const auto shown = [&] {
      const bool exact = quantity.scale() >= 0 && quantity.scale() <= Decimal::kMaxScale;
      return StrCat(
          exact ? Decimal{quantity.value(), quantity.scale()}.ToString() : StrCat(quantity.value()),
          quantity.unit().empty() ? "" : " ", Shown(quantity.unit()));
    };
    if (field.amount == options::POSITIVE) {
      if (quantity.value() < 0 || (quantity.value() == 0 && !quantity.unit().empty())) {
        Report(Fault::kNotPositive, frame, shown());
      }
    } else if (field.amount == options::NOT_NEGATIVE && quantity.value() < 0) {
      Report(Fault::kNegative, frame, shown());
    }
    if (field.unit == nullptr) return;
    const codes::UnitOfMeasure* const unit = codes::FindUnit(quantity.unit());
    if (unit == nullptr || unit == field.unit) return;
    if (unit->dimension == field.unit->dimension && !unit->factor.empty()) return;
    Report(Fault::kUnitDimension, Frame{&frame, field.message->type->FindFieldByName("unit"), -1},
           std::string(unit->code),
           StrCat(field.unit->code, " (", field.unit->symbol, ") or a unit that converts to it"));
  }

  void JudgeEnum(const FieldPlan& field, int value, const Frame& frame) {
    if (value >= 0 && value <= field.dense) return;
    if (field.field->enum_type()->FindValueByNumber(value) != nullptr) return;
    Report(Fault::kEnum, frame, StrCat(value));
  }

  // True if the text is more than white space.
  bool JudgeString(const FieldPlan& field, const std::string& text, const Frame& frame) {
    if (field.kind == FieldPlan::Kind::kBytes) {
      if (field.format == options::SHA256 && text.size() != 32) {
        Report(Fault::kSha256, frame, StrCat(text.size(), " bytes"));
      }
      return true;
    }
    switch (JudgeText(text)) {
      case TextFault::kNotUtf8:
        Report(Fault::kNotUtf8, frame, Shown(text));
        return true;
      case TextFault::kControl:
        Report(Fault::kControlCharacter, frame, Shown(text));
        return true;
      case TextFault::kNone:
        break;
    }
    switch (field.format) {
      case options::UNIT_KEY:
        if (!codes::UnitKey::Parse(text).ok()) Report(Fault::kUnitKey, frame, Shown(text));
        break;
      case options::SUBJECT_KEY:
        if (!IsSubjectKey(text)) Report(Fault::kSubjectKey, frame, Shown(text));
        break;
      case options::HOLDER_KEY:
        if (!codes::HolderKey::Parse(text).ok()) Report(Fault::kHolderKey, frame, Shown(text));
        break;
      case options::PERSON_REF:
        if (!IsPersonRef(text)) Report(Fault::kPersonRef, frame, Shown(text));
        break;
      case options::UNIT_CODE:
        JudgeUnitCode(text, frame);
        break;
      case options::GTIN:
        if (!codes::IsGtin(text)) Report(Fault::kGtin, frame, Shown(text));
        break;
      case options::CODE:
        if (field.table->Find(text) == nullptr) {
          const std::string& table = field.field->options().GetExtension(options::rule).table();
          Report(Fault::kCode, frame, Shown(text), StrCat("a code of ", table, ".csv"));
        }
        break;
      default:
        break;
    }
    return !IsBlank(text);
  }

  void JudgeUnitCode(const std::string& text, const Frame& frame) {
    if (IsKnownUnit(text)) return;
    // "kg" is a usual mistake, and easily helped.
    const codes::UnitOfMeasure* meant = codes::UnitByAlias(text);
    Report(Fault::kUnitCode, frame, Shown(text),
           meant == nullptr ? std::string() : std::string(meant->code));
  }

  bool JudgePersonal(const Message& message, const Frame& frame) {
    const auto& personal = static_cast<const v1::Personal&>(message);
    switch (personal.state_case()) {
      case v1::Personal::STATE_NOT_SET:
        // It would be all that the entry tells.
        if (!personal.person().empty()) Report(Fault::kPersonal, frame, "a person without a value");
        return false;
      case v1::Personal::kValue:
        JudgePersonalValue(personal, frame);
        break;
      case v1::Personal::kCommitment:
        Report(Fault::kPersonal, frame, "a commitment");
        break;
      case v1::Personal::kErased:
        Report(Fault::kPersonal, frame, "the mark of an erasure");
        break;
    }
    return true;
  }

  // Of neither value nor person is anything told.
  void JudgePersonalValue(const v1::Personal& personal, const Frame& frame) {
    const std::string& value = personal.value();
    if (value.size() > kMaxPersonalBytes) {
      Report(Fault::kPersonal, frame, StrCat(value.size(), " bytes"));
    } else if (JudgeText(value) == TextFault::kNotUtf8) {
      Report(Fault::kPersonal, frame, "a text that is not UTF-8");
    } else if (JudgeText(value) == TextFault::kControl) {
      Report(Fault::kPersonal, frame, "a text with control characters");
    } else if (IsBlank(value)) {
      Report(Fault::kPersonal, frame, "an empty value");
    }
    if (!personal.person().empty() && !IsPersonRef(personal.person())) {
      Report(Fault::kPersonal, frame, "a person that is neither person:<number> nor post:<number>");
    }
  }

  // The rules of single types. False if the message says nothing after all.
  bool JudgeKind(const MessagePlan& plan, const Message& message, const Frame* frame) {
    switch (plan.kind) {
      case MessagePlan::Kind::kDate: {
        const auto& date = static_cast<const v1::Date&>(message);
        if (!IsValid(date)) {
          Report(Fault::kDate, *frame, StrCat(date.year(), "-", date.month(), "-", date.day()));
        }
        return true;
      }
      case MessagePlan::Kind::kTime:
        JudgeTime(static_cast<const v1::Time&>(message), *frame);
        return true;
      case MessagePlan::Kind::kTimeSpan:
        JudgeSpan(plan, static_cast<const v1::TimeSpan&>(message), frame);
        return true;
      case MessagePlan::Kind::kQuantity: {
        const auto& quantity = static_cast<const v1::Quantity&>(message);
        if (quantity.scale() < 0 || quantity.scale() > Decimal::kMaxScale) {
          const FieldDescriptor* scale = plan.type->FindFieldByName("scale");
          Report(Fault::kScale, Frame{frame, scale, -1}, StrCat(quantity.scale()));
        }
        if (quantity.unit().empty()) {
          Report(Fault::kNoUnit, Frame{frame, plan.type->FindFieldByName("unit"), -1}, "");
        }
        return true;
      }
      case MessagePlan::Kind::kShelfLife: {
        const auto& life = static_cast<const v1::ShelfLife&>(message);
        if (life.value() <= 0) {
          Report(Fault::kShelfLifeValue, Frame{frame, plan.type->FindFieldByName("value"), -1},
                 StrCat(life.value()));
        }
        if (life.unit() == v1::ShelfLife::UNIT_UNSPECIFIED) {
          Report(Fault::kShelfLifeUnit, Frame{frame, plan.type->FindFieldByName("unit"), -1}, "");
        }
        return true;
      }
      case MessagePlan::Kind::kUnitRef: {
        // A holder or a part alone names no unit.
        const auto& unit = static_cast<const v1::UnitRef&>(message);
        return !unit.key().empty() || unit.external_ids_size() > 0;
      }
      case MessagePlan::Kind::kReceive:
        JudgeReceipt(plan, static_cast<const v1::Receive&>(message), frame);
        return true;
      default:
        return true;
    }
  }

  void JudgeTime(const v1::Time& time, const Frame& frame) {
    // An unknown precision is a fault of form.enum.
    if (IsValid(time) || !v1::Precision_IsValid(time.precision())) return;
    Report(Fault::kTime, frame,
           time.has_at() ? StrCat(time.at().seconds(), " s, ", time.at().nanos(), " ns, offset ",
                                  time.offset_minutes(), " min")
                         : StrCat("no moment, offset ", time.offset_minutes(), " min"));
  }

  void JudgeSpan(const MessagePlan& plan, const v1::TimeSpan& span, const Frame* frame) {
    if (!span.has_begin() || !span.has_end()) return;
    if (BeginOf(span).earliest <= EndOf(span).latest) return;
    Report(Fault::kTimeOrder, Frame{frame, plan.type->FindFieldByName("end"), -1},
           StrCat(TimeText(span.begin()), " to ", TimeText(span.end())));
  }

  void JudgeDates(const MessagePlan& plan, const Message& message, const Frame* frame) {
    const Reflection& reflection = *plan.reflection;
    if (!reflection.HasField(message, plan.production_date) ||
        !reflection.HasField(message, plan.expiry_date)) {
      return;
    }
    const auto& made =
        static_cast<const v1::Date&>(reflection.GetMessage(message, plan.production_date));
    const auto& expiry =
        static_cast<const v1::Date&>(reflection.GetMessage(message, plan.expiry_date));
    if (IntervalOf(made, 0).earliest <= IntervalOf(expiry, 0).latest) return;
    Report(Fault::kDateOrder, Frame{frame, plan.expiry_date, -1},
           StrCat(DateText(made), " to ", DateText(expiry)));
  }

  void JudgeReceipt(const MessagePlan& plan, const v1::Receive& receive, const Frame* frame) {
    if (!receive.has_supplier_production_date() || !event_.has_time()) return;
    const v1::Date& made = receive.supplier_production_date();
    if (!IsValid(made)) return;
    const Interval end = EndOf(event_.time());
    if (IntervalOf(made, kEasternmostMinutes).earliest <= end.latest) return;
    const v1::Time& told = event_.time().has_end() ? event_.time().end() : event_.time().begin();
    Report(Fault::kMadeAfterReceipt, Frame{frame, plan.production_date, -1},
           StrCat(DateText(made), ", received ", TimeText(told)));
  }

  const EventPlan& plan_;
  const v1::Event& event_;
  const size_t event_index_;
  std::vector<Violation>* const out_;
  const OperationInfo* operation_ = nullptr;
  const Duty* duties_ = nullptr;
  std::string scratch_;  // for reflection; never filled for generated messages
};

}  // namespace

Validator::Validator(std::unique_ptr<const Duties> duties) : duties_(std::move(duties)) {}
Validator::~Validator() = default;

absl::StatusOr<std::unique_ptr<Validator>> Validator::ForProfile(std::string_view profile) {
  SUYUAN_ASSIGN_OR_RETURN(const Profile rows, Profile::Load(profile));
  const EventPlan& plan = GetEventPlan();
  auto duties = std::make_unique<Duties>();
  duties->width = plan.elements.size();
  duties->all.reserve(Operations().size() * plan.elements.size());
  for (const OperationInfo& operation : Operations()) {
    for (const options::Element* element : plan.elements) {
      duties->all.push_back(rows.Of(operation.code, *element));
    }
  }
  return std::unique_ptr<Validator>(new Validator(std::move(duties)));
}

void Validator::Validate(const v1::Event& event, size_t event_index,
                         std::vector<Violation>* violations) const {
  const OperationInfo* operation = OperationOf(event);
  const Duty* duties = operation == nullptr
                           ? nullptr
                           : duties_->Of(static_cast<size_t>(operation - Operations().data()));
  Pass(event, event_index, violations).Run(operation, duties);
}

}  // namespace suyuan::events
