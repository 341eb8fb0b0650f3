#include "lib/codes/keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/status_matchers.h"

namespace suyuan::codes {
namespace {

using ::testing::HasSubstr;

constexpr char kPlant[] = "uscc:91310116MA1J8XYC4H";

// The normal text of a key, or the error.
std::string Unit(std::string_view text) {
  const absl::StatusOr<UnitKey> key = UnitKey::Parse(text);
  return key.ok() ? key->ToString() : std::string(key.status().message());
}
std::string Holder(std::string_view text) {
  const absl::StatusOr<HolderKey> key = HolderKey::Parse(text);
  return key.ok() ? key->ToString() : std::string(key.status().message());
}
std::string Lot(std::string_view rest) {
  return Unit(std::string("lot:") + kPlant + "/" + std::string(rest));
}
std::string PlantLot(std::string_view rest) {
  return std::string("lot:") + kPlant + "/" + std::string(rest);
}

void ExpectUnitError(std::string_view text, const std::string& message) {
  EXPECT_THAT(UnitKey::Parse(text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
      << text;
}
void ExpectHolderError(std::string_view text, const std::string& message) {
  EXPECT_THAT(HolderKey::Parse(text),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
      << text;
}

TEST(LotKeyTest, ReadsItsParts) {
  const absl::StatusOr<UnitKey> key = UnitKey::Parse(
      "lot:uscc:91310116MA1J8XYC4H%2Fplant1/6912345000017/A007;made=2025-11-03;expiry=2026-11");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->kind, UnitKey::Kind::kLot);
  EXPECT_EQ(key->issuer, "uscc:91310116MA1J8XYC4H/plant1");
  EXPECT_EQ(key->product, "06912345000017");
  EXPECT_EQ(key->number, "A007");
  EXPECT_EQ(key->made, "2025-11-03");
  EXPECT_EQ(key->expiry, "2026-11");
  EXPECT_EQ(key->ToString(),
            "lot:uscc:91310116MA1J8XYC4H%2Fplant1/06912345000017/A007;made=2025-11-03;"
            "expiry=2026-11");
  EXPECT_EQ(key->Base(), "lot:uscc:91310116MA1J8XYC4H%2Fplant1/06912345000017/A007");
}

TEST(LotKeyTest, GtinsOfAllLengthsAreOneProduct) {
  const std::string key = PlantLot("00036000291452/7");
  EXPECT_EQ(Lot("036000291452/7"), key);    // GTIN-12
  EXPECT_EQ(Lot("0036000291452/7"), key);   // GTIN-13
  EXPECT_EQ(Lot("00036000291452/7"), key);  // GTIN-14
  EXPECT_EQ(Lot("96385074/7"), PlantLot("00000096385074/7"));
  EXPECT_EQ(Lot("\uff19\uff16\uff13\uff18\uff15\uff10\uff17\uff14/7"),
            PlantLot("00000096385074/7"));
}

TEST(LotKeyTest, OtherProductNumbersAreKept) {
  EXPECT_EQ(Lot("6912345000018/7"), PlantLot("6912345000018/7"));  // a wrong check digit
  EXPECT_EQ(Lot("0042/7"), PlantLot("0042/7"));
  EXPECT_EQ(Lot("Milk-a/7"), PlantLot("Milk-a/7"));
}

TEST(LotKeyTest, LotNumbersAreExact) {
  EXPECT_NE(Lot("P/a7"), Lot("P/A7"));
  EXPECT_NE(Lot("P/007"), Lot("P/7"));
  EXPECT_NE(Lot("P/7-1"), Lot("P/71"));
}

TEST(LotKeyTest, SpellingsOfOneNumberAreOneLot) {
  const std::string key = PlantLot("P/\u7b2c7\u6279");
  EXPECT_EQ(Lot("P/\u7b2c7\u6279"), key);
  EXPECT_EQ(Lot("P/\u7b2c\uff17\u6279"), key);
  EXPECT_EQ(Lot("P/%E7%AC%AC7%e6%89%b9"), key);
  EXPECT_EQ(Lot("P/ \u7b2c7\u6279\u3000"), key);
  EXPECT_EQ(Lot("P/Cr%65%CC%80me"), PlantLot("P/Cr\u00e8me"));
  EXPECT_EQ(Unit(" " + key + "\r\n"), key);
}

TEST(LotKeyTest, EncodesWhatSeparates) {
  EXPECT_EQ(Lot("a%2Fb/c%3bd%40e%23f%3Fg%25h i:j+k"),
            PlantLot("a%2Fb/c%3Bd%40e%23f%3Fg%25h%20i:j+k"));
  EXPECT_EQ(Lot("P/a@b#c?d"), PlantLot("P/a%40b%23c%3Fd"));
  EXPECT_EQ(Lot("P/%2541"), PlantLot("P/%2541"));  // is decoded once: the text %41
  EXPECT_EQ(Lot("P/\uff0f"), PlantLot("P/%2F"));   // a full-width slash is no separator
}

TEST(LotKeyTest, TwoSitesOfOneCompanyDiffer) {
  const std::string one = Unit("lot:uscc:91310116MA1J8XYC4H%2F1/P/7");
  const std::string two = Unit("lot:uscc:91310116MA1J8XYC4H%2F2/P/7");
  EXPECT_NE(one, two);
  EXPECT_NE(one, Lot("P/7"));
}

TEST(LotKeyTest, ANumberUsedAgainWithAnotherDateIsAnotherLot) {
  const absl::StatusOr<UnitKey> first = UnitKey::Parse(PlantLot("P/7;made=2024-03-01"));
  const absl::StatusOr<UnitKey> again = UnitKey::Parse(PlantLot("P/7;made=2025-03-01"));
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(again, IsOk());
  EXPECT_NE(*first, *again);
  EXPECT_LT(*first, *again);
  EXPECT_EQ(first->Base(), again->Base());
  EXPECT_EQ(first->Base(), PlantLot("P/7"));
}

TEST(LotKeyTest, TheDateOfProductionCanTakeThePlaceOfTheNumber) {
  EXPECT_EQ(Lot("P/;made=2025-11-03"), PlantLot("P/;made=2025-11-03"));
  ExpectUnitError(PlantLot("P/"), "the lot number is empty");
  ExpectUnitError(PlantLot("P/%20"), "the lot number is empty");
  ExpectUnitError(PlantLot("P/;expiry=2025-11-03"), "expected one or a date of production");
}

TEST(LotKeyTest, DatesComeInEitherOrder) {
  EXPECT_EQ(Lot("P/7;expiry=2026;made=2025-11"), PlantLot("P/7;made=2025-11;expiry=2026"));
}

TEST(LotKeyTest, RefusesDatesThatAreNone) {
  for (const char* date : {"2025-13", "2025-02-29", "2025-11-31", "0000", "25-11-03", "20251103",
                           "2025-1-3", "2025-11-03T08", "-025", "soon"}) {
    ExpectUnitError(PlantLot(std::string("P/7;made=") + date), "made is \"" + std::string(date));
  }
  EXPECT_EQ(Lot("P/7;expiry=2024-02-29"), PlantLot("P/7;expiry=2024-02-29"));
  ExpectUnitError(PlantLot("P/7;made="), "made is empty, expected a date");
  ExpectUnitError(PlantLot("P/7;made=2025;made=2025"), "made is given twice");
  ExpectUnitError(PlantLot("P/7;born=2025"), "found \"born=2025\" behind ;");
  ExpectUnitError(PlantLot("P/7;"), "expected ;made=<date> or ;expiry=<date>");
}

TEST(LotKeyTest, RefusesMissingAndSurplusParts) {
  ExpectUnitError("lot:", "expected lot:<issuer>/<product>/<lot number>");
  ExpectUnitError("lot:uscc:91310116MA1J8XYC4H/P", "expected lot:<issuer>");
  ExpectUnitError("lot:uscc:91310116MA1J8XYC4H/plant1/P/7", "with %2F for a slash");
  ExpectUnitError("lot:/P/7", "the issuer is empty");
  ExpectUnitError(PlantLot("/7"), "the product is empty");
  ExpectUnitError("lot:somebody/P/7", "issuer \"somebody\": expected uscc:");
  ExpectUnitError("lot:uscc:91310116MA1J8XYC4G/P/7", "its check character is H");
}

TEST(LotKeyTest, RefusesBadEncodings) {
  ExpectUnitError(PlantLot("P/7%"), "lot number: \"%\" is no percent-encoding");
  ExpectUnitError(PlantLot("P/7%2"), "\"%2\" is no percent-encoding");
  ExpectUnitError(PlantLot("P/%G17"), "\"%G1\" is no percent-encoding");
  ExpectUnitError(PlantLot("P%0AQ/7"), "product: control character U+000a at offset 1");
  ExpectUnitError(PlantLot("P%00/7"), "product: control character U+0000 at offset 1");
  ExpectUnitError(PlantLot("P/%C5%FA"), "lot number: not UTF-8: byte 0xc5 at offset 0");
  ExpectUnitError(PlantLot("P/\xc5\xfa"), "not UTF-8");
}

TEST(LotKeyTest, IssuersCanBeOfAnyScheme) {
  EXPECT_EQ(Unit("lot:gln:6912345900010/P/7"), "lot:gln:6912345900010/P/7");
  EXPECT_EQ(Unit("lot:ext:fda:12 34/P/7"), "lot:ext:fda:12%252034/P/7");
  EXPECT_EQ(Unit("lot:uscc:91310116ma1j8xyc4h/P/7"), PlantLot("P/7"));
}

TEST(UnitKeyTest, ReadsLogisticUnits) {
  EXPECT_EQ(Unit("sscc:369123450000000018"), "sscc:369123450000000018");
  EXPECT_EQ(Unit("sscc: 369123450000000018 "), "sscc:369123450000000018");
  ExpectUnitError("sscc:369123450000000019", "ends in 9, its check digit is 8");
  ExpectUnitError("sscc:36912345000000001", "expected 18 digits");
  ExpectUnitError("sscc:36912345000000001X", "is no SSCC");
}

TEST(UnitKeyTest, ReadsItems) {
  EXPECT_EQ(Unit("item:https://id.gs1.org/01/06912345000017/21/1?11=251103"),
            "item:https:%2F%2Fid.gs1.org%2F01%2F06912345000017%2F21%2F1%3F11=251103");
  ExpectUnitError("item:", "the code is empty");
}

TEST(UnitKeyTest, ReadsForeignNumbers) {
  const absl::StatusOr<UnitKey> key = UnitKey::Parse("ext:fcl:delivery:12");
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->source, "fcl");
  EXPECT_EQ(key->code, "delivery:12");
  EXPECT_EQ(key->ToString(), "ext:fcl:delivery:12");
  EXPECT_EQ(Unit("ext:a%3Ab:c"), "ext:a%3Ab:c");
  EXPECT_NE(Unit("ext:a%3Ab:c"), Unit("ext:a:b:c"));
  ExpectUnitError("ext:fcl", "expected ext:<source>:<id>");
  ExpectUnitError("ext::1", "the source is empty");
  ExpectUnitError("ext:fcl:", "the id is empty");
}

TEST(UnitKeyTest, RefusesOtherTexts) {
  ExpectUnitError("", "unit key \"\": expected lot:<issuer>");
  ExpectUnitError("A20251103", "unit key \"A20251103\": expected lot:");
  ExpectUnitError("LOT:x/y/z", "expected lot:");
  ExpectUnitError(kPlant, "expected lot:");
}

TEST(UnitKeyTest, HasALimit) {
  const std::string prefix = "item:";
  EXPECT_EQ(Unit(prefix + std::string(507, 'x')).size(), kMaxKeyBytes);
  ExpectUnitError(prefix + std::string(508, 'x'), "it is 513 bytes long in normal form");
  ExpectUnitError(prefix + std::string(200, '@'), "it is 605 bytes long in normal form");
  ExpectUnitError(prefix + std::string(100000, 'x'), "it is 100005 bytes long");
}

TEST(UnitKeyTest, LongTextsAreCutInMessages) {
  const absl::Status status = UnitKey::Parse(std::string(100000, '\xe6')).status();
  EXPECT_LT(status.message().size(), 1000u);
}

TEST(HolderKeyTest, ReadsSubjectsAndSites) {
  const absl::StatusOr<HolderKey> site = HolderKey::Parse("uscc:91310116MA1J8XYC4H/\u4e8c\u5382");
  ASSERT_THAT(site, IsOk());
  EXPECT_EQ(site->scheme, HolderKey::Scheme::kUscc);
  EXPECT_EQ(site->id, "91310116MA1J8XYC4H");
  EXPECT_EQ(site->site, "\u4e8c\u5382");
  EXPECT_TRUE(site->is_site());
  EXPECT_EQ(site->ToString(), "uscc:91310116MA1J8XYC4H/\u4e8c\u5382");
  EXPECT_FALSE(site->Subject().is_site());
  EXPECT_EQ(site->Subject().ToString(), kPlant);
  EXPECT_EQ(site->Subject(), *HolderKey::Parse(kPlant));
}

TEST(HolderKeyTest, PutsCodesInNormalForm) {
  EXPECT_EQ(Holder("uscc:91310116ma1j8xyc4h"), kPlant);
  EXPECT_EQ(Holder("uscc:\uff1991310116MA1J8XYC4H").find("holder key"), 0u);  // one too many
  EXPECT_EQ(Holder("uscc:\uff191310116MA1J8XYC4H"), kPlant);
  EXPECT_EQ(Holder("gln:6912345900010/ 7 "), "gln:6912345900010/7");
  EXPECT_EQ(
      Holder("ext:eu:DE BY/1/a b"),
      "holder key \"ext:eu:DE BY/1/a b\": more than one /, expected %2F for a slash within a part");
  EXPECT_EQ(Holder("ext:eu:DE BY%2F1/a b"), "ext:eu:DE%20BY%2F1/a%20b");
}

TEST(HolderKeyTest, RefusesWrongCodes) {
  ExpectHolderError("uscc:91310116MA1J8XYC4G", "ends in G, its check character is H");
  ExpectHolderError("uscc:9131", "expected 18 characters of 0-9 and A-Z without I, O, S, V, Z");
  ExpectHolderError("uscc:9131O116MA1J8XYC4H", "is no unified social credit code");
  ExpectHolderError("gln:6912345900011", "GLN 6912345900011 ends in 1, its check digit is 0");
  ExpectHolderError("gln:691234590001", "expected 13 digits");
  ExpectHolderError("uscc:91310116MA1J8XYC4H/", "the site is empty");
  ExpectHolderError("duns:123", "expected uscc:<18 characters>, gln:<13 digits> or ext:");
  ExpectHolderError("", "holder key \"\"");
  ExpectHolderError("ext:a:" + std::string(600, 'x'), "expected at most 512");
}

TEST(BuilderTest, BuildsNormalTexts) {
  EXPECT_EQ(*LotKey("uscc:91310116ma1j8xyc4h/plant 1", "6912345000017", " A/7 ", "2025-11-03"),
            "lot:uscc:91310116MA1J8XYC4H%2Fplant%25201/06912345000017/A%2F7;made=2025-11-03");
  EXPECT_EQ(*LotKey(kPlant, "100%", "", "2025"), PlantLot("100%25/;made=2025"));
  EXPECT_EQ(*LotKey(kPlant, "P", "7", "", "2026-01-02"), PlantLot("P/7;expiry=2026-01-02"));
  EXPECT_EQ(*SsccKey("369123450000000018"), "sscc:369123450000000018");
  EXPECT_EQ(*ItemKey("a/b"), "item:a%2Fb");
  EXPECT_EQ(*ExternalKey("a:b", "c:d"), "ext:a%3Ab:c:d");
  EXPECT_EQ(*SiteKey(kPlant, "a/b"), std::string(kPlant) + "/a%2Fb");
}

TEST(BuilderTest, WhatIsBuiltCanBeRead) {
  const std::string text = *LotKey("ext:x:a%2Fb/s;1", "p/q", "50% @#?", "2025", "2026");
  const absl::StatusOr<UnitKey> key = UnitKey::Parse(text);
  ASSERT_THAT(key, IsOk());
  EXPECT_EQ(key->ToString(), text);
  EXPECT_EQ(key->product, "p/q");
  EXPECT_EQ(key->number, "50% @#?");
  const absl::StatusOr<HolderKey> issuer = HolderKey::Parse(key->issuer);
  ASSERT_THAT(issuer, IsOk());
  EXPECT_EQ(issuer->id, "a/b");
  EXPECT_EQ(issuer->site, "s;1");
}

TEST(BuilderTest, RefusesWhatParseRefuses) {
  const auto invalid = [](const std::string& message) {
    return StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message));
  };
  EXPECT_THAT(LotKey("x", "P", "7"), invalid("issuer \"x\""));
  EXPECT_THAT(LotKey(kPlant, "", "7"), invalid("the product is empty"));
  EXPECT_THAT(LotKey(kPlant, "P", " "), invalid("the lot number is empty"));
  EXPECT_THAT(LotKey(kPlant, "P", "7", "today"), invalid("made is \"today\""));
  EXPECT_THAT(LotKey(kPlant, "P", "a\nb"), invalid("lot number: control character"));
  EXPECT_THAT(LotKey(kPlant, std::string(300, '@'), "7"), invalid("expected at most 512"));
  EXPECT_THAT(SsccKey("1"), invalid("expected 18 digits"));
  EXPECT_THAT(ItemKey(""), invalid("the code is empty"));
  EXPECT_THAT(ExternalKey("", "x"), invalid("the source is empty"));
  EXPECT_THAT(SiteKey(std::string(kPlant) + "/1", "2"), invalid("expected a subject"));
  EXPECT_THAT(SiteKey(kPlant, ""), invalid("the site is empty"));
}

TEST(UnitAddressTest, ReadsUnitHolderAndPart) {
  const auto read = [](std::string_view text) {
    const absl::StatusOr<UnitAddress> address = ParseUnitAddress(text);
    EXPECT_THAT(address, IsOk()) << text;
    return address.ok() ? *address : UnitAddress{};
  };
  EXPECT_EQ(read("A007"), (UnitAddress{"A007", "", ""}));
  EXPECT_EQ(read("A007#p1"), (UnitAddress{"A007", "", "p1"}));
  EXPECT_EQ(read("A#7#p1"), (UnitAddress{"A#7", "", "p1"}));
  EXPECT_EQ(read("item:7@uscc:91310116ma1j8xyc4h/1"),
            (UnitAddress{"item:7", "uscc:91310116MA1J8XYC4H/1", ""}));
  EXPECT_EQ(read(" A@7@gln:6912345900010#p %231 "),
            (UnitAddress{"A@7", "gln:6912345900010", "p #1"}));
  EXPECT_EQ(read("A%407"), (UnitAddress{"A%407", "", ""}));
}

TEST(UnitAddressTest, PrintsWhatItReads) {
  for (const char* text : {"A007", "A007#p%20%23%401", "item:7@gln:6912345900010",
                           "item:7@uscc:91310116MA1J8XYC4H/1#\u4e00"}) {
    const absl::StatusOr<UnitAddress> address = ParseUnitAddress(text);
    ASSERT_THAT(address, IsOk());
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(UnitAddressTest, RefusesEmptyAndWrongParts) {
  const auto expect_error = [](std::string_view text, const std::string& message) {
    EXPECT_THAT(ParseUnitAddress(text),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(message)))
        << text;
  };
  expect_error("", "the unit is empty; expected UNIT[@HOLDER][#PART]");
  expect_error("@gln:6912345900010", "the unit is empty");
  expect_error("#p", "the unit is empty");
  expect_error("A@", "holder \"\": expected uscc:");
  expect_error("A@shop", "holder \"shop\": expected uscc:");
  expect_error("A@gln:6912345900010#", "the part is empty");
  expect_error("A#", "the part is empty");
  expect_error("A#%4", "no percent-encoding");
}

}  // namespace
}  // namespace suyuan::codes
