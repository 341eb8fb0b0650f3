// A writer of personal data is killed in the middle of its work, again and again, in one data
// directory: no value without its entry, no entry without its value, and what was erased stays so.

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "lib/privacy/vault.h"
#include "tests/fault/fault_support.h"
#include "tests/support/event_builder.h"

namespace suyuan::fault {
namespace {

constexpr int kThreads = 3;
constexpr char kLedger[] = "plant-a";

// Long out of its term.
v1::Event Received(const std::string& id, const std::string& person) {
  v1::Event event = tell::Receive("lot:ext:own:dairy/powder/L1").Id(id).On("2001-02-03").event;
  event.mutable_receive()->mutable_supplier_contact()->set_value("value of " + id);
  event.mutable_receive()->mutable_supplier_contact()->set_person(person);
  return event;
}

// Appends and erases until it is killed. Says what is acknowledged: + id, - id.
int WritePersonal(const std::vector<std::string>& arguments) {
  const uint64_t seed = std::stoull(arguments.at(1));
  auto opened = OpenEngine(arguments.at(0));
  if (!opened.ok()) return 1;
  Engine& engine = **opened;
  const absl::Status made = MakeLedger(engine, kLedger);
  if (!made.ok() && !absl::IsAlreadyExists(made)) return 1;
  Say("@\n");
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&engine, seed, t] {
      std::mt19937_64 random(seed * 100 + static_cast<uint64_t>(t));
      for (int batch = 0;; ++batch) {
        std::vector<v1::Event> events;
        const std::string name =
            std::to_string(seed) + "." + std::to_string(t) + "." + std::to_string(batch);
        const size_t count = 1 + random() % 4;
        for (size_t i = 0; i < count; ++i) {
          events.push_back(Received(name + "." + std::to_string(i),
                                    i == 0 ? "" : "person:" + std::to_string(random() % 9)));
        }
        // Some are refused: their values go again.
        if (random() % 5 == 0) events.push_back(Received(name + ".0", "person:x"));
        if (events.size() > count) events.back().set_remark("another");
        const auto receipts = engine.Append(kLedger, events);
        if (events.size() > count) {
          if (receipts.ok()) Say("! taken\n");
          continue;
        }
        if (!receipts.ok()) {
          Say("! " + receipts.status().ToString() + "\n");
          return;
        }
        std::string lines;
        for (const Receipt& receipt : *receipts) lines += "+ " + receipt.event_id + "\n";
        Say(lines);
        if (random() % 3 != 0) continue;
        ErasureRequest request{.basis = "other", .reason = "test"};
        if (random() % 2 == 0) {
          request.event_id = name + ".0";
        } else {
          request.person = "person:" + std::to_string(random() % 9);
        }
        // Before it answers, it is not known which.
        const auto erased = engine.ErasePersonal(kLedger, request);
        if (!erased.ok()) continue;
        lines.clear();
        for (const ErasedField& field : erased->erased) lines += "- " + field.event_id + "\n";
        if (!lines.empty()) Say(lines);
      }
    });
  }
  threads.clear();
  return 1;
}
const RegisterRole kPersonalWriter("write-personal", WritePersonal);

TEST(VaultKillTest, ValuesAndEntriesGoTogether) {
  const uint64_t rounds = EnvNumber("SUYUAN_KILL_ROUNDS", kSanitized ? 5 : 12);
  const uint64_t first_seed = EnvNumber("SUYUAN_KILL_SEED", std::random_device()() % 1'000'000);
  std::cout << "SUYUAN_KILL_SEED=" << first_seed << ", " << rounds << " rounds\n";
  const FastDir dir;
  const std::string data_dir = dir / "data";
  std::set<std::string> stored;
  std::set<std::string> erased;
  bool made = false;
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    std::mt19937_64 random(first_seed + round);
    {
      OtherProcess writer({"write-personal", data_dir, std::to_string(first_seed + round)});
      if (round % 6 != 5) writer.ReadUntil("\n+ ");
      writer.ReadFor(static_cast<int64_t>(random() % 400'000));
      writer.Kill();
      writer.ReadAll();
      const int status = writer.Wait();
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << writer.said();
      std::istringstream lines(writer.said().substr(0, writer.said().rfind('\n') + 1));
      std::string kind;
      std::string id;
      for (std::string line; std::getline(lines, line);) {
        std::istringstream(line) >> kind >> id;
        ASSERT_NE(kind, "!") << line;
        made = true;
        if (kind == "+") stored.insert(id);
        if (kind == "-") erased.insert(id);
      }
    }
    if (!made) continue;
    // Also as the kill left it.
    ASSERT_THAT(CheckEngine(data_dir), IsClean());
    uint64_t held = 0;
    {
      auto engine = OpenEngine(data_dir);
      SUYUAN_ASSERT_OK(engine);
      std::set<std::string> there;
      std::set<std::string> gone;
      std::vector<std::string> ids;
      SUYUAN_ASSERT_OK((*engine)->Read(kLedger, 0, UINT64_MAX, [&](const Entry& entry) {
        if (entry.event.has_receive()) ids.push_back(entry.event.id());
        for (const v1::PersonalField& field : entry.event.erase_personal().erased()) {
          gone.insert(field.event_id());
        }
        return true;
      }));
      for (const std::string& id : ids) {
        there.insert(id);
        const auto data = (*engine)->ReadPersonal(kLedger, id);
        SUYUAN_ASSERT_OK(data);
        ASSERT_EQ(data->size(), 1u);
        if (gone.contains(id)) {
          ASSERT_EQ((*data)[0].state, PersonalState::kErased) << id;
        } else {
          ASSERT_EQ((*data)[0].value, "value of " + id);
          ++held;
        }
      }
      for (const std::string& id : stored) ASSERT_TRUE(there.contains(id)) << id;
      for (const std::string& id : erased) ASSERT_TRUE(gone.contains(id)) << id;
      ASSERT_THAT((*engine)->CheckNow(nullptr), IsClean());
    }
    // No row but those.
    auto vault = privacy::Vault::Open(data_dir + "/vault");
    SUYUAN_ASSERT_OK(vault);
    uint64_t rows = 0;
    SUYUAN_ASSERT_OK((*vault)->ForEachRow([&](const privacy::Place&, bool settled) {
      ++rows;
      EXPECT_TRUE(settled);
    }));
    ASSERT_EQ(rows, held);
    ASSERT_TRUE((*vault)->Begun()->empty());
  }
  std::cout << stored.size() << " values, " << erased.size() << " erased\n";
}

}  // namespace
}  // namespace suyuan::fault
