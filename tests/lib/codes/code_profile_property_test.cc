#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_format.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/code_profile.h"
#include "lib/codes/normal_form.h"
#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

constexpr int kRounds = 3000;
constexpr std::string_view kDigits = "0123456789";
// Set 82 without what new lots avoid.
constexpr std::string_view kNew =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!\"'()*+,-.:;=_";

// Random parts and random damage; the seed of a failure is printed.
class CodeProfilePropertyTest : public ::testing::TestWithParam<const char*> {
 protected:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  std::string Text(std::string_view alphabet, size_t size) {
    std::string text(size, ' ');
    for (char& c : text) c = alphabet[Below(alphabet.size())];
    return text;
  }

  std::string Gtin() {
    const std::string body = (HasFixedLayout() ? "0" : Text(kDigits, 1)) + Text(kDigits, 12);
    return body + Gs1CheckDigit(body);
  }

  std::string Uscc() {
    const std::string body = Text("0123456789ABCDEFGHJKLMNPQRTUWXY", 17);
    return body + UsciCheckCharacter(body);
  }

  // Within the years that two digits tell.
  std::string Date(bool open_day) {
    const int year = int{year_} - 49 + static_cast<int>(Below(100));
    const int month = static_cast<int>(Below(12)) + 1;
    if (open_day) return absl::StrFormat("%04d-%02d", year, month);
    return absl::StrFormat("%04d-%02d-%02d", year, month, static_cast<int>(Below(28)) + 1);
  }

  bool HasFixedLayout() const { return std::string_view(GetParam()).starts_with("SH-INF"); }

  CodeParts Parts() {
    CodeParts parts = {{"gtin", Gtin()}};
    if (HasFixedLayout()) {
      parts["made"] = Date(false);
      parts["lot"] = Text(kDigits, 3);
      parts["serial"] = Text(kDigits, 9);
      if (GetParam() == std::string_view("SH-INF-B")) parts["uscc"] = Uscc();
      return parts;
    }
    for (const char* part : {"made", "packed", "best_before", "sell_by", "expiry"}) {
      if (Below(2) == 0) parts[part] = Date(Below(4) == 0);
    }
    for (const char* part : {"lot", "serial"}) {
      if (Below(3) > 0) parts[part] = Text(kNew, 1 + Below(20));
    }
    if (GetParam() == std::string_view("GS1-DL")) {
      parts["host"] = "h" + Text("abz019.-_:", Below(20)) + "0" + (Below(2) == 0 ? "/t/21" : "");
    }
    return parts;
  }

  // `code` with some bytes changed, dropped, doubled or put in.
  std::string Damaged(std::string code) {
    static const std::vector<std::string> kPieces = {"\x1d", "(", ")",    "\\", "%", "%2F",  "/",
                                                     "?",    "&", "=",    "#",  "0", "01",   "21",
                                                     "/10/", "A", "\xff", " ",  ";", "(10)", "X"};
    for (size_t n = 1 + Below(3); n > 0; --n) {
      const size_t at = Below(code.size() + 1);
      switch (Below(3)) {
        case 0:
          code.erase(at, 1 + Below(3));
          break;
        case 1:
          code.insert(at, kPieces[Below(kPieces.size())]);
          break;
        default:
          code.insert(at, code.substr(Below(code.size() + 1), Below(4)));
          break;
      }
    }
    return code;
  }

  const CodeProfile& profile_ = *CodeProfile::Find(GetParam());
  const uint32_t seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  const std::chrono::year year_{std::uniform_int_distribution<int>(2000, 2100)(random_)};
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
};

TEST_P(CodeProfilePropertyTest, ParsingWhatWasComposedGivesTheSameParts) {
  for (int i = 0; i < kRounds; ++i) {
    const CodeParts parts = Parts();
    const absl::StatusOr<std::string> code = profile_.Compose(parts, year_);
    ASSERT_THAT(code, IsOk());
    const absl::StatusOr<CodeParts> parsed = profile_.Parse(*code, year_);
    ASSERT_THAT(parsed, IsOk()) << *code;
    ASSERT_EQ(*parsed, parts) << *code;
    ASSERT_TRUE(!HasFixedLayout() || code->size() <= 50) << *code;

    const absl::StatusOr<std::string> human = profile_.ComposeHuman(parts, year_);
    ASSERT_THAT(human, IsOk());
    const absl::StatusOr<CodeParts> read = profile_.Parse(*human, year_);
    ASSERT_THAT(read, IsOk()) << *human;
    ASSERT_EQ(*read, parts) << *human;
  }
}

TEST_P(CodeProfilePropertyTest, DamagedCodesAreRefusedOrSaySomethingThatCanBeSaid) {
  int refused = 0;
  for (int i = 0; i < kRounds; ++i) {
    const CodeParts parts = Parts();
    const absl::StatusOr<std::string> code =
        Below(2) == 0 ? profile_.Compose(parts, year_) : profile_.ComposeHuman(parts, year_);
    ASSERT_THAT(code, IsOk());
    const std::string damaged = Damaged(*code);
    const absl::StatusOr<CodeParts> parsed = profile_.Parse(damaged, year_);
    if (!parsed.ok()) {
      ++refused;
      ASSERT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
      ASSERT_TRUE(IsUtf8({parsed.status().message().data(), parsed.status().message().size()}));
      continue;
    }
    const absl::StatusOr<std::string> again = profile_.Compose(*parsed, year_);
    if (!again.ok()) {  // for one reason only: what is read, but not written
      ASSERT_THAT(again, StatusIs(absl::StatusCode::kInvalidArgument,
                                  ::testing::HasSubstr("expected a new one to have no ")))
          << damaged;
      continue;
    }
    ASSERT_EQ(*profile_.Parse(*again, year_), *parsed) << damaged;
  }
  EXPECT_GT(refused, kRounds / 10);
}

INSTANTIATE_TEST_SUITE_P(Profiles, CodeProfilePropertyTest,
                         ::testing::Values("SH-INF-A", "SH-INF-B", "GS1-ES", "GS1-DL"),
                         [](const auto& param_info) {
                           std::string name = param_info.param;
                           std::erase(name, '-');
                           return name;
                         });

}  // namespace
}  // namespace suyuan::codes
