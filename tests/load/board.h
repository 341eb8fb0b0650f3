#ifndef TESTS_LOAD_BOARD_H_
#define TESTS_LOAD_BOARD_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace suyuan::load {

// What everybody who takes part shares. Thread-safe.
class Board {
 public:
  // Something that must not be. The first are kept, all are counted.
  void Fail(std::string what) {
    const std::lock_guard<std::mutex> lock(mu_);
    if (failures_++ < kKept) told_.push_back(std::move(what));
  }
  uint64_t failures() const {
    const std::lock_guard<std::mutex> lock(mu_);
    return failures_;
  }
  std::vector<std::string> told() const {
    const std::lock_guard<std::mutex> lock(mu_);
    return told_;
  }

  // Everybody finishes what is in hand.
  void Stop() { stopping_ = true; }
  bool stopping() const { return stopping_; }
  // For `time`, or until it is told to stop.
  void Wait(std::chrono::milliseconds time) const {
    const auto until = std::chrono::steady_clock::now() + time;
    while (!stopping_ && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }

  std::atomic<uint64_t> acknowledged{0};  // events
  std::atomic<uint64_t> traces{0};
  std::atomic<uint64_t> at_work{0};  // clients

 private:
  static constexpr uint64_t kKept = 20;

  std::atomic<bool> stopping_{false};
  mutable std::mutex mu_;
  uint64_t failures_ = 0;
  std::vector<std::string> told_;
};

}  // namespace suyuan::load

#endif  // TESTS_LOAD_BOARD_H_
