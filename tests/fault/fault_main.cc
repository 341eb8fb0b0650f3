#include <gtest/gtest.h>

#include "tests/fault/fault_support.h"
#include "tests/support/sanitized.h"

#if SUYUAN_SANITIZED
// RocksDB 7.8 leaks a new memtable when the log that belongs to it cannot be made.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:rocksdb::DBImpl::SwitchMemtable\n";
}
#endif

int main(int argc, char** argv) {
  if (const int status = suyuan::fault::PlayRole(argc, argv); status >= 0) return status;
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
