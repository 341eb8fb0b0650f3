// Events from anywhere, as protobuf: judged, told to a graph, and traced.

#include <memory>
#include <string>

#include "lib/events/validator.h"
#include "lib/genealogy/facts.h"
#include "lib/genealogy/graph.h"
#include "lib/trace/tracer.h"
#include "suyuan/v1/event.pb.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan;  // NOLINT(google-build-using-namespace)
  static const auto* const kValidator = events::Validator::ForProfile("ordinary").value().release();
  v1::Event event;
  if (!event.ParseFromArray(input.data(), static_cast<int>(input.size()))) return;
  std::vector<Violation> violations;
  kValidator->Validate(event, 0, &violations);
  for (const Violation& violation : violations) {
    Require(
        !violation.rule.empty() && !violation.message_zh.empty() && !violation.message_en.empty(),
        "a violation names its rule and says what it is");
  }
  const genealogy::Facts facts = genealogy::FactsOf(event);
  const std::string bytes = genealogy::EncodeFacts(facts);
  const auto decoded = genealogy::DecodeFacts(bytes);
  Require(decoded.ok() && genealogy::EncodeFacts(*decoded) == bytes, "facts survive their bytes");
  genealogy::Graph graph;
  graph.Add(1, 0, facts, std::nullopt);
  graph.Add(1, 1, facts, std::nullopt);
  trace::Ledgers ledgers;
  ledgers.heads[1] = {.ledger = "fuzz", .size = 2, .root = {}};
  for (genealogy::UnitId unit = 1; unit <= graph.unit_count(); ++unit) {
    TraceRequest request;
    request.unit = graph.KeyText(unit, 0);
    request.direction = Direction::kBoth;
    (void)trace::Trace(graph, ledgers, request).ok();
  }
}
