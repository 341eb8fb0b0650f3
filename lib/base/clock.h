#ifndef LIB_BASE_CLOCK_H_
#define LIB_BASE_CLOCK_H_

#include <cstdint>

namespace suyuan {

// Where recording times come from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  // Microseconds since 1970-01-01 UTC; can jump.
  virtual int64_t WallMicros() const = 0;
  // Microseconds since some fixed moment; never jumps.
  virtual int64_t SteadyMicros() const = 0;
};

// The machine's clocks; lives as long as the process.
const Clock* SystemClock();

}  // namespace suyuan

#endif  // LIB_BASE_CLOCK_H_
