#include "api/cli/output.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "lib/base/file.h"
#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"

namespace suyuan::cli {
namespace {

constexpr std::string_view kGap = "  ";

void Append(std::string_view cell, size_t width, bool right, std::string* line) {
  const size_t shown = codes::DisplayWidth(cell);
  const size_t fill = shown < width ? width - shown : 0;
  if (right) line->append(fill, ' ');
  line->append(cell);
  if (!right) line->append(fill, ' ');
}

absl::Status OutputStatus() {
  if (errno == EPIPE) return absl::CancelledError("nobody reads the output");
  return ErrnoStatus("write to", "standard output", errno);
}

}  // namespace

std::string JsonText(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Table::Table(std::vector<std::string> heads) : heads_(std::move(heads)) {}

void Table::AddRow(std::vector<std::string> cells) {
  cells.resize(heads_.size());
  for (std::string& cell : cells) {
    std::replace_if(
        cell.begin(), cell.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, ' ');
  }
  rows_.push_back(std::move(cells));
}

std::string Table::Text(bool all, const std::vector<size_t>& right) const {
  const size_t shown = all ? rows_.size() : std::min(rows_.size(), kRows);
  std::vector<size_t> widths;
  for (size_t column = 0; column < heads_.size(); ++column) {
    size_t width = codes::DisplayWidth(heads_[column]);
    for (size_t row = 0; row < shown; ++row) {
      width = std::max(width, codes::DisplayWidth(rows_[row][column]));
    }
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t column = 0; column < cells.size(); ++column) {
      if (column > 0) line += kGap;
      Append(cells[column], widths[column],
             std::find(right.begin(), right.end(), column) != right.end(), &line);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  };
  add_line(heads_);
  for (size_t row = 0; row < shown; ++row) add_line(rows_[row]);
  if (shown < rows_.size()) {
    text += StrCat("... 还有 ", rows_.size() - shown, " 行 / ", rows_.size() - shown,
                   " more (--all, --json)\n");
  }
  return text;
}

absl::Status Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return absl::OkStatus();
  return OutputStatus();
}

absl::Status FlushOutput() {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return absl::OkStatus();
  return OutputStatus();
}

}  // namespace suyuan::cli
