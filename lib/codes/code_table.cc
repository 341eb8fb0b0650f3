#include "lib/codes/code_table.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <utility>

#include "lib/base/check.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/codes/embedded_tables.h"

namespace suyuan::codes {
namespace {

struct Record {
  size_t line;  // its first, counted from 1
  std::vector<std::string> cells;
};

// Takes CSV apart, cell by cell.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  absl::StatusOr<Record> Next() {
    Record record{line_, {}};
    bool more = true;
    while (more) {
      SUYUAN_ASSIGN_OR_RETURN(std::string cell, Cell());
      record.cells.push_back(std::move(cell));
      more = Take(",");
      if (!more && !TakeLineEnd()) {
        return InvalidArgument("line ", line_, ": quote out of place");
      }
    }
    return record;
  }

 private:
  bool Take(std::string_view text) {
    if (rest_.substr(0, text.size()) != text) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  bool TakeLineEnd() {
    if (!rest_.empty() && !Take("\r\n") && !Take("\n")) return false;
    ++line_;
    return true;
  }

  absl::StatusOr<std::string> Cell() {
    if (Take("\"")) return QuotedCell();
    const size_t end = std::min(rest_.find_first_of(",\"\r\n"), rest_.size());
    std::string cell(rest_.substr(0, end));
    rest_.remove_prefix(end);
    return cell;
  }

  absl::StatusOr<std::string> QuotedCell() {
    const size_t begin = line_;
    std::string cell;
    while (true) {
      const size_t quote = rest_.find('"');
      if (quote == std::string_view::npos) {
        return InvalidArgument("line ", begin, ": quote is not closed");
      }
      const std::string_view text = rest_.substr(0, quote);
      line_ += static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
      cell.append(text);
      rest_.remove_prefix(quote + 1);
      if (!Take("\"")) return cell;
      cell += '"';
    }
  }

  std::string_view rest_;
  size_t line_ = 1;
};

}  // namespace

struct CodeTable::Data {
  // The number of a column, or columns.size().
  size_t Column(std::string_view name) const {
    return static_cast<size_t>(std::find(columns.begin(), columns.end(), name) - columns.begin());
  }

  std::vector<std::string> columns;
  std::vector<std::string> cells;  // row by row
  std::vector<Row> rows;
  std::unordered_map<std::string_view, size_t> by_code;  // views of cells
};

std::string_view CodeTable::Row::Get(std::string_view column) const {
  const size_t i = data_->Column(column);
  if (i == data_->columns.size()) return {};
  return data_->cells[first_ + i];
}

CodeTable::CodeTable(std::unique_ptr<Data> data) : data_(std::move(data)) {}
CodeTable::CodeTable(CodeTable&&) noexcept = default;
CodeTable& CodeTable::operator=(CodeTable&&) noexcept = default;
CodeTable::~CodeTable() = default;

std::span<const std::string> CodeTable::columns() const { return data_->columns; }

std::span<const CodeTable::Row> CodeTable::rows() const { return data_->rows; }

const CodeTable::Row* CodeTable::Find(std::string_view code) const {
  const auto it = data_->by_code.find(code);
  return it == data_->by_code.end() ? nullptr : &data_->rows[it->second];
}

absl::StatusOr<CodeTable> CodeTable::Parse(std::string_view csv) {
  if (csv.empty()) return InvalidArgument("line 1: no header");
  CsvReader reader(csv);
  auto data = std::make_unique<Data>();
  SUYUAN_ASSIGN_OR_RETURN(Record header, reader.Next());
  data->columns = std::move(header.cells);
  const size_t width = data->columns.size();
  for (size_t i = 0; i < width; ++i) {
    if (data->Column(data->columns[i]) != i) {
      return InvalidArgument("line 1: column ", data->columns[i], " is named twice");
    }
  }
  std::vector<size_t> lines;
  while (!reader.done()) {
    SUYUAN_ASSIGN_OR_RETURN(Record record, reader.Next());
    if (record.cells.size() != width) {
      return InvalidArgument("line ", record.line, ": ", record.cells.size(), " cells, expected ",
                             width, " as in the header");
    }
    lines.push_back(record.line);
    std::move(record.cells.begin(), record.cells.end(), std::back_inserter(data->cells));
  }
  const size_t code = data->Column("code");
  for (size_t row = 0; row < lines.size(); ++row) {
    data->rows.push_back(Row(data.get(), row * width));
    if (code == width) continue;
    const std::string_view value = data->cells[row * width + code];
    if (!data->by_code.emplace(value, row).second) {
      return InvalidArgument("line ", lines[row], ": code ", value, " is there twice");
    }
  }
  return CodeTable(std::move(data));
}

const CodeTable& CodeTable::Get(std::string_view name) {
  static const auto* const tables = [] {
    auto* map = new std::map<std::string_view, CodeTable>;
    for (const EmbeddedTable& table : EmbeddedTables()) {
      absl::StatusOr<CodeTable> parsed = Parse(table.csv);
      SUYUAN_CHECK(parsed.ok());  // tests/lib/codes parses every table
      map->emplace(table.name, *std::move(parsed));
    }
    return map;
  }();
  const auto it = tables->find(name);
  SUYUAN_CHECK(it != tables->end());
  return it->second;
}

std::vector<std::string_view> CodeTable::Names() {
  std::vector<std::string_view> names;
  for (const EmbeddedTable& table : EmbeddedTables()) names.push_back(table.name);
  return names;
}

}  // namespace suyuan::codes
