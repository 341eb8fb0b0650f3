#include "lib/privacy/retention.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string>

#include "google/protobuf/message.h"
#include "lib/base/check.h"
#include "lib/base/time.h"
#include "lib/codes/code_table.h"
#include "lib/events/operation.h"
#include "lib/events/shelf_life.h"

namespace suyuan::privacy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kChinaOffsetMinutes = 480;

struct Term {
  std::optional<int> after_shelf_life;  // months
  int after_event = 0;
};

std::optional<int> Months(std::string_view cell) {
  if (cell.empty()) return std::nullopt;
  int months = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), months);
  SUYUAN_CHECK(error == std::errc() && end == cell.data() + cell.size());
  return months;
}

// Of the rows that fit, the one that says most.
Term TermOf(std::string_view operation, std::string_view path) {
  Term term;
  int best = -1;
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("retention").rows()) {
    const std::string_view code = row.Get("operation");
    const std::string_view field = row.Get("field");
    if (code != "*" && code != operation) continue;
    const bool below =
        path.starts_with(field) && (path.size() == field.size() || path[field.size()] == '.');
    if (field != "*" && !below) continue;
    const int rank = (code == "*" ? 0 : 1) + (field == "*" ? 0 : 2);
    if (rank <= best) continue;
    best = rank;
    term.after_shelf_life = Months(row.Get("months_after_shelf_life"));
    term.after_event = Months(row.Get("months_after_event")).value_or(0);
  }
  SUYUAN_CHECK(best >= 0);
  return term;
}

const v1::Date* DateIn(const Message& message, const char* name) {
  const FieldDescriptor* const field = message.GetDescriptor()->FindFieldByName(name);
  if (field == nullptr || field->is_repeated() || field->message_type() != v1::Date::descriptor() ||
      !message.GetReflection()->HasField(message, field)) {
    return nullptr;
  }
  const auto& date =
      static_cast<const v1::Date&>(message.GetReflection()->GetMessage(message, field));
  return IsValid(date) ? &date : nullptr;
}

// When the goods that `message` tells of expire, if it says so; the last of them.
std::optional<int64_t> EndOfGoods(const Message& message, int offset_minutes) {
  std::optional<int64_t> end;
  if (const v1::Date* const expiry = DateIn(message, "expiry_date"); expiry != nullptr) {
    end = IntervalOf(*expiry, offset_minutes).latest;
  } else {
    const v1::Date* made = DateIn(message, "production_date");
    if (made == nullptr) made = DateIn(message, "supplier_production_date");
    const FieldDescriptor* const life = message.GetDescriptor()->FindFieldByName("shelf_life");
    if (made != nullptr && life != nullptr && life->message_type() == v1::ShelfLife::descriptor()) {
      end = events::EndOfShelfLife(
          *made,
          static_cast<const v1::ShelfLife&>(message.GetReflection()->GetMessage(message, life)),
          offset_minutes);
    }
  }
  return end;
}

int64_t AddMonths(int64_t micros, int count, int offset_minutes) {
  using namespace std::chrono;  // NOLINT(google-build-using-namespace)
  const auto local = sys_time<microseconds>(microseconds(micros)) + minutes(offset_minutes);
  const auto day_of = floor<days>(local);
  year_month_day date(day_of);
  date += months(count);
  if (!date.ok()) date = date.year() / date.month() / last;
  const auto moved = sys_days(date) + (local - day_of) - minutes(offset_minutes);
  return duration_cast<microseconds>(moved.time_since_epoch()).count();
}

}  // namespace

int64_t KeptUntil(const v1::Event& event, std::string_view path, int64_t recorded_micros) {
  const events::OperationInfo* const operation = events::OperationOf(event);
  const Term term = TermOf(operation == nullptr ? "" : operation->code, path);
  const int offset =
      event.time().has_begin() ? event.time().begin().offset_minutes() : kChinaOffsetMinutes;
  if (term.after_shelf_life.has_value() && operation != nullptr) {
    const std::optional<int64_t> end =
        EndOfGoods(event.GetReflection()->GetMessage(event, operation->field), offset);
    if (end.has_value()) return AddMonths(*end, *term.after_shelf_life, offset);
  }
  const Interval told = event.has_time() ? EndOf(event.time()) : Interval();
  // Nothing ends after it was recorded, whatever somebody keyed.
  return AddMonths(std::min(told.latest, recorded_micros), term.after_event, offset);
}

}  // namespace suyuan::privacy
