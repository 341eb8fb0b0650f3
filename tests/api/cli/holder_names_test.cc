#include "api/cli/holder_names.h"

#include "tests/api/exchange/fake_engine.h"

namespace suyuan::cli {
namespace {

// A ledger with three subjects, two of which have one name.
class HolderNamesTest : public testing::Test {
 protected:
  HolderNamesTest() {
    Add("ext:s:1", "Le Bio", "Rue 1");
    Add("ext:s:2", "Le Bio", "");
    Add("ext:s:3", "Old name", "Rue 3");
    Add("ext:s:3", "ECO", "Rue 3");
  }
  void Add(const std::string& key, const std::string& name, const std::string& address) {
    v1::Event event;
    v1::SubjectVersion& subject = *event.mutable_register_master()->mutable_subject();
    subject.set_key(key);
    subject.set_name(name);
    subject.set_address(address);
    engine_.ledgers["l"].push_back(event);
  }
  HolderNames Load(uint64_t max_entries = 100) {
    LedgerHead head;
    head.ledger = "l";
    head.size = engine_.ledgers["l"].size();
    return HolderNames::Load(engine_, {head}, max_entries);
  }
  exchange::FakeEngine engine_;
};

TEST_F(HolderNamesTest, TellsHoldersOfOneNameApart) {
  const HolderNames names = Load();
  EXPECT_EQ(names.Get("ext:s:1"), "Le Bio (Rue 1)");
  EXPECT_EQ(names.Get("ext:s:2"), "Le Bio (ext:s:2)");
  EXPECT_EQ(names.Get("ext:s:3"), "ECO");
  EXPECT_EQ(names.Join({"ext:s:3", "ext:s:9"}), "ECO, ext:s:9");
}

TEST_F(HolderNamesTest, DoesNotReadALargeLedger) { EXPECT_EQ(Load(3).Get("ext:s:3"), "ext:s:3"); }

}  // namespace
}  // namespace suyuan::cli
