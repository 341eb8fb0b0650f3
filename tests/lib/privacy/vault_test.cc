#include "lib/privacy/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "lib/base/file.h"
#include "lib/store/rocksdb_store.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::privacy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kOrigin[] = "suyuan/plant-a/00";

class VaultTest : public testing::Test {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    vault_.reset();
    auto vault = Vault::Open(Dir());
    SUYUAN_ASSERT_OK(vault);
    vault_ = *std::move(vault);
  }

  std::string Dir() const { return dir_ / "vault"; }

  static Place At(const std::string& event_id, const std::string& path = "receive.contact") {
    return {1, kOrigin, event_id, path};
  }

  static Datum Told(const std::string& event_id, const std::string& value,
                    const std::string& person = "") {
    return {At(event_id), value, person, std::string(kSaltBytes, event_id.back())};
  }

  Vault::Ticket Put(const std::vector<Datum>& data) {
    auto ticket = vault_->Put(data);
    EXPECT_THAT(ticket, IsOk());
    return ticket.ok() ? *ticket : Vault::Ticket();
  }
  void Keep(const std::vector<Datum>& data) { vault_->Keep(Put(data)); }

  Found Find(const std::string& event_id) {
    auto found = vault_->Find(At(event_id));
    EXPECT_THAT(found, IsOk());
    return found.ok() ? *found : Found();
  }
  std::string ValueOf(const std::string& event_id) { return Find(event_id).datum.value; }

  void Erase(const std::vector<std::string>& event_ids) {
    Erasure erasure{.ledger = 1, .entry_id = "suyuan:erase:1"};
    for (const std::string& id : event_ids) erasure.erased.push_back({At(id), Hash{}});
    SUYUAN_ASSERT_OK(vault_->Begin(erasure));
    SUYUAN_ASSERT_OK(vault_->Finish(erasure));
  }

  std::vector<std::string> FilesWith(const std::string& text) {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(Dir())) {
      if (!entry.is_regular_file()) continue;
      const auto bytes = ReadFile(entry.path());
      if (bytes.ok() && bytes->find(text) != std::string::npos) files.push_back(entry.path());
    }
    return files;
  }

  // All pairs of a database whose key begins with `kind`; the vault is closed for it.
  std::vector<std::pair<std::string, std::string>> Pairs(const std::string& name, char kind) {
    vault_.reset();
    std::vector<std::pair<std::string, std::string>> pairs;
    {
      auto store = store::OpenRocksDb(Dir() + name, store::RocksDbMode::kReadOnly, false);
      EXPECT_THAT(store, IsOk());
      const auto it = (*store)->NewIterator();
      for (it->Seek(std::string(1, kind)); it->Valid() && it->key()[0] == kind; it->Next()) {
        pairs.emplace_back(it->key(), it->value());
      }
    }
    Open();
    return pairs;
  }

  void Change(const std::string& name, const std::string& key, const std::string& value) {
    vault_.reset();
    {
      auto store = store::OpenRocksDb(Dir() + name, store::RocksDbMode::kReadWrite, false);
      SUYUAN_ASSERT_OK(store);
      store::WriteBatch batch;
      batch.Put(key, value);
      SUYUAN_ASSERT_OK((*store)->Write(batch));
    }
    Open();
  }

  TempDir dir_;
  std::unique_ptr<Vault> vault_;
};

TEST_F(VaultTest, NothingIsThereBeforeTheFirstValue) {
  EXPECT_TRUE(vault_->empty());
  EXPECT_EQ(Find("e1").state, Found::State::kNothing);
  EXPECT_FALSE(std::filesystem::exists(Dir()));
}

TEST_F(VaultTest, GivesBackWhatItWasGiven) {
  Keep({Told("e1", "张三 138", "person:1"), Told("e2", "Li Si")});
  for (int i = 0; i < 2; ++i) {
    const Found found = Find("e1");
    EXPECT_EQ(found.state, Found::State::kHeld);
    EXPECT_EQ(found.datum.value, "张三 138");
    EXPECT_EQ(found.datum.person, "person:1");
    EXPECT_EQ(found.datum.salt, std::string(kSaltBytes, '1'));
    EXPECT_EQ(ValueOf("e2"), "Li Si");
    Open();
  }
}

TEST_F(VaultTest, IsOpenToItsOwnerAlone) {
  Keep({Told("e1", "Zhang San")});
  Open();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir_.path())) {
    struct stat info;
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, entry.is_directory() ? 0700u : 0600u) << entry.path();
  }
}

TEST_F(VaultTest, HoldsNoValueInTheClear) {
  Keep({Told("e1", "Zhang San 13800000000", "person:1042")});
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(FilesWith("Zhang San"), IsEmpty());
    EXPECT_THAT(FilesWith("person:1042"), IsEmpty());
    EXPECT_THAT(FilesWith(std::string(kSaltBytes, '1')), IsEmpty());
    Open();
  }
}

TEST_F(VaultTest, WhatWasNotKeptIsPendingAtTheNextOpening) {
  Keep({Told("e1", "a")});
  Put({Told("e2", "b")});
  Open();
  auto pending = vault_->Pending();
  SUYUAN_ASSERT_OK(pending);
  ASSERT_THAT(*pending, SizeIs(1));
  EXPECT_EQ((*pending)[0].event_id, "e2");
  SUYUAN_ASSERT_OK(vault_->Destroy(*pending));
  EXPECT_EQ(Find("e2").state, Found::State::kNothing);
  EXPECT_EQ(ValueOf("e1"), "a");
  EXPECT_THAT(Pairs("/keys", 'k'), SizeIs(1));
  EXPECT_THAT(*vault_->Pending(), IsEmpty());
}

TEST_F(VaultTest, WhatIsRefusedIsForgottenAndItsPersonToo) {
  const Vault::Ticket both = Put({Told("e1", "a", "person:1"), Told("e2", "b")});
  SUYUAN_ASSERT_OK(vault_->Forget(both));
  EXPECT_EQ(Find("e1").state, Found::State::kNothing);
  EXPECT_EQ(Find("e2").state, Found::State::kNothing);
  EXPECT_THAT(Pairs("/keys", 'k'), IsEmpty());
  EXPECT_THAT(Pairs("/keys", 'h'), IsEmpty());
  EXPECT_THAT(Pairs("/rows", 'p'), IsEmpty());
  EXPECT_THAT(*vault_->Pending(), IsEmpty());
}

TEST_F(VaultTest, APersonForWhomSomebodyElseWritesStays) {
  const Vault::Ticket refused = Put({Told("e1", "a", "person:1")});
  const Vault::Ticket taken = Put({Told("e2", "b", "person:1")});
  SUYUAN_ASSERT_OK(vault_->Forget(refused));
  vault_->Keep(taken);
  EXPECT_EQ(ValueOf("e2"), "b");
  Open();
  EXPECT_EQ(ValueOf("e2"), "b");
  auto places = vault_->OfPerson(1, kOrigin, "person:1");
  SUYUAN_ASSERT_OK(places);
  EXPECT_EQ(*places, std::vector<Place>{At("e2")});
}

TEST_F(VaultTest, APersonHasOneKeyInALedgerAndADatumOfNobodyItsOwn) {
  Keep({Told("e1", "a", "person:1"), Told("e2", "b", "person:1")});
  Keep({Told("e3", "c", "person:1"), Told("e4", "d"), Told("e5", "e")});
  EXPECT_THAT(Pairs("/keys", 'k'), SizeIs(3));
  EXPECT_THAT(*vault_->OfPerson(1, kOrigin, "person:1"), SizeIs(3));
  EXPECT_THAT(*vault_->OfPerson(2, "suyuan/plant-b/00", "person:1"), IsEmpty());
}

TEST_F(VaultTest, NoFileHoldsTheKeyOfAnErasedPerson) {
  Keep({Told("e1", "a", "person:1"), Told("e2", "b", "person:1"), Told("e3", "c", "person:2")});
  const auto keys = Pairs("/keys", 'k');
  const auto rows = Pairs("/rows", 'r');
  ASSERT_THAT(keys, SizeIs(2));
  ASSERT_THAT(rows, SizeIs(3));
  for (const auto& [id, key] : keys) EXPECT_THAT(FilesWith(key), testing::Not(IsEmpty()));
  Erase({"e1", "e2"});
  int still = 0;
  for (const auto& [id, key] : keys) still += FilesWith(key).empty() ? 0 : 1;
  EXPECT_EQ(still, 1);
  EXPECT_THAT(FilesWith(rows[0].second.substr(40)), IsEmpty());
  EXPECT_THAT(FilesWith(rows[1].second.substr(40)), IsEmpty());
  EXPECT_THAT(FilesWith(rows[2].second.substr(40)), testing::Not(IsEmpty()));
  EXPECT_EQ(Find("e1").state, Found::State::kErased);
  EXPECT_EQ(ValueOf("e3"), "c");
  Open();
  EXPECT_EQ(ValueOf("e3"), "c");
  EXPECT_THAT(*vault_->OfPerson(1, kOrigin, "person:1"), IsEmpty());
  EXPECT_THAT(*vault_->Begun(), IsEmpty());
}

// A copy of its row would open with the key that the person's other rows still need.
TEST_F(VaultTest, WhoLosesOneValueGetsANewKeyForTheOthers) {
  Keep({Told("e1", "a", "person:1"), Told("e2", "b", "person:1")});
  const auto before = Pairs("/keys", 'k');
  ASSERT_THAT(before, SizeIs(1));
  Erase({"e1"});
  EXPECT_THAT(FilesWith(before[0].second), IsEmpty());
  EXPECT_EQ(ValueOf("e2"), "b");
  EXPECT_THAT(Pairs("/keys", 'k'), SizeIs(1));
  Keep({Told("e3", "c", "person:1")});
  EXPECT_THAT(*vault_->OfPerson(1, kOrigin, "person:1"), SizeIs(2));
}

TEST_F(VaultTest, AnErasureIsFinishedHoweverFarItCame) {
  Keep({Told("e1", "a", "person:1"), Told("e2", "b", "person:1"), Told("e3", "c")});
  Erasure erasure{.ledger = 1, .entry_id = "suyuan:erase:7"};
  erasure.erased = {{At("e1"), Hash{}}, {At("e3"), Hash{}}};
  erasure.restricted = {{At("e2"), 77}};
  SUYUAN_ASSERT_OK(vault_->Begin(erasure));
  Open();
  for (int i = 0; i < 2; ++i) {
    auto begun = vault_->Begun();
    SUYUAN_ASSERT_OK(begun);
    ASSERT_THAT(*begun, SizeIs(i == 0 ? 1 : 0));
    SUYUAN_ASSERT_OK(vault_->Finish(i == 0 ? (*begun)[0] : erasure, /*again=*/true));
    EXPECT_EQ(Find("e1").state, Found::State::kErased);
    EXPECT_EQ(Find("e3").state, Found::State::kErased);
    EXPECT_EQ(Find("e2").restricted_until, 77);
    EXPECT_EQ(ValueOf("e2"), "b");
    Open();
  }
  EXPECT_THAT(*vault_->Begun(), IsEmpty());
  EXPECT_THAT(*vault_->RestrictedOf(1, kOrigin), SizeIs(1));
}

TEST_F(VaultTest, WithoutKeysItSaysSoAndTakesNothing) {
  Keep({Told("e1", "a", "person:1")});
  vault_.reset();
  std::filesystem::rename(Dir() + "/keys", dir_ / "away");
  Open();
  EXPECT_EQ(Find("e1").state, Found::State::kKeyMissing);
  const std::vector<Datum> more = {Told("e2", "b")};
  EXPECT_THAT(vault_->Put(more),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("vault/keys")));
  EXPECT_THAT(vault_->OfPerson(1, kOrigin, "person:1"),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("vault/keys")));
  EXPECT_FALSE(std::filesystem::exists(Dir() + "/keys"));
  vault_.reset();
  std::filesystem::rename(dir_ / "away", Dir() + "/keys");
  Open();
  EXPECT_EQ(ValueOf("e1"), "a");
}

TEST_F(VaultTest, KeysOfAnotherVaultAreNoKeys) {
  Keep({Told("e1", "a")});
  const std::string mine = dir_ / "mine";
  vault_.reset();
  std::filesystem::rename(Dir(), mine);
  Open();
  Keep({Told("e1", "x")});
  vault_.reset();
  std::filesystem::remove_all(Dir() + "/rows");
  std::filesystem::rename(mine + "/rows", Dir() + "/rows");
  Open();
  EXPECT_EQ(Find("e1").state, Found::State::kKeyMissing);
}

TEST_F(VaultTest, ARowThatWasTamperedWithIsAnError) {
  Keep({Told("e1", "a"), Told("e2", "b")});
  const auto rows = Pairs("/rows", 'r');
  ASSERT_THAT(rows, SizeIs(2));
  const auto expect_error = [&] {
    EXPECT_THAT(vault_->Find(At("e1")),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("event e1, receive.contact")));
  };
  for (size_t i = 0; i < rows[0].second.size(); ++i) {
    std::string changed = rows[0].second;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    // The number of its key is not secret: another one is a key that is not here.
    if (i >= 1 && i <= 16) continue;
    if (i % 7 != 0 && i > 20) continue;
    Change("/rows", rows[0].first, changed);
    expect_error();
  }
  for (const size_t size : {size_t{0}, size_t{1}, size_t{17}, size_t{30}}) {
    Change("/rows", rows[0].first, rows[0].second.substr(0, size));
    expect_error();
  }
  // The row of another place.
  Change("/rows", rows[0].first, rows[1].second);
  expect_error();
}

}  // namespace
}  // namespace suyuan::privacy
