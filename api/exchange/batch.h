#ifndef API_EXCHANGE_BATCH_H_
#define API_EXCHANGE_BATCH_H_

#include <cstddef>

namespace suyuan::exchange {

// How imports cut what they append: well within what Engine::Append takes
// (4,096 events or 4 MiB a call), so that progress is seen and memory is bounded.
inline constexpr size_t kMaxBatchEvents = 1'024;
inline constexpr size_t kMaxBatchBytes = size_t{4} << 20;

// Counts what is in a batch that is being filled. A value type.
class BatchSize {
 public:
  // Whether an event of `bytes` still fits. An empty batch takes every event.
  bool Fits(size_t bytes) const {
    return events_ == 0 || (events_ < kMaxBatchEvents && bytes_ + bytes <= kMaxBatchBytes);
  }
  void Add(size_t bytes) {
    ++events_;
    bytes_ += bytes;
  }

 private:
  size_t events_ = 0;
  size_t bytes_ = 0;
};

}  // namespace suyuan::exchange

#endif  // API_EXCHANGE_BATCH_H_
