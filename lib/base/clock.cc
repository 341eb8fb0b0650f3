#include "lib/base/clock.h"

#include <chrono>

namespace suyuan {
namespace {

template <typename C>
int64_t Micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(C::now().time_since_epoch()).count();
}

class MachineClock : public Clock {
 public:
  int64_t WallMicros() const override { return Micros<std::chrono::system_clock>(); }
  int64_t SteadyMicros() const override { return Micros<std::chrono::steady_clock>(); }
};

}  // namespace

const Clock* SystemClock() {
  static const MachineClock clock;
  return &clock;
}

}  // namespace suyuan
