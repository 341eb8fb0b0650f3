#ifndef API_CLI_OUTPUT_H_
#define API_CLI_OUTPUT_H_

#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace suyuan::cli {

using Json = nlohmann::ordered_json;

// On one line; bytes that are not UTF-8 are replaced.
std::string JsonText(const Json& json);

// A table with a line of heads; columns are aligned by what a terminal shows, in
// which a Chinese character is two columns wide.
class Table {
 public:
  explicit Table(std::vector<std::string> heads);
  // As many cells as heads. Line ends and other control characters become spaces.
  void AddRow(std::vector<std::string> cells);
  size_t size() const { return rows_.size(); }
  // Every line ends in '\n'. Without `all` at most kRows rows, and a line that says how many
  // more there are. Columns are numbered from 0; `right` are set flush right.
  std::string Text(bool all, const std::vector<size_t>& right = {}) const;

  static constexpr size_t kRows = 50;

 private:
  std::vector<std::string> heads_;
  std::vector<std::vector<std::string>> rows_;
};

// Writes to standard output. kUnavailable or kResourceExhausted if it cannot; kCancelled if
// nobody reads the pipe any more.
absl::Status Print(std::string_view text);
// Writes what is still buffered; the same errors.
absl::Status FlushOutput();

}  // namespace suyuan::cli

#endif  // API_CLI_OUTPUT_H_
