#include "lib/store/table_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "lib/base/file.h"
#include "lib/store/rocksdb_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::store {
namespace {

using ::testing::HasSubstr;

// A database with one table.
class TableCheckTest : public testing::Test {
 protected:
  void SetUp() override {
    {
      auto store = OpenRocksDb(db_, RocksDbMode::kReadWrite, true);
      SUYUAN_ASSERT_OK(store);
      WriteBatch batch;
      for (int i = 0; i < 100; ++i) batch.Put("key" + std::to_string(i), std::string(100, 'x'));
      SUYUAN_ASSERT_OK((*store)->Write(batch));
      SUYUAN_ASSERT_OK((*store)->Flush());
    }
    for (const auto& entry : std::filesystem::directory_iterator(db_)) {
      if (entry.path().extension() == ".sst") table_ = entry.path();
    }
    ASSERT_FALSE(table_.empty());
    bytes_ = *ReadFile(table_);
  }

  TempDir dir_;
  const std::string db_ = dir_ / "db";
  std::string table_;
  std::string bytes_;
};

TEST_F(TableCheckTest, AWholeTableIsSound) { SUYUAN_EXPECT_OK(CheckTables(db_)); }

TEST_F(TableCheckTest, DamagedPropertiesAreToldWithTheirFile) {
  const size_t at = bytes_.find("entries");
  ASSERT_NE(at, std::string::npos);
  bytes_[at] ^= 1;
  SUYUAN_ASSERT_OK(WriteFileAtomically(table_, bytes_));
  EXPECT_THAT(CheckTables(db_), StatusIs(absl::StatusCode::kDataLoss, HasSubstr(table_)));
}

// Among them the bit of the properties that RocksDB does not bear.
TEST_F(TableCheckTest, NoFlippedBitBehindTheDataEndsTheProcess) {
  const size_t from = bytes_.size() < 1'500 ? 0 : bytes_.size() - 1'500;
  size_t refused = 0;
  for (size_t at = from; at < bytes_.size(); ++at) {
    std::string damaged = bytes_;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    SUYUAN_ASSERT_OK(WriteFileAtomically(table_, damaged));
    auto store = OpenRocksDb(db_, RocksDbMode::kReadOnly, false);
    refused += store.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 500u);
}

TEST_F(TableCheckTest, WhatIsNoTableIsLeftAlone) {
  SUYUAN_ASSERT_OK(WriteFileAtomically(db_ + "/999999.sst", "half a table"));
  SUYUAN_ASSERT_OK(WriteFileAtomically(db_ + "/999998.sst", ""));
  SUYUAN_EXPECT_OK(CheckTables(db_));
}

}  // namespace
}  // namespace suyuan::store
