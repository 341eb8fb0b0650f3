// Writes what a fuzzer should begin with: an event of every kind that the example
// plant records, as each target reads it.
//   make_seeds DIRECTORY

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "api/cli/demo_plant.h"
#include "api/exchange/event_json.h"
#include "lib/base/strings.h"
#include "lib/genealogy/facts.h"
#include "lib/ledger/record_format.h"
#include "suyuan/v1/event.pb.h"

namespace {

void Write(const std::filesystem::path& directory, const std::string& target,
           const std::string& name, const std::string& bytes) {
  std::filesystem::create_directories(directory / target);
  std::ofstream(directory / target / name, std::ios::binary) << bytes;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_seeds DIRECTORY\n");
    return 2;
  }
  const std::filesystem::path directory = argv[1];
  std::set<int> seen;
  uint64_t sequence = 0;
  suyuan::ledger::ChunkBuilder chunk;
  for (const suyuan::v1::Event& event : suyuan::DemoPlantEvents({}, nullptr)) {
    if (!seen.insert(event.operation_case()).second) continue;
    const std::string name = suyuan::StrCat("plant-", static_cast<int>(event.operation_case()));
    const std::string bytes = event.SerializeAsString();
    Write(directory, "event", name, bytes);
    Write(directory, "facts", name,
          suyuan::genealogy::EncodeFacts(suyuan::genealogy::FactsOf(event)));
    if (const auto line = suyuan::exchange::EventToJson(event); line.ok()) {
      Write(directory, "jsonl", name, std::string(line->data(), line->size()));
    }
    std::string record;
    suyuan::ledger::AppendRecord({.sequence = sequence++,
                                  .recorded_micros = 1,
                                  .event_id = event.id(),
                                  .previous = {},
                                  .event = bytes},
                                 &record);
    Write(directory, "record", name, record);
    chunk.Add(record);
  }
  Write(directory, "record", "chunk", chunk.Finish(sequence, {}));
}
