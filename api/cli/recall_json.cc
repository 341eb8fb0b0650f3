#include "api/cli/recall_json.h"

#include <initializer_list>
#include <string_view>

#include "api/cli/result_json.h"
#include "lib/base/bytes.h"

namespace suyuan::cli {
namespace {

Json RowsJson(const std::vector<StockRow>& rows) {
  Json json = Json::array();
  for (const StockRow& row : rows) {
    Json item;
    item["unit"] = row.unit;
    item["product"] = row.product;
    item["part"] = row.part;
    item["container"] = row.container;
    item["holder"] = row.holder;
    item["holder_name"] = row.holder_name;
    item["place"] = row.place;
    item["state"] = row.state;
    item["quantity"] = row.quantity;
    item["uom"] = row.uom;
    json.push_back(std::move(item));
  }
  return json;
}

void AppendCsvLine(std::initializer_list<std::string_view> cells, std::string* out) {
  bool first = true;
  for (const std::string_view cell : cells) {
    if (!first) out->push_back(',');
    first = false;
    // A cell that a spreadsheet would take for a formula is text.
    const bool formula = !cell.empty() &&
                         std::string_view("=+-@\t\r").find(cell[0]) != std::string_view::npos &&
                         cell.find_first_not_of("-0123456789.") != std::string_view::npos;
    if (!formula && cell.find_first_of(",\"\r\n") == std::string_view::npos) {
      out->append(cell);
      continue;
    }
    out->push_back('"');
    if (formula) out->push_back('\'');
    for (const char c : cell) {
      if (c == '"') out->push_back('"');
      out->push_back(c);
    }
    out->push_back('"');
  }
  out->append("\r\n");
}

}  // namespace

Json StockJson(const StockResult& result) {
  Json json;
  json["rows"] = RowsJson(result.rows);
  json["findings"] = Json::array();
  for (const StockFinding& finding : result.findings) {
    Json item;
    item["unit"] = finding.unit;
    item["what"] = finding.what;
    item["what_zh"] = finding.what_zh;
    json["findings"].push_back(std::move(item));
  }
  json["heads"] = HeadsJson(result.heads);
  return json;
}

Json RecallJson(const RecallPlan& plan) {
  Json json;
  json["origins"] = plan.origins;
  json["affected"] = RowsJson(plan.affected);
  json["customers"] = Json::array();
  for (const RecallCustomer& customer : plan.customers) {
    Json item;
    item["name"] = customer.name;
    item["key"] = customer.key;
    item["buyer"] = customer.buyer;
    item["address"] = customer.address;
    item["contact"] = customer.contact;
    item["unit"] = customer.unit;
    item["product"] = customer.product;
    item["shipped"] = customer.shipped;
    item["returned"] = customer.returned;
    item["out"] = customer.out;
    item["uom"] = customer.uom;
    item["date"] = customer.date;
    item["tier"] = customer.tier;
    item["boundary"] = customer.boundary;
    item["public"] = customer.is_public;
    json["customers"].push_back(std::move(item));
  }
  json["unaccounted"] = Json::array();
  for (const RecallGap& gap : plan.unaccounted) {
    Json item;
    item["unit"] = gap.unit;
    item["holder"] = gap.holder;
    item["why"] = gap.why;
    item["why_zh"] = gap.why_zh;
    json["unaccounted"].push_back(std::move(item));
  }
  json["balances"] = Json::array();
  for (const RecallBalance& balance : plan.balances) {
    Json item;
    item["unit"] = balance.unit;
    item["uom"] = balance.uom;
    item["came"] = balance.came;
    item["counted"] = balance.counted;
    item["used"] = balance.used;
    item["sampled"] = balance.sampled;
    item["wasted"] = balance.wasted;
    item["destroyed"] = balance.destroyed;
    item["served"] = balance.served;
    item["on_hand"] = balance.on_hand;
    item["in_transit"] = balance.in_transit;
    item["in_process"] = balance.in_process;
    item["shipped"] = balance.shipped;
    item["difference"] = balance.difference;
    json["balances"].push_back(std::move(item));
  }
  json["heads"] = HeadsJson(plan.heads);
  json["digest"] = ToHex(plan.digest);
  return json;
}

Json CompletenessJson(const CompletenessReport& report) {
  Json json;
  json["unit"] = report.unit;
  json["product"] = report.product;
  json["present"] = report.present;
  json["missing"] = report.missing;
  json["late"] = report.late;
  json["corrected"] = report.corrected;
  json["elements"] = Json::array();
  for (const ElementStatus& status : report.elements) {
    Json item;
    item["number"] = status.number;
    item["name_zh"] = status.name_zh;
    item["name_en"] = status.name_en;
    item["source"] = status.source;
    item["operation"] = status.operation;
    item["ledger"] = status.ledger;
    item["about"] = status.about;
    item["status"] = status.present ? "present" : "missing";
    item["late"] = status.late;
    item["corrected"] = status.corrected;
    item["entries"] = Json::array();
    for (const EntryRef& entry : status.entries) {
      item["entries"].push_back({{"ledger", entry.ledger}, {"sequence", entry.sequence}});
    }
    json["elements"].push_back(std::move(item));
  }
  json["heads"] = HeadsJson(report.heads);
  return json;
}

std::string CustomersCsv(const RecallPlan& plan) {
  std::string csv = "\xef\xbb\xbf";
  AppendCsvLine({"tier", "name", "address", "contact", "unit", "product", "shipped", "returned",
                 "out", "uom", "date", "key", "buyer", "boundary"},
                &csv);
  for (const RecallCustomer& customer : plan.customers) {
    AppendCsvLine({std::to_string(customer.tier), customer.name, customer.address, customer.contact,
                   customer.unit, customer.product, customer.shipped, customer.returned,
                   customer.out, customer.uom, customer.date, customer.key, customer.buyer,
                   customer.boundary ? "yes" : "no"},
                  &csv);
  }
  return csv;
}

}  // namespace suyuan::cli
