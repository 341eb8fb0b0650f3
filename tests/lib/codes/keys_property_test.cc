#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "lib/codes/check_digit.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"
#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

constexpr int kRounds = 5000;

// Random keys and random texts; the seed of a failure is printed.
class KeysPropertyTest : public ::testing::Test {
 protected:
  KeysPropertyTest() : trace_(__FILE__, __LINE__, "seed " + std::to_string(seed_)) {
    RecordProperty("seed", std::to_string(seed_));
  }

  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(random_); }

  // Pieces that are special somewhere: separators, encodings, marks, wide and
  // invisible characters, broken UTF-8.
  std::string Text(size_t max, bool broken) {
    static const std::vector<std::string> kPieces = {
        "a",          "Z",      "0",      "7",         "%",      "/",      ";",
        "@",          "#",      "?",      ":",         " ",      "+",      "=",
        "%2F",        "%41",    "%25",    "%E6%89%B9", "\u6279", "\uff21", "\uff0f",
        "\u3000",     "\u00a0", "\u0301", "\u0323",    "e",      "\u304b", "\u3099",
        "\uac00",     "\u11a8", "\u1161", "\uf900",    "\u212b", "\ufeff", "\u037e",
        "\U0001f95b", "\u0344", "\u0f73", "made=",     "2025",   "-11"};
    static const std::vector<std::string> kBroken = {
        "\n", "\x7f", "\xe6", "\xc5\xfa", "\xc0\x80",
        "%",  "%G",   "%00",  "%FF",      std::string(1, '\0')};
    std::string text;
    for (size_t n = Below(max + 1); n > 0; --n) {
      text +=
          broken && Below(8) == 0 ? kBroken[Below(kBroken.size())] : kPieces[Below(kPieces.size())];
    }
    return text;
  }

  std::string Digits(size_t n) {
    std::string digits;
    while (digits.size() < n) digits += static_cast<char>('0' + Below(10));
    return digits;
  }

  std::string Subject() {
    switch (Below(4)) {
      case 0: {
        std::string body;
        while (body.size() < 17) body += "0123456789ABCDEFGHJKLMNPQRTUWXY"[Below(31)];
        return "uscc:" + body + UsciCheckCharacter(body);
      }
      case 1: {
        const std::string body = Digits(12);
        return "gln:" + body + Gs1CheckDigit(body);
      }
      default: {
        const absl::StatusOr<std::string> key = ExternalKey(Text(4, false), Text(4, false));
        return key.ok() ? *key : "ext:s:1";
      }
    }
  }

  std::string Holder() {
    const std::string subject = Subject();
    if (Below(2) == 0) return subject;
    const absl::StatusOr<std::string> site = SiteKey(subject, Text(4, false));
    return site.ok() ? *site : subject;
  }

  absl::StatusOr<std::string> Unit() {
    switch (Below(5)) {
      case 0: {
        const std::string body = Digits(17);
        return SsccKey(body + Gs1CheckDigit(body));
      }
      case 1:
        return ItemKey(Text(12, false));
      case 2:
        return ExternalKey(Text(6, false), Text(6, false));
      default: {
        const std::string body = Digits(Below(2) == 0 ? 12 : 7);
        const std::string product = Below(2) == 0 ? body + Gs1CheckDigit(body) : Text(6, false);
        return LotKey(Holder(), product, Text(8, false), Below(3) == 0 ? "2025-11-03" : "",
                      Below(3) == 0 ? "2026-11" : "");
      }
    }
  }

  // The same key in another spelling: each byte that is not a separator may be
  // percent-encoded.
  std::string Respelled(const std::string& text) {
    const char* const digits = Below(2) == 0 ? "0123456789ABCDEF" : "0123456789abcdef";
    std::string out = text.substr(0, text.find(':') + 1);
    for (size_t i = out.size(); i < text.size(); ++i) {
      const auto byte = static_cast<uint8_t>(text[i]);
      const bool separator = std::string_view("%/;:=").find(text[i]) != std::string_view::npos;
      const bool behind = i > 0 && (text[i - 1] == '%' || (i > 1 && text[i - 2] == '%'));
      if (separator || behind || text.find(";made") < i || text.find(";expiry") < i ||
          Below(4) != 0) {
        out += text[i];
      } else {
        out += {'%', digits[byte >> 4], digits[byte & 15]};
      }
    }
    return out;
  }

  const uint32_t seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  const ::testing::ScopedTrace trace_;
};

TEST_F(KeysPropertyTest, ParsingWhatWasPrintedGivesTheSameUnit) {
  int made = 0;
  for (int i = 0; i < kRounds; ++i) {
    const absl::StatusOr<std::string> text = Unit();
    if (!text.ok()) continue;
    ++made;
    const absl::StatusOr<UnitKey> key = UnitKey::Parse(*text);
    ASSERT_THAT(key, IsOk());
    ASSERT_EQ(key->ToString(), *text);
    ASSERT_LE(text->size(), kMaxKeyBytes);
    const absl::StatusOr<UnitKey> respelled = UnitKey::Parse(Respelled(*text));
    ASSERT_THAT(respelled, IsOk()) << *text;
    ASSERT_EQ(*respelled, *key) << Respelled(*text);
  }
  EXPECT_GT(made, kRounds / 4);
}

TEST_F(KeysPropertyTest, ParsingWhatWasPrintedGivesTheSameHolder) {
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = Holder();
    const absl::StatusOr<HolderKey> key = HolderKey::Parse(text);
    ASSERT_THAT(key, IsOk());
    ASSERT_EQ(key->ToString(), text);
    ASSERT_EQ(*HolderKey::Parse(key->Subject().ToString()), key->Subject());
  }
}

TEST_F(KeysPropertyTest, GarbageIsRefusedOrHasANormalForm) {
  const std::vector<std::string> prefixes = {"",
                                             "lot:",
                                             "lot:uscc:91310116MA1J8XYC4H/",
                                             "lot:uscc:91310116MA1J8XYC4H/P/",
                                             "item:",
                                             "ext:",
                                             "ext:s:",
                                             "sscc:"};
  int read = 0;
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = prefixes[Below(prefixes.size())] + Text(20, Below(2) == 0);
    const absl::StatusOr<UnitKey> key = UnitKey::Parse(text);
    if (!key.ok()) {
      ASSERT_EQ(key.status().code(), absl::StatusCode::kInvalidArgument);
      ASSERT_TRUE(IsUtf8({key.status().message().data(), key.status().message().size()}));
      continue;
    }
    ++read;
    const absl::StatusOr<UnitKey> again = UnitKey::Parse(key->ToString());
    ASSERT_THAT(again, IsOk()) << text;
    ASSERT_EQ(*again, *key) << text;
  }
  EXPECT_GT(read, kRounds / 50);
}

TEST_F(KeysPropertyTest, GarbageHoldersAndAddresses) {
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = (Below(2) == 0 ? "ext:s:" : "") + Text(20, Below(2) == 0);
    if (const absl::StatusOr<HolderKey> key = HolderKey::Parse(text); key.ok()) {
      const absl::StatusOr<HolderKey> again = HolderKey::Parse(key->ToString());
      ASSERT_THAT(again, IsOk()) << text;
      ASSERT_EQ(*again, *key) << text;
    }
    if (const absl::StatusOr<UnitAddress> address = ParseUnitAddress("u@" + Holder() + "#" + text);
        address.ok()) {
      const absl::StatusOr<UnitAddress> again = ParseUnitAddress(address->ToString());
      ASSERT_THAT(again, IsOk()) << text;
      ASSERT_EQ(*again, *address) << text;
    }
  }
}

TEST_F(KeysPropertyTest, NormalTextIsItsOwnNormalForm) {
  for (int i = 0; i < kRounds; ++i) {
    const std::string text = Text(40, Below(4) == 0);
    const absl::StatusOr<std::string> normal = NormalText(text);
    if (!normal.ok()) continue;
    const absl::StatusOr<std::string> again = NormalText(*normal);
    ASSERT_THAT(again, IsOk()) << text;
    ASSERT_EQ(*again, *normal) << text;
    ASSERT_TRUE(IsUtf8(*normal));
  }
}

}  // namespace
}  // namespace suyuan::codes
