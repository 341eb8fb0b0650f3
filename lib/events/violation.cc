#include "suyuan/violation.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/events/validator.h"

namespace suyuan {
namespace {

constexpr std::string_view kPayloadUrl = "suyuan/violations";
// The payload: this number, then for every violation its members as varints and
// strings of lib/base/bytes.h. It never leaves the process.
constexpr uint64_t kPayloadFormat = 1;

template <typename V, typename F>
void ForEachText(V& violation, F visit) {
  for (auto* text : {&violation.rule, &violation.field, &violation.found, &violation.expected,
                     &violation.source, &violation.message_zh, &violation.message_en}) {
    visit(*text);
  }
}

}  // namespace

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  const auto payload = status.GetPayload(ToAbsl(kPayloadUrl));
  if (!payload.has_value()) return {};
  const std::string bytes(*payload);
  ByteReader reader(bytes);
  std::vector<Violation> violations;
  if (reader.Varint() != kPayloadFormat) return {};
  while (reader.ok() && !reader.done()) {
    Violation& violation = violations.emplace_back();
    violation.event_index = static_cast<size_t>(reader.Varint());
    ForEachText(violation, [&](std::string& text) { text = std::string(reader.String()); });
  }
  if (!reader.ok()) return {};
  return violations;
}

namespace events {

absl::Status ViolationsToStatus(std::span<const Violation> violations) {
  if (violations.empty()) return absl::OkStatus();
  const Violation& first = violations.front();
  const size_t others = violations.size() - 1;
  std::string message = StrCat("event ", first.event_index, ": ", first.message_en);
  if (others > 0)
    message += StrCat(" (and ", others, others == 1 ? " more fault)" : " more faults)");
  absl::Status status = absl::InvalidArgumentError(message);
  std::string bytes;
  PutVarint(&bytes, kPayloadFormat);
  for (const Violation& violation : violations) {
    PutVarint(&bytes, violation.event_index);
    ForEachText(violation, [&](const std::string& text) { PutString(&bytes, text); });
  }
  status.SetPayload(ToAbsl(kPayloadUrl), absl::Cord(std::move(bytes)));
  return status;
}

}  // namespace events
}  // namespace suyuan
