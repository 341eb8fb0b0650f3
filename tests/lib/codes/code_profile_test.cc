#include "lib/codes/code_profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "lib/codes/normal_form.h"
#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr std::chrono::year kYear{2026};

// A tin of milk powder: the same in every profile.
const char kGtin[] = "06912345000017";
const CodeParts kNumericTin = {
    {"gtin", kGtin}, {"made", "2025-11-03"}, {"lot", "002"}, {"serial", "000001234"}};
const char kNumericCode[] = "6912345000017202511030020000012345";
const CodeParts kUsccTin = {{"uscc", "91310116MA1J8XYC4H"},
                            {"gtin", kGtin},
                            {"made", "2025-11-03"},
                            {"lot", "002"},
                            {"serial", "000001234"}};
const char kUsccCode[] = "91310116MA1J8XYC4H69123450000172511030020000012341";
const CodeParts kGs1Tin = {{"gtin", kGtin},
                           {"lot", "A20251103B"},
                           {"made", "2025-11-03"},
                           {"expiry", "2026-11-02"},
                           {"serial", "000000001234"}};
const char kElementString[] =
    "010691234500001710A20251103B\x1d"
    "112511031726110221000000001234";
const char kHumanElementString[] =
    "(01)06912345000017(10)A20251103B(11)251103(17)261102(21)000000001234";
const char kLink[] =
    "https://id.gs1.org/01/06912345000017/10/A20251103B/21/000000001234?11=251103&17=261102";

const CodeProfile& Profile(std::string_view name) {
  const CodeProfile* const profile = CodeProfile::Find(name);
  EXPECT_NE(profile, nullptr) << name;
  return *profile;
}

CodeParts With(CodeParts parts, const std::string& part, const std::string& value) {
  parts[part] = value;
  return parts;
}

CodeParts Without(CodeParts parts, const std::string& part) {
  parts.erase(part);
  return parts;
}

CodeParts Linked(const CodeParts& parts) { return With(parts, "host", "id.gs1.org"); }

// The code, or the message of the error.
std::string Compose(std::string_view profile, const CodeParts& parts) {
  const absl::StatusOr<std::string> code = Profile(profile).Compose(parts, kYear);
  return code.ok() ? *code : std::string(code.status().message());
}

void ExpectParts(std::string_view profile, std::string_view code, const CodeParts& parts) {
  const absl::StatusOr<CodeParts> parsed = Profile(profile).Parse(code, kYear);
  ASSERT_THAT(parsed, IsOk()) << code;
  EXPECT_EQ(*parsed, parts) << code;
  EXPECT_THAT(Profile(profile).Validate(code, kYear), IsOk());
}

// Of every message: it is short and UTF-8 and names the profile.
auto Refuses(std::string_view profile, const std::string& message) {
  return StatusIs(
      absl::StatusCode::kInvalidArgument,
      AllOf(StartsWith("code profile " + std::string(profile) + ": "), HasSubstr(message),
            ::testing::ResultOf(IsUtf8, true), ::testing::SizeIs(::testing::Lt(1000u))));
}

void ExpectComposeError(std::string_view profile, const CodeParts& parts,
                        const std::string& message) {
  EXPECT_THAT(Profile(profile).Compose(parts, kYear), Refuses(profile, message));
}

void ExpectParseError(std::string_view profile, std::string_view code, const std::string& message) {
  EXPECT_THAT(Profile(profile).Validate(code, kYear), Refuses(profile, message)) << code;
}

absl::StatusOr<CodeProfile> FromLayout(const std::string& syntax, const std::string& layout,
                                       const std::string& max_length = "50") {
  const absl::StatusOr<CodeTable> table =
      CodeTable::Parse("code,syntax,layout,max_length,avoid,certainty\nT," + syntax + "," + layout +
                       "," + max_length + ",,ours\n");
  EXPECT_THAT(table.status(), IsOk());
  return CodeProfile::FromRow(table->rows().front());
}

TEST(CodeProfileTest, EveryRowOfTheTableIsAProfile) {
  for (const CodeTable::Row& row : CodeTable::Get("code_profile").rows()) {
    EXPECT_THAT(CodeProfile::FromRow(row).status(), IsOk());
    const CodeProfile& profile = Profile(row.Get("code"));
    EXPECT_EQ(profile.name(), row.Get("code"));
    EXPECT_EQ(profile.certainty(), row.Get("certainty"));
  }
  for (const char* name : {"", "SH-INF", "sh-inf-a", "DB31/T 1110"}) {
    EXPECT_EQ(CodeProfile::Find(name), nullptr) << name;
  }
}

TEST(CodeProfileTest, TheInferredProfilesSayThatTheyAreGuesses) {
  EXPECT_EQ(Profile("SH-INF-A").certainty(), "guess");
  EXPECT_EQ(Profile("SH-INF-B").certainty(), "guess");
}

TEST(CodeProfileTest, NumericCode) {
  EXPECT_EQ(Compose("SH-INF-A", kNumericTin), kNumericCode);
  ExpectParts("SH-INF-A", kNumericCode, kNumericTin);
}

TEST(CodeProfileTest, CodeWithTheSocialCreditCode) {
  EXPECT_EQ(Compose("SH-INF-B", kUsccTin), kUsccCode);
  EXPECT_EQ(std::string_view(kUsccCode).size(), 50u);
  ExpectParts("SH-INF-B", kUsccCode, kUsccTin);
}

TEST(CodeProfileTest, ElementString) {
  EXPECT_EQ(Compose("GS1-ES", kGs1Tin), kElementString);
  ExpectParts("GS1-ES", kElementString, kGs1Tin);
  const absl::StatusOr<std::string> human = Profile("GS1-ES").ComposeHuman(kGs1Tin, kYear);
  ASSERT_THAT(human, IsOk());
  EXPECT_EQ(*human, kHumanElementString);
  ExpectParts("GS1-ES", kHumanElementString, kGs1Tin);
}

TEST(CodeProfileTest, DigitalLink) {
  EXPECT_EQ(Compose("GS1-DL", Linked(kGs1Tin)), kLink);
  ExpectParts("GS1-DL", kLink, Linked(kGs1Tin));
}

TEST(CodeProfileTest, OnlyElementStringsHaveAFormOfTheirOwnForPeople) {
  EXPECT_EQ(*Profile("SH-INF-A").ComposeHuman(kNumericTin, kYear), kNumericCode);
  EXPECT_EQ(*Profile("SH-INF-B").ComposeHuman(kUsccTin, kYear), kUsccCode);
  EXPECT_EQ(*Profile("GS1-DL").ComposeHuman(Linked(kGs1Tin), kYear), kLink);
}

TEST(CodeProfileTest, OneCodeForAProductALotOrAnItem) {
  const CodeParts product = {{"gtin", kGtin}};
  const CodeParts lot = With(product, "lot", "L1");
  const CodeParts item = With(lot, "serial", "7");
  EXPECT_EQ(Compose("GS1-ES", product), "0106912345000017");
  EXPECT_EQ(Compose("GS1-ES", lot), "010691234500001710L1");
  EXPECT_EQ(Compose("GS1-ES", item),
            "010691234500001710L1\x1d"
            "217");
  EXPECT_EQ(Compose("GS1-DL", Linked(product)), "https://id.gs1.org/01/06912345000017");
  EXPECT_EQ(Compose("GS1-DL", Linked(lot)), "https://id.gs1.org/01/06912345000017/10/L1");
  EXPECT_EQ(Compose("GS1-DL", Linked(item)), "https://id.gs1.org/01/06912345000017/10/L1/21/7");
  for (const CodeParts& parts : {product, lot, item}) {
    ExpectParts("GS1-ES", Compose("GS1-ES", parts), parts);
    ExpectParts("GS1-DL", Compose("GS1-DL", Linked(parts)), Linked(parts));
  }
}

TEST(CodeProfileTest, TheCheckOfALayoutIsData) {
  const std::string body = "uscc:A18:uscc|gtin:N13:gtin|made:N6:yymmdd|lot:N3|serial:N9|";
  const absl::StatusOr<CodeProfile> iso = FromLayout("fixed", body + "check:A1:mod-37-36");
  ASSERT_THAT(iso.status(), IsOk());
  const std::string code(std::string_view(kUsccCode).substr(0, 49));
  EXPECT_EQ(*iso->Compose(kUsccTin, kYear), code + "L");
  EXPECT_EQ(*iso->Parse(code + "L", kYear), kUsccTin);
  EXPECT_THAT(iso->Validate(kUsccCode, kYear),
              Refuses("T", "check: found \"1\", expected L (mod-37-36)"));
}

// ------------------------------------------------------------------ parts

TEST(CodeProfileTest, GtinsOfAllLengthsAreOneNumber) {
  EXPECT_EQ(Compose("GS1-ES", {{"gtin", "6912345000017"}}), "0106912345000017");
  EXPECT_EQ(Compose("GS1-ES", {{"gtin", "036000291452"}}), "0100036000291452");
  EXPECT_EQ(Compose("GS1-ES", {{"gtin", "96385074"}}), "0100000096385074");
  EXPECT_EQ(Compose("GS1-ES", {{"gtin", "16912345000014"}}), "0116912345000014");
  EXPECT_EQ(Compose("SH-INF-A", With(kNumericTin, "gtin", "6912345000017")), kNumericCode);
}

TEST(CodeProfileTest, ACaseHasNoCodeWhereThirteenDigitsStand) {
  ExpectComposeError("SH-INF-A", With(kNumericTin, "gtin", "16912345000014"),
                     "gtin: found \"16912345000014\", expected a GTIN of at most 13 digits");
}

TEST(CodeProfileTest, RefusesWrongGtins) {
  for (const char* profile : {"SH-INF-A", "SH-INF-B", "GS1-ES", "GS1-DL"}) {
    ExpectComposeError(
        profile, {{"gtin", "6912345000018"}, {"host", "a.cn"}, {"uscc", "91310116MA1J8XYC4H"}},
        "gtin: GTIN 6912345000018 ends in 8, its check digit is 7");
  }
  ExpectComposeError("GS1-ES", {{"gtin", ""}}, "gtin: found \"\", expected a GTIN of 8, 12, 13");
  ExpectComposeError("GS1-ES", {{"gtin", "69123450000I7"}},
                     "gtin: \"69123450000I7\" is no GTIN, expected 13 digits");
  ExpectParseError("GS1-ES", "0106912345000018", "gtin: GTIN 06912345000018 ends in 8");
  ExpectParseError("SH-INF-A", "6912345000018202511030020000012345", "gtin: GTIN 6912345000018");
  ExpectParseError("GS1-DL", "https://id.gs1.org/01/06912345000018", "its check digit is 7");
}

TEST(CodeProfileTest, RefusesWrongSocialCreditCodes) {
  ExpectComposeError("SH-INF-B", With(kUsccTin, "uscc", "91310116MA1J8XYC4G"),
                     "uscc: unified social credit code 91310116MA1J8XYC4G ends in G, its check "
                     "character is H");
  ExpectComposeError("SH-INF-B", With(kUsccTin, "uscc", "91310116ma1j8xyc4h"),
                     "uscc: found \"91310116ma1j8xyc4h\", expected 18 digits and capital letters");
  ExpectParseError("SH-INF-B", "91310116MA1J8XYC4G69123450000172511030020000012341",
                   "uscc: unified social credit code 91310116MA1J8XYC4G ends in G");
}

TEST(CodeProfileTest, RefusesDatesThatDoNotExist) {
  ExpectComposeError("SH-INF-A", With(kNumericTin, "made", "2025-02-29"),
                     "made: found \"2025-02-29\", expected an existing date YYYY-MM-DD");
  EXPECT_THAT(Compose("SH-INF-A", With(kNumericTin, "made", "2024-02-29")), HasSubstr("20240229"));
  for (const char* date : {"", "20251103", "2025-11", "2025", "2025-13-01", "03.11.2025"}) {
    ExpectComposeError("SH-INF-A", With(kNumericTin, "made", date), "made: found \"");
    ExpectComposeError("SH-INF-B", With(kUsccTin, "made", date), "made: found \"");
  }
  ExpectParseError("GS1-ES", "(01)06912345000017(11)251301",
                   "made: found \"251301\", expected an existing date YYMMDD");
  ExpectParseError("GS1-ES", "(01)06912345000017(17)250229", "expiry: found \"250229\"");
  ExpectParseError("SH-INF-A", "6912345000017202500000020000012340",
                   "made: found \"20250000\", expected an existing date YYYYMMDD");
}

TEST(CodeProfileTest, TheDayOfAGs1DateCanBeOpen) {
  const CodeParts parts = {{"gtin", kGtin}, {"expiry", "2026-11"}};
  EXPECT_EQ(Compose("GS1-ES", parts),
            "01069123450000171726"
            "1100");
  ExpectParts("GS1-ES", Compose("GS1-ES", parts), parts);
  ExpectParseError("GS1-ES", "(01)06912345000017(17)260000", "expiry: found \"260000\"");
  ExpectComposeError("GS1-ES", With(parts, "expiry", "2026"),
                     "expected an existing date YYYY-MM-DD or YYYY-MM");
  const std::string open_day = "91310116MA1J8XYC4H69123450000172511000020000012341";
  ExpectParseError("SH-INF-B", open_day, "made: found \"251100\"");
}

TEST(CodeProfileTest, TwoDigitsAreTheYearsAroundTheYearOfReading) {
  const auto expiry = [](const std::string& yymmdd, std::chrono::year year) {
    const absl::StatusOr<CodeParts> parts =
        Profile("GS1-ES").Parse("(01)06912345000017(17)" + yymmdd, year);
    EXPECT_THAT(parts, IsOk());
    return parts.ok() ? parts->at("expiry") : "none";
  };
  EXPECT_EQ(expiry("750101", kYear), "2075-01-01");
  EXPECT_EQ(expiry("760101", kYear), "2076-01-01");
  EXPECT_EQ(expiry("770101", kYear), "1977-01-01");
  EXPECT_EQ(expiry("000101", kYear), "2000-01-01");
  EXPECT_EQ(expiry("990101", kYear), "1999-01-01");
  EXPECT_EQ(expiry("260101", std::chrono::year(2080)), "2126-01-01");
  EXPECT_EQ(expiry("310101", std::chrono::year(2080)), "2031-01-01");
  EXPECT_EQ(expiry("300101", std::chrono::year(2080)), "2130-01-01");
}

TEST(CodeProfileTest, RefusesAYearThatTwoDigitsDoNotGiveBack) {
  ExpectComposeError("SH-INF-B", With(kUsccTin, "made", "1925-11-03"),
                     "made: found \"1925-11-03\", expected a year from 1977 to 2076");
  for (const char* date : {"1976-12-31", "2077-01-01", "2125-11-03"}) {
    ExpectComposeError("GS1-ES", With(kGs1Tin, "expiry", date),
                       "expected a year from 1977 to 2076");
  }
  for (const char* date : {"1977-01-01", "2076-12-31"}) {
    const CodeParts parts = With(kGs1Tin, "expiry", date);
    ExpectParts("GS1-ES", Compose("GS1-ES", parts), parts);
  }
  const CodeParts old = With(kNumericTin, "made", "1925-11-03");  // four digits
  ExpectParts("SH-INF-A", Compose("SH-INF-A", old), old);
}

TEST(CodeProfileTest, RefusesDatesOutsideTheCalendar) {
  for (const int year : {-32767, -200, 9999, 32767}) {
    EXPECT_THAT(Profile("GS1-ES").Validate("(01)06912345000017(17)260101", std::chrono::year(year)),
                Refuses("GS1-ES", "expiry: found \"260101\", expected an existing date"))
        << year;
  }
}

TEST(CodeProfileTest, RefusesPartsOfAnotherLengthOrAlphabet) {
  ExpectComposeError("SH-INF-A", With(kNumericTin, "lot", "2"),
                     "lot: found \"2\", expected 3 digits");
  ExpectComposeError("SH-INF-A", With(kNumericTin, "lot", "00A"), "lot: found \"00A\", expected 3");
  ExpectComposeError("SH-INF-A", With(kNumericTin, "serial", "0000012345"),
                     "serial: found \"0000012345\", expected 9 digits");
  ExpectComposeError("GS1-ES", With(kGs1Tin, "lot", ""),
                     "lot: found \"\", expected 1 to 20 characters of GS1 character set 82");
  ExpectComposeError("GS1-ES", With(kGs1Tin, "serial", std::string(21, '1')),
                     "expected 1 to 20 characters");
  for (const char* lot : {"A B", "A#1",
                          "A\x1d"
                          "21",
                          "\u6279", "A~1", "A[1]", "A\\1"}) {
    ExpectComposeError("GS1-ES", With(kGs1Tin, "lot", lot), "lot: found \"");
    ExpectComposeError("GS1-DL", With(Linked(kGs1Tin), "lot", lot), "lot: found \"");
  }
}

TEST(CodeProfileTest, RefusesMissingAndForeignParts) {
  ExpectComposeError("SH-INF-A", Without(kNumericTin, "serial"),
                     "serial: found nothing, expected 9 digits");
  ExpectComposeError("GS1-ES", Without(kGs1Tin, "gtin"), "gtin: found nothing, expected 14 digits");
  ExpectComposeError("GS1-DL", kGs1Tin, "host: found nothing, expected 1 to 253 characters");
  ExpectComposeError("SH-INF-A", With(kNumericTin, "expiry", "2026-11-02"),
                     "found a part \"expiry\", expected only gtin, made, lot, serial");
  ExpectComposeError("SH-INF-A", With(kNumericTin, "check", "5"), "found a part \"check\"");
  ExpectComposeError("GS1-ES", Linked(kGs1Tin), "found a part \"host\"");
  ExpectParseError("GS1-ES", "10A1", "gtin: found nothing, expected 14 digits");
}

TEST(CodeProfileTest, NewLotsAndSerialsAvoidWhatQrCodesCannotHold) {
  for (const char c : std::string("%&/<>?")) {
    const std::string value = std::string("A") + c + "1";
    for (const char* part : {"lot", "serial"}) {
      ExpectComposeError(
          "GS1-ES", With(kGs1Tin, part, value),
          std::string(part) + ": found \"" + value + "\", expected a new one to have no " + c);
      ExpectComposeError("GS1-DL", With(Linked(kGs1Tin), part, value), std::string(part) + ": ");
    }
  }
}

TEST(CodeProfileTest, LotsOfOthersMayHoldThemAll) {
  const CodeParts parts = {{"gtin", kGtin}, {"lot", "A%&/<>?\"'(=_!*+,"}};
  ExpectParts("GS1-ES", "010691234500001710A%&/<>?\"'(=_!*+,", parts);
  ExpectParts("GS1-ES", "(01)06912345000017(10)A%&/<>?\"'\\(=_!*+,", parts);
  ExpectParts("GS1-DL",
              "https://id.gs1.org/01/06912345000017/10/A%25%26%2F%3C%3E%3F%22%27%28%3d_!*+,",
              Linked(parts));
}

// ------------------------------------------------------------ fixed layouts

TEST(CodeProfileTest, NoDigitOfANumericCodeCanChangeUnnoticed) {
  std::string code = kNumericCode;
  for (size_t i = 0; i < code.size(); ++i) {
    const char right = code[i];
    for (char c = '0'; c <= '9'; ++c) {
      code[i] = c;
      EXPECT_EQ(Profile("SH-INF-A").Validate(code, kYear).ok(), c == right) << code;
    }
    code[i] = right;
  }
}

TEST(CodeProfileTest, FixedCodesHaveOneLengthAndOneCheckDigit) {
  const std::string code = kNumericCode;
  ExpectParseError("SH-INF-A", code.substr(1), "code: found 33 characters, \"912345000017");
  ExpectParseError("SH-INF-A", code + "0", "code: found 35 characters");
  ExpectParseError("SH-INF-A", " " + code, "expected 34");
  ExpectParseError("SH-INF-A", code.substr(0, 33) + "6", "check: found \"6\", expected 5 (luhn)");
  ExpectParseError("SH-INF-B", std::string(kUsccCode).substr(0, 49) + "L",
                   "check: found \"L\", expected 1 (luhn-expanded)");
  ExpectParseError("SH-INF-A", "69123450000172025110300A0000012345",
                   "lot: found \"00A\", expected 3 digits");
}

// --------------------------------------------------------- element strings

TEST(ElementStringTest, TakesElementsInAnyOrder) {
  ExpectParts("GS1-ES", "(21)7(17)261102(01)06912345000017(10)L1",
              {{"gtin", kGtin}, {"serial", "7"}, {"expiry", "2026-11-02"}, {"lot", "L1"}});
  ExpectParts("GS1-ES",
              "217\x1d"
              "17261102010691234500001710L1",
              {{"gtin", kGtin}, {"serial", "7"}, {"expiry", "2026-11-02"}, {"lot", "L1"}});
}

TEST(ElementStringTest, KnowsTheOtherDatesOfFood) {
  ExpectParts("GS1-ES", "(01)06912345000017(13)251104(15)261101(16)261001",
              {{"gtin", kGtin},
               {"packed", "2025-11-04"},
               {"best_before", "2026-11-01"},
               {"sell_by", "2026-10-01"}});
}

TEST(ElementStringTest, TakesFnc1BehindAnyElement) {
  const CodeParts parts = {{"gtin", kGtin}, {"made", "2025-11-03"}, {"lot", "L1"}};
  ExpectParts("GS1-ES",
              "0106912345000017\x1d"
              "11251103\x1d"
              "10L1",
              parts);
  ExpectParts("GS1-ES",
              "0106912345000017"
              "11251103"
              "10L1\x1d",
              parts);
  ExpectParseError("GS1-ES",
                   "0106912345000017\x1d\x1d"
                   "10L1",
                   "application identifier: found \"\\0351");
}

// Without FNC1 the lot goes on to the end: nobody can tell, and nothing is guessed.
TEST(ElementStringTest, AForgottenFnc1MakesALongLot) {
  ExpectParts("GS1-ES", "010691234500001710L12100000123",
              {{"gtin", kGtin}, {"lot", "L12100000123"}});
  ExpectParseError("GS1-ES", "010691234500001710A20251103B112511031726110221000000001234",
                   "lot: found \"A20251103B112511031726110221000000001234\"");
}

TEST(ElementStringTest, RefusesUnknownAndRepeatedElements) {
  ExpectParseError("GS1-ES", "01069123450000173103000500",
                   "application identifier: found \"3103\" at offset 16, expected 01, 10, 11, 13, "
                   "15, 16, 17 or 21");
  ExpectParseError("GS1-ES", "(01)06912345000017(3103)000500",
                   "application identifier: found \"3103\", expected 01, 10,");
  ExpectParseError("GS1-ES", "(01)06912345000017(10)A(10)B", "lot: found 10 twice");
  ExpectParseError("GS1-ES", "01069123450000170106912345000017", "gtin: found 01 twice");
}

TEST(ElementStringTest, RefusesCutElements) {
  ExpectParseError("GS1-ES", "0", "application identifier: found \"0\"");
  ExpectParseError("GS1-ES", "01", "gtin: found \"\", expected 14 digits");
  ExpectParseError("GS1-ES", "010691234500001", "gtin: found \"0691234500001\", expected 14");
  ExpectParseError("GS1-ES",
                   "0106912345000017"
                   "1125110",
                   "made: found \"25110\"");
  ExpectParseError("GS1-ES", "010691234500001710", "lot: found \"\"");
  ExpectParseError("GS1-ES", "(", "application identifier: found \"\"");
  ExpectParseError("GS1-ES", "(01", "gtin: found \"\"");
  ExpectParseError("GS1-ES", "(01)", "gtin: found \"\"");
  ExpectParseError("GS1-ES", "( 01)06912345000017", "application identifier: found \" 01\"");
}

TEST(ElementStringTest, AParenthesisInALotIsNoElement) {
  const CodeParts parts = {{"gtin", kGtin}, {"lot", "A(21)7"}, {"serial", "8)("}};
  EXPECT_EQ(*Profile("GS1-ES").ComposeHuman(parts, kYear),
            "(01)06912345000017(10)A\\(21)7(21)8)\\(");
  ExpectParts("GS1-ES", *Profile("GS1-ES").ComposeHuman(parts, kYear), parts);
  ExpectParts("GS1-ES", Compose("GS1-ES", parts), parts);
  ExpectParseError("GS1-ES", "(01)06912345000017(10)A\\)", "lot: found \"A\\\\)\"");
}

// ----------------------------------------------------------- digital links

TEST(DigitalLinkTest, EncodesWhatAUriReserves) {
  const CodeParts parts = {{"host", "q.example.cn"}, {"gtin", kGtin}, {"lot", "A!\"'()*+,-.:;=_z"}};
  const std::string code = Compose("GS1-DL", parts);
  EXPECT_EQ(code,
            "https://q.example.cn/01/06912345000017/10/A%21%22%27%28%29%2A%2B%2C-.%3A%3B%3D_z");
  ExpectParts("GS1-DL", code, parts);
}

TEST(DigitalLinkTest, TheHostMayHaveAPortAndAPath) {
  for (const char* host : {"localhost:8080", "q.example.cn/t/1", "Q.EXAMPLE.CN", "a.cn/01/1"}) {
    const CodeParts parts = {{"host", host}, {"gtin", kGtin}, {"serial", "7"}};
    const std::string code = Compose("GS1-DL", parts);
    EXPECT_EQ(code, std::string("https://") + host + "/01/06912345000017/21/7");
    ExpectParts("GS1-DL", code, parts);
  }
}

TEST(DigitalLinkTest, RefusesWhatIsNoHost) {
  for (const char* host : {"a.cn/", "/a.cn", "a.cn//b", "a.cn?b", "a.cn#b", "user@a.cn", "a b.cn",
                           ".cn", "-a.cn", "a.cn/%41", "a.cn/(1)", "\u4e0a\u6d77.cn"}) {
    ExpectComposeError("GS1-DL", With(Linked(kGs1Tin), "host", host), "host: found \"");
  }
  ExpectParseError("GS1-DL", "https://id.gs1.org@evil.example/01/06912345000017",
                   "host: found \"id.gs1.org@evil.example\", expected");
  ExpectParseError("GS1-DL", "https:///01/06912345000017", "host: found \"\"");
  ExpectParseError("GS1-DL", "https://id.gs1.org//01/06912345000017",
                   "host: found \"id.gs1.org/\"");
}

TEST(DigitalLinkTest, ALotMayLookLikeAnIdentifier) {
  const CodeParts parts = {{"host", "a.cn"}, {"gtin", kGtin}, {"lot", "01"}, {"serial", "10"}};
  EXPECT_EQ(Compose("GS1-DL", parts), "https://a.cn/01/06912345000017/10/01/21/10");
  ExpectParts("GS1-DL", Compose("GS1-DL", parts), parts);
}

TEST(DigitalLinkTest, ReadsWhatOthersWrite) {
  const CodeParts parts = {
      {"host", "a.cn"}, {"gtin", kGtin}, {"lot", "L1"}, {"expiry", "2026-11-02"}};
  for (const char* code : {
           "http://a.cn/01/06912345000017/10/L1?17=261102",
           "HTTPS://a.cn/01/06912345000017/10/L1?17=261102",
           "https://a.cn/01/06912345000017/10/%4c1?17=261102",
           "https://a.cn/01/06912345000017/10/L1?17=%3261102#top?17=270101",
           "https://a.cn/01/06912345000017/10/L1?utm=x&17=261102&linkType=gs1:pip&&empty",
           "https://a.cn/01/06912345000017/10/L1?lang=zh;17=261102",
       }) {
    ExpectParts("GS1-DL", code, parts);
  }
}

TEST(DigitalLinkTest, RefusesAnotherOrderOrPlace) {
  const std::string key = "https://a.cn/01/06912345000017";
  ExpectParseError("GS1-DL", key + "/21/7/10/L1",
                   "serial: found /21/ in front of /10/, expected the order 01, 10 or 21");
  ExpectParseError("GS1-DL", key + "/10/L1/10/L2", "lot: found /10/ in front of /10/");
  ExpectParseError("GS1-DL", key + "/11/251103",
                   "application identifier: found \"11\" in the path, expected 01, 10 or 21");
  ExpectParseError("GS1-DL", key + "?21=7",
                   "application identifier: found \"21\" in the query, expected 11, 13, 15, 16 or "
                   "17");
  ExpectParseError("GS1-DL", key + "?3103=000500", "found \"3103\" in the query");
  ExpectParseError("GS1-DL", key + "?17=261102&17=261102", "expiry: found 17 twice");
  ExpectParseError("GS1-DL", key + "/", "application identifier: found \"06912345000017\"");
}

TEST(DigitalLinkTest, RefusesOtherKeys) {
  ExpectParseError("GS1-DL", "https://a.cn/01/6912345000017",
                   "gtin: found \"6912345000017\", expected 14 digits");
  ExpectParseError("GS1-DL", "https://a.cn/gtin/06912345000017", "found \"gtin\" in the path");
  ExpectParseError("GS1-DL", "https://a.cn/10/L1/21/7", "gtin: found no /01/ in the path");
  for (const char* code : {"https://a.cn", "https://", "https://?11=251103", "https:///"}) {
    ExpectParseError("GS1-DL", code, "gtin: found no /01/ in the path");
  }
  for (const char* code : {"a.cn/01/06912345000017", "ftp://a.cn/01/06912345000017",
                           " https://a.cn/01/06912345000017", "://a.cn/01/06912345000017"}) {
    ExpectParseError("GS1-DL", code, "expected https://");
  }
}

TEST(DigitalLinkTest, RefusesBrokenEncodings) {
  const std::string lot = "https://a.cn/01/06912345000017/10/";
  ExpectParseError("GS1-DL", lot + "A%2", "lot: \"%2\" is no percent-encoding");
  ExpectParseError("GS1-DL", lot + "A%zz", "lot: \"%zz\" is no percent-encoding");
  ExpectParseError("GS1-DL", lot + "A%00", "lot: found \"A\\000\", expected 1 to 20 characters");
  ExpectParseError("GS1-DL", lot + "%E6%89%B9", "lot: found \"\u6279\"");
  ExpectParseError("GS1-DL", lot + "%FF", "lot: found \"\\377\"");
  ExpectParseError("GS1-DL", lot + "?17=261102", "lot: found \"\"");
  ExpectParseError("GS1-DL", "https://a.cn/01/06912345000017?17=2611%", "expiry: \"%\" is no");
}

// ------------------------------------------------------------ hostile input

TEST(HostileCodeTest, IsRefusedWithAShortMessage) {
  const std::vector<std::string> texts = {
      "",
      std::string(1, '\0'),
      std::string("0106912345000017\0", 17),
      std::string("69123450000172025110300200000123\0", 33) + "5",
      "\xff\xfe",
      "(01)\xe6\x89",
      "\u6279\u6b21",
      std::string(1 << 20, '0'),
      std::string(1 << 20, '('),
      std::string(1 << 20, '/'),
      std::string(1 << 20, '\xff'),
      "https://" + std::string(1 << 20, '/'),
      "https://a.cn/01/06912345000017/10/" + std::string(1 << 20, '%'),
      "https://a.cn/01/06912345000017/10/" + std::string(1 << 20, '\xe6'),
      "https://" + std::string(1 << 20, 'a') + "/01/06912345000017",
      "010691234500001710" + std::string(1 << 20, 'A'),
      "(01)06912345000017(10)" + std::string(1 << 20, '\\'),
      "0106912345000017" + std::string(1 << 20, '\x1d'),
  };
  for (const char* profile : {"SH-INF-A", "SH-INF-B", "GS1-ES", "GS1-DL"}) {
    for (const std::string& text : texts) ExpectParseError(profile, text, ": ");
  }
}

TEST(HostileCodeTest, PartsAreRefusedToo) {
  for (const std::string& value :
       {std::string(), std::string(1, '\0'), std::string("\xff\xfe"), std::string(1 << 20, 'A'),
        std::string(1 << 20, '\xe6'), std::string("000000000\0", 10)}) {
    for (const char* part : {"gtin", "lot", "made", "serial"}) {
      ExpectComposeError("SH-INF-A", With(kNumericTin, part, value), std::string(part) + ": ");
      ExpectComposeError("SH-INF-B", With(kUsccTin, part, value), std::string(part) + ": ");
      ExpectComposeError("GS1-ES", With(kGs1Tin, part, value), std::string(part) + ": ");
      ExpectComposeError("GS1-DL", With(Linked(kGs1Tin), part, value), std::string(part) + ": ");
    }
    ExpectComposeError("SH-INF-B", With(kUsccTin, "uscc", value), "uscc: ");
    ExpectComposeError("GS1-DL", With(kGs1Tin, "host", value), "host: ");
    ExpectComposeError("GS1-ES", With(kGs1Tin, value, "1"), "found a part ");
  }
}

// ------------------------------------------------------------------- tables

TEST(CodeProfileTableTest, ALayoutMayHaveNoCheckCharacter) {
  const absl::StatusOr<CodeProfile> profile = FromLayout("fixed", "lot:A2|serial:X3");
  ASSERT_THAT(profile.status(), IsOk());
  EXPECT_EQ(*profile->Compose({{"lot", "L1"}, {"serial", "%_z"}}, kYear), "L1%_z");
  EXPECT_EQ(*profile->Parse("L1%_z", kYear), (CodeParts{{"lot", "L1"}, {"serial", "%_z"}}));
}

TEST(CodeProfileTableTest, KnowsAllCheckAlgorithms) {
  const auto code = [](const std::string& check, const std::string& lot) {
    const absl::StatusOr<CodeProfile> profile = FromLayout("fixed", "lot:N4|check:A1:" + check);
    EXPECT_THAT(profile.status(), IsOk());
    const absl::StatusOr<std::string> made = profile->Compose({{"lot", lot}}, kYear);
    EXPECT_THAT(made, IsOk());
    EXPECT_EQ(*profile->Parse(*made, kYear), (CodeParts{{"lot", lot}}));
    return *made;
  };
  EXPECT_EQ(code("mod-11-10", "0794"), "07945");
  EXPECT_EQ(code("mod-11-2", "0794"), "07940");
  EXPECT_EQ(code("luhn", "0794"), "07948");
  EXPECT_EQ(code("luhn-expanded", "0794"), "07948");
  EXPECT_EQ(code("mod-37-36", "0794"), "0794J");
}

TEST(CodeProfileTableTest, AFixedElementWithoutPredefinedLengthNeedsFnc1) {
  const absl::StatusOr<CodeProfile> profile =
      FromLayout("gs1-element-string", "01* gtin:N14:gtin|[422 origin:N3]|[10 lot:X..20]");
  ASSERT_THAT(profile.status(), IsOk());
  const CodeParts parts = {{"gtin", kGtin}, {"origin", "156"}, {"lot", "L1"}};
  EXPECT_EQ(*profile->Compose(parts, kYear),
            "0106912345000017422156\x1d"
            "10L1");
  EXPECT_EQ(*profile->Parse("0106912345000017422156\x1d"
                            "10L1",
                            kYear),
            parts);
  EXPECT_THAT(profile->Validate("010691234500001742215610L1", kYear),
              Refuses("T", "origin: found \"15610L1\", expected 3 digits"));
}

TEST(CodeProfileTableTest, RefusesMalformedRows) {
  const auto expect_refused = [](const std::string& syntax, const std::string& layout,
                                 const std::string& message, const std::string& bound = "50") {
    EXPECT_THAT(FromLayout(syntax, layout, bound).status(), Refuses("T", message))
        << syntax << " " << layout;
  };
  expect_refused("", "lot:N3", "syntax: found \"\"");
  expect_refused("json", "lot:N3", "syntax: found \"json\", expected fixed,");
  expect_refused("fixed", "", "expected a first segment that must be there");
  for (const char* segment : {"lot",
                              "lot:",
                              ":N3",
                              "lot:3",
                              "lot:N",
                              "lot:N0",
                              "lot:N1000",
                              "lot:N-3",
                              "lot:Z3",
                              "lot:X..20",
                              "[lot:N3]",
                              "[lot:N3",
                              "10 lot:N3",
                              "/10 lot:N3",
                              "lot:N3:uscc",
                              "lot:N3:x",
                              "made:N6:yyyymmdd",
                              "made:A6:yymmdd",
                              "gtin:N15:gtin",
                              "gtin:A13:gtin",
                              "uscc:A17:uscc",
                              "check:N1",
                              "check:N2:luhn",
                              "check:N1:gtin",
                              "lot:N1:luhn"}) {
    expect_refused("fixed", std::string("serial:N9|") + segment, "expected a segment of a layout");
  }
  for (const char* segment : {"lot:X..20", "1 lot:N3", "1234567 lot:N3", "1x lot:N3",
                              "10* lot:X..20", "/10 lot:X..20", "*10 lot:N3", "10 check:N1:luhn"}) {
    expect_refused("gs1-element-string", std::string("01* gtin:N14:gtin|") + segment,
                   "expected a segment of a layout gs1-element-string");
  }
  expect_refused("gs1-digital-link", "host:X..253:host|01 gtin:N14:gtin", "expected a segment");
  expect_refused("gs1-digital-link", "/01 gtin:N14:gtin|/10 lot:X..20", "a host and a primary key");
  expect_refused("gs1-digital-link", "host:X..253:host", "a host and a primary key");
  expect_refused("gs1-digital-link", "host:X..253:host|?11 made:N6:yymmd0|/01 gtin:N14:gtin",
                 "gtin stands too late");
  expect_refused("fixed", "check:N1:luhn|lot:N3", "check is not behind all others");
  expect_refused("fixed", "check:N1:luhn", "check is not behind all others");
  expect_refused("fixed", "lot:A3|check:N1:luhn", "luhn cannot be taken of all others");
  expect_refused("fixed", "lot:X3|check:A1:mod-37-36", "mod-37-36 cannot be taken of all others");
  expect_refused("fixed", "lot:N3|lot:N3", "lot or its identifier is there twice");
  expect_refused("gs1-element-string", "10 lot:X..20|10 batch:X..20", "batch or its identifier");
  expect_refused("fixed", "lot:N50|check:N1:luhn", "it is 51 characters long, expected at most 50");
  expect_refused("fixed", "lot:N3", "it is 3 characters long, expected at most 0", "");
  expect_refused("fixed", "lot:N3", "max_length: found \"x\", expected a number", "x");
}

}  // namespace
}  // namespace suyuan::codes
