#include "api/exchange/jsonl.h"

#include <fstream>
#include <sstream>

#include "api/exchange/batch.h"
#include "tests/api/exchange/fake_engine.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Line(const std::string& id, const std::string& remark = "") {
  return R"({"id":")" + id + R"(","remark":")" + remark + R"(","link_units":{}})" + "\n";
}

// Imports texts into ledger "l" of a fake engine.
class ImportJsonlTest : public testing::Test {
 protected:
  ImportJsonlTest() { Create("l"); }

  void Create(const std::string& name) {
    LedgerOptions options;
    options.name = name;
    EXPECT_TRUE(engine_.CreateLedger(options).ok());
  }
  absl::StatusOr<JsonlResult> Import(const std::string& text, JsonlOptions options = {}) {
    std::ofstream(dir_ / "in.jsonl", std::ios::binary) << text;
    return ImportJsonl(&engine_, "l", dir_ / "in.jsonl", options);
  }
  JsonlResult Imported(const std::string& text, JsonlOptions options = {}) {
    absl::StatusOr<JsonlResult> result = Import(text, options);
    EXPECT_THAT(result, IsOk());
    return result.ok() ? *std::move(result) : JsonlResult();
  }
  JsonlOptions KeepValid() { return {.keep_valid = true, .rejected_path = dir_ / "bad.jsonl"}; }
  std::string Rejected() {
    std::stringstream text;
    text << std::ifstream(dir_ / "bad.jsonl", std::ios::binary).rdbuf();
    return text.str();
  }
  size_t Stored() const { return engine_.ledgers.at("l").size() - 1; }

  TempDir dir_;
  FakeEngine engine_;
};

TEST_F(ImportJsonlTest, StoresAllLines) {
  const JsonlResult result = Imported(Line("1") + Line("2") + Line("3"));
  EXPECT_EQ(result.accepted, 3u);
  EXPECT_EQ(result.rejected, 0u);
  EXPECT_EQ(result.duplicates, 0u);
  EXPECT_EQ(Stored(), 3u);
}

TEST_F(ImportJsonlTest, TakesByteOrderMarkCrLfAndBlankLines) {
  const JsonlResult result =
      Imported("\xef\xbb\xbf{\"id\":\"1\"}\r\n\r\n  \n{\"id\":\"2\"}\r\n{\"id\":\"3\"}");
  EXPECT_EQ(result.accepted, 3u);
  EXPECT_EQ(result.lines, 3u);
}

TEST_F(ImportJsonlTest, AnEmptyFileIsNoError) {
  EXPECT_EQ(Imported("").accepted, 0u);
  EXPECT_EQ(Imported("\n\n").lines, 0u);
}

TEST_F(ImportJsonlTest, StoresNothingIfALineFails) {
  const JsonlResult result =
      Imported(Line("1") + "{\"id\":\n" + Line("", "bad") + Line("2") + "{\"nothing\":1}\n");
  EXPECT_EQ(result.accepted, 0u);
  EXPECT_EQ(result.rejected, 3u);
  EXPECT_EQ(result.lines, 5u);
  EXPECT_EQ(Stored(), 0u);
  std::vector<std::string> faults;
  for (const JsonlError& error : result.errors) {
    faults.push_back(std::to_string(error.line) + " " + error.rule);
    EXPECT_NE(error.message_zh, "");
    EXPECT_NE(error.message_en, "");
  }
  EXPECT_THAT(faults, ElementsAre("2 form.json", "3 form.required", "3 form.bad", "5 form.json"));
}

TEST_F(ImportJsonlTest, KeepsTheValidLinesAndTheRejectedOnesVerbatim) {
  const std::string broken = "{\"id\": oops\t}\r\n";
  const JsonlResult result =
      Imported(Line("1") + broken + Line("2", "bad") + Line("3") + "{{", KeepValid());
  EXPECT_EQ(result.accepted, 2u);
  EXPECT_EQ(result.rejected, 3u);
  EXPECT_EQ(Stored(), 2u);
  EXPECT_EQ(Rejected(), broken + Line("2", "bad") + "{{");
}

TEST_F(ImportJsonlTest, KeepValidWithoutFaultsLeavesAnEmptyFile) {
  std::ofstream(dir_ / "bad.jsonl") << "old";
  EXPECT_EQ(Imported(Line("1"), KeepValid()).accepted, 1u);
  EXPECT_EQ(Rejected(), "");
}

TEST_F(ImportJsonlTest, RefusesToOverwriteItsInput) {
  EXPECT_THAT(Import(Line("1"), {.keep_valid = true, .rejected_path = dir_ / "in.jsonl"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("in.jsonl")));
  EXPECT_EQ(Stored(), 0u);
}

TEST_F(ImportJsonlTest, ImportingTwiceChangesNothing) {
  Imported(Line("1") + Line("2"));
  const JsonlResult again = Imported(Line("1") + Line("2") + Line("2"));
  EXPECT_EQ(again.accepted, 3u);
  EXPECT_EQ(again.duplicates, 3u);
  EXPECT_EQ(Stored(), 2u);
}

TEST_F(ImportJsonlTest, OneIdWithTwoContentsIsAnErrorOfTheSecondLine) {
  const JsonlResult result = Imported(Line("1") + Line("2") + Line("1", "other"));
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].line, 3u);
  EXPECT_EQ(result.errors[0].rule, "form.event-id");
  EXPECT_THAT(result.errors[0].message_en, HasSubstr("line 1"));
  EXPECT_EQ(Stored(), 0u);
}

TEST_F(ImportJsonlTest, AnIdThatTheLedgerHoldsWithOtherContentIsAnErrorOfItsLine) {
  Imported(Line("2", "first"));
  const JsonlResult result = Imported(Line("1") + Line("2", "second") + Line("3"));
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].line, 2u);
  EXPECT_EQ(result.errors[0].rule, "ledger.event-id");
  EXPECT_EQ(result.accepted, 0u);
  EXPECT_EQ(Stored(), 1u);
  const JsonlResult kept = Imported(Line("1") + Line("2", "second") + Line("3"), KeepValid());
  EXPECT_EQ(kept.accepted, 2u);
  EXPECT_EQ(kept.rejected, 1u);
  EXPECT_EQ(Rejected(), Line("2", "second"));
  EXPECT_EQ(Stored(), 3u);
}

TEST_F(ImportJsonlTest, JudgesTakenIdsBeforeTheFirstOfManyBatches) {
  Imported(Line("2999", "first"));
  std::string text;
  for (int i = 0; i < 3000; ++i) text += Line(std::to_string(i));
  const JsonlResult result = Imported(text);
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].line, 3000u);
  EXPECT_EQ(Stored(), 1u);
}

TEST_F(ImportJsonlTest, CutsBatches) {
  std::string text;
  for (size_t i = 0; i < 2 * kMaxBatchEvents + 1; ++i) text += Line(std::to_string(i));
  EXPECT_EQ(Imported(text).accepted, 2 * kMaxBatchEvents + 1);
  EXPECT_THAT(engine_.batches, ElementsAre(kMaxBatchEvents, kMaxBatchEvents, 1));
  engine_.batches.clear();
  text.clear();
  for (int i = 0; i < 100; ++i) {
    text += Line("big-" + std::to_string(i), std::string(60'000, static_cast<char>('a' + i % 20)));
  }
  EXPECT_EQ(Imported(text).accepted, 100u);
  EXPECT_THAT(engine_.batches, ElementsAre(69, 31));
}

TEST_F(ImportJsonlTest, RefusesAnEventThatFitsIntoNoRecord) {
  const JsonlResult result =
      Imported(Line("1", std::string(70'000, 'x')) + Line("2", std::string(20'000'000, 'x')));
  ASSERT_EQ(result.errors.size(), 2u);
  EXPECT_EQ(result.errors[0].rule, "form.event-size");
  EXPECT_EQ(result.errors[1].rule, "form.json");
  EXPECT_EQ(Stored(), 0u);
}

TEST_F(ImportJsonlTest, TellsWhichBatchTheLedgerRefused) {
  const JsonlResult result = Imported(Line("1") + Line("2", "conduct"));
  ASSERT_EQ(result.errors.size(), 1u);
  EXPECT_EQ(result.errors[0].line, 1u);
  EXPECT_EQ(result.errors[0].found, "lines 1 to 2");
  EXPECT_THAT(result.errors[0].message_en, HasSubstr("it was recalled"));
  EXPECT_EQ(Stored(), 0u);
  const JsonlResult kept = Imported(Line("1") + Line("2", "conduct") + Line("3"), KeepValid());
  EXPECT_EQ(kept.accepted, 2u);
  ASSERT_EQ(kept.errors.size(), 1u);
  EXPECT_EQ(kept.errors[0].line, 2u);
  EXPECT_EQ(Rejected(), Line("2", "conduct"));
}

TEST_F(ImportJsonlTest, SaysWhatIsDurableWhenTheStoreFails) {
  engine_.failure = absl::UnavailableError("disk on fire");
  engine_.appends_before_failure = 1;
  std::string text;
  for (int i = 0; i < 2000; ++i) text += Line(std::to_string(i));
  EXPECT_THAT(Import(text), StatusIs(absl::StatusCode::kUnavailable,
                                     HasSubstr("disk on fire (all valid lines up to line 1024")));
  engine_.failure = absl::OkStatus();
  const JsonlResult again = Imported(text);
  EXPECT_EQ(again.accepted, 2000u);
  EXPECT_EQ(again.duplicates, 1024u);
}

TEST_F(ImportJsonlTest, BoundsTheListOfErrors) {
  std::string text;
  for (int i = 0; i < 10'050; ++i) text += "x\n";
  const JsonlResult result = Imported(text);
  EXPECT_EQ(result.rejected, 10'050u);
  EXPECT_EQ(result.errors.size(), 10'000u);
  EXPECT_EQ(result.errors_left_off, 50u);
}

TEST_F(ImportJsonlTest, NamesAMissingFileOrLedger) {
  EXPECT_THAT(ImportJsonl(&engine_, "l", dir_ / "none", {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("none")));
  std::ofstream(dir_ / "in.jsonl") << Line("1");
  EXPECT_THAT(ImportJsonl(&engine_, "m", dir_ / "in.jsonl", {}),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("m")));
}

TEST_F(ImportJsonlTest, ExportedLinesGiveTheSameEvents) {
  Imported(Line("1", "奶粉") + Line("2"));
  v1::Event anomaly;
  anomaly.mutable_clock_anomaly()->set_found_micros(1);
  engine_.ledgers["l"].insert(engine_.ledgers["l"].begin() + 2, anomaly);
  std::string text;
  SUYUAN_ASSERT_OK(ExportJsonl(engine_, "l", [&](std::string_view line) {
    text += line;
    return absl::OkStatus();
  }));
  Create("copy");
  std::ofstream(dir_ / "out.jsonl") << text;
  SUYUAN_ASSERT_OK(ImportJsonl(&engine_, "copy", dir_ / "out.jsonl", {}));
  const std::vector<v1::Event>& copy = engine_.ledgers["copy"];
  ASSERT_EQ(copy.size(), 3u);
  EXPECT_EQ(copy[1].SerializeAsString(), engine_.ledgers["l"][1].SerializeAsString());
  EXPECT_EQ(copy[2].SerializeAsString(), engine_.ledgers["l"][3].SerializeAsString());
}

TEST_F(ImportJsonlTest, ExportStopsWhenItCannotWrite) {
  Imported(Line("1") + Line("2"));
  int lines = 0;
  EXPECT_THAT(ExportJsonl(engine_, "l",
                          [&](std::string_view) {
                            ++lines;
                            return absl::CancelledError("enough");
                          }),
              StatusIs(absl::StatusCode::kCancelled, "enough"));
  EXPECT_EQ(lines, 1);
}

}  // namespace
}  // namespace suyuan::exchange
