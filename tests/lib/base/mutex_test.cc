#include "lib/base/mutex.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <thread>
#include <vector>

namespace suyuan {
namespace {

struct Counter {
  Mutex mu;
  int value ABSL_GUARDED_BY(mu) = 0;
};

TEST(MutexTest, LetsOneInAtATime) {
  Counter counter;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&counter] {
        for (int i = 0; i < 10'000; ++i) {
          MutexLock lock(&counter.mu);
          ++counter.value;
        }
      });
    }
  }
  MutexLock lock(&counter.mu);
  EXPECT_EQ(counter.value, 80'000);
}

// A queue that holds three.
class Belt {
 public:
  void Put(int item) {
    MutexLock lock(&mu_);
    while (items_.size() == 3) room_.Wait(&mu_);
    items_.push_back(item);
    there_.SignalOne();
  }
  int Take() {
    MutexLock lock(&mu_);
    while (items_.empty()) there_.Wait(&mu_);
    const int item = items_.front();
    items_.pop_front();
    room_.SignalOne();
    return item;
  }

 private:
  Mutex mu_;
  CondVar room_;
  CondVar there_;
  std::deque<int> items_ ABSL_GUARDED_BY(mu_);
};

TEST(CondVarTest, HandsEverythingOverInItsOrder) {
  constexpr int kItems = 5'000;
  Belt belt;
  std::vector<int> taken;
  {
    std::jthread taker([&] {
      for (int i = 0; i < kItems; ++i) taken.push_back(belt.Take());
    });
    for (int i = 0; i < kItems; ++i) belt.Put(i);
  }
  ASSERT_EQ(taken.size(), size_t{kItems});
  for (int i = 0; i < kItems; ++i) ASSERT_EQ(taken[static_cast<size_t>(i)], i);
}

TEST(CondVarTest, SignalAllWakesEverybody) {
  Counter gate;
  CondVar open;
  std::atomic<int> through = 0;
  {
    std::vector<std::jthread> waiting;
    for (int t = 0; t < 6; ++t) {
      waiting.emplace_back([&] {
        MutexLock lock(&gate.mu);
        while (gate.value == 0) open.Wait(&gate.mu);
        ++through;
      });
    }
    MutexLock lock(&gate.mu);
    gate.value = 1;
    open.SignalAll();
  }
  EXPECT_EQ(through, 6);
}

TEST(CondVarTest, DoesNotWaitForEver) {
  Counter nothing;
  CondVar never;
  const auto start = std::chrono::steady_clock::now();
  MutexLock lock(&nothing.mu);
  // It may wake too early, so it is asked until the time is over.
  while (std::chrono::steady_clock::now() - start < std::chrono::milliseconds(20)) {
    never.WaitFor(&nothing.mu, std::chrono::milliseconds(5));
  }
  // The lock is ours again: nobody else may have it.
  nothing.value = 1;
  EXPECT_EQ(nothing.value, 1);
}

TEST(SharedMutexTest, ReadersMeetAndWritersAreAlone) {
  SharedMutex mu;
  std::atomic<int> readers = 0;
  std::atomic<int> wrong = 0;
  int value = 0;
  {
    // Both readers are in at once, or this would never end.
    std::jthread one([&] {
      ReaderLock lock(&mu);
      ++readers;
      while (readers < 2) std::this_thread::yield();
    });
    std::jthread two([&] {
      ReaderLock lock(&mu);
      ++readers;
      while (readers < 2) std::this_thread::yield();
    });
  }
  EXPECT_EQ(readers, 2);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 2'000; ++i) {
          if (t == 0) {
            WriterLock lock(&mu);
            ++value;
            ++value;
          } else {
            ReaderLock lock(&mu);
            wrong += value % 2;
          }
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(value, 4'000);
}

}  // namespace
}  // namespace suyuan
