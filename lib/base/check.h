#ifndef LIB_BASE_CHECK_H_
#define LIB_BASE_CHECK_H_

#include <cstdlib>

// Ends the process when one of our own invariants is broken. Never for input,
// bytes from disk or the network.
#define SUYUAN_CHECK(condition)     \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)

#endif  // LIB_BASE_CHECK_H_
