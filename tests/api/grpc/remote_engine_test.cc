#include "api/grpc/remote_engine.h"

#include "api/cli/demo_plant.h"
#include "api/cli/recall_json.h"
#include "api/cli/result_json.h"
#include "tests/api/grpc/server_test.h"

namespace suyuan::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// What the engine over the wire answers is what the engine in the server answers.
class RemoteEngineTest : public ServerTest {
 protected:
  // The refusal of `events` by both, which must be one.
  absl::Status RefusalOf(const std::string& ledger, const std::vector<v1::Event>& events) {
    const absl::Status here = local_->Append(ledger, events).status();
    const absl::Status there = remote_->Append(ledger, events).status();
    EXPECT_EQ(there.code(), here.code());
    EXPECT_EQ(there.message(), here.message());
    ExpectSame(ViolationsOf(there), ViolationsOf(here));
    return there;
  }

  static void ExpectSame(const std::vector<Violation>& a, const std::vector<Violation>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (size_t i = 0; i < a.size(); ++i) {
      EXPECT_EQ(a[i].event_index, b[i].event_index);
      EXPECT_EQ(a[i].rule, b[i].rule);
      EXPECT_EQ(a[i].field, b[i].field);
      EXPECT_EQ(a[i].found, b[i].found);
      EXPECT_EQ(a[i].expected, b[i].expected);
      EXPECT_EQ(a[i].source, b[i].source);
      EXPECT_EQ(a[i].message_zh, b[i].message_zh);
      EXPECT_EQ(a[i].message_en, b[i].message_en);
    }
  }

  // An event of a plant with most of what it must say left out.
  static v1::Event BadCharge(const std::string& id) {
    v1::Event event;
    event.set_id(id);
    event.mutable_charge()->mutable_unit()->set_key("lot:nonsense");
    event.mutable_charge()->mutable_quantity()->set_value(1);
    event.mutable_charge()->mutable_quantity()->set_unit("XYZ");
    return event;
  }
};

TEST_F(RemoteEngineTest, GivesTheReceiptsThatTheEngineGave) {
  Ledger("a");
  const std::vector<v1::Event> events = {Seen("s1"), Linked("milk", "powder")};
  const std::vector<Receipt> receipts = Append("a", events);
  ASSERT_THAT(receipts, SizeIs(2));
  EXPECT_EQ(receipts[0].ledger, "a");
  EXPECT_EQ(receipts[0].sequence, 1u);
  EXPECT_EQ(receipts[0].event_id, "s1");
  EXPECT_FALSE(receipts[0].duplicate);
  const auto again = local_->Append("a", events);
  SUYUAN_ASSERT_OK(again);
  for (size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE((*again)[i].duplicate);
    EXPECT_EQ((*again)[i].sequence, receipts[i].sequence);
    EXPECT_EQ((*again)[i].leaf_hash, receipts[i].leaf_hash);
    EXPECT_EQ((*again)[i].previous_hash, receipts[i].previous_hash);
    EXPECT_EQ((*again)[i].tree_size, receipts[i].tree_size);
    EXPECT_EQ((*again)[i].root, receipts[i].root);
  }
}

TEST_F(RemoteEngineTest, AppendsOnceHoweverOftenItIsAsked) {
  Ledger("a");
  const Receipt first = Append("a", {Seen("s1")})[0];
  const Receipt again = Append("a", {Seen("s1")})[0];
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.leaf_hash, first.leaf_hash);
  EXPECT_EQ(local_->GetLedger("a")->size, 2u);
  EXPECT_EQ(RefusalOf("a", {Seen("s1", "whey")}).code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(RemoteEngineTest, TellsEveryFaultOfARefusedBatch) {
  Ledger("a", "ordinary");
  const absl::Status status = RefusalOf("a", {Seen("good"), BadCharge("c1")});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(ViolationsOf(status), testing::Not(IsEmpty()));
  EXPECT_EQ(local_->GetLedger("a")->size, 1u);
  const std::vector<v1::Event> events = {Seen("good"), BadCharge("c1")};
  ExpectSame(*remote_->Validate("a", events), *local_->Validate("a", events));
}

TEST_F(RemoteEngineTest, TellsMoreFaultsThanTheMetadataOfAnAnswerHold) {
  Ledger("a", "ordinary");
  std::vector<v1::Event> events;
  for (int i = 0; i < 4096; ++i) events.push_back(BadCharge("c" + std::to_string(i)));
  const absl::Status status = RefusalOf("a", events);
  EXPECT_GT(ViolationsOf(status).size(), events.size());
  ExpectSame(*remote_->Validate("a", events), *local_->Validate("a", events));
}

TEST_F(RemoteEngineTest, SaysWhatTheEngineSaysOfWhatIsNotThere) {
  Ledger("a");
  EXPECT_EQ(RefusalOf("nowhere", {Seen("s1")}).code(), absl::StatusCode::kNotFound);
  v1::Event correction = Seen("s2");
  correction.mutable_correction()->set_event_id("never");
  correction.mutable_correction()->set_reason("typo");
  EXPECT_EQ(RefusalOf("a", {correction}).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(remote_->GetLedger("nowhere").status(), local_->GetLedger("nowhere").status());
  const std::vector<std::vector<v1::Event>> batches = {
      {}, {Seen("s1")}, {Seen("s1", "milk", 70'000)}};
  for (const std::vector<v1::Event>& events : batches) {
    EXPECT_THAT(remote_->Validate("nowhere", events),
                StatusIs(absl::StatusCode::kNotFound, HasSubstr("nowhere")));
    EXPECT_EQ(remote_->Validate("nowhere", events).status(),
              local_->Validate("nowhere", events).status());
  }
  EXPECT_EQ(remote_->Trace({.unit = "ext:test:no"}).status(),
            local_->Trace({.unit = "ext:test:no"}).status());
  const LedgerOptions bad = {.name = "Bad Name", .subject = "ext:t:o"};
  EXPECT_EQ(remote_->CreateLedger(bad).status(), local_->CreateLedger(bad).status());
  EXPECT_THAT(remote_->CreateLedger({.name = "a", .subject = "ext:test:a"}),
              StatusIs(absl::StatusCode::kAlreadyExists, HasSubstr("a")));
}

TEST_F(RemoteEngineTest, RefusesWhatIsTooLarge) {
  Ledger("a");
  EXPECT_EQ(RefusalOf("a", Many(0, 4097)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(RefusalOf("a", Many(0, 100, 60'000)).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(remote_->Append("a", Many(0, 200, 60'000)),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       testing::AllOf(HasSubstr("上限为 8388608"), HasSubstr("at most 8388608"))));
  EXPECT_THAT(ViolationsOf(RefusalOf("a", {Seen("s1"), Seen("s2", "milk", 20'000'000)})),
              SizeIs(1));
  EXPECT_EQ(local_->GetLedger("a")->size, 1u);
}

TEST_F(RemoteEngineTest, AnswersLikeTheEngineInTheServer) {
  DemoSummary summary;
  SUYUAN_ASSERT_OK(LoadDemoPlant(remote_.get(), {.days = 2}, &summary));
  EXPECT_EQ(cli::LedgersJson(*remote_->ListLedgers()), cli::LedgersJson(*local_->ListLedgers()));
  const std::vector<UnitInfo> units = *local_->FindUnits("");
  EXPECT_EQ(cli::UnitsJson(*remote_->FindUnits("")), cli::UnitsJson(units));
  EXPECT_EQ(cli::UnitsJson(*remote_->FindUnits("奶粉")),
            cli::UnitsJson(*local_->FindUnits("奶粉")));
  for (const UnitInfo& unit : units) {
    const auto there = remote_->Trace({.unit = unit.key});
    const auto here = local_->Trace({.unit = unit.key});
    SUYUAN_ASSERT_OK(there);
    EXPECT_EQ(cli::TraceJson(*there), cli::TraceJson(*here));
    ASSERT_EQ(there->steps.size(), here->steps.size());
    for (size_t i = 0; i < here->steps.size(); ++i) {
      EXPECT_EQ(there->steps[i].ledger, here->steps[i].ledger);
      EXPECT_EQ(there->steps[i].sequence, here->steps[i].sequence);
      EXPECT_EQ(there->steps[i].operation, here->steps[i].operation);
      EXPECT_EQ(there->steps[i].run, here->steps[i].run);
    }
  }
  const std::string unit = units.front().key;
  const auto stock_here = local_->GetStock({});
  const auto stock_there = remote_->GetStock({});
  SUYUAN_ASSERT_OK(stock_here);
  SUYUAN_ASSERT_OK(stock_there);
  EXPECT_EQ(cli::StockJson(*stock_there), cli::StockJson(*stock_here));
  const auto plan_here = local_->PlanRecall({.units = {unit}});
  const auto plan_there = remote_->PlanRecall({.units = {unit}});
  SUYUAN_ASSERT_OK(plan_here);
  SUYUAN_ASSERT_OK(plan_there);
  EXPECT_EQ(cli::RecallJson(*plan_there), cli::RecallJson(*plan_here));
  const auto report_here = local_->ReportCompleteness(unit);
  const auto report_there = remote_->ReportCompleteness(unit);
  SUYUAN_ASSERT_OK(report_here);
  SUYUAN_ASSERT_OK(report_there);
  EXPECT_EQ(cli::CompletenessJson(*report_there), cli::CompletenessJson(*report_here));
  SUYUAN_EXPECT_OK(remote_->RebuildIndexes());
  const auto report = remote_->CheckNow(nullptr);
  SUYUAN_ASSERT_OK(report);
  EXPECT_TRUE(report->ok());
  ASSERT_THAT(report->ledgers, SizeIs(1));
  EXPECT_EQ(report->ledgers[0].root, local_->ListLedgers()->front().root);
}

TEST_F(RemoteEngineTest, AnswersAboutThePastLikeTheEngineInTheServer) {
  Ledger("a");
  Append("a", {Linked("milk", "powder"), Linked("whey", "powder")});
  v1::Event withdrawal;
  withdrawal.set_id("w");
  withdrawal.mutable_correct()->set_withdrawn_event_id("whey>powder");
  withdrawal.mutable_correct()->set_reason("did not happen");
  Append("a", {withdrawal});
  const TraceRequest now = {.unit = "ext:test:powder", .direction = Direction::kBackward};
  TraceRequest before = now;
  before.at = {{"a", 3}};
  TraceRequest recorded = now;
  recorded.as_recorded = true;
  TraceRequest never = now;
  never.at = {{"a", 99}};
  for (const TraceRequest& request : {now, before, recorded, never}) {
    const auto here = local_->Trace(request);
    const auto there = remote_->Trace(request);
    ASSERT_EQ(there.status(), here.status());
    if (!here.ok()) continue;
    EXPECT_EQ(cli::TraceJson(*there), cli::TraceJson(*here));
  }
}

TEST_F(RemoteEngineTest, SendsAnswersOfManyMegabytes) {
  Ledger("a");
  for (int part = 0; part < 4; ++part) {
    std::vector<v1::Event> links;
    for (int i = 0; i < 4000; ++i) {
      links.push_back(Linked("milk", "a-long-name-of-a-can-" + std::string(200, 'x') +
                                         std::to_string(part * 4000 + i)));
      links.back().set_id("l" + std::to_string(part * 4000 + i));
    }
    Append("a", links);
  }
  const auto there = remote_->Trace({.unit = "ext:test:milk", .direction = Direction::kForward});
  SUYUAN_ASSERT_OK(there);
  EXPECT_THAT(there->units, SizeIs(16'000));
  EXPECT_EQ(there->digest,
            local_->Trace({.unit = "ext:test:milk", .direction = Direction::kForward})->digest);
  EXPECT_THAT(*remote_->FindUnits("long-name"), SizeIs(16'000));
}

TEST_F(RemoteEngineTest, ProvesWithSm3LikeTheEngineInTheServer) {
  constexpr TreeHash kSm3 = TreeHash::kSm3;
  const auto made = remote_->CreateLedger({.name = "both",
                                           .subject = "ext:test:owner",
                                           .subject_name = "Owner",
                                           .profile = "investigation",
                                           .sm3 = true});
  SUYUAN_ASSERT_OK(made);
  ASSERT_THAT(made->sm3_verifier_keys, SizeIs(1));
  Append("both", {Seen("s1"), Seen("s2"), Seen("s3")});
  EXPECT_EQ(remote_->GetLedger("both")->sm3_root, local_->GetLedger("both")->sm3_root);
  EXPECT_EQ(*remote_->Checkpoint("both", kSm3), *local_->Checkpoint("both", kSm3));
  EXPECT_EQ(*remote_->PublishedCheckpoint("both", kSm3), *local_->Checkpoint("both", kSm3));
  EXPECT_NE(*remote_->Checkpoint("both", kSm3), *remote_->Checkpoint("both"));
  const absl::StatusOr<EventProof> proof = remote_->Prove("both", "s2", kSm3);
  SUYUAN_ASSERT_OK(proof);
  const auto head = VerifyReceipt(proof->proof, proof->entry,
                                  "log " + made->sm3_verifier_keys[0] + "\nquorum none\n");
  SUYUAN_ASSERT_OK(head);
  EXPECT_EQ(head->hash, kSm3);
  EXPECT_EQ(head->origin, made->origin + "/sm3");
  EXPECT_EQ(*remote_->ProveConsistency("both", 1, 3, kSm3),
            *local_->ProveConsistency("both", 1, 3, kSm3));
  EXPECT_EQ(*remote_->ReadTile("both", "tile/0/000.p/4", kSm3),
            *local_->ReadTile("both", "tile/0/000.p/4", kSm3));
  Ledger("a");
  EXPECT_THAT(remote_->Checkpoint("a", kSm3),
              StatusIs(absl::StatusCode::kNotFound, testing::HasSubstr("SM3")));
}

TEST_F(RemoteEngineTest, ProvesLikeTheEngineInTheServer) {
  Ledger("a");
  Append("a", {Seen("s1"), Seen("s2"), Seen("s3")});
  const absl::StatusOr<std::string> checkpoint = remote_->Checkpoint("a");
  SUYUAN_ASSERT_OK(checkpoint);
  EXPECT_EQ(*checkpoint, *local_->Checkpoint("a"));
  const absl::StatusOr<EventProof> there = remote_->Prove("a", "s2");
  SUYUAN_ASSERT_OK(there);
  const absl::StatusOr<EventProof> here = local_->Prove("a", "s2");
  EXPECT_EQ(there->sequence, here->sequence);
  EXPECT_EQ(there->entry, here->entry);
  EXPECT_EQ(there->proof, here->proof);
  const LedgerInfo info = *remote_->GetLedger("a");
  EXPECT_EQ(info.origin, local_->GetLedger("a")->origin);
  ASSERT_THAT(info.verifier_keys, SizeIs(1));
  const std::string policy = "log " + info.verifier_keys[0] + "\nquorum none\n";
  SUYUAN_EXPECT_OK(VerifyReceipt(there->proof, there->entry, policy));
  EXPECT_EQ(*remote_->ProveConsistency("a", 1, 3), *local_->ProveConsistency("a", 1, 3));
  EXPECT_EQ(*remote_->ReadTile("a", "tile/0/000.p/4"), *local_->ReadTile("a", "tile/0/000.p/4"));

  EXPECT_EQ(remote_->Checkpoint("no").status(), local_->Checkpoint("no").status());
  EXPECT_EQ(remote_->Prove("a", "no").status(), local_->Prove("a", "no").status());
  EXPECT_EQ(remote_->ProveConsistency("a", 1, 9).status(),
            local_->ProveConsistency("a", 1, 9).status());
  for (const char* path : {"tile/0/000", "tile/9/000", "keys"}) {
    EXPECT_EQ(remote_->ReadTile("a", path).status(), local_->ReadTile("a", path).status());
  }
  EXPECT_THAT(remote_->RetireKeys("a"),
              StatusIs(absl::StatusCode::kFailedPrecondition, testing::_));
  const absl::StatusOr<LedgerInfo> rotated = remote_->RotateKey("a");
  SUYUAN_ASSERT_OK(rotated);
  EXPECT_THAT(rotated->verifier_keys, ElementsAre(testing::_, info.verifier_keys[0]));
  const std::string token = "pkcs11:token=none;object=key";
  EXPECT_EQ(remote_->RotateKey("a", token).status(), local_->RotateKey("a", token).status());
  EXPECT_THAT(remote_->RotateKey("a", token + "?module-path=/tmp/evil.so"),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("module-path")));
  EXPECT_THAT(remote_->RotateKey("a", token + "?pin-value=4711"),
              StatusIs(absl::StatusCode::kInvalidArgument, testing::HasSubstr("pin-value")));
  EXPECT_THAT(remote_->RetireKeys("a")->verifier_keys, ElementsAre(rotated->verifier_keys[0]));
}

TEST_F(RemoteEngineTest, ListsLedgersInPages) {
  for (int i = 0; i < 5; ++i) Ledger("l" + std::to_string(i));
  std::vector<std::string> names;
  v1::ListLedgersRequest request;
  request.set_page_size(2);
  int pages = 0;
  do {
    ::grpc::ClientContext context;
    v1::ListLedgersResponse response;
    ASSERT_TRUE(stub_->ListLedgers(&context, request, &response).ok());
    for (const auto& info : response.ledgers()) names.push_back(info.name());
    request.set_page_token(response.next_page_token());
    ++pages;
  } while (!request.page_token().empty());
  EXPECT_THAT(names, ElementsAre("l0", "l1", "l2", "l3", "l4"));
  EXPECT_EQ(pages, 3);
  Ledger("a");  // by name there as here
  EXPECT_EQ(cli::LedgersJson(*remote_->ListLedgers()), cli::LedgersJson(*local_->ListLedgers()));
}

TEST_F(RemoteEngineTest, ReadsARangeAndStopsWhenItHasSeenEnough) {
  Ledger("a");
  Append("a", Many(0, 20));
  EXPECT_THAT(IdsOf(*remote_, "a", 3, 6), ElementsAre("e2", "e3", "e4"));
  EXPECT_EQ(IdsOf(*remote_, "a"), IdsOf(*local_, "a"));
  EXPECT_THAT(IdsOf(*remote_, "a", 21, 30), IsEmpty());
  int seen = 0;
  SUYUAN_EXPECT_OK(remote_->Read("a", 0, 21, [&](const Entry& entry) {
    EXPECT_THAT(entry.leaf_hash, SizeIs(32));
    return ++seen < 5;
  }));
  EXPECT_EQ(seen, 5);
}

TEST_F(RemoteEngineTest, DoesNotTakeNobodyForAnEmptyAnswer) {
  Ledger("a");
  server_.reset();
  const auto nobody = StatusIs(absl::StatusCode::kUnavailable, HasSubstr("127.0.0.1"));
  EXPECT_THAT(remote_->ListLedgers(), nobody);
  EXPECT_THAT(remote_->FindUnits(""), nobody);
  const std::vector<v1::Event> events = {Seen("s1")};
  EXPECT_THAT(remote_->Validate("a", events), nobody);
  EXPECT_THAT(RemoteEngine::Connect({.address = "127.0.0.1:1"}),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("127.0.0.1:1")));
}

TEST_F(RemoteEngineTest, PersonalValuesAreShownDisclosedAndErased) {
  Ledger("a");
  constexpr char kPath[] = "receive.supplier_contact";
  const auto received = [](const std::string& id, int64_t year) {
    v1::Event event;
    event.set_id(id);
    event.mutable_time()->mutable_begin()->mutable_at()->set_seconds((year - 1970) * 31'556'952);
    event.mutable_receive()->mutable_unit()->set_key("ext:test:milk");
    event.mutable_receive()->set_supplier("ext:test:farm");
    event.mutable_receive()->mutable_supplier_contact()->set_value("张三 138");
    event.mutable_receive()->mutable_supplier_contact()->set_person("person:1");
    return event;
  };
  const std::vector<v1::Event> events = {received("old", 2001), received("new", 2100)};
  SUYUAN_ASSERT_OK(remote_->Append("a", events));
  const auto held = remote_->ReadPersonal("a", "old");
  SUYUAN_ASSERT_OK(held);
  ASSERT_THAT(*held, SizeIs(1));
  EXPECT_EQ((*held)[0].path, kPath);
  EXPECT_EQ((*held)[0].state, PersonalState::kHeld);
  EXPECT_EQ((*held)[0].value, "张三 138");
  EXPECT_EQ((*held)[0].person, "person:1");
  const auto disclosure = remote_->Disclose("a", "old", kPath, false);
  SUYUAN_ASSERT_OK(disclosure);
  SUYUAN_EXPECT_OK(VerifyDisclosure(*disclosure, remote_->Prove("a", "old")->entry));

  const auto result = remote_->ErasePersonal(
      "a", {.person = "person:1", .basis = "purpose-fulfilled", .reason = "done"});
  SUYUAN_ASSERT_OK(result);
  ASSERT_THAT(result->erased, SizeIs(1));
  EXPECT_EQ(result->erased[0].event_id, "old");
  ASSERT_THAT(result->restricted, SizeIs(1));
  EXPECT_EQ(result->restricted[0].path, kPath);
  EXPECT_THAT(result->event_ids, SizeIs(1));
  EXPECT_EQ((*remote_->ReadPersonal("a", "old"))[0].state, PersonalState::kErased);
  const auto restricted = remote_->ReadPersonal("a", "new");
  EXPECT_EQ((*restricted)[0].state, PersonalState::kRestricted);
  EXPECT_EQ((*restricted)[0].until_micros, result->restricted[0].until_micros);
  EXPECT_EQ((*restricted)[0].value, "");
  EXPECT_THAT(remote_->EraseDue("a")->erased, IsEmpty());

  const auto same = [](const absl::Status& there, const absl::Status& here) {
    EXPECT_FALSE(here.ok());
    EXPECT_EQ(there.code(), here.code());
    EXPECT_EQ(there.message(), here.message());
  };
  same(remote_->ReadPersonal("a", "x").status(), local_->ReadPersonal("a", "x").status());
  same(remote_->ReadPersonal("b", "x").status(), local_->ReadPersonal("b", "x").status());
  same(remote_->Disclose("a", "new", kPath, false).status(),
       local_->Disclose("a", "new", kPath, false).status());
  SUYUAN_EXPECT_OK(remote_->Disclose("a", "new", kPath, true));
  for (const ErasureRequest& request :
       {ErasureRequest{}, ErasureRequest{.person = "person:1", .event_id = "new"},
        ErasureRequest{.person = "person:9", .basis = "other", .reason = "x"}}) {
    same(remote_->ErasePersonal("a", request).status(),
         local_->ErasePersonal("a", request).status());
  }
}

}  // namespace
}  // namespace suyuan::rpc
