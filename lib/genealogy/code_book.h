#ifndef LIB_GENEALOGY_CODE_BOOK_H_
#define LIB_GENEALOGY_CODE_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/ids.h"

namespace suyuan::genealogy {

// What codes were bound to, one by one and by ranges, and which items events named
// by their code. A range is of codes with one prefix and one number of digits.
class CodeBook {
 public:
  struct Binding {
    EventNo event = 0;
    UnitId unit = 0;
    Name variant = 0;
  };

  void Bind(const CodesFact& fact, const Binding& binding);
  // What the last binding of a code that stands says; of ranges, the one that
  // begins nearest before it.
  std::optional<Binding> Find(std::string_view code,
                              absl::FunctionRef<bool(EventNo)> is_live) const;

  void NoteItem(std::string_view code, UnitId item);
  // Every item noted whose code is among those of `fact`.
  void ForEachItem(const CodesFact& fact, absl::FunctionRef<void(UnitId)> visit) const;

 private:
  // Prefix and number of digits.
  using Series = std::pair<std::string, size_t>;
  struct Range {
    uint64_t last = 0;
    Binding binding;
  };
  struct Ranges {
    std::multimap<uint64_t, Range> by_first;
    uint64_t longest = 0;
  };

  absl::flat_hash_map<std::string, absl::InlinedVector<Binding, 1>> codes_;
  std::map<Series, Ranges> ranges_;
  std::map<Series, std::map<uint64_t, UnitId>> items_;
};

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_CODE_BOOK_H_
