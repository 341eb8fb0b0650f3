#ifndef LIB_CODES_CODE_SEGMENT_H_
#define LIB_CODES_CODE_SEGMENT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "lib/codes/text.h"

// The segments that layouts of traceability codes are made of; internal to lib/codes.
// Their notation is explained in schemas/db31t1110/SOURCE.md.
namespace suyuan::codes {

enum class Place : uint8_t { kBody, kElement, kPath, kQuery };

// Each holds the one before.
enum class Alphabet : uint8_t { kDigits, kDigitsAndCapitals, kGs1Set82 };

enum class Content : uint8_t { kText, kGtin, kUscc, kYyyymmdd, kYymmdd, kYymmd0, kHost };

struct CheckAlgorithm {
  std::string_view name;
  char (*character)(std::string_view body);
  Alphabet widest;  // that the body may have
};

struct Segment {
  std::string part;
  Place place = Place::kBody;
  std::string ai;  // the application identifier; none in the body
  // No FNC1 follows. Source: the * of the GS1 syntax dictionary.
  bool predefined_length = false;
  bool optional = false;
  Alphabet alphabet = Alphabet::kDigits;
  size_t min = 0;  // of its length
  size_t max = 0;
  Content content = Content::kText;
  // Of the segment that holds the check character, null elsewhere.
  const CheckAlgorithm* check = nullptr;
};

// The segment that `text` describes; nothing if it is not one.
std::optional<Segment> ParseSegment(std::string_view text);

// What can stand in the segment: "13 digits".
std::string Expectation(const Segment& segment);

// What stands in a code for a part in its normal form, and the part that stands in a
// code as `text`. kInvalidArgument, with what was found and what was expected, if it
// cannot stand there; a free text that is written must not hold bytes of `avoid`.
// `year` is as in CodeProfile.
absl::StatusOr<std::string> WriteValue(const Segment& segment, std::string_view value,
                                       const ByteSet& avoid, std::chrono::year year);
absl::StatusOr<std::string> ReadValue(const Segment& segment, std::string_view text,
                                      std::chrono::year year);

}  // namespace suyuan::codes

#endif  // LIB_CODES_CODE_SEGMENT_H_
