#include "lib/events/messages.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/codes/normal_form.h"

namespace suyuan::events {
namespace {

// In the sentences {field} stands for the path and the name, {found} for what
// was found, {expected} for what was expected.
struct Text {
  Fault fault;
  std::string_view rule;
  std::string_view source;
  std::string_view expected;
  std::string_view zh;
  std::string_view en;
};

constexpr std::array<Text, kFaultCount> kTexts = {{
    {Fault::kIdMissing, "form.id", "ours", "1 to 64 bytes, unique in the ledger",
     "事件没有编号，请在 id 中填写 1 至 64 字节、在本账本中不重复的编号。",
     "The event has no id; give it one of 1 to 64 bytes that its ledger has never seen."},
    {Fault::kIdTooLong, "form.id", "ours", "at most 64 bytes",
     "事件编号过长（{found}），最多 64 字节，请缩短。",
     "The id of the event is too long ({found}); shorten it to at most 64 bytes."},
    {Fault::kIdMalformed, "form.id", "ours", "printable characters, no white space at the ends",
     "事件编号“{found}”含有控制字符、乱码或首尾空白，请只用可打印字符并去掉首尾空白。",
     "The id \"{found}\" has characters that cannot be printed or white space at an end; use "
     "printable characters and take the white space away."},
    {Fault::kNoOperation, "form.operation", "ours", "one operation",
     "事件没有说明是什么操作，请填写且只填写一种操作，例如进货查验 receive。",
     "The event does not say which operation it records; set exactly one, for example receive."},
    {Fault::kReservedOperation, "form.operation", "ours", "an operation that users record",
     "操作 {found} 只由账本自己记录，不能提交。",
     "The operation {found} is recorded by the ledger itself and cannot be submitted."},
    {Fault::kUnknownField, "form.unknown-field", "ours", "only fields of this version's schema",
     "事件在 {field} 处含有本版本不认识的内容（{found}），请核对数据格式的版本，或先升级本系统。",
     "The event holds something at {field} that this version does not know ({found}); check the "
     "version of the sender's schema, or upgrade this system first."},
    {Fault::kNotUtf8, "form.utf8", "RFC 3629", "UTF-8",
     "字段 {field} 的文字不是有效的 UTF-8（读到“{found}”），请检查来源系统的字符编码（例如 GBK）。",
     "The text of {field} is not valid UTF-8 (\"{found}\"); check the character encoding of the "
     "system that sends it, for example GBK."},
    {Fault::kControlCharacter, "form.utf8", "ours",
     "no control characters but line feed and tabulator",
     "字段 {field} 的文字含有控制字符（读到“{found}”），请删去，只允许换行和制表符。",
     "The text of {field} has control characters (\"{found}\"); take them out, only line feed and "
     "tabulator are allowed."},
    {Fault::kPersonal, "form.personal", "ours",
     "a value of 1 to 1,024 bytes as plain UTF-8 text, with a person or post number at most",
     "字段 {field} 的个人信息不能这样提交（读到：{found}），请只填写 1 至 1024 字节的文字，"
     "可附人员编号（person:…）或岗位编号（post:…）；承诺值和删除标记只由账本填写。",
     "The personal field {field} cannot be given like this ({found}); give a text of 1 to 1,024 "
     "bytes, and a person or post number if you like; commitments and marks of erasures are "
     "written by the ledger alone."},
    {Fault::kEnum, "form.enum", "ours", "a value of the schema",
     "字段 {field} 的取值 {found} 不在允许的范围内，请改用数据格式中列出的取值。",
     "The value {found} of {field} is none that the schema lists; use one of those."},
    {Fault::kRequired, "form.required", "ours", "a value",
     "字段 {field} 没有填写，缺少它就无法理解这条记录，请补填。",
     "The field {field} is empty, and without it the event cannot be understood; fill it in."},
    {Fault::kUnitKey, "form.unit-key", "ours",
     "lot:<issuer>/<product>/<lot number>, sscc:<18 digits>, item:<code> or ext:<source>:<id>",
     "字段 {field} 的“{found}”不是正确的追溯单元编号，应为 {expected}，请核对编号和校验位。",
     "\"{found}\" in {field} is not the key of a traceability unit; it should read {expected}, "
     "with correct check digits."},
    {Fault::kSubjectKey, "form.subject-key", "ours; GB 32100 (uscc), GS1 (gln)",
     "uscc:<18 characters>, gln:<13 digits> or ext:<source>:<id>",
     "字段 {field} 的“{found}”不是正确的企业（主体）编号，应为 {expected}，请核对编号和校验位。",
     "\"{found}\" in {field} is not the key of a company; it should read {expected}, with a "
     "correct check digit and no site behind it."},
    {Fault::kHolderKey, "form.holder-key", "ours; GB 32100 (uscc), GS1 (gln)",
     "uscc:<18 characters>, gln:<13 digits> or ext:<source>:<id>, with /<site> for a site",
     "字段 {field} 的“{found}”不是正确的企业或场所编号，应为 {expected}，请核对编号和校验位。",
     "\"{found}\" in {field} is not the key of a company or site; it should read {expected}, with "
     "a correct check digit."},
    {Fault::kPersonRef, "form.person-ref", "ours",
     "person:<id> or post:<id>, the id of 1 to 48 letters, digits, dots, hyphens, underscores",
     "字段 {field} 应填人员编号（person:工号）或岗位编号（post:岗位号），不能填姓名；"
     "编号只用字母、数字、点、横线和下划线，最多 48 位，读到“{found}”。",
     "The field {field} takes person:<id> or post:<id> with an id of at most 48 letters, digits, "
     "dots, hyphens and underscores, never a name; it reads \"{found}\"."},
    {Fault::kUnitCode, "form.unit-code", "UN/ECE Recommendation 20",
     "a code of unit_of_measure.csv, such as KGM",
     "字段 {field} 的“{found}”不是计量单位代码，请使用 {expected}。",
     "\"{found}\" in {field} is not the code of a unit of measure; use {expected}."},
    {Fault::kGtin, "form.gtin", "GB 12904; GS1 General Specifications",
     "8, 12, 13 or 14 digits with the right check digit",
     "字段 {field} 的“{found}”不是正确的商品条码，应为 8、12、13 或 14 位数字且校验位正确。",
     "\"{found}\" in {field} is not a GTIN; it has 8, 12, 13 or 14 digits, the last of which "
     "checks the others."},
    {Fault::kSha256, "form.sha256", "ours", "32 bytes",
     "字段 {field} 的 SHA-256 摘要长度不对（{found}），应为 32 字节，请重新计算文件摘要。",
     "The SHA-256 digest in {field} has the wrong length ({found}) and should have 32 bytes; "
     "compute the digest of the file again."},
    {Fault::kCode, "form.code", "ours", "",
     "字段 {field} 的“{found}”不在代码表中，应为 {expected}。",
     "\"{found}\" in {field} is not in the code table; it should be {expected}."},
    {Fault::kScale, "form.quantity", "ours", "a scale from 0 to 9",
     "字段 {field} 的小数位数 {found} 不正确，应为 0 至 9。",
     "The number of decimals in {field} is {found}; it must be from 0 to 9."},
    {Fault::kNoUnit, "form.quantity", "ours", "a code of unit_of_measure.csv, such as KGM",
     "字段 {field} 没有填写计量单位，请补填代码，例如千克填 KGM。",
     "The field {field} is empty: a quantity needs its unit of measure, for example KGM for "
     "kilogram."},
    {Fault::kTooLarge, "form.size", "ours", "at most 65400 bytes",
     "事件过大（{found}），最多 65400 字节，请把文件存放在别处并只引用其摘要，或拆成几条事件。",
     "The event is too large ({found}) and may have at most 65400 bytes; keep documents elsewhere "
     "and name them by digest, or tell it in several events."},
    {Fault::kTime, "form.time", "ours",
     "a moment in the years 1 to 9999 in whole microseconds, an offset within 18 hours",
     "字段 {field} 的时间不正确：应在公元 1 年至 9999 年之间，精确到微秒为止，时差不超过 18 小时；"
     "时间不详时请注明精度为“不详”。",
     "The time in {field} is not valid: it lies in the years 1 to 9999, in whole microseconds, "
     "with an offset within 18 hours; where it is not known, its precision must say so."},
    {Fault::kDate, "form.date", "ours", "an existing day, month or year from 1 to 9999",
     "字段 {field} 的日期“{found}”不存在，请填写公元 1 年至 9999 年之间真实存在的日期。",
     "The date \"{found}\" in {field} does not exist; give one that does, in the years 1 to "
     "9999."},
    {Fault::kTimeOrder, "form.time-order", "ours", "an end that is not before the begin",
     "字段 {field} 的结束时间早于开始时间（{found}），请核对。",
     "The end of {field} lies before its begin ({found}); check both."},
    {Fault::kDateOrder, "form.time-order", "ours", "an expiry date not before the production date",
     "字段 {field} 的到期日期早于生产日期（{found}），请核对。",
     "The expiry date in {field} lies before the production date ({found}); check both."},
    {Fault::kMadeAfterReceipt, "form.time-order", "ours",
     "a production date not after the event's end",
     "字段 {field} 的生产日期晚于收货时间（{found}），请核对。",
     "The production date in {field} lies after the time of receipt ({found}); check both."},
    {Fault::kShelfLifeValue, "form.shelf-life", "ours", "a number above 0",
     "字段 {field} 的保质期数值 {found} 不正确，应大于 0。",
     "The shelf life in {field} is {found}; it must be above 0."},
    {Fault::kShelfLifeUnit, "form.shelf-life", "ours", "HOUR, DAY, MONTH or YEAR",
     "字段 {field} 没有填写保质期的单位，请填写时、日、月或年。",
     "The unit of the shelf life in {field} is missing; give hour, day, month or year."},
    {Fault::kNotPositive, "form.amount", "ours", "a number above 0",
     "字段 {field} 的数量为 {found}：货物移动时数量必须大于 0，请核对；没有移动的货物不要填写。",
     "The quantity in {field} is {found}; of goods that move it must be above 0. Leave out what "
     "did not move."},
    {Fault::kNegative, "form.amount", "ours", "0 or a number above 0",
     "字段 {field} 的数量为 {found}：盘点、召回反馈和配比可以为 0，但不能小于 0，请核对。",
     "The quantity in {field} is {found}; what is counted, answered or a share of something can "
     "be 0, but never below it."},
    {Fault::kUnitDimension, "form.unit-dimension", "UN/ECE Recommendation 20", "",
     "字段 {field} 的计量单位“{found}”不能换算，应为 {expected}，请按规定的单位填写。",
     "The unit \"{found}\" in {field} does not convert to the one that is asked for; use "
     "{expected}."},
    {Fault::kMore, "form.more", "ours", "fewer faults",
     "错误太多，其余的没有列出，请先改正已列出的错误。",
     "There are more faults than are listed; correct the listed ones first."},
}};

constexpr bool InOrder() {
  for (size_t i = 0; i < kTexts.size(); ++i) {
    if (static_cast<size_t>(kTexts[i].fault) != i) return false;
  }
  return true;
}
static_assert(InOrder(), "one text a fault, in the order of the enum");

std::string Fill(std::string_view text, std::string_view field, const Finding& finding) {
  return absl::StrReplaceAll(
      ToAbsl(text),
      {{"{field}", ToAbsl(field)}, {"{found}", finding.found}, {"{expected}", finding.expected}});
}

}  // namespace

Violation MakeViolation(Fault fault, size_t event_index, Finding finding) {
  const Text& text = kTexts[static_cast<size_t>(fault)];
  if (finding.expected.empty()) finding.expected = std::string(text.expected);
  const bool named = !finding.name_zh.empty();
  const std::string zh = named ? StrCat(finding.field, "（", finding.name_zh, "）") : finding.field;
  const std::string en = named ? StrCat(finding.field, " (", finding.name_en, ")") : finding.field;
  Violation violation;
  violation.event_index = event_index;
  violation.rule = std::string(text.rule);
  violation.source = std::string(text.source);
  violation.message_zh = Fill(text.zh, zh, finding);
  violation.message_en = Fill(text.en, en, finding);
  violation.field = std::move(finding.field);
  violation.found = std::move(finding.found);
  violation.expected = std::move(finding.expected);
  return violation;
}

Violation MakeViolation(size_t event_index, MissingElement missing) {
  Violation violation;
  violation.event_index = event_index;
  violation.message_zh =
      StrCat("这条“", missing.operation_zh, "”记录缺少“", missing.name_zh, "”（", missing.number,
             "），请填写 ", absl::StrReplaceAll(missing.fields, {{" or ", " 或 "}}), "。");
  violation.message_en =
      StrCat("The record \"", missing.operation_en, "\" lacks \"", missing.name_en, "\" (",
             missing.number, "); fill in ", missing.fields, ".");
  violation.rule = std::move(missing.number);
  violation.field = std::move(missing.field);
  violation.expected = std::move(missing.fields);
  violation.source = std::move(missing.source);
  return violation;
}

std::string Shown(std::string_view text) {
  constexpr size_t kMax = 80;
  std::string_view shown = text.substr(0, kMax);
  const std::string_view end = shown.size() < text.size() ? "..." : "";
  if (!end.empty()) {
    // Not in the middle of a character.
    while (!shown.empty() && (static_cast<uint8_t>(text[shown.size()]) & 0xc0) == 0x80) {
      shown.remove_suffix(1);
    }
  }
  if (!codes::IsUtf8(shown)) return StrCat(absl::CHexEscape(ToAbsl(shown)), end);
  std::string escaped = absl::Utf8SafeCEscape(ToAbsl(shown));
  // That leaves the control characters U+0080 to U+009F.
  for (size_t i = escaped.find('\xc2'); i != std::string::npos; i = escaped.find('\xc2', i + 1)) {
    if (static_cast<uint8_t>(escaped[i + 1]) >= 0xa0) continue;
    escaped.replace(i, 2, StrCat("\\u00", ToHex(escaped.substr(i + 1, 1))));
  }
  return StrCat(escaped, end);
}

}  // namespace suyuan::events
