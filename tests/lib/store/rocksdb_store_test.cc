#include "lib/store/rocksdb_store.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/store/memory_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::store {
namespace {

WriteBatch Puts(const std::map<std::string, std::string>& pairs) {
  WriteBatch batch;
  for (const auto& [key, value] : pairs) batch.Put(key, value);
  return batch;
}

std::map<std::string, std::string> All(const Store& store) {
  std::map<std::string, std::string> pairs;
  const std::unique_ptr<Iterator> it = store.NewIterator();
  for (it->Seek(""); it->Valid(); it->Next()) pairs.emplace(it->key(), it->value());
  EXPECT_THAT(it->status(), IsOk());
  return pairs;
}

// What every store does, on the one in memory and on the one on disk.
class StoreTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      auto opened = OpenRocksDb(dir_ / "db", RocksDbMode::kReadWrite, true);
      SUYUAN_ASSERT_OK(opened);
      store_ = *std::move(opened);
    } else {
      store_ = std::make_unique<MemoryStore>();
    }
  }
  TempDir dir_;
  std::unique_ptr<Store> store_;
};
INSTANTIATE_TEST_SUITE_P(Both, StoreTest, testing::Bool(), [](const auto& chosen) {
  return chosen.param ? std::string("RocksDb") : std::string("Memory");
});

TEST_P(StoreTest, GetsWhatWasPut) {
  EXPECT_EQ(*store_->Get("a"), std::nullopt);
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"a", "1"}, {"b", std::string("\0x", 2)}, {"c", ""}})));
  EXPECT_EQ(*store_->Get("a"), "1");
  EXPECT_EQ(*store_->Get("b"), std::string("\0x", 2));
  EXPECT_EQ(*store_->Get("c"), "") << "empty is not missing";
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"a", "2"}})));
  EXPECT_EQ(*store_->Get("a"), "2");
}

TEST_P(StoreTest, WalksInTheOrderOfBytes) {
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"b", "2"}, {"\xff", "4"}, {"a", "1"}, {"b\x01", "3"}})));
  const std::unique_ptr<Iterator> it = store_->NewIterator();
  std::string seen;
  for (it->Seek("a"); it->Valid(); it->Next()) seen += it->value();
  EXPECT_EQ(seen, "1234");
  it->Seek("aa");
  EXPECT_EQ(it->key(), "b");
  it->SeekForPrev("az");
  EXPECT_EQ(it->key(), "a");
  it->SeekForPrev("b");
  EXPECT_EQ(it->key(), "b");
  it->SeekForPrev("A");
  EXPECT_FALSE(it->Valid());
  it->Seek("\xff\xff");
  EXPECT_FALSE(it->Valid());
  SUYUAN_EXPECT_OK(it->status());
}

TEST_P(StoreTest, AWalkSeesTheStoreAsItWas) {
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"a", "1"}, {"c", "3"}})));
  const std::unique_ptr<Iterator> it = store_->NewIterator();
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"a", "changed"}, {"b", "2"}})));
  it->Seek("");
  EXPECT_EQ(it->value(), "1");
  it->Next();
  EXPECT_EQ(it->key(), "c");
}

class RocksDbStoreTest : public testing::Test {
 protected:
  absl::StatusOr<std::unique_ptr<Store>> Open(RocksDbMode mode = RocksDbMode::kReadWrite,
                                              bool create = true) {
    return OpenRocksDb(path_, mode, create);
  }
  TempDir dir_;
  const std::string path_ = dir_ / "db";
};

TEST_F(RocksDbStoreTest, KeepsWhatWasWrittenWithAndWithoutFlush) {
  std::map<std::string, std::string> pairs;
  for (int round = 0; round < 4; ++round) {
    auto store = Open();
    SUYUAN_ASSERT_OK(store);
    EXPECT_EQ(All(**store), pairs);
    const std::string key = "k" + std::to_string(round);
    SUYUAN_ASSERT_OK((*store)->Write(Puts({{key, std::string(20'000, 'v')}})));
    pairs[key] = std::string(20'000, 'v');
    if (round % 2 == 0) {
      SUYUAN_ASSERT_OK((*store)->Flush());
    }
  }
  auto store = Open();
  SUYUAN_ASSERT_OK(store);
  EXPECT_EQ(All(**store), pairs);
}

TEST_F(RocksDbStoreTest, IsNotMadeUnlessAsked) {
  EXPECT_FALSE(Open(RocksDbMode::kReadWrite, false).ok());
  EXPECT_FALSE(Open(RocksDbMode::kReadOnly, false).ok());
  EXPECT_FALSE(std::filesystem::exists(path_ + "/CURRENT"));
}

TEST_F(RocksDbStoreTest, ReadOnlyReadsTheLogAndWritesNothing) {
  {
    auto store = Open();
    SUYUAN_ASSERT_OK(store);
    SUYUAN_ASSERT_OK((*store)->Write(Puts({{"a", "1"}})));
    SUYUAN_ASSERT_OK((*store)->Flush());
    SUYUAN_ASSERT_OK((*store)->Write(Puts({{"b", "2"}})));
  }
  const auto state = [&] {
    std::map<std::string, uintmax_t> files;
    for (const auto& file : std::filesystem::directory_iterator(path_)) {
      files[file.path().filename()] = file.file_size();
    }
    return files;
  };
  const auto before = state();
  {
    auto store = Open(RocksDbMode::kReadOnly, false);
    SUYUAN_ASSERT_OK(store);
    EXPECT_EQ(All(**store), (std::map<std::string, std::string>{{"a", "1"}, {"b", "2"}}));
    EXPECT_FALSE((*store)->Write(Puts({{"c", "3"}})).ok());
  }
  EXPECT_EQ(state(), before);
}

TEST_F(RocksDbStoreTest, LeavesNoLogFilesOfItsOwn) {
  { SUYUAN_ASSERT_OK(Open()); }
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    EXPECT_FALSE(file.path().filename().string().starts_with("LOG")) << file.path();
  }
}

// A byte of a table changed on disk is told where it is read, never served.
TEST_F(RocksDbStoreTest, DamageInATableIsDataLoss) {
  std::map<std::string, std::string> pairs;
  for (int i = 0; i < 100; ++i) pairs["key" + std::to_string(i)] = std::string(300, 'a' + i % 26);
  {
    auto store = Open();
    SUYUAN_ASSERT_OK(store);
    SUYUAN_ASSERT_OK((*store)->Write(Puts(pairs)));
    SUYUAN_ASSERT_OK((*store)->Flush());
  }
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().extension() != ".sst") continue;
    FILE* const table = fopen(file.path().c_str(), "r+b");
    fseek(table, 50, SEEK_SET);
    const int byte = fgetc(table);
    fseek(table, 50, SEEK_SET);
    fputc(byte ^ 4, table);
    fclose(table);
  }
  auto store = Open();
  if (!store.ok()) {
    EXPECT_TRUE(absl::IsDataLoss(store.status())) << store.status();
    return;
  }
  const std::unique_ptr<Iterator> it = (*store)->NewIterator();
  for (it->Seek(""); it->Valid(); it->Next()) {
    EXPECT_EQ(it->value(), pairs[std::string(it->key())]);
  }
  EXPECT_TRUE(absl::IsDataLoss(it->status())) << it->status();
}

TEST_F(RocksDbStoreTest, AMissingTableIsDataLoss) {
  {
    auto store = Open();
    SUYUAN_ASSERT_OK(store);
    SUYUAN_ASSERT_OK((*store)->Write(Puts({{"a", "1"}})));
    SUYUAN_ASSERT_OK((*store)->Flush());
  }
  for (const auto& file : std::filesystem::directory_iterator(path_)) {
    if (file.path().extension() == ".sst") std::filesystem::remove(file.path());
  }
  for (const RocksDbMode mode : {RocksDbMode::kReadOnly, RocksDbMode::kReadWrite}) {
    EXPECT_THAT(Open(mode, false), StatusIs(absl::StatusCode::kDataLoss, testing::_));
  }
}

TEST_F(RocksDbStoreTest, ASecondOneOnTheSameFilesIsRefused) {
  auto first = Open();
  SUYUAN_ASSERT_OK(first);
  EXPECT_FALSE(Open().ok());
}

TEST_P(StoreTest, DeletesWithWhatIsPutInTheSameBatch) {
  SUYUAN_ASSERT_OK(store_->Write(Puts({{"a", "1"}, {"b", "2"}, {"c", "3"}})));
  WriteBatch batch = Puts({{"d", "4"}});
  batch.Delete("b");
  batch.Delete("never");
  SUYUAN_ASSERT_OK(store_->Write(batch));
  EXPECT_EQ(All(*store_), (std::map<std::string, std::string>{{"a", "1"}, {"c", "3"}, {"d", "4"}}));
}

// Everything that lies in the files of a store.
std::string BytesOf(const std::string& path) {
  std::string bytes;
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) bytes += ReadFile(entry.path()).value_or("");
  }
  return bytes;
}

TEST(PurgeTest, NoFileHoldsWhatWasDeletedOrWrittenOver) {
  // Bytes that no compression takes apart.
  const auto secret = [](std::string_view kind, int i) {
    return std::string(Sha256({kind, std::to_string(i)}).view());
  };
  const TempDir dir;
  for (const bool all : {false, true}) {
    const std::string path = dir / (all ? "all" : "some");
    auto opened = OpenRocksDb(path, RocksDbMode::kReadWrite, true);
    SUYUAN_ASSERT_OK(opened);
    Store& store = **opened;
    // In tables of their own and in the log; over and over.
    for (int i = 0; i < 12; ++i) {
      SUYUAN_ASSERT_OK(store.Write(
          Puts({{"key-" + std::to_string(i), secret("value", i)}, {"over", secret("old", i)}})));
      if (i % 3 != 0) continue;
      SUYUAN_ASSERT_OK(store.Flush());
    }
    WriteBatch batch = Puts({{"over", secret("new", 0)}});
    std::vector<std::string> keys = {"over"};
    for (int i = 0; i < 12; i += 2) {
      keys.push_back("key-" + std::to_string(i));
      batch.Delete(keys.back());
    }
    SUYUAN_ASSERT_OK(store.Write(batch));
    const auto holds = [&](const std::string& bytes) {
      return BytesOf(path).find(bytes) != std::string::npos;
    };
    EXPECT_TRUE(holds(secret("value", 10)));
    EXPECT_TRUE(holds(secret("old", 11)));
    SUYUAN_ASSERT_OK(all ? store.PurgeAll() : store.Purge(keys));
    for (int i = 0; i < 12; ++i) {
      EXPECT_EQ(holds(secret("value", i)), i % 2 == 1) << i;
      EXPECT_FALSE(holds(secret("old", i))) << i;
    }
    EXPECT_EQ(*store.Get("over"), secret("new", 0));
    EXPECT_EQ(*store.Get("key-3"), secret("value", 3));
    // What the log holds once more goes, too.
    SUYUAN_ASSERT_OK(store.Write(Puts({{"key-1", secret("again", 1)}})));
    SUYUAN_ASSERT_OK(store.Purge({"key-1"}));
    EXPECT_FALSE(holds(secret("value", 1)));
    EXPECT_TRUE(holds(secret("again", 1)));
    // And where nothing is left to flush.
    SUYUAN_ASSERT_OK(store.PurgeAll());
    EXPECT_TRUE(holds(secret("again", 1)));
  }
}

TEST(PurgeTest, AnIteratorHoldsItUpAndNoMore) {
  const TempDir dir;
  auto opened = OpenRocksDb(dir / "db", RocksDbMode::kReadWrite, true);
  SUYUAN_ASSERT_OK(opened);
  SUYUAN_ASSERT_OK((*opened)->Write(Puts({{"a", "1"}})));
  SUYUAN_ASSERT_OK((*opened)->Flush());
  std::unique_ptr<Iterator> it = (*opened)->NewIterator();
  it->Seek("a");
  WriteBatch batch;
  batch.Delete("a");
  SUYUAN_ASSERT_OK((*opened)->Write(batch));
  std::jthread reader([&] {
    EXPECT_EQ(it->value(), "1");
    it.reset();
  });
  SUYUAN_ASSERT_OK((*opened)->Purge({"a"}));
}

}  // namespace
}  // namespace suyuan::store
