#include "api/exchange/fcl_values.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/time.h"
#include "lib/codes/unit_of_measure.h"

namespace suyuan::exchange {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || c == '\t'; }
bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<uint8_t>(c) & 0x80) != 0;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// The number in `text`, or -1 unless it is `min` to `max` digits.
int Digits(std::string_view text, size_t min, size_t max) {
  if (text.size() < min || text.size() > max) return -1;
  if (!std::all_of(text.begin(), text.end(), IsDigit)) return -1;
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<v1::Date> MakeDate(int year, int month, int day) {
  v1::Date date;
  date.set_year(year);
  date.set_month(month);
  date.set_day(day);
  if (year < 1000 || month < 0 || day < 0 || !IsValid(date)) return std::nullopt;
  return date;
}

// "21/1/2019", "21.1.2019", "9/2018", "9.2018".
std::optional<v1::Date> ReadDayFirst(std::string_view text) {
  for (const char separator : {'/', '.'}) {
    const size_t last = text.rfind(separator);
    if (last == std::string_view::npos) continue;
    const int year = Digits(text.substr(last + 1), 4, 4);
    const std::string_view front = text.substr(0, last);
    const size_t first = front.find(separator);
    if (first == std::string_view::npos) {
      const int month = Digits(front, 1, 2);
      return month == 0 ? std::nullopt : MakeDate(year, month, 0);
    }
    const int day = Digits(front.substr(0, first), 1, 2);
    return day == 0 ? std::nullopt : MakeDate(year, Digits(front.substr(first + 1), 1, 2), day);
  }
  return std::nullopt;
}

std::optional<v1::Date> ReadCalendar(std::string_view text) {
  if (std::optional<v1::Date> date = ParseDateText(text)) return date;
  if (text.size() > 11 && (text[10] == 'T' || text[10] == ' ') &&
      text.find_first_not_of("0123456789:.+-Z", 11) == std::string_view::npos) {
    return ParseDateText(text.substr(0, 10));
  }
  return ReadDayFirst(text);
}

// A number at the start of `*text`, taken off; empty if there is none. A comma
// with one or two digits behind it is a decimal point; with three it could as well part
// thousands, so that nothing is read.
std::string TakeNumber(std::string_view* text) {
  size_t end = 0;
  while (end < text->size() &&
         (IsDigit((*text)[end]) || (*text)[end] == '.' || (*text)[end] == ',')) {
    ++end;
  }
  std::string number(text->substr(0, end));
  const size_t comma = number.find(',');
  if (comma != std::string::npos) {
    const size_t behind = number.size() - comma - 1;
    if (behind < 1 || behind > 2 || number.find_first_of(".,", comma + 1) != std::string::npos ||
        number.find('.') < comma) {
      return "";
    }
    number[comma] = '.';
  }
  text->remove_prefix(end);
  return number;
}

struct Number {
  Decimal value;
  bool rounded = false;
};

std::optional<Number> ParseNumber(std::string_view text) {
  if (const std::optional<Decimal> exact = Decimal::Parse(text)) return Number{*exact, false};
  if (const std::optional<Decimal> rounded = Decimal::ParseRounded(text)) {
    return Number{*rounded, true};
  }
  return std::nullopt;
}

// Nothing if the product is not exact in a Decimal.
std::optional<Decimal> Multiply(Decimal a, Decimal b) {
  __int128 value = static_cast<__int128>(a.value) * b.value;
  int scale = a.scale + b.scale;
  while (scale > 0 && value % 10 == 0) {
    value /= 10;
    --scale;
  }
  if (scale > Decimal::kMaxScale || value > INT64_MAX || value < INT64_MIN) return std::nullopt;
  return Decimal{static_cast<int64_t>(value), scale};
}

FclAmount MakeAmount(Decimal value, std::string_view unit_code, std::string_view as_written) {
  FclAmount amount;
  amount.quantity.set_value(value.value);
  amount.quantity.set_scale(value.scale);
  amount.quantity.set_unit(std::string(unit_code));
  amount.quantity.set_as_written(std::string(as_written));
  return amount;
}

// Whether `text` names a package, so that the number before it multiplies what is
// in one: a word, perhaps with "of" behind it, that is no measure ("5 kg 300 g").
bool IsPackage(std::string_view text) {
  constexpr std::array<std::string_view, 5> kOf = {"of", "x", "je", "\xc3\xa0", "a"};
  const size_t space = text.find_first_of(" \t");
  const std::string_view word = text.substr(0, space);
  if (space != std::string_view::npos) {
    const std::string of = Lower(Trim(text.substr(space)));
    if (std::find(kOf.begin(), kOf.end(), of) == kOf.end()) return false;
  }
  if (word == "*") return true;
  for (const char c : word) {
    if (!IsLetter(c) && c != '.' && c != '-') return false;
  }
  if (word.empty() || !IsLetter(word.front())) return false;
  const codes::UnitOfMeasure* const unit = codes::UnitByAlias(word);
  return unit == nullptr || unit->dimension == codes::Dimension::kCount;
}

}  // namespace

std::optional<v1::Date> ReadFclDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kVague = {"end",    "ende",      "fin",   "begin",
                                                       "mid",    "beginning", "start", "anfang",
                                                       "middle", "mitte",     "early", "late"};
  const std::string_view trimmed = Trim(text);
  std::optional<v1::Date> date = ReadCalendar(trimmed);
  if (!date) {
    const size_t space = trimmed.find_first_of(" \t");
    if (space == std::string_view::npos) return std::nullopt;
    const std::string word = Lower(trimmed.substr(0, space));
    if (std::find(kVague.begin(), kVague.end(), word) == kVague.end()) return std::nullopt;
    std::string_view rest = Trim(trimmed.substr(space));
    if (Lower(rest.substr(0, 3)) == "of ") rest = Trim(rest.substr(3));
    date = ReadCalendar(rest);
    // "End 5/3/2019" is no date that anybody means.
    if (!date || date->day() != 0) return std::nullopt;
  }
  if (DateText(*date) != text) date->set_as_written(std::string(text));
  return date;
}

std::optional<FclAmount> ReadFclAmount(std::string_view number, std::string_view unit) {
  const std::optional<Number> parsed = ParseNumber(Trim(number));
  const codes::UnitOfMeasure* const found = codes::UnitByAlias(Trim(unit));
  if (!parsed || found == nullptr) return std::nullopt;
  FclAmount amount =
      MakeAmount(parsed->value, found->code, std::string(number) + " " + std::string(unit));
  amount.rounded = parsed->rounded;
  return amount;
}

std::optional<FclAmount> ReadFclAmount(std::string_view text) {
  std::string_view rest = Trim(text);
  const std::optional<Number> first = ParseNumber(TakeNumber(&rest));
  rest = Trim(rest);
  if (!first || rest.empty()) return std::nullopt;
  const auto digit =
      static_cast<size_t>(std::find_if(rest.begin(), rest.end(), IsDigit) - rest.begin());
  const codes::UnitOfMeasure* const unit = codes::UnitByAlias(rest);
  if (unit != nullptr) {  // also "m3", whose digit starts no number
    FclAmount amount = MakeAmount(first->value, unit->code, text);
    amount.rounded = first->rounded;
    return amount;
  }
  if (digit == rest.size() || !IsPackage(Trim(rest.substr(0, digit)))) return std::nullopt;
  rest = rest.substr(digit);
  const std::optional<Number> content = ParseNumber(TakeNumber(&rest));
  const codes::UnitOfMeasure* const found = codes::UnitByAlias(Trim(rest));
  if (!content || found == nullptr) return std::nullopt;
  const std::optional<Decimal> product = Multiply(first->value, content->value);
  if (!product) return std::nullopt;
  FclAmount amount = MakeAmount(*product, found->code, text);
  amount.rounded = first->rounded || content->rounded;
  return amount;
}

}  // namespace suyuan::exchange
