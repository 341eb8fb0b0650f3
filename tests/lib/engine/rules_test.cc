// The table of events in tests/golden/rules: one file a rule, one case a line. The last
// event of a case is judged, those before it are background and must be accepted:
//
//   {"case": "what it is about", "profile": "ordinary", "expect": ["rule", ...], "events": [...]}
//
// `expect` names exactly the rules that the last event breaks. Also possible: `owner` of the
// ledger; `bug`, what is known to be wrong with the answer; and what JSON cannot carry:
//
//   "patch": {"serve.quantity": "unknown", "time.begin.at.nanos": 1}  of the last event: adds
//       an unknown field to a message ("" is the event), sets a number
//   "@hex:c4cc"        a text of these bytes
//   "@repeat:x:65"     a text of so many x
//   "@copies:10:x"     in a list: so many entries x
//   "@fill:65400"      a remark that makes the event so many bytes long

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/escaping.h"
#include "google/protobuf/util/json_util.h"
#include "lib/base/clock.h"
#include "lib/base/strings.h"
#include "lib/codes/code_table.h"
#include "lib/events/catalogue.h"
#include "lib/events/messages.h"
#include "lib/events/operation.h"
#include "lib/events/profile.h"
#include "suyuan/suyuan.h"
#include "tests/support/every.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temp_dir.h"

namespace suyuan {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using ::testing::ElementsAreArray;
using Json = nlohmann::ordered_json;
using Rules = std::set<std::string>;

constexpr size_t kFewestCases = 300;
// In Shanghai, whose rules of conduct are more than the country's.
const std::string kOwner = "uscc:91310116MA1J8XYC4H";

struct Case {
  std::string story;
  std::string profile;
  std::string owner = kOwner;
  std::string bug;
  Rules expect;
  std::vector<v1::Event> events;
  std::string where;  // file:line
};

// Events that do not say when they happened are judged on this day.
class FixedClock : public Clock {
 public:
  int64_t WallMicros() const override { return int64_t{1764561600} * 1'000'000; }  // 2025-12-01
  int64_t SteadyMicros() const override { return SystemClock()->SteadyMicros(); }
};

// ------------------------------------------------------------ reading a case

// Takes "@name:" off the front of a text.
bool Take(std::string_view name, std::string_view* text) {
  if (!text->starts_with("@") || !text->substr(1).starts_with(name)) return false;
  if (text->substr(1 + name.size(), 1) != ":") return false;
  text->remove_prefix(name.size() + 2);
  return true;
}

std::string Repeated(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string Expanded(const std::string& written) {
  std::string_view text = written;
  if (Take("hex", &text)) return absl::HexStringToBytes(ToAbsl(text));
  if (Take("repeat", &text)) {
    const size_t colon = text.rfind(':');
    return Repeated(text.substr(0, colon), std::stoul(std::string(text.substr(colon + 1))));
  }
  if (Take("fill", &text)) return written;  // when all else is there
  EXPECT_FALSE(text.starts_with("@")) << written;
  return written;
}

void Expand(Message* message) {
  const Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    const bool is_message = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!is_message && field->type() != FieldDescriptor::TYPE_STRING) continue;
    if (!field->is_repeated()) {
      if (is_message) {
        Expand(reflection.MutableMessage(message, field));
      } else {
        reflection.SetString(message, field, Expanded(reflection.GetString(*message, field)));
      }
      continue;
    }
    std::vector<std::string> texts;
    for (int i = 0; i < reflection.FieldSize(*message, field); ++i) {
      if (is_message) {
        Expand(reflection.MutableRepeatedMessage(message, field, i));
        continue;
      }
      const std::string written = reflection.GetRepeatedString(*message, field, i);
      std::string_view text = written;
      if (Take("copies", &text)) {
        const size_t colon = text.find(':');
        const size_t count = std::stoul(std::string(text.substr(0, colon)));
        texts.insert(texts.end(), count, std::string(text.substr(colon + 1)));
      } else {
        texts.push_back(Expanded(written));
      }
    }
    if (is_message) continue;
    reflection.ClearField(message, field);
    for (const std::string& text : texts) reflection.AddString(message, field, text);
  }
}

void Fill(v1::Event* event) {
  std::string_view text = event->remark();
  if (!Take("fill", &text)) return;
  const size_t size = std::stoul(std::string(text));
  constexpr size_t kAbout = 50'000;  // its length takes as many bytes as that of the result
  event->set_remark(std::string(kAbout, 'x'));
  event->set_remark(std::string(kAbout + size - event->ByteSizeLong(), 'x'));
  EXPECT_EQ(event->ByteSizeLong(), size);
}

// Sets what stands at `path` of `message`, as "pack.contents[1].unit".
void Patch(std::string_view path, const Json& value, Message* message) {
  if (path.empty()) {
    EXPECT_EQ(value, "unknown");
    message->GetReflection()->MutableUnknownFields(message)->AddVarint(19'999, 1);
    return;
  }
  const size_t dot = std::min(path.find('.'), path.size());
  std::string name(path.substr(0, dot));
  const std::string_view rest = path.substr(std::min(dot + 1, path.size()));
  std::optional<int> index;
  if (const size_t bracket = name.find('['); bracket != std::string::npos) {
    index = std::stoi(name.substr(bracket + 1));
    name.resize(bracket);
  }
  const FieldDescriptor* const field = message->GetDescriptor()->FindFieldByName(name);
  ASSERT_NE(field, nullptr) << path;
  ASSERT_EQ(field->is_repeated(), index.has_value()) << path;
  const Reflection& reflection = *message->GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      Patch(rest, value,
            index.has_value() ? reflection.MutableRepeatedMessage(message, field, *index)
                              : reflection.MutableMessage(message, field));
      break;
    case FieldDescriptor::CPPTYPE_INT32:
      reflection.SetInt32(message, field, value.get<int32_t>());
      break;
    case FieldDescriptor::CPPTYPE_INT64:
      reflection.SetInt64(message, field, value.get<int64_t>());
      break;
    default:
      FAIL() << "no number: " << path;
  }
}

void Read(const std::string& line, Case* one) {
  const Json json = Json::parse(line, nullptr, false);
  ASSERT_TRUE(json.is_object()) << "no JSON object";
  for (const auto& [key, value] : json.items()) {
    if (key == "case") {
      one->story = value;
    } else if (key == "profile") {
      one->profile = value;
    } else if (key == "owner") {
      one->owner = value;
    } else if (key == "bug") {
      one->bug = value;
    } else if (key == "expect") {
      for (const Json& rule : value) {
        EXPECT_TRUE(one->expect.insert(rule).second) << "twice: " << rule;
      }
    } else if (key == "events") {
      for (const Json& event : value) {
        const auto status =
            google::protobuf::util::JsonStringToMessage(event.dump(), &one->events.emplace_back());
        ASSERT_TRUE(status.ok()) << status.ToString();
        Expand(&one->events.back());
        Fill(&one->events.back());
      }
    } else {
      ASSERT_EQ(key, "patch") << "a case has no such member";
    }
  }
  ASSERT_FALSE(one->events.empty());
  ASSERT_TRUE(json.contains("expect"));
  if (!json.contains("patch")) return;
  for (const auto& [path, value] : json["patch"].items()) Patch(path, value, &one->events.back());
}

std::filesystem::path Folder() {
  return std::filesystem::path(SUYUAN_SOURCE_DIR) / "tests/golden/rules";
}

// The rules that have a file.
std::vector<std::string> Files() {
  std::vector<std::string> rules;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(Folder(), ignored)) {
    if (entry.path().extension() == ".jsonl") rules.push_back(entry.path().stem());
  }
  std::sort(rules.begin(), rules.end());
  return rules;
}

std::vector<Case> CasesOf(const std::string& rule) {
  std::vector<Case> cases;
  std::ifstream in(Folder() / (rule + ".jsonl"));
  std::string line;
  for (int number = 1; std::getline(in, line); ++number) {
    Case& one = cases.emplace_back();
    one.where = StrCat("tests/golden/rules/", rule, ".jsonl:", number);
    SCOPED_TRACE(one.where);
    Read(line, &one);
  }
  return cases;
}

// ---------------------------------------------------------- judging the cases

// Gives out a ledger beside which nothing is recorded: what one ledger tells of goods
// counts in all. A refused event leaves nothing behind, so that engines can be used again.
class Bench {
 public:
  std::string LedgerFor(const Case& one) {
    if (used_) engine_.reset();
    used_ = false;
    if (engine_ == nullptr) {
      dir_.emplace();
      absl::StatusOr<std::unique_ptr<Engine>> engine =
          Engine::Open({.data_dir = *dir_ / "data", .clock = &clock_});
      EXPECT_THAT(engine, IsOk());
      if (!engine.ok()) std::abort();
      engine_ = *std::move(engine);
    }
    const std::string name = StrCat("case-", ++last_);
    EXPECT_THAT(engine_->CreateLedger({.name = name,
                                       .subject = one.owner,
                                       .subject_name = "示例企业",
                                       .profile = one.profile}),
                IsOk());
    return name;
  }

  absl::Status Append(const std::string& ledger, const v1::Event& event) {
    const uint64_t size = engine_->GetLedger(ledger)->size;
    const absl::Status status = engine_->Append(ledger, std::span(&event, 1)).status();
    EXPECT_EQ(engine_->GetLedger(ledger)->size, status.ok() ? size + 1 : size);
    used_ |= status.ok();
    return status;
  }

 private:
  const FixedClock clock_{};
  std::optional<TempDir> dir_;
  std::unique_ptr<Engine> engine_;
  bool used_ = false;
  int last_ = 0;
};

class RuleFileTest : public ::testing::TestWithParam<std::string> {};

TEST_P(RuleFileTest, EveryCaseBreaksTheRulesThatItNamesAndNoOther) {
  Bench bench;
  const std::vector<Case> cases = CasesOf(GetParam());
  for (size_t i = 0; i < cases.size(); i += EveryStory()) {
    const Case& one = cases[i];
    SCOPED_TRACE(StrCat(one.where, ": ", one.story));
    const std::string ledger = bench.LedgerFor(one);
    for (size_t j = 0; j + 1 < one.events.size(); ++j) {
      EXPECT_THAT(bench.Append(ledger, one.events[j]), IsOk()) << "background, event " << j;
    }
    const absl::Status status = bench.Append(ledger, one.events.back());
    Rules broken;
    for (const Violation& violation : ViolationsOf(status)) broken.insert(violation.rule);
    if (!one.bug.empty()) {
      EXPECT_NE(broken, one.expect) << "it is as it should be: take \"bug\" away";
      std::cout << "skipped, a known bug: " << one.where << ": " << one.bug << "; found "
                << ::testing::PrintToString(broken) << "\n";
      continue;
    }
    EXPECT_THAT(broken, ElementsAreArray(one.expect)) << status.message();
    // Whatever else can be wrong with it is no rule.
    EXPECT_EQ(status.ok(), one.expect.empty()) << status.message();
  }
}

INSTANTIATE_TEST_SUITE_P(Rules, RuleFileTest, ::testing::ValuesIn(Files()), [](const auto& file) {
  std::string name = file.param;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == '.' || c == '-'; }, '_');
  return name;
});

// ------------------------------------------------------------------ the table

// All rules that there are: faults of form, elements that some profile asks for, conduct.
Rules AllRules() {
  Rules rules;
  for (int i = 0; i < events::kFaultCount; ++i) {
    rules.insert(events::MakeViolation(static_cast<events::Fault>(i), 0, {}).rule);
  }
  for (const std::string& name : events::Profile::Names()) {
    const absl::StatusOr<events::Profile> profile = events::Profile::Load(name);
    EXPECT_THAT(profile, IsOk());
    if (!profile.ok()) continue;
    for (const events::DataElement& entry : events::DataElements()) {
      for (const events::OperationInfo& operation : events::Operations()) {
        if (entry.operation != nullptr && entry.operation != &operation) continue;
        if (profile->Of(operation.code, *entry.element).obligation == options::OPTIONAL) continue;
        rules.insert(entry.element->number());
      }
    }
  }
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("conduct_rule").rows()) {
    rules.emplace(row.Get("rule"));
  }
  return rules;
}

TEST(RuleTableTest, EveryRuleHasAFileAndEveryFileARule) {
  EXPECT_THAT(Files(), ElementsAreArray(AllRules()));
}

TEST(RuleTableTest, EveryFileHasRightAndWrongCases) {
  const Rules all = AllRules();
  size_t cases = 0;
  for (const std::string& rule : Files()) {
    size_t right = 0;
    size_t wrong = 0;
    Rules stories;
    for (const Case& one : CasesOf(rule)) {
      SCOPED_TRACE(one.where);
      EXPECT_TRUE(stories.insert(one.story).second) << "told twice: " << one.story;
      if (one.expect.empty()) {
        ++right;
      } else {
        ++wrong;
        EXPECT_TRUE(one.expect.contains(rule)) << "it belongs into another file";
      }
      for (const std::string& expected : one.expect) {
        EXPECT_TRUE(all.contains(expected)) << "no such rule: " << expected;
      }
    }
    EXPECT_GE(right, 1u) << rule;
    EXPECT_GE(wrong, 1u) << rule;
    cases += right + wrong;
  }
  EXPECT_GE(cases, kFewestCases);
}

// What a profile asks of an operation, somebody leaves out.
TEST(RuleTableTest, EveryDutyOfEveryProfileIsLeftOutOnce) {
  Rules left_out;
  const auto text = [](std::string_view profile, std::string_view operation,
                       std::string_view rule) {
    return StrCat(profile, " ", operation, " ", rule);
  };
  for (const std::string& rule : Files()) {
    for (const Case& one : CasesOf(rule)) {
      const events::OperationInfo* const operation = events::OperationOf(one.events.back());
      if (operation == nullptr) continue;
      for (const std::string& broken : one.expect) {
        left_out.insert(text(one.profile, operation->code, broken));
      }
    }
  }
  Rules duties;
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("profile").rows()) {
    if (row.Get("obligation") == "optional") continue;
    duties.insert(text(row.Get("profile"), row.Get("operation"), row.Get("element")));
  }
  for (const events::DataElement& entry : events::DataElements()) {
    if (entry.operation == nullptr || entry.element->obligation() == options::OPTIONAL) continue;
    duties.insert(text("ordinary", entry.operation->code, entry.element->number()));
  }
  Rules untold;
  std::set_difference(duties.begin(), duties.end(), left_out.begin(), left_out.end(),
                      std::inserter(untold, untold.end()));
  EXPECT_THAT(untold, ::testing::IsEmpty());
}

}  // namespace
}  // namespace suyuan
