#include "lib/codes/normal_form.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

using ::testing::HasSubstr;

std::string Normal(std::string_view text) {
  absl::StatusOr<std::string> normal = NormalText(text);
  EXPECT_THAT(normal, IsOk()) << text;
  return normal.ok() ? *normal : "not OK";
}

void ExpectRefused(std::string_view text, const std::string& message) {
  EXPECT_THAT(NormalText(text), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)));
}

TEST(NormalTextTest, KeepsPlainText) {
  EXPECT_EQ(Normal(""), "");
  EXPECT_EQ(Normal("A20251103-b/007"), "A20251103-b/007");
  EXPECT_EQ(Normal("two  words"), "two  words");
  EXPECT_EQ(Normal("\u4e73\u7c89 \u7b2c3\u6279"), "\u4e73\u7c89 \u7b2c3\u6279");
}

TEST(NormalTextTest, FoldsFullWidthAscii) {
  EXPECT_EQ(Normal("\uff21\uff12\uff10\uff12\uff15\uff0f\uff5e\uff01"), "A2025/~!");
  EXPECT_EQ(Normal("A\u30001"), "A 1");
  EXPECT_EQ(Normal("\uff5f\uff00"), "\uff5f\uff00");  // the neighbours of the range stay
}

TEST(NormalTextTest, Composes) {
  EXPECT_EQ(Normal("Cre\u0300me"), "Cr\u00e8me");
  EXPECT_EQ(Normal("\uff45\u0300"), "\u00e8");         // folded, then composed
  EXPECT_EQ(Normal("a\u0323\u0301"), "\u1ea1\u0301");  // marks in canonical order
  EXPECT_EQ(Normal("a\u0301\u0323"), "\u1ea1\u0301");
  EXPECT_EQ(Normal("\u304b\u3099"), "\u304c");
  EXPECT_EQ(Normal("\u1100\u1161\u11a8"), "\uac01");
  EXPECT_EQ(Normal("\uac00\u11a8"), "\uac01");
  EXPECT_EQ(Normal("\uf900"), "\u8c48");  // a compatibility ideograph with a canonical twin
  EXPECT_EQ(Normal("\u212b"), "\u00c5");
}

TEST(NormalTextTest, KeepsCompatibilityCharacters) {
  EXPECT_EQ(Normal("\u338f"), "\u338f");
  EXPECT_EQ(Normal("\u2460"), "\u2460");
}

TEST(NormalTextTest, TrimsWhiteSpace) {
  EXPECT_EQ(Normal("  A1 "), "A1");
  EXPECT_EQ(Normal("\tA1\r\n"), "A1");
  EXPECT_EQ(Normal("\u3000\u6279\u6b21\u00a0\u2003"), "\u6279\u6b21");
  EXPECT_EQ(Normal("\ufeffA1\u200b"), "A1");
  EXPECT_EQ(Normal(" \u3000\n"), "");
}

TEST(NormalTextTest, RefusesControlCharacters) {
  ExpectRefused("A\n1", "control character U+000a at offset 1");
  ExpectRefused(std::string_view("\0A", 2), "U+0000 at offset 0");
  ExpectRefused("\x7f", "U+007f");
  ExpectRefused(" \u6279\u0090x", "control character U+0090 at offset 4");
}

TEST(NormalTextTest, RefusesWhatIsNotUtf8AndSaysWhere) {
  ExpectRefused("A\xc5\xfa", "not UTF-8: byte 0xc5 at offset 1");  // GB 18030
  ExpectRefused("\xe6\x89", "offset 0");                           // cut off
  ExpectRefused("ok\xc0\x80", "byte 0xc0 at offset 2");            // overlong
  ExpectRefused("\xed\xa0\x80", "offset 0");                       // a surrogate
  ExpectRefused("\xf4\x90\x80\x80", "offset 0");                   // above U+10FFFF
  ExpectRefused("\x80", "offset 0");
}

TEST(NormalTextTest, LimitsCombiningMarks) {
  const auto marks = [](int n) {
    std::string text = "e";
    for (int i = 0; i < n; ++i) text += i % 2 == 0 ? "\u0301" : "\u0323";
    return text;
  };
  const std::string normal = Normal(marks(30));
  EXPECT_EQ(Normal(normal), normal);
  ExpectRefused(marks(40), "more than 30 combining marks in a row");
  ExpectRefused(marks(100000), "more than 30 combining marks in a row");
}

TEST(Utf8Test, KnowsWellFormedText) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("plain text longer than a word of the machine"));
  EXPECT_TRUE(IsUtf8("\u00e9\u6279\U0001f95b\U0010ffff\ue000\ud7ff"));
  EXPECT_FALSE(IsUtf8("12345678\xff"));
  EXPECT_FALSE(IsUtf8("\xe6\x89"));
  EXPECT_FALSE(IsUtf8("\xe0\x80\x80"));
  EXPECT_FALSE(IsUtf8("\xf5\x80\x80\x80"));
}

TEST(Utf8Test, PlainAsciiIsItsOwnNormalForm) {
  for (const char* text : {"", "a", "a b", "~!"}) {
    EXPECT_TRUE(IsPlainAscii(text)) << text;
    EXPECT_EQ(Normal(text), text);
  }
  for (const char* text : {" a", "a ", "a\tb", "\x7f", "\u00e9"}) {
    EXPECT_FALSE(IsPlainAscii(text)) << text;
  }
}

TEST(DisplayWidthTest, CountsColumns) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("lot 7"), 5u);
  EXPECT_EQ(DisplayWidth("\u6279\u6b21A\uff11"), 7u);
  EXPECT_EQ(DisplayWidth("e\u0301"), 1u);
  EXPECT_EQ(DisplayWidth("\n"), 0u);
  EXPECT_EQ(DisplayWidth("a\xff\xfe"), 3u);
}

}  // namespace
}  // namespace suyuan::codes
