// Keys and addresses as people and other systems write them, and the small
// values beside them: what is read and printed is read again as the same.

#include "lib/base/decimal.h"
#include "lib/base/time.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan;         // NOLINT(google-build-using-namespace)
  using namespace suyuan::codes;  // NOLINT(google-build-using-namespace)
  if (const auto key = UnitKey::Parse(input); key.ok()) {
    const std::string text = key->ToString();
    const auto again = UnitKey::Parse(text);
    Require(again.ok() && *again == *key && again->ToString() == text, "a unit key is stable");
    Require(text.size() <= kMaxKeyBytes, "a unit key is not too long");
  }
  if (const auto key = HolderKey::Parse(input); key.ok()) {
    const auto again = HolderKey::Parse(key->ToString());
    Require(again.ok() && *again == *key, "a holder key is stable");
  }
  if (const auto address = ParseUnitAddress(input); address.ok()) {
    const auto again = ParseUnitAddress(address->ToString());
    Require(again.ok() && *again == *address, "an address is stable");
  }
  if (const auto normal = NormalText(input); normal.ok()) {
    const auto again = NormalText(*normal);
    Require(again.ok() && *again == *normal, "a normal text is its own normal text");
  }
  if (const auto decimal = Decimal::Parse(input); decimal.has_value()) {
    const auto again = Decimal::Parse(decimal->ToString());
    Require(again.has_value() && again->value == decimal->value && again->scale == decimal->scale,
            "a decimal is stable");
  }
  (void)Decimal::ParseRounded(input);
  if (const auto date = ParseDateText(input); date.has_value()) {
    Require(DateText(*date) == input, "a date is written as it was read");
  }
}
