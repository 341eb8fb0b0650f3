#include <gtest/gtest.h>

#include "tests/fault/fault_support.h"

int main(int argc, char** argv) {
  if (const int status = suyuan::fault::PlayRole(argc, argv); status >= 0) return status;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
