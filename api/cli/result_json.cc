#include "api/cli/result_json.h"

#include <limits>
#include <string>

#include "lib/base/bytes.h"

namespace suyuan::cli {
namespace {

// Null where there is none.
Json IndexJson(uint32_t index) { return index == kNoIndex ? Json() : Json(index); }

// Null where nobody told.
Json MicrosJson(int64_t micros) {
  const bool told = micros != std::numeric_limits<int64_t>::min() &&
                    micros != std::numeric_limits<int64_t>::max();
  return told ? Json(micros) : Json();
}

// What `links` adds to an answer.
void AddLinks(const TraceResult& result, Json* json) {
  Json& steps = (*json)["step_list"] = Json::array();
  for (const TracedStep& step : result.steps) {
    Json item;
    item["ledger"] = step.ledger;
    item["sequence"] = step.sequence;
    item["operation"] = step.operation;
    item["run"] = step.run;
    item["makes"] = step.makes;
    steps.push_back(std::move(item));
  }
  Json& places = (*json)["places"] = Json::array();
  for (const TracedPlace& place : result.places) {
    Json item;
    item["unit"] = place.unit;
    item["holder"] = place.holder;
    item["part"] = place.part;
    places.push_back(std::move(item));
  }
  Json& links = (*json)["links"] = Json::array();
  for (const TracedLink& link : result.links) {
    Json item;
    item["place"] = link.place;
    item["step"] = link.step;
    item["output"] = link.output;
    item["ledger"] = link.ledger;
    item["sequence"] = link.sequence;
    item["operation"] = link.operation;
    item["quantity"] = link.quantity;
    item["uom"] = link.uom;
    item["role"] = RoleName(link.role);
    item["earliest_micros"] = MicrosJson(link.earliest_micros);
    item["latest_micros"] = MicrosJson(link.latest_micros);
    links.push_back(std::move(item));
  }
  Json& hops = (*json)["hops"] = Json::array();
  for (const TraceHop& hop : result.hops) {
    Json item;
    item["before"] = hop.before;
    item["place"] = hop.place;
    item["backward"] = hop.backward;
    item["took"] = IndexJson(hop.took);
    item["brought"] = IndexJson(hop.brought);
    if (hop.carrier != kNoIndex) item["carrier"] = hop.carrier;
    if (hop.packed_ledger < result.heads.size()) {
      item["packed_ledger"] = result.heads[hop.packed_ledger].ledger;
      item["packed_sequence"] = hop.packed_sequence;
    }
    hops.push_back(std::move(item));
  }
}

}  // namespace

Json HeadsJson(const std::vector<LedgerHead>& heads) {
  Json list = Json::array();
  for (const LedgerHead& head : heads) {
    Json item;
    item["ledger"] = head.ledger;
    item["size"] = head.size;
    item["root"] = ToHex(head.root);
    list.push_back(std::move(item));
  }
  return list;
}

std::string_view DirectionName(Direction direction) {
  switch (direction) {
    case Direction::kForward:
      return "forward";
    case Direction::kBackward:
      return "backward";
    case Direction::kBoth:
      break;
  }
  return "both";
}

std::string_view RoleName(GoodsRole role) {
  switch (role) {
    case GoodsRole::kIngredient:
      return "ingredient";
    case GoodsRole::kPackaging:
      return "packaging";
    case GoodsRole::kProcessingAid:
      break;
  }
  return "processing-aid";
}

std::string_view EndKindName(EndKind kind) {
  switch (kind) {
    case EndKind::kEnd:
      return "end";
    case EndKind::kBoundary:
      return "boundary";
    case EndKind::kGap:
      break;
  }
  return "gap";
}

Json LedgerJson(const LedgerInfo& info) {
  Json json;
  json["ledger"] = info.name;
  json["subject"] = info.subject;
  json["subject_name"] = info.subject_name;
  json["profile"] = info.profile;
  json["size"] = info.size;
  json["root"] = ToHex(info.root);
  json["origin"] = info.origin;
  json["vkeys"] = info.verifier_keys;
  if (!info.sm3_root.empty()) {
    json["sm3_root"] = ToHex(info.sm3_root);
    json["sm3_vkeys"] = info.sm3_verifier_keys;
  }
  json["sealed"] = info.sealed;
  return json;
}

Json LedgersJson(const std::vector<LedgerInfo>& ledgers) {
  Json json;
  json["ledgers"] = Json::array();
  for (const LedgerInfo& info : ledgers) json["ledgers"].push_back(LedgerJson(info));
  return json;
}

Json UnitsJson(const std::vector<UnitInfo>& units) {
  Json json;
  json["units"] = Json::array();
  for (const UnitInfo& unit : units) {
    Json item;
    item["key"] = unit.key;
    item["external_ids"] = unit.external_ids;
    item["holders"] = unit.holders;
    item["product"] = unit.product;
    json["units"].push_back(std::move(item));
  }
  return json;
}

Json ScoreJson(const ScoreResult& result) {
  const auto rows = [](const std::vector<Scored>& all) {
    Json json = Json::array();
    for (const Scored& row : all) {
      Json item;
      item["key"] = row.key;
      item["external_ids"] = row.external_ids;
      item["name"] = row.name;
      item["score"] = row.score;
      item["positive"] = row.positive;
      item["negative"] = row.negative;
      item["cases"] = row.cases;
      item["forward"] = row.forward;
      item["backward"] = row.backward;
      json.push_back(std::move(item));
    }
    return json;
  };
  Json json;
  json["units"] = rows(result.units);
  json["places"] = rows(result.places);
  json["cases"] = result.cases;
  json["vanished"] = result.vanished;
  json["heads"] = HeadsJson(result.heads);
  return json;
}

Json TraceJson(const TraceResult& result) {
  Json json;
  json["origin"] = result.origin;
  json["origin_external_ids"] = result.origin_external_ids;
  json["origin_product"] = result.origin_product;
  json["origin_holders"] = result.origin_holders;
  json["direction"] = DirectionName(result.direction);
  json["units"] = Json::array();
  for (const TracedUnit& unit : result.units) {
    Json item;
    item["key"] = unit.key;
    item["external_ids"] = unit.external_ids;
    item["direction"] = DirectionName(unit.direction);
    item["depth"] = unit.depth;
    item["certain"] = unit.certain;
    item["holders"] = unit.holders;
    item["product"] = unit.product;
    if (unit.witness != kNoIndex) item["witness"] = unit.witness;
    json["units"].push_back(std::move(item));
  }
  json["vessels"] = Json::array();
  for (const TracedVessel& vessel : result.vessels) {
    Json item;
    item["name"] = vessel.name;
    item["holder"] = vessel.holder;
    item["direction"] = DirectionName(vessel.direction);
    json["vessels"].push_back(std::move(item));
  }
  json["steps"] = result.steps.size();
  json["edges"] = result.edges;
  json["ends"] = Json::array();
  for (const TraceEnd& end : result.ends) {
    Json item;
    item["unit"] = end.unit;
    item["kind"] = EndKindName(end.kind);
    item["why"] = end.why;
    item["why_zh"] = end.why_zh;
    item["holder"] = end.holder;
    item["direction"] = DirectionName(end.direction);
    json["ends"].push_back(std::move(item));
  }
  json["conflicts"] = Json::array();
  for (const TraceConflict& conflict : result.conflicts) {
    Json item;
    item["input"] = conflict.input;
    item["output"] = conflict.output;
    item["ledger"] = conflict.ledger;
    item["sequence"] = conflict.sequence;
    item["what"] = conflict.what;
    item["what_zh"] = conflict.what_zh;
    json["conflicts"].push_back(std::move(item));
  }
  json["withdrawn"] = Json::array();
  for (const WithdrawnLink& link : result.withdrawn) {
    Json item;
    item["input"] = link.input;
    item["output"] = link.output;
    item["ledger"] = link.ledger;
    item["sequence"] = link.sequence;
    item["corrected_by"] = link.corrected_by;
    item["late"] = link.late;
    json["withdrawn"].push_back(std::move(item));
  }
  json["heads"] = HeadsJson(result.heads);
  json["digest"] = ToHex(result.digest);
  json["asked"] = result.asked;
  json["as_recorded"] = result.as_recorded;
  if (result.from_micros.has_value()) json["from_micros"] = *result.from_micros;
  if (result.until_micros.has_value()) json["until_micros"] = *result.until_micros;
  if (!result.places.empty()) AddLinks(result, &json);
  return json;
}

Json TraceDifferencesJson(const std::vector<TraceDifference>& differences) {
  Json json;
  json["ok"] = differences.empty();
  json["differences"] = Json::array();
  for (const TraceDifference& difference : differences) {
    Json item;
    item["list"] = difference.list;
    item["told"] = difference.told;
    item["found"] = difference.found;
    json["differences"].push_back(std::move(item));
  }
  return json;
}

Json CheckJson(const CheckReport& report) {
  Json json;
  json["ok"] = report.ok();
  json["ledgers"] = HeadsJson(report.ledgers);
  json["problems"] = Json::array();
  for (const Problem& problem : report.problems) {
    Json item;
    item["ledger"] = problem.ledger;
    item["sequence"] = problem.sequence;
    item["what"] = problem.what;
    item["expected"] = problem.expected;
    item["found"] = problem.found;
    json["problems"].push_back(std::move(item));
  }
  return json;
}

Json FclJson(const exchange::FclResult& result) {
  Json json;
  json["ledger"] = result.ledger;
  json["events"] = result.events;
  json["stored"] = result.stored;
  json["subjects"] = result.subjects;
  json["units"] = result.units;
  json["links"] = result.links;
  json["warnings"] = Json::array();
  for (const exchange::FclWarning& warning : result.warnings) {
    Json item;
    item["where"] = warning.where;
    item["field"] = warning.field;
    item["found"] = warning.found;
    item["message_zh"] = warning.message_zh;
    item["message_en"] = warning.message_en;
    json["warnings"].push_back(std::move(item));
  }
  return json;
}

Json JsonlJson(std::string_view ledger, const exchange::JsonlResult& result) {
  Json json;
  json["ledger"] = ledger;
  json["accepted"] = result.accepted;
  json["duplicates"] = result.duplicates;
  json["rejected"] = result.rejected;
  json["lines"] = result.lines;
  json["errors"] = Json::array();
  for (const exchange::JsonlError& error : result.errors) {
    Json item;
    item["line"] = error.line;
    item["field"] = error.field;
    item["rule"] = error.rule;
    item["found"] = error.found;
    item["expected"] = error.expected;
    item["message_zh"] = error.message_zh;
    item["message_en"] = error.message_en;
    json["errors"].push_back(std::move(item));
  }
  json["errors_left_off"] = result.errors_left_off;
  return json;
}

}  // namespace suyuan::cli
