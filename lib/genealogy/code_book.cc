#include "lib/genealogy/code_book.h"

#include <algorithm>
#include <charconv>

namespace suyuan::genealogy {
namespace {

struct SplitCode {
  std::string_view prefix;
  std::string_view digits;
  uint64_t number = 0;
};

// The digits at the end of a code, at most 18 of them.
SplitCode SplitDigits(std::string_view code) {
  size_t begin = code.size();
  while (begin > 0 && code.size() - begin < 18 && code[begin - 1] >= '0' &&
         code[begin - 1] <= '9') {
    --begin;
  }
  SplitCode split{code.substr(0, begin), code.substr(begin), 0};
  std::from_chars(split.digits.data(), split.digits.data() + split.digits.size(), split.number);
  return split;
}

bool IsRange(const SplitCode& first, const SplitCode& last) {
  return first.prefix == last.prefix && first.digits.size() == last.digits.size() &&
         !first.digits.empty() && first.number <= last.number;
}

}  // namespace

void CodeBook::Bind(const CodesFact& fact, const Binding& binding) {
  for (const std::string& code : fact.codes) codes_[code].push_back(binding);
  for (const auto& [first, last] : fact.ranges) {
    const SplitCode a = SplitDigits(first);
    const SplitCode b = SplitDigits(last);
    if (!IsRange(a, b)) continue;
    Ranges& ranges = ranges_[{std::string(a.prefix), a.digits.size()}];
    ranges.by_first.emplace(a.number, Range{b.number, binding});
    ranges.longest = std::max(ranges.longest, b.number - a.number);
  }
}

std::optional<CodeBook::Binding> CodeBook::Find(std::string_view code,
                                                absl::FunctionRef<bool(EventNo)> is_live) const {
  if (const auto it = codes_.find(std::string(code)); it != codes_.end()) {
    for (auto binding = it->second.rbegin(); binding != it->second.rend(); ++binding) {
      if (is_live(binding->event)) return *binding;
    }
  }
  if (ranges_.empty()) return std::nullopt;
  const SplitCode split = SplitDigits(code);
  const auto series = ranges_.find({std::string(split.prefix), split.digits.size()});
  if (split.digits.empty() || series == ranges_.end()) return std::nullopt;
  // No farther back than the longest range reaches.
  const Ranges& ranges = series->second;
  for (auto row = ranges.by_first.upper_bound(split.number); row != ranges.by_first.begin();) {
    --row;
    if (split.number - row->first > ranges.longest) break;
    if (split.number <= row->second.last && is_live(row->second.binding.event)) {
      return row->second.binding;
    }
  }
  return std::nullopt;
}

void CodeBook::NoteItem(std::string_view code, UnitId item) {
  const SplitCode split = SplitDigits(code);
  items_[{std::string(split.prefix), split.digits.size()}].emplace(split.number, item);
}

void CodeBook::ForEachItem(const CodesFact& fact, absl::FunctionRef<void(UnitId)> visit) const {
  const auto visit_range = [&](const SplitCode& first, uint64_t last) {
    const auto series = items_.find({std::string(first.prefix), first.digits.size()});
    if (series == items_.end()) return;
    for (auto item = series->second.lower_bound(first.number);
         item != series->second.end() && item->first <= last; ++item) {
      visit(item->second);
    }
  };
  for (const std::string& code : fact.codes) {
    const SplitCode split = SplitDigits(code);
    visit_range(split, split.number);
  }
  for (const auto& [first, last] : fact.ranges) {
    const SplitCode a = SplitDigits(first);
    const SplitCode b = SplitDigits(last);
    if (IsRange(a, b)) visit_range(a, b.number);
  }
}

}  // namespace suyuan::genealogy
