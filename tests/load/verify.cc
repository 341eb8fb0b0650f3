#include "tests/load/verify.h"

#include <cstring>
#include <limits>
#include <optional>
#include <utility>

#include "lib/base/strings.h"
#include "tests/load/load_plant.h"

namespace suyuan::load {

Verified Verify(const Engine& engine, const std::string& ledger,
                const std::vector<std::unique_ptr<LoadClient>>& clients, Board* board) {
  Verified result;
  std::vector<std::vector<bool>> seen(clients.size());
  const auto fault = [&](const Entry& entry) -> const char* {
    const auto id = LoadPlant::ParseId(entry.event.id());
    if (!id.has_value() || id->first >= clients.size() || clients[id->first]->ledger() != ledger) {
      // The ledger's own: its beginning, a clock that jumped.
      return entry.event.id().starts_with("suyuan:") ? nullptr : "nobody sent it";
    }
    const auto [number, at] = *id;
    const LoadClient& client = *clients[number];
    // Who gets no answer asks again, so that nothing is there that was not acknowledged.
    if (at >= client.acknowledged().size()) return "its sender was not told";
    seen[number].resize(client.acknowledged().size());
    if (seen[number][at]) return "it is there twice";
    seen[number][at] = true;
    const Acknowledged& told = client.acknowledged()[at];
    if (told.sequence != entry.sequence) return "its receipt names another place";
    if (std::memcmp(told.leaf_hash.data(), entry.leaf_hash.data(), told.leaf_hash.size()) != 0) {
      return "its receipt names another hash";
    }
    if (entry.event.SerializeAsString() != client.plant().EventOf(at).SerializeAsString()) {
      return "it is not what was sent";
    }
    return nullptr;
  };
  const absl::Status status =
      engine.Read(ledger, 0, std::numeric_limits<uint64_t>::max(), [&](const Entry& entry) {
        const char* what = fault(entry);
        if (entry.sequence != result.entries) what = "an entry before it is missing";
        ++result.entries;
        if (what == nullptr) return true;
        ++result.wrong;
        board->Fail(
            StrCat(ledger, ", entry ", entry.sequence, ", event ", entry.event.id(), ": ", what));
        return true;
      });
  if (!status.ok()) board->Fail(StrCat(ledger, ": ", status.ToString()));
  for (size_t number = 0; number < clients.size(); ++number) {
    if (clients[number]->ledger() != ledger) continue;
    const size_t count = clients[number]->acknowledged().size();
    seen[number].resize(count);
    for (size_t at = 0; at < count; ++at) {
      if (seen[number][at]) continue;
      ++result.lost;
      board->Fail(StrCat(ledger, ": lost ", clients[number]->plant().EventId(at)));
    }
  }
  return result;
}

}  // namespace suyuan::load
