#include "api/cli/demo_plant_world.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <initializer_list>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_format.h"
#include "lib/base/check.h"
#include "lib/base/decimal.h"
#include "lib/base/hash.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/check_digit.h"
#include "lib/codes/keys.h"

namespace suyuan::demo {
namespace {

using std::chrono::days;
using std::chrono::November;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr int kChina = 480;
constexpr int64_t kMinute = 60'000'000;
constexpr int64_t kDay = 24 * 60 * kMinute;
constexpr sys_days kFirstDay = std::chrono::year{2025} / November / 3;
constexpr int64_t kStart = kFirstDay.time_since_epoch().count() * kDay - kChina * kMinute;

std::string Must(absl::StatusOr<std::string> text) {
  SUYUAN_CHECK(text.ok());
  return *std::move(text);
}

// A valid number that was given to nobody: authority, kind and region of a
// company (GB 32100), then an organization code (GB 11714) of our own.
std::string Uscc(std::string_view head, std::string_view organization) {
  constexpr std::array<int, 8> kWeights = {3, 7, 9, 10, 5, 8, 4, 2};
  int sum = 0;
  for (size_t i = 0; i < kWeights.size(); ++i) {
    const char c = organization[i];
    sum += kWeights[i] * (c <= '9' ? c - '0' : c - 'A' + 10);
  }
  const int check = (11 - sum % 11) % 11;
  std::string body = StrCat(head, organization);
  body.push_back(check == 10 ? 'X' : static_cast<char>('0' + check));
  body.push_back(codes::UsciCheckCharacter(body));
  return "uscc:" + body;
}

// A food production licence number. Source: GB/T 17710 (MOD 11,10).
std::string Licence(std::string_view body) {
  int product = 10;
  for (const char c : body) {
    int sum = (product + (c - '0')) % 10;
    if (sum == 0) sum = 10;
    product = 2 * sum % 11;
  }
  return StrCat("SC", body, (11 - product) % 10);
}

std::array<Party, kPartyCount> Parties() {
  std::array<Party, kPartyCount> p;
  p[kOwner] = {Uscc("91310116", "MA1J8XYC"), "上海示例乳业有限公司",
               "上海市金山区示例大道1号",    "021-00000100",
               Licence("1293101160001"),     "CN",
               "婴幼儿配方食品生产"};
  p[kFarmFengxian] = {Uscc("91310120", "MA000001"),
                      "上海示例奉贤奶牛场",
                      "上海市奉贤区示例村8号",
                      "021-00000101",
                      "沪收购2025（示例）001",
                      "CN",
                      "生鲜乳收购站"};
  p[kFarmChongming] = {Uscc("91310151", "MA000002"),
                       "上海示例崇明生鲜乳收购站",
                       "上海市崇明区示例镇东路9号",
                       "021-00000102",
                       "沪收购2025（示例）002",
                       "CN",
                       "生鲜乳收购站"};
  p[kWheyMaker] = {Must(codes::ExternalKey("gacc", "EXAMPLE-WHEY-001")),
                   "示例乳清公司（Example Whey B.V.）",
                   "Voorbeeldweg 1, Voorbeeldstad, Nederland",
                   "+31-00-0000001",
                   "进口乳品境外生产企业注册（示例）001",
                   "NL",
                   "乳清粉生产"};
  p[kLactoseMaker] = {Uscc("91330481", "MA000003"),
                      "海宁示例乳糖有限公司",
                      "浙江省嘉兴市海宁市示例路3号",
                      "0573-00000103",
                      Licence("1053304810001"),
                      "CN",
                      "乳糖生产"};
  p[kOilMaker] = {Uscc("91310115", "MA000004"),
                  "上海示例油脂有限公司",
                  "上海市浦东新区示例港路4号",
                  "021-00000104",
                  Licence("1023101150001"),
                  "CN",
                  "食用植物油生产"};
  p[kDhaMaker] = {Uscc("91420100", "MA000005"),
                  "武汉示例生物技术有限公司",
                  "湖北省武汉市示例大道5号",
                  "027-00000105",
                  Licence("2014201150001"),
                  "CN",
                  "食品添加剂生产"};
  p[kPremixMaker] = {Uscc("91320505", "MA000006"),  "苏州示例营养强化剂有限公司",
                     "江苏省苏州市虎丘区示例路6号", "0512-00000106",
                     Licence("2033205050001"),      "CN",
                     "复配食品添加剂生产"};
  p[kGasMaker] = {Uscc("91310116", "MA000007"),
                  "上海示例气体有限公司",
                  "上海市金山区示例路7号",
                  "021-00000107",
                  Licence("2013101160001"),
                  "CN",
                  "食品添加剂生产"};
  p[kCanMaker] = {Uscc("91320581", "MA000008"),
                  "常熟示例制罐有限公司",
                  "江苏省苏州市常熟市示例路8号",
                  "0512-00000108",
                  "苏XK16-（示例）00008",
                  "CN",
                  "金属罐生产"};
  p[kLidMaker] = {Uscc("91330200", "MA000009"),
                  "宁波示例瓶盖有限公司",
                  "浙江省宁波市示例路9号",
                  "0574-00000109",
                  "浙XK16-（示例）00009",
                  "CN",
                  "盖、勺生产"};
  p[kCartonMaker] = {Uscc("91310117", "MA000010"),
                     "上海示例纸品有限公司",
                     "上海市松江区示例路10号",
                     "021-00000110",
                     "沪印证（示例）010号",
                     "CN",
                     "纸箱生产"};
  p[kCarrier] = {Uscc("91310118", "MA000011"),
                 "上海示例物流有限公司",
                 "上海市青浦区示例路11号",
                 "021-00000111",
                 "沪运许可（示例）011号",
                 "CN",
                 "道路运输"};
  p[kDistributorShanghai] = {Uscc("91310112", "MA000012"),
                             "上海示例母婴用品有限公司",
                             "上海市闵行区示例路12号",
                             "021-00000112",
                             "JY（示例）012",
                             "CN",
                             "批发"};
  p[kDistributorSuzhou] = {Uscc("91320508", "MA000013"),
                           "苏州示例商贸有限公司",
                           "江苏省苏州市姑苏区示例路13号",
                           "0512-00000113",
                           "JY（示例）013",
                           "CN",
                           "批发"};
  p[kDistributorHangzhou] = {Uscc("91330106", "MA000014"),
                             "杭州示例供应链有限公司",
                             "浙江省杭州市西湖区示例路14号",
                             "0571-00000114",
                             "JY（示例）014",
                             "CN",
                             "批发"};
  p[kMarketShanghai] = {Uscc("91310104", "MA000015"),
                        "上海示例超市有限公司",
                        "上海市徐汇区示例路15号",
                        "021-00000115",
                        "JY（示例）015",
                        "CN",
                        "零售"};
  p[kMarketWuxi] = {Uscc("91320200", "MA000016"),
                    "无锡示例超市有限公司",
                    "江苏省无锡市示例路16号",
                    "0510-00000116",
                    "JY（示例）016",
                    "CN",
                    "零售"};
  p[kMarketNingbo] = {Uscc("91330203", "MA000017"),
                      "宁波示例百货超市有限公司",
                      "浙江省宁波市海曙区示例路17号",
                      "0574-00000117",
                      "JY（示例）017",
                      "CN",
                      "零售"};
  p[kDisposer] = {Uscc("91310116", "MA000018"), "上海示例环保处置有限公司",
                  "上海市金山区示例路18号",     "021-00000118",
                  "沪环处置（示例）018号",      "CN",
                  "废弃食品无害化处理"};
  return p;
}

constexpr std::array<Material, kMaterialCount> kMaterials = {{
    {"whey", "WPD90-25", "脱盐乳清粉（D90）", "25 kg/袋", "KGM", v1::RAW_MATERIAL,
     v1::ROLE_INGREDIENT, kWheyMaker, "金山一厂 原料库A区", "dry", 18, 4000, "GB 11674、GB 5009.5",
     "蛋白质", "P1", 12'100, 13'400, "≥11.0 %"},
    {"lactose", "LAC-200", "乳糖", "25 kg/袋", "KGM", v1::RAW_MATERIAL, v1::ROLE_INGREDIENT,
     kLactoseMaker, "金山一厂 原料库A区", "dry", 24, 1200, "GB 25595", "乳糖", "P1", 99'200, 99'800,
     "≥99.0 %"},
    {"oil", "OIL-BLEND-7", "食用植物调和油（婴配专用）", "散装", "KGM", v1::RAW_MATERIAL,
     v1::ROLE_INGREDIENT, kOilMaker, "金山一厂 油罐区 2号罐", "dark", 6, 2400, "GB 5009.227",
     "过氧化值", "P1", 11, 48, "≤0.13 g/100 g"},
    {"dha", "DHA-P10", "DHA藻油粉（10 %）", "10 kg/袋", "KGM", v1::FOOD_ADDITIVE,
     v1::ROLE_INGREDIENT, kDhaMaker, "金山一厂 添加剂冷库", "chilled", 12, 200, "GB 26400", "DHA",
     "P1", 10'100, 10'900, "≥10.0 %"},
    {"premix", "VM-1S", "复配维生素矿物质（1段）", "5 kg/袋", "KGM", v1::FOOD_ADDITIVE,
     v1::ROLE_INGREDIENT, kPremixMaker, "金山一厂 添加剂专库", "dark", 12, 100, "GB 26687", "水分",
     "P1", 2'100, 3'900, "≤5.0 %"},
    {"nitrogen", "LN2-175", "食品添加剂 氮气（液态）", "175 L/杜瓦罐", "LTR", v1::FOOD_ADDITIVE,
     v1::ROLE_PROCESSING_AID, kGasMaker, "金山一厂 气瓶间", "cool", 12, 175, "GB 29202", "氮含量",
     "P1", 99'950, 99'995, "≥99.0 %"},
    {"cans", "CAN-800-127", "马口铁罐（800 g，印铁）", "127×165 mm", "H87", v1::FOOD_CONTACT,
     v1::ROLE_PACKAGING, kCanMaker, "金山一厂 包材库B区", "dry", 24, 10'000, "GB 4806.9",
     "涂膜附着", "", 0, 0, "符合"},
    {"lids", "LID-127-S", "塑盖（含勺）", "Φ127 mm", "H87", v1::FOOD_CONTACT, v1::ROLE_PACKAGING,
     kLidMaker, "金山一厂 包材库B区", "dry", 24, 15'000, "GB 4806.7", "总迁移量", "", 0, 0,
     "≤10 mg/dm²"},
    {"cartons", "CTN-24", "瓦楞纸箱（24罐装）", "24罐/箱", "H87", v1::FOOD_CONTACT,
     v1::ROLE_PACKAGING, kCartonMaker, "金山一厂 包材库C区", "dry", 24, 1000, "GB/T 6543", "外观",
     "", 0, 0, "符合"},
}};

struct Town {
  const char* division;  // GB/T 2260
  const char* area_code;
  const char* name;
  const char* address;
};
constexpr std::array<Town, 17> kTowns = {{
    {"310109", "021", "上海虹口", "上海市虹口区"},
    {"310113", "021", "上海宝山", "上海市宝山区"},
    {"320102", "025", "南京", "江苏省南京市玄武区"},
    {"320402", "0519", "常州", "江苏省常州市天宁区"},
    {"320602", "0513", "南通", "江苏省南通市崇川区"},
    {"321002", "0514", "扬州", "江苏省扬州市广陵区"},
    {"321102", "0511", "镇江", "江苏省镇江市京口区"},
    {"330302", "0577", "温州", "浙江省温州市鹿城区"},
    {"330402", "0573", "嘉兴", "浙江省嘉兴市南湖区"},
    {"330502", "0572", "湖州", "浙江省湖州市吴兴区"},
    {"330602", "0575", "绍兴", "浙江省绍兴市越城区"},
    {"330702", "0579", "金华", "浙江省金华市婺城区"},
    {"340102", "0551", "合肥", "安徽省合肥市瑶海区"},
    {"340202", "0553", "芜湖", "安徽省芜湖市镜湖区"},
    {"350102", "0591", "福州", "福建省福州市鼓楼区"},
    {"360102", "0791", "南昌", "江西省南昌市东湖区"},
    {"370102", "0531", "济南", "山东省济南市历下区"},
}};

std::vector<Party> MakeCustomers() {
  std::vector<Party> customers;
  for (const PartyId id : {kDistributorShanghai, kDistributorSuzhou, kDistributorHangzhou,
                           kMarketShanghai, kMarketWuxi, kMarketNingbo}) {
    customers.push_back(GetParty(id));
  }
  int number = 19;
  for (const Town& town : kTowns) {
    for (const bool wholesale : {true, false}) {
      ++number;
      customers.push_back(
          {Uscc(StrCat("91", town.division), StrCat("MA0000", number)),
           StrCat(town.name, wholesale ? "示例贸易有限公司" : "示例孕婴用品有限公司"),
           StrCat(town.address, "示例路", number, "号"), StrCat(town.area_code, "-000001", number),
           StrCat("JY（示例）0", number), "CN", wholesale ? "批发" : "零售"});
    }
  }
  return customers;
}

struct Post {
  const char* person;
  const char* post;
  const char* team;
};
constexpr std::array<Post, 14> kPosts = {{
    {kBuyer, "原辅材料采购", "采购部"},
    {kMilkReceiver, "贮存（收奶）", "仓储一组"},
    {kStoreKeeper, "贮存（原辅料、包材）", "仓储一组"},
    {kGoodsKeeper, "贮存（成品）", "仓储二组"},
    {kPretreater, "生产操作（前处理）", "湿法班"},
    {kDryer, "生产操作（喷雾干燥）", "湿法班"},
    {kMixer, "生产操作（配料干混）", "干混班"},
    {kFiller, "生产操作（灌装）", "包装班"},
    {kPacker, "生产操作（装箱码垛）", "包装班"},
    {kInspector, "检验", "化验室"},
    {kReviewer, "检验复核", "化验室"},
    {kQualityHead, "质量安全管理（食品安全总监）", "质量部"},
    {kEngineer, "技术工艺", "工艺部"},
    {kDispatcher, "发货", "仓储二组"},
}};

struct Equipment {
  const char* key;
  const char* name;
  const char* kind;
};
constexpr std::array<Equipment, 10> kEquipment = {{
    {"SILO-1", "1号生乳奶仓", "vessel"},
    {"SILO-2", "2号生乳奶仓", "vessel"},
    {"PAST-1", "巴氏杀菌机", "equipment"},
    {"EVAP-1", "三效降膜蒸发器", "equipment"},
    {"DRY-1", "1号喷雾干燥塔", "equipment"},
    {"MIX-1", "干混机", "equipment"},
    {"FILL-1", "1号灌装线", "line"},
    {"SEAM-1", "充氮封罐机", "equipment"},
    {"CASE-1", "装箱码垛线", "line"},
    {"XRAY-1", "X射线异物检测机", "equipment"},
}};

struct Product {
  const char* product;
  const char* name;
  const char* standard;
  const char* specification;
  std::vector<const char*> ingredients;
  std::vector<const char*> process;
  int shelf_months;
};

v1::RegisterMaster& Register(Recorder& recorder, std::string_view label, int minute) {
  v1::Event& event = recorder.Add(label, At(1, 0, minute), 0, PlantKey(), kQualityHead);
  v1::RegisterMaster& master = *event.mutable_register_master();
  *master.mutable_effective_from() = ExactTime(At(1, 0, 0), kChina);
  return master;
}

void RegisterSubject(Recorder& recorder, const Party& party) {
  v1::SubjectVersion& subject = *Register(recorder, "mst-subject", 5).mutable_subject();
  subject.set_key(party.key);
  subject.set_name(party.name);
  subject.set_address(party.address);
  subject.set_phone(party.phone);
  subject.add_licence_numbers(party.licence);
  subject.set_country(party.country);
  subject.set_business(party.business);
}

void RegisterSites(Recorder& recorder) {
  const auto add = [&](const std::string& key, PartyId party, const char* name, const char* address,
                       const char* condition) {
    v1::SiteVersion& site = *Register(recorder, "mst-site", 10).mutable_site();
    site.set_key(key);
    site.set_subject(GetParty(party).key);
    site.set_name(name);
    site.set_address(address);
    site.set_storage_condition(condition);
  };
  add(PlantKey(), kOwner, "金山一厂", "上海市金山区示例大道1号", "dry");
  add(WarehouseKey(), kOwner, "成品物流仓", "上海市金山区示例大道3号", "dry");
  add(ShopKey(), kMarketShanghai, "徐汇示例店", "上海市徐汇区示例街20号", "ambient");
}

void RegisterProducts(Recorder& recorder) {
  const Product products[] = {
      {kItemGtin,
       kProductName,
       "GB 10765-2021《食品安全国家标准 婴儿配方食品》",
       kProductSpec,
       {"生牛乳", "脱盐乳清粉", "食用植物调和油", "乳糖", "DHA藻油粉", "复配维生素矿物质"},
       {"生乳验收", "巴氏杀菌", "配料均质", "浓缩", "喷雾干燥", "干混", "充氮灌装", "装箱"},
       24},
      {kBasePowder,
       "婴儿配方基粉（1段）",
       "Q/SLRY 0001S-2025（示例企业标准）",
       "1000 kg/袋",
       {"生牛乳", "脱盐乳清粉", "食用植物调和油", "乳糖"},
       {"巴氏杀菌", "配料均质", "浓缩", "喷雾干燥"},
       6},
      {kMixedPowder,
       "婴儿配方混合粉（1段）",
       "Q/SLRY 0002S-2025（示例企业标准）",
       "2000 kg/料仓",
       {"婴儿配方基粉", "乳糖", "DHA藻油粉", "复配维生素矿物质"},
       {"称量", "预混", "干混"},
       3},
  };
  for (const Product& p : products) {
    v1::RegisterMaster& master = Register(recorder, "mst-product", 15);
    v1::ProductVersion& version = *master.mutable_product();
    version.set_product(p.product);
    version.set_product_name(p.name);
    version.set_standard_code(p.standard);
    *version.mutable_standard_document() = Document("standard", StrCat("STD-", p.product));
    for (const char* name : p.ingredients) version.add_ingredients(name);
    for (const char* step : p.process) version.add_process_route(step);
    version.mutable_shelf_life()->set_value(p.shelf_months);
    version.mutable_shelf_life()->set_unit(v1::ShelfLife::MONTH);
    *version.mutable_label() = Document("label", StrCat("LABEL-", p.product));
    version.set_specification(p.specification);
    version.set_category("29");
    version.set_storage_condition("dry");
    if (std::string_view(p.product) != kItemGtin) continue;
    const auto level = [&](const char* gtin, int count, const char* name) {
      v1::PackingLevel& packing = *version.add_packing_levels();
      packing.set_gtin(gtin);
      packing.set_count(count);
      packing.set_name(name);
    };
    level(kItemGtin, 1, "罐");
    level(kCaseGtin, kCansInCase, "箱");
  }
}

void RegisterFormulas(Recorder& recorder) {
  struct Line {
    const char* material;
    int64_t share;  // thousandths of a per cent; 0: by count
    v1::Role role;
  };
  const auto add = [&](const char* formula, const char* product,
                       std::initializer_list<Line> lines) {
    v1::FormulaVersion& version = *Register(recorder, "mst-formula", 20).mutable_formula();
    version.set_formula(formula);
    version.set_product(product);
    for (const Line& line : lines) {
      v1::FormulaLine& added = *version.add_lines();
      added.set_material(line.material);
      added.set_role(line.role);
      if (line.share > 0) Set(added.mutable_share(), line.share, "P1");
    }
  };
  add(kBaseFormula, kBasePowder,
      {{"RAW-MILK", 82'000, v1::ROLE_INGREDIENT},
       {"WPD90-25", 9'800, v1::ROLE_INGREDIENT},
       {"OIL-BLEND-7", 5'900, v1::ROLE_INGREDIENT},
       {"LAC-200", 2'300, v1::ROLE_INGREDIENT}});
  add(kMixFormula, kMixedPowder,
      {{kBasePowder, 91'900, v1::ROLE_INGREDIENT},
       {"LAC-200", 6'600, v1::ROLE_INGREDIENT},
       {"DHA-P10", 1'000, v1::ROLE_INGREDIENT},
       {"VM-1S", 500, v1::ROLE_INGREDIENT}});
  add(kPackFormula, kItemGtin,
      {{kMixedPowder, 100'000, v1::ROLE_INGREDIENT},
       {"CAN-800-127", 0, v1::ROLE_PACKAGING},
       {"LID-127-S", 0, v1::ROLE_PACKAGING},
       {"CTN-24", 0, v1::ROLE_PACKAGING},
       {"LN2-175", 0, v1::ROLE_PROCESSING_AID}});
}

void RegisterPosts(Recorder& recorder) {
  for (const Post& p : kPosts) {
    v1::PersonVersion& version = *Register(recorder, "mst-person", 25).mutable_person();
    version.set_person(p.person);
    v1::Training& training = *version.add_trainings();
    *training.mutable_date() = DateOf(-50);
    training.set_hours(40);
    training.set_subject_matter("食品安全法规、GB 23790 与岗位操作规程");
    training.set_passed(true);
    v1::Qualification& qualification = *version.add_qualifications();
    qualification.set_name(StrCat(p.post, "岗位合格证"));
    *qualification.mutable_valid_to() = DateOf(700);
    version.mutable_post()->set_post(p.post);
    *version.mutable_post()->mutable_from() = DateOf(-300);
    version.set_team(p.team);
    *version.mutable_on_duty()->mutable_begin() = ExactTime(At(1, 0, 0), kChina);
    *version.mutable_health()->mutable_valid_to() = DateOf(364);
    *version.mutable_health()->mutable_document() =
        Document("certificate", StrCat("HEALTH-", p.person + 5));
  }
}

}  // namespace

int64_t At(int day, int hour, int minute) {
  return kStart + (day - 1) * kDay + (hour * 60 + minute) * kMinute;
}

int DayOf(int64_t micros) { return static_cast<int>((micros - kStart) / kDay) + 1; }

v1::Date DateOf(int day) {
  const year_month_day ymd(kFirstDay + days(day - 1));
  v1::Date date;
  date.set_year(int{ymd.year()});
  date.set_month(static_cast<int>(unsigned{ymd.month()}));
  date.set_day(static_cast<int>(unsigned{ymd.day()}));
  return date;
}

std::string Compact(int day) {
  const v1::Date date = DateOf(day);
  return absl::StrFormat("%04d%02d%02d", date.year(), date.month(), date.day());
}

uint64_t Rng::Next() {
  uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

int64_t Rng::Pick(int64_t low, int64_t high, int64_t step) {
  const auto choices = static_cast<uint64_t>((high - low) / step + 1);
  return low + static_cast<int64_t>(Next() % choices) * step;
}

void Set(v1::Quantity* quantity, int64_t milli, const char* unit) {
  const Decimal normal = Decimal{milli, 3}.Normal();
  quantity->set_value(normal.value);
  quantity->set_scale(normal.scale);
  quantity->set_unit(unit);
}

v1::DocumentRef Document(std::string_view type, std::string_view number) {
  v1::DocumentRef document;
  document.set_number(std::string(number));
  document.set_type(std::string(type));
  const Hash hash = Sha256({"suyuan example document ", type, " ", number});
  document.set_sha256(std::string(hash.view()));
  document.set_size(40'000 + hash.bytes[0] * 100u);
  document.set_media_type("application/pdf");
  document.set_address(StrCat("https://docs.example.com/", type, "/", hash.hex().substr(0, 16)));
  return document;
}

v1::Event& Recorder::Add(std::string_view label, int64_t begin, int64_t end, std::string_view place,
                         std::string_view person) {
  return AddLate(label, begin, end, end == 0 ? begin : end, place, person);
}

v1::Event& Recorder::AddLate(std::string_view label, int64_t begin, int64_t end, int64_t recorded,
                             std::string_view place, std::string_view person) {
  const int day = DayOf(recorded);
  Day& today = days_[day];
  v1::Event& event = today.items.emplace_back(Item{recorded, {}}).event;
  const bool master = label.starts_with("mst-") || label.starts_with("opn-");
  int& number = (master ? masters_ : today.numbers)[std::string(label)];
  event.set_id(absl::StrFormat("d%02d-%s-%02d", master ? 0 : day, ToAbsl(label), ++number));
  *event.mutable_time()->mutable_begin() = ExactTime(begin, kChina);
  if (end != 0) *event.mutable_time()->mutable_end() = ExactTime(end, kChina);
  event.set_place(std::string(place));
  event.add_persons(std::string(person));
  return event;
}

std::vector<v1::Event> Recorder::TakeUntil(int day) {
  std::vector<v1::Event> events;
  for (auto it = days_.begin(); it != days_.end() && it->first <= day; it = days_.erase(it)) {
    std::deque<Item>& items = it->second.items;
    std::stable_sort(items.begin(), items.end(),
                     [](const Item& a, const Item& b) { return a.recorded < b.recorded; });
    for (Item& item : items) events.push_back(std::move(item.event));
  }
  return events;
}

const Party& GetParty(PartyId id) {
  static const auto& parties = *new std::array<Party, kPartyCount>(Parties());
  return parties[id];
}

const Party& FarmNanhui() {
  static const auto& farm = *new Party{Uscc("91310115", "MA000019"),
                                       "上海示例南汇奶牛场",
                                       "上海市浦东新区示例镇西路19号",
                                       "021-00000119",
                                       "沪收购2025（示例）003",
                                       "CN",
                                       "生鲜乳收购站"};
  return farm;
}

const std::vector<Party>& Customers() {
  static const auto& customers = *new std::vector<Party>(MakeCustomers());
  return customers;
}

const Material& GetMaterial(MaterialId id) { return kMaterials[id]; }

const std::string& PlantKey() {
  static const auto& key = *new std::string(Must(codes::SiteKey(GetParty(kOwner).key, "plant-1")));
  return key;
}

const std::string& WarehouseKey() {
  static const auto& key =
      *new std::string(Must(codes::SiteKey(GetParty(kOwner).key, "warehouse")));
  return key;
}

const std::string& ShopKey() {
  static const auto& key =
      *new std::string(Must(codes::SiteKey(GetParty(kMarketShanghai).key, "store-08")));
  return key;
}

std::string Lot(std::string_view issuer, std::string_view product, std::string_view number) {
  return Must(codes::LotKey(issuer, product, number));
}

std::string Sscc(int64_t serial) {
  std::string digits = absl::StrFormat("36912345%09d", serial);
  digits.push_back(codes::Gs1CheckDigit(digits));
  return Must(codes::SsccKey(digits));
}

void RegisterWorld(Recorder& recorder, bool full) {
  for (size_t i = 0; i < kPartyCount; ++i) {
    RegisterSubject(recorder, GetParty(static_cast<PartyId>(i)));
  }
  if (full) {
    RegisterSubject(recorder, FarmNanhui());
    const std::vector<Party>& customers = Customers();
    for (size_t i = 6; i < customers.size(); ++i) RegisterSubject(recorder, customers[i]);
  }
  RegisterSites(recorder);
  RegisterProducts(recorder);
  RegisterFormulas(recorder);
  RegisterPosts(recorder);
  for (const Equipment& e : kEquipment) {
    v1::EquipmentVersion& version = *Register(recorder, "mst-equipment", 30).mutable_equipment();
    version.set_equipment(e.key);
    version.set_name(e.name);
    version.set_place(PlantKey());
    version.set_kind(e.kind);
  }
}

}  // namespace suyuan::demo
