// The disk fails a call in the middle of the work of many, once or for a while, and the clock
// jumps. Whatever was acknowledged must be there when the disk works again.

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <atomic>
#include <memory>
#include <random>
#include <string>

#include "lib/base/clock.h"
#include "tests/fault/fault_support.h"
#include "tests/fault/io_error_fs.h"
#include "tests/fault/written_ledgers.h"

namespace suyuan::fault {
namespace {

constexpr uint64_t kRoundsAStore = 20;
constexpr int kWriters = 16;
constexpr int kBatches = 12;

// Now and then set by hours, forth and back.
class JumpingClock : public Clock {
 public:
  explicit JumpingClock(uint64_t seed) : random_(seed) {}
  int64_t WallMicros() const override {
    if (random_.fetch_add(0x9E3779B97F4A7C15) % 64 == 0) {
      offset_ = static_cast<int64_t>(random_ % 20'000'000'000) - 10'000'000'000;
    }
    return SystemClock()->WallMicros() + offset_;
  }
  int64_t SteadyMicros() const override { return SystemClock()->SteadyMicros(); }

 private:
  mutable std::atomic<uint64_t> random_;
  mutable std::atomic<int64_t> offset_{0};
};

TEST(IoErrorTest, NothingThatWasAcknowledgedIsLost) {
  const uint64_t rounds = EnvNumber("SUYUAN_IO_ERRORS", kSanitized ? 30 : 400);
  const uint64_t first_seed = EnvNumber("SUYUAN_IO_ERROR_SEED", std::random_device()() % 1'000'000);
  std::cout << "SUYUAN_IO_ERROR_SEED=" << first_seed << ", " << rounds << " rounds\n";
  const FastDir dir;
  WrittenLedgers written(dir);
  uint64_t failed = 0;
  uint64_t refused_openings = 0;
  for (uint64_t round = 0; round < rounds; ++round) {
    SCOPED_TRACE("SUYUAN_IO_ERROR_SEED=" + std::to_string(first_seed) + ", round " +
                 std::to_string(round));
    std::mt19937_64 random(first_seed + round);
    if (round % kRoundsAStore == 0) written.Remove();
    const auto fs = std::make_shared<IoErrorFs>();
    const std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(fs);
    const JumpingClock clock(random());
    const auto fault = random() % 2 == 0 ? IoErrorFs::Fault::kIo : IoErrorFs::Fault::kNoSpace;
    const uint64_t times = random() % 3 == 0 ? 1 + random() % 1'000 : 1;
    // Every fourth time it fails while the store opens.
    const bool at_opening = round % 4 == 3;
    {
      if (at_opening) fs->FailAt(1 + random() % 80, times, fault);
      auto opened = written.Open(env.get(), &clock);
      if (!opened.ok()) {
        ASSERT_GT(fs->failed(), 0u) << opened.status();
        ++refused_openings;
      } else {
        if (!at_opening) fs->FailAt(1 + random() % 200, times, fault);
        written.Write(**opened, std::to_string(round), kWriters, kBatches, random());
      }
    }
    failed += fs->failed();
    ASSERT_NO_FATAL_FAILURE(written.ExpectCleanOnDisk());
    auto again = written.Open(nullptr);
    SUYUAN_ASSERT_OK(again);
    ASSERT_NO_FATAL_FAILURE(written.ExpectKept(**again));
  }
  std::cout << written.acknowledged() << " events were acknowledged; " << failed
            << " calls failed; " << refused_openings << " openings were refused; "
            << written.taken_up_to_damage() << " logs were taken up to their first damage\n";
  EXPECT_GT(written.acknowledged(), rounds);
  EXPECT_GT(failed, rounds / 2) << "the test does not bite";
  // Of few rounds by chance none.
  if (rounds >= 100) {
    EXPECT_GT(refused_openings, 0u);
  }
}

}  // namespace
}  // namespace suyuan::fault
