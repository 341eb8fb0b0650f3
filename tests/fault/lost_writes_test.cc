// The power goes while many write, and takes with it what was not forced to
// disk. Whatever was acknowledged must be there.

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "tests/fault/fault_support.h"
#include "tests/fault/power_cut_fs.h"
#include "tests/fault/written_ledgers.h"

namespace suyuan::fault {
namespace {

// All of it is read again after every cut, so it must stay small.
constexpr uint64_t kRoundsAStore = 20;
constexpr int kUntilCut = 1'000'000;

TEST(LostWritesTest, NothingThatWasAcknowledgedIsLost) {
  const uint64_t rounds = EnvNumber("SUYUAN_POWER_CUTS", kSanitized ? 60 : 200);
  const uint64_t first_seed =
      EnvNumber("SUYUAN_POWER_CUT_SEED", std::random_device()() % 1'000'000);
  std::cout << "SUYUAN_POWER_CUT_SEED=" << first_seed << ", " << rounds << " rounds\n";
  const FastDir dir;
  WrittenLedgers written(dir);
  uint64_t lost_bytes = 0;
  uint64_t lost_names = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE("SUYUAN_POWER_CUT_SEED=" + std::to_string(first_seed) + ", round " +
                 std::to_string(round));
    std::mt19937_64 random(first_seed + round);
    if (round % kRoundsAStore == 0) written.Remove();
    const auto fs = std::make_shared<PowerCutFs>(dir / "attic", random());
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);

    // Every fourth time it goes while the store opens.
    const bool at_opening = round % 4 == 3;
    std::map<std::string, std::string> forced_marks;
    {
      if (at_opening) fs->CutAt(1 + random() % 60);
      auto opened = written.Open(env.get());
      if (!opened.ok()) {
        ASSERT_TRUE(fs->IsCut()) << opened.status();
      } else {
        if (std::filesystem::exists(dir / "marks")) forced_marks = FilesOf(dir / "marks");
        if (!at_opening) fs->CutAt(1 + random() % 150);
        written.Write(**opened, std::to_string(round), 3, kUntilCut, random());
        ASSERT_TRUE(fs->IsCut());
        forced_marks.merge(written.marks_at_creation());
      }
    }
    fs->ComeBack(round % 5 == 0);
    lost_bytes += fs->forgotten_bytes();
    lost_names += fs->forgotten_names();
    // Marks go to disk once a second: the system may not have got to it.
    if (round % 2 == 0) {
      for (const auto& [name, bytes] : forced_marks) WriteBytes(dir / "marks" + "/" + name, bytes);
    }

    ASSERT_NO_FATAL_FAILURE(written.ExpectCleanOnDisk());
    auto again = written.Open(nullptr);
    SUYUAN_ASSERT_OK(again);
    ASSERT_NO_FATAL_FAILURE(written.ExpectKept(**again));
  }
  std::cout << written.acknowledged() << " events were acknowledged; " << lost_bytes
            << " bytes and " << lost_names << " changes of names were forgotten; "
            << written.taken_up_to_damage() << " logs were taken up to their first damage\n";
  EXPECT_GT(written.acknowledged(), rounds);
  EXPECT_GT(lost_bytes, 0u) << "no cut took anything: the test does not bite";
  EXPECT_GT(lost_names, 0u);
}

}  // namespace
}  // namespace suyuan::fault
