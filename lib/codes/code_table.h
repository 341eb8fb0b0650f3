#ifndef LIB_CODES_CODE_TABLE_H_
#define LIB_CODES_CODE_TABLE_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace suyuan::codes {

// One of the tables in schemas/db31t1110, compiled into the library: a header
// line that names the columns, and rows of as many cells. What the tables are
// worth stands in SOURCE.md there, and in the columns `source` and `certainty`
// of every row. Immutable, so thread-safe.
class CodeTable {
  struct Data;

 public:
  class Row {
   public:
    // The cell in the column of that name; empty if the table has no such column.
    // Lives as long as the table.
    std::string_view Get(std::string_view column) const;

   private:
    friend class CodeTable;
    Row(const Data* data, size_t first) : data_(data), first_(first) {}
    const Data* data_;
    size_t first_;  // of the row's cells
  };

  // The embedded table `name` (the file's name without ".csv"), which must be
  // one of Names(). Parsed at the first call, lives as long as the process.
  static const CodeTable& Get(std::string_view name);
  // The names of the embedded tables, sorted.
  static std::vector<std::string_view> Names();

  // Reads CSV as in RFC 4180 (line ends LF or CRLF, quotes doubled within
  // quotes). kInvalidArgument, with the line, if there is no header, a column
  // is named twice, a row has more or fewer cells than the header, a quote is
  // out of place, or two rows have the same `code`.
  static absl::StatusOr<CodeTable> Parse(std::string_view csv);

  CodeTable(CodeTable&&) noexcept;
  CodeTable& operator=(CodeTable&&) noexcept;
  ~CodeTable();

  std::span<const std::string> columns() const;
  // In the order of the file.
  std::span<const Row> rows() const;
  // The row with `code` in its column `code`, or null. Cost: one hash lookup.
  const Row* Find(std::string_view code) const;

 private:
  explicit CodeTable(std::unique_ptr<Data> data);

  std::unique_ptr<Data> data_;  // rows point into it
};

}  // namespace suyuan::codes

#endif  // LIB_CODES_CODE_TABLE_H_
