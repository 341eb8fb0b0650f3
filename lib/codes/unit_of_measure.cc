#include "lib/codes/unit_of_measure.h"

#include <array>
#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "lib/base/check.h"
#include "lib/codes/code_table.h"
#include "lib/codes/normal_form.h"

namespace suyuan::codes {
namespace {

constexpr std::array<std::string_view, 8> kDimensionNames = {
    "mass", "volume", "count", "length", "area", "time", "temperature", "ratio"};

Dimension DimensionOf(std::string_view name) {
  size_t i = 0;
  while (i < kDimensionNames.size() && kDimensionNames[i] != name) ++i;
  SUYUAN_CHECK(i < kDimensionNames.size());
  return static_cast<Dimension>(i);
}

// A code of one to four characters as a number; 0 if it is none.
uint32_t Pack(std::string_view code) {
  if (code.empty() || code.size() > 4) return 0;
  uint32_t packed = 0;
  for (const char c : code) packed = packed << 8 | static_cast<uint8_t>(c);
  return packed;
}

std::string Folded(std::string_view text) {
  std::string folded(text);
  absl::AsciiStrToLower(&folded);
  return folded;
}

std::vector<std::string_view> Split(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const size_t end = list.find('|');
    items.push_back(list.substr(0, end));
    list = end == std::string_view::npos ? std::string_view() : list.substr(end + 1);
  }
  return items;
}

struct Tables {
  std::vector<UnitOfMeasure> units;
  absl::flat_hash_map<uint32_t, const UnitOfMeasure*> by_code;
  absl::flat_hash_map<std::string, const UnitOfMeasure*> by_alias;
};

const Tables& Get() {
  static const Tables* const tables = [] {
    auto* result = new Tables;
    for (const CodeTable::Row& row : CodeTable::Get("unit_of_measure").rows()) {
      result->units.push_back({row.Get("code"), row.Get("name_zh"), row.Get("name_en"),
                               row.Get("symbol"), Split(row.Get("aliases")),
                               DimensionOf(row.Get("dimension")), row.Get("factor")});
    }
    for (const UnitOfMeasure& unit : result->units) {
      SUYUAN_CHECK(Pack(unit.code) != 0);
      result->by_code.emplace(Pack(unit.code), &unit);
      std::vector<std::string_view> names = unit.aliases;
      names.insert(names.end(), {unit.name_zh, unit.name_en, unit.symbol});
      if (unit.code.size() >= 3) names.push_back(unit.code);
      for (const std::string_view name : names) {
        if (name.empty()) continue;
        // Two units of one name would make one of them unreachable.
        const auto [it, added] = result->by_alias.emplace(Folded(name), &unit);
        SUYUAN_CHECK(added || it->second == &unit);
      }
    }
    return result;
  }();
  return *tables;
}

}  // namespace

std::string_view DimensionName(Dimension dimension) {
  return kDimensionNames[static_cast<size_t>(dimension)];
}

const UnitOfMeasure* FindUnit(std::string_view rec20_code) {
  const Tables& tables = Get();
  const auto it = tables.by_code.find(Pack(rec20_code));
  return it == tables.by_code.end() ? nullptr : it->second;
}

const UnitOfMeasure* UnitByAlias(std::string_view text) {
  const absl::StatusOr<std::string> normal = NormalText(text);
  if (!normal.ok()) return nullptr;
  const Tables& tables = Get();
  const auto it = tables.by_alias.find(Folded(*normal));
  return it == tables.by_alias.end() ? nullptr : it->second;
}

std::span<const UnitOfMeasure> AllUnits() { return Get().units; }

}  // namespace suyuan::codes
