#include "lib/events/plan.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "google/protobuf/descriptor.pb.h"
#include "lib/base/check.h"
#include "lib/events/operation.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::events {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

MessagePlan::Kind KindOf(const Descriptor* type) {
  using Kind = MessagePlan::Kind;
  if (type == v1::Date::descriptor()) return Kind::kDate;
  if (type == v1::Personal::descriptor()) return Kind::kPersonal;
  if (type == v1::Quantity::descriptor()) return Kind::kQuantity;
  if (type == v1::Receive::descriptor()) return Kind::kReceive;
  if (type == v1::ShelfLife::descriptor()) return Kind::kShelfLife;
  if (type == v1::Time::descriptor()) return Kind::kTime;
  if (type == v1::TimeSpan::descriptor()) return Kind::kTimeSpan;
  if (type == v1::UnitRef::descriptor()) return Kind::kUnitRef;
  return Kind::kPlain;
}

bool IsNumber(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT32 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL;
}

// Compiles each type once. What the schema gets wrong ends the process at the
// first use; tests/lib/events goes through the whole schema.
class Compiler {
 public:
  std::unique_ptr<EventPlan> Compile() {
    result_ = std::make_unique<EventPlan>();
    result_->event = PlanOf(v1::Event::descriptor());
    for (const OperationInfo& operation : Operations()) {
      std::vector<HeaderElement>& header = result_->headers.emplace_back();
      const auto& option =
          operation.field->message_type()->options().GetExtension(options::operation);
      for (const options::Element& element : option.header()) {
        const auto* field = v1::Event::descriptor()->FindFieldByName(element.field());
        SUYUAN_CHECK(field != nullptr);
        header.push_back({NewId(&element), &element, ConditionOf(element), field});
      }
    }
    return std::move(result_);
  }

 private:
  const MessagePlan* PlanOf(const Descriptor* type) {
    MessagePlan*& plan = by_type_[type];
    if (plan != nullptr) return plan;
    plan = result_->messages.emplace_back(std::make_unique<MessagePlan>()).get();
    Fill(type, plan);
    return plan;
  }

  void Fill(const Descriptor* type, MessagePlan* plan) {
    plan->type = type;
    plan->unset = google::protobuf::MessageFactory::generated_factory()->GetPrototype(type);
    plan->reflection = plan->unset->GetReflection();
    plan->kind = KindOf(type);
    // Rules of their own say what is wrong with an empty one.
    plan->zero_is_answer =
        plan->kind == MessagePlan::Kind::kDate || plan->kind == MessagePlan::Kind::kQuantity ||
        plan->kind == MessagePlan::Kind::kShelfLife || plan->kind == MessagePlan::Kind::kTime;
    uint64_t next_bit = 1;
    for (int i = 0; i < type->field_count(); ++i) {
      const FieldDescriptor* field = type->field(i);
      if (field->real_containing_oneof() != nullptr) continue;
      // The id of an event has rules of its own.
      if (type == v1::Event::descriptor() && field->name() == "id") continue;
      FieldPlan compiled = Field(field);
      const options::Rule& rule = field->options().GetExtension(options::rule);
      plan->zero_is_answer = plan->zero_is_answer || rule.zero_counts();
      if (IsNumber(*field) && !field->is_repeated()) plan->numbers.push_back(field);
      const bool has_element = field->options().HasExtension(options::element);
      const bool looked_at = compiled.kind != FieldPlan::Kind::kAny;
      // An element in a number would always be there: zero is an answer.
      SUYUAN_CHECK(looked_at || (!rule.required() && rule.one_of().empty()));
      if (!looked_at) continue;
      if (has_element || rule.required() || !rule.one_of().empty()) {
        SUYUAN_CHECK(next_bit != 0);
        compiled.bit = next_bit;
        next_bit <<= 1;
      }
      // A quantity without its unit is told by a rule of its own.
      if (rule.required() && plan->kind != MessagePlan::Kind::kQuantity) {
        plan->required |= compiled.bit;
      }
      if (!rule.one_of().empty()) AddToOneOf(rule.one_of(), field, compiled.bit, plan);
      if (has_element) AddToGroup(field, compiled.bit, plan);
      plan->fields.push_back(compiled);
    }
    for (int i = 0; i < type->real_oneof_decl_count(); ++i) {
      MessagePlan::Oneof& oneof = plan->oneofs.emplace_back();
      oneof.oneof = type->oneof_decl(i);
      for (int k = 0; k < oneof.oneof->field_count(); ++k) {
        oneof.fields.push_back(Field(oneof.oneof->field(k)));
      }
    }
    plan->production_date = type->FindFieldByName("production_date");
    if (plan->production_date == nullptr) {
      plan->production_date = type->FindFieldByName("supplier_production_date");
    }
    plan->expiry_date = type->FindFieldByName("expiry_date");
  }

  FieldPlan Field(const FieldDescriptor* field) {
    FieldPlan plan;
    plan.field = field;
    plan.repeated = field->is_repeated();
    const options::Rule& rule = field->options().GetExtension(options::rule);
    plan.format = rule.format();
    if (rule.format() == options::CODE) plan.table = &codes::CodeTable::Get(rule.table());
    plan.amount = rule.amount();
    const std::string& unit =
        rule.unit().empty() ? field->options().GetExtension(options::element).unit() : rule.unit();
    if (!unit.empty()) {
      plan.unit = codes::FindUnit(unit);
      SUYUAN_CHECK(plan.unit != nullptr);
    }
    SUYUAN_CHECK((plan.amount == options::ANY_AMOUNT && plan.unit == nullptr) ||
                 field->message_type() == v1::Quantity::descriptor());
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        plan.kind = field->type() == FieldDescriptor::TYPE_BYTES ? FieldPlan::Kind::kBytes
                                                                 : FieldPlan::Kind::kString;
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        plan.kind = FieldPlan::Kind::kEnum;
        while (field->enum_type()->FindValueByNumber(plan.dense + 1) != nullptr) ++plan.dense;
        break;
      case FieldDescriptor::CPPTYPE_MESSAGE:
        plan.kind = FieldPlan::Kind::kMessage;
        plan.message = PlanOf(field->message_type());
        break;
      default:
        break;
    }
    return plan;
  }

  void AddToGroup(const FieldDescriptor* field, uint64_t bit, MessagePlan* plan) {
    const options::Element& element = field->options().GetExtension(options::element);
    auto group = std::find_if(
        plan->elements.begin(), plan->elements.end(),
        [&](const ElementGroup& other) { return other.element->number() == element.number(); });
    if (group == plan->elements.end()) {
      plan->elements.push_back({NewId(&element), &element, ConditionOf(element), 0, {}});
      group = plan->elements.end() - 1;
    }
    group->mask |= bit;
    group->fields.push_back(field);
  }

  static void AddToOneOf(const std::string& word, const FieldDescriptor* field, uint64_t bit,
                         MessagePlan* plan) {
    auto one_of = std::find_if(plan->one_ofs.begin(), plan->one_ofs.end(),
                               [&](const auto& other) { return other.word == word; });
    if (one_of == plan->one_ofs.end()) {
      one_of = plan->one_ofs.insert(one_of, MessagePlan::OneOf{word, 0, {}});
    }
    one_of->mask |= bit;
    one_of->fields.push_back(field);
  }

  size_t NewId(const options::Element* element) {
    result_->elements.push_back(element);
    return result_->elements.size() - 1;
  }

  static Condition ConditionOf(const options::Element& element) {
    if (element.condition().empty()) return nullptr;
    const Condition condition = FindCondition(element.condition());
    SUYUAN_CHECK(condition != nullptr);
    return condition;
  }

  std::unique_ptr<EventPlan> result_;
  std::map<const Descriptor*, MessagePlan*> by_type_;
};

}  // namespace

const EventPlan& GetEventPlan() {
  static const EventPlan* const plan = Compiler().Compile().release();
  return *plan;
}

}  // namespace suyuan::events
