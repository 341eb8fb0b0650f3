// Durable append beside plain RocksDB: see README.md.

#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/open_ledger.h"
#include "benchmarks/plain_rocksdb.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/base/clock.h"
#include "lib/engine/personal_data.h"
#include "lib/genealogy/graph_index.h"
#include "lib/ledger/ledgers.h"
#include "lib/privacy/fields.h"
#include "lib/store/memory_store.h"
#include "suyuan/engine.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

using ledger::NewEvent;

// The next event of the plant that names a contact, with one: a pseudonym of 20,000, a name and
// a telephone number.
v1::Event NextWithContact(SyntheticPlant* plant, uint64_t number) {
  for (;;) {
    v1::Event event = plant->Next();
    v1::Personal* contact = nullptr;
    if (event.has_receive()) contact = event.mutable_receive()->mutable_supplier_contact();
    if (event.has_ship()) contact = event.mutable_ship()->mutable_customer_contact();
    if (contact == nullptr) continue;
    const std::string of = std::to_string(number * 7'919 % 20'000);
    contact->set_person("person:C" + of);
    contact->set_value("张" + of + " 138" + std::to_string(10'000'000 + number));
    return event;
  }
}

// The events of one plant, ready to be appended; or those that name a contact, with a
// commitment where the ledger holds one.
struct Stream {
  explicit Stream(uint64_t count, bool contacts = false) {
    genealogy::GraphIndex index("");
    const TempDir dir;
    auto ledgers = Must(ledger::Ledgers::Open({.store = std::make_unique<store::MemoryStore>(),
                                               .marks_dir = dir / "marks",
                                               .keys_dir = dir / "keys",
                                               .index_dir = dir / "index",
                                               .index = &index,
                                               .clock = SystemClock(),
                                               .progress = {}}));
    SyntheticPlant plant(1);
    for (uint64_t i = 0; i < count; ++i) {
      v1::Event event = contacts ? NextWithContact(&plant, i) : plant.Next();
      if (contacts) {
        personal.push_back(event);
        privacy::ForEachPersonal(&event, [&](const std::string&, v1::Personal* contact) {
          contact->Clear();
          contact->set_commitment(std::string(32, static_cast<char>(i)));
        });
      }
      prepared.push_back(Must(ledgers->Prepare(event)));
      bytes.push_back(prepared.back().bytes);
      total += bytes.back().size();
    }
  }

  std::vector<NewEvent> prepared;
  std::vector<std::string> bytes;
  std::vector<v1::Event> personal;  // as they are told, if they name contacts
  uint64_t total = 0;
};

class Contest {
 public:
  Contest(uint64_t events, uint64_t batch, uint64_t callers, uint64_t plain_callers,
          uint64_t rounds, bool contacts = false)
      : stream_(events, contacts),
        batch_(batch),
        callers_(callers),
        plain_callers_(plain_callers),
        rounds_(rounds) {}

  void Hold(const std::string& title) {
    Duel(title, "events",
         {{"plain RocksDB, sync", [&] { return Plain(); }},
          {"Ledgers::Append", [&] { return Ours(/*sm3=*/false); }},
          {"Ledgers::Append, SM3 too", [&] { return Ours(/*sm3=*/true); }}},
         rounds_);
  }

  // The ledger gets what is serialized with commitments, as in the other contests; the vault what
  // was told, from which it makes its own.
  void HoldWithContacts(const std::string& title) {
    Duel(title, "events",
         {{"plain RocksDB, sync", [&] { return Plain(); }},
          {"Ledgers::Append", [&] { return Ours(/*sm3=*/false); }},
          {"the vault, then Ledgers::Append", [&] { return WithVault(); }}},
         rounds_);
  }

  void PrintDisk() const {
    const double bytes = static_cast<double>(stream_.total);
    std::printf(
        "  bytes on disk, compacted, of the event bytes (%.0f an event): plain %.2f, "
        "ledger %.2f + indexes %.2f\n",
        bytes / static_cast<double>(stream_.bytes.size()),
        static_cast<double>(plain_bytes_) / bytes, static_cast<double>(our_bytes_) / bytes,
        static_cast<double>(index_bytes_) / bytes);
  }

 private:
  std::pair<size_t, size_t> Range(uint64_t call) const {
    const size_t from = call * batch_;
    return {from, std::min(from + batch_, stream_.bytes.size())};
  }
  uint64_t calls() const { return (stream_.bytes.size() + batch_ - 1) / batch_; }

  Run Plain() {
    const TempDir dir;
    Run run;
    {
      PlainRocksDb db(dir / "db");
      run = Callers(plain_callers_, calls(), [&](uint64_t call) {
        const auto [from, to] = Range(call);
        db.Write(from, std::span(stream_.bytes).subspan(from, to - from));
      });
    }
    run.units = static_cast<double>(stream_.bytes.size());
    if (plain_bytes_ == 0) plain_bytes_ = CompactedBytes(dir / "db");
    return run;
  }

  Run Ours(bool sm3) {
    const TempDir dir;
    std::vector<std::vector<NewEvent>> batches = Batches();
    Run run;
    {
      OpenLedger ledger(dir.path(), sm3);
      run = Callers(callers_, calls(),
                    [&](uint64_t call) { ledger.Append(std::move(batches[call])); });
    }
    run.units = static_cast<double>(stream_.bytes.size());
    if (our_bytes_ == 0 && !sm3) {
      our_bytes_ = CompactedBytes(dir / "db");
      index_bytes_ = BytesOnDisk(dir / "index");
    }
    return run;
  }

  Run WithVault() {
    const TempDir dir;
    std::vector<std::vector<NewEvent>> batches = Batches();
    Run run;
    {
      OpenLedger ledger(dir.path());
      engine::PersonalData personal(dir / "vault", &ledger.ledgers(), SystemClock());
      const ledger::Ledgers::State state = *ledger.ledgers().Get(ledger.number());
      run = Callers(callers_, calls(), [&](uint64_t call) {
        const auto [from, to] = Range(call);
        const auto events = std::span(stream_.personal).subspan(from, to - from);
        Must(personal
                 .Append(state, events,
                         [&](std::span<const v1::Event>) {
                           return ledger.ledgers().Append(ledger.number(),
                                                          std::move(batches[call]));
                         })
                 .status());
      });
    }
    run.units = static_cast<double>(stream_.bytes.size());
    return run;
  }

  std::vector<std::vector<NewEvent>> Batches() const {
    std::vector<std::vector<NewEvent>> batches;
    for (uint64_t call = 0; call < calls(); ++call) {
      const auto [from, to] = Range(call);
      const auto begin = stream_.prepared.begin();
      batches.emplace_back(begin + static_cast<ptrdiff_t>(from),
                           begin + static_cast<ptrdiff_t>(to));
    }
    return batches;
  }

  const Stream stream_;
  const uint64_t batch_;
  const uint64_t callers_;
  const uint64_t plain_callers_;
  const uint64_t rounds_;
  uint64_t plain_bytes_ = 0;
  uint64_t our_bytes_ = 0;
  uint64_t index_bytes_ = 0;
};

// From parsed events to the answer: validation, facts and serialization too.
void WholeEngine(uint64_t count, uint64_t batch, uint64_t callers, uint64_t rounds) {
  const std::vector<v1::Event> events = PlantEvents(1, count);
  std::vector<std::string> bytes;
  for (const v1::Event& event : events) bytes.push_back(event.SerializeAsString());
  const uint64_t calls = (count + batch - 1) / batch;
  const auto piece = [&](const auto& all, uint64_t call) {
    return std::span(all).subspan(call * batch, std::min(batch, count - call * batch));
  };
  Duel("Engine::Append, batches of " + std::to_string(batch) + ", " + std::to_string(callers) +
           " callers",
       "events",
       {{"plain RocksDB, sync",
         [&] {
           const TempDir dir;
           PlainRocksDb db(dir / "db");
           Run run = Callers(1, calls,
                             [&](uint64_t call) { db.Write(call * batch, piece(bytes, call)); });
           run.units = static_cast<double>(count);
           return run;
         }},
        {"Engine::Append",
         [&] {
           const TempDir dir;
           Options options;
           options.data_dir = dir / "data";
           const std::unique_ptr<Engine> engine = Must(Engine::Open(options));
           Must(engine
                    ->CreateLedger({.name = "plant-1",
                                    .subject = std::string(kPlantOwner),
                                    .subject_name = "Example Dairy"})
                    .status());
           Run run = Callers(callers, calls, [&](uint64_t call) {
             Must(engine->Append("plant-1", piece(events, call)).status());
           });
           run.units = static_cast<double>(count);
           return run;
         }}},
       rounds);
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using suyuan::bench::Contest;
  // `batch` 0: the whole programme. `singles`: events of the case with 64 callers.
  const suyuan::bench::Args args(argc, argv,
                                 {{"events", 524'288},
                                  {"batch", 0},
                                  {"callers", 4},
                                  {"rounds", 5},
                                  {"singles", 65'536},
                                  {"contacts", 131'072},
                                  {"engine", 131'072}});
  std::vector<uint64_t> batches = {128, 1'024};
  if (args["batch"] != 0) batches = {args["batch"]};
  for (const uint64_t batch : batches) {
    Contest contest(args["events"], batch, args["callers"], 1, args["rounds"]);
    contest.Hold("durable append, batches of " + std::to_string(batch) + ", " +
                 std::to_string(args["callers"]) + " callers");
    contest.PrintDisk();
  }
  if (args["contacts"] != 0) {
    for (const uint64_t batch : batches) {
      Contest contest(args["contacts"], batch, args["callers"], 1, args["rounds"],
                      /*contacts=*/true);
      contest.HoldWithContacts("one personal field an event, batches of " + std::to_string(batch) +
                               ", " + std::to_string(args["callers"]) + " callers");
    }
  }
  if (args["singles"] != 0) {
    Contest(args["singles"], 1, 64, 64, args["rounds"])
        .Hold("durable append, one event a call, 64 callers");
  }
  if (args["engine"] != 0) {
    for (const uint64_t batch : batches) {
      suyuan::bench::WholeEngine(args["engine"], batch, args["callers"], args["rounds"]);
    }
  }
  std::printf("\nresident at the end: %.0f MB\n", suyuan::bench::ResidentMegabytes());
  return 0;
}
