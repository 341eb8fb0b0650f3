#include "lib/privacy/gate.h"

#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>
#include <vector>

namespace suyuan::privacy {
namespace {

TEST(GateTest, ManyShareItUnlessTheyNameTheSame) {
  Gate gate;
  std::optional<Gate::Shared> first;
  first.emplace(&gate, std::set<std::string>{"a", "b"});
  const Gate::Shared other(&gate, {"c"});
  const Gate::Shared reader(&gate);
  std::atomic<bool> inside = false;
  std::thread same([&] {
    const Gate::Shared second(&gate, {"b", "d"});
    inside = true;
  });
  std::this_thread::yield();
  EXPECT_FALSE(inside);
  first.reset();
  same.join();
  EXPECT_TRUE(inside);
}

TEST(GateTest, WhoIsAloneIsAloneHoweverManyCome) {
  Gate gate;
  std::atomic<int> shared = 0;
  std::atomic<int> alone = 0;
  std::atomic<bool> wrong = false;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const Gate::Shared inside(&gate, {std::to_string(t % 2)});
        ++shared;
        if (alone != 0) wrong = true;
        --shared;
      }
    });
  }
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const Gate::Alone inside(&gate);
        if (++alone != 1 || shared != 0) wrong = true;
        --alone;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(wrong);
}

}  // namespace
}  // namespace suyuan::privacy
