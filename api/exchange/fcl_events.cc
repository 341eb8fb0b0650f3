#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "api/exchange/fcl.h"
#include "api/exchange/fcl_values.h"
#include "lib/base/decimal.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/time.h"
#include "lib/codes/keys.h"
#include "lib/codes/normal_form.h"

namespace suyuan::exchange {
namespace {

constexpr size_t kMaxEventIdBytes = 64;
constexpr int kOffsetMinutes = 0;  // the format knows no time zones

constexpr std::string_view kDeparture = "Date Delivery";
constexpr std::string_view kArrival = "Date Delivery Arrival";
constexpr std::string_view kProduced = "_Chargen.Production date";
constexpr std::string_view kExpiry = "_Lieferungen. Best before date";
constexpr std::string_view kLotNumber = "Lot Number";
constexpr std::string_view kLotId = "Lot ID";
constexpr std::string_view kAmount = "Amount";
constexpr std::string_view kDeliveredAmount = "_Lieferungen.Delivery_Amount";
constexpr std::string_view kDeliveredUnit = "_Lieferungen.Delivery_Unit";

// An <ID> within an event id, where ':' parts the ids of a link.
std::string IdPart(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : id) {
    const auto byte = static_cast<uint8_t>(c);
    if (c == '%' || c == ':' || byte <= 0x20 || byte == 0x7f) {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

// The prefix up to the first ':' stays, so that people see what it is.
std::string EventId(std::string id) {
  if (id.size() <= kMaxEventIdBytes) return id;
  const std::string hex = Sha256({id}).hex();
  id.resize(id.find(':') + 1);
  return id + hex.substr(0, 40);
}

bool SameCells(const FclRow& a, const FclRow& b) {
  return std::equal(a.cells.begin(), a.cells.end(), b.cells.begin(), b.cells.end(),
                    [](const FclCell& x, const FclCell& y) {
                      return x.column == y.column && x.value == y.value;
                    });
}

// What relations need to know of a delivery.
struct Delivery {
  const FclRow* row = nullptr;
  std::string sender;     // keys
  std::string recipient;  // empty if not told
  Interval departure;
  Interval arrival;
};

class Converter {
 public:
  Converter(const FclNetwork& network, std::string_view source) : network_(network) {
    result_.source = std::string(source);
    result_.warnings = network.warnings;
  }

  absl::StatusOr<FclEvents> Run() {
    for (const FclRow& row : network_.stations) SUYUAN_RETURN_IF_ERROR(AddStation(row));
    FindEmptyColumns();
    for (const FclRow& row : network_.deliveries) SUYUAN_RETURN_IF_ERROR(AddDelivery(row));
    for (const FclRow& row : network_.relations) SUYUAN_RETURN_IF_ERROR(AddRelation(row));
    return std::move(result_);
  }

 private:
  void Warn(std::string where, std::string_view field, std::string_view found, std::string zh,
            std::string en) {
    result_.warnings.push_back(
        {std::move(where), std::string(field), std::string(found), std::move(zh), std::move(en)});
  }

  // The normal form of the ID in `column`: what keys are made of.
  absl::StatusOr<std::string> ReadId(std::string_view table, const FclRow& row,
                                     std::string_view column) const {
    absl::StatusOr<std::string> id = codes::NormalText(row.Get(column));
    if (!id.ok()) {
      return InvalidArgument(table, " row ", row.number, ", column ", column, ": ",
                             id.status().message());
    }
    if (id->empty()) {
      return InvalidArgument(table, " row ", row.number, ": expected a value in column ", column);
    }
    return id;
  }

  absl::StatusOr<std::string> Key(std::string_view kind, std::string_view id) const {
    absl::StatusOr<std::string> key = codes::ExternalKey(result_.source, StrCat(kind, ":", id));
    if (!key.ok()) return InvalidArgument(kind, " ", id, ": ", key.status().message());
    return key;
  }

  // Says so if `row` tells something else than `first`, of the same ID.
  void CompareRepeated(std::string_view table, std::string_view kind, std::string_view id,
                       const FclRow& first, const FclRow& row) {
    if (SameCells(first, row)) return;
    Warn(StrCat(kind, " ", id), "ID", id,
         StrCat("第 ", row.number, " 行与第 ", first.number, " 行编号相同而内容不同，采用前者"),
         StrCat(table, " row ", row.number, " has the ID of row ", first.number,
                " and other content; the first is taken"));
  }

  absl::Status AddStation(const FclRow& row) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string id, ReadId("stations", row, "ID"));
    const auto [known, fresh] = stations_.emplace(id, &row);
    if (!fresh) {
      CompareRepeated("stations", "station", id, *known->second, row);
      return absl::OkStatus();
    }
    v1::Event& event = result_.events.emplace_back();
    event.set_id(EventId(StrCat("station:", IdPart(id))));
    v1::SubjectVersion& subject = *event.mutable_register_master()->mutable_subject();
    SUYUAN_ASSIGN_OR_RETURN(*subject.mutable_key(), Key("station", id));
    subject.set_country(CountryOf(row));
    subject.add_external_ids(StrCat("fcl:", id));
    subject.add_external_ids(StrCat("fcl:station:", id));
    for (const FclCell& cell : row.cells) {
      if (cell.column == "ID") {
        continue;
      } else if (cell.column == "Name") {
        subject.set_name(cell.value);
      } else if (cell.column == "Address") {
        subject.set_address(cell.value);
      } else if (cell.column == "type of business") {
        subject.set_business(cell.value);
      } else if (cell.column != "Country" || cell.value != subject.country()) {
        AddAttribute(cell, subject.mutable_attributes());
      }
    }
    ++result_.subjects;
    return absl::OkStatus();
  }

  // ISO 3166-1 alpha-2, from whichever column has it; empty if none does.
  static std::string CountryOf(const FclRow& row) {
    for (const std::string_view column : {"Country", "ISO"}) {
      const std::string_view value = row.Get(column);
      const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
      if (value.size() == 2 && upper(value[0]) && upper(value[1])) return std::string(value);
    }
    return "";
  }

  static void AddAttribute(const FclCell& cell,
                           google::protobuf::RepeatedPtrField<v1::Attribute>* attributes) {
    v1::Attribute& attribute = *attributes->Add();
    attribute.set_name(cell.column);
    attribute.set_value(cell.value);
  }

  // A column that no delivery fills is one gap of the file, not one a delivery.
  void FindEmptyColumns() {
    if (network_.deliveries.empty()) return;
    const auto none = [this](std::string_view column) {
      return std::all_of(network_.deliveries.begin(), network_.deliveries.end(),
                         [&](const FclRow& row) { return row.Get(column).empty(); });
    };
    for (const std::string_view column : {kDeparture, kArrival}) {
      if (none(column)) WarnMissing("deliveries", column);
    }
    no_departures_ = none(kDeparture);
    no_arrivals_ = none(kArrival);
    no_lots_ = none(kLotNumber) && none(kLotId);
    no_amounts_ = none(kDeliveredAmount) && none(kAmount);
    if (no_lots_) WarnMissing("deliveries", kLotNumber);
    if (no_amounts_) WarnMissing("deliveries", kAmount);
  }

  void WarnMissing(std::string where, std::string_view column) {
    if (column == kDeparture) {
      Warn(std::move(where), column, "", "没有发货日期", "no date of departure is told");
    } else if (column == kArrival) {
      Warn(std::move(where), column, "", "没有到货日期", "no date of arrival is told");
    } else if (column == kLotNumber) {
      Warn(std::move(where), column, "", "没有批号", "no lot number is told");
    } else {
      Warn(std::move(where), column, "", "没有数量", "no amount is told");
    }
  }

  absl::Status AddDelivery(const FclRow& row) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string id, ReadId("deliveries", row, "ID"));
    const auto [known, fresh] = deliveries_.emplace(id, Delivery{&row, {}, {}, {}, {}});
    if (!fresh) {
      CompareRepeated("deliveries", "delivery", id, *known->second.row, row);
      return absl::OkStatus();
    }
    const std::string where = StrCat("delivery ", id);
    Delivery& delivery = known->second;
    v1::Event& event = result_.events.emplace_back();
    event.set_id(EventId(StrCat("delivery:", IdPart(id))));
    v1::ObserveUnit& seen = *event.mutable_observe_unit();
    SUYUAN_ASSIGN_OR_RETURN(*seen.mutable_unit()->mutable_key(), Key("delivery", id));
    seen.mutable_unit()->add_external_ids(StrCat("fcl:", id));
    seen.mutable_unit()->add_external_ids(StrCat("fcl:delivery:", id));
    SUYUAN_ASSIGN_OR_RETURN(delivery.sender, StationKey(where, row, "from"));
    SUYUAN_ASSIGN_OR_RETURN(delivery.recipient, StationKey(where, row, "to"));
    seen.set_sender(delivery.sender);
    seen.set_recipient(delivery.recipient);

    std::set<std::string_view> told = {"ID", "from", "to", "Name"};
    seen.set_product_name(std::string(row.Get("Name")));
    const std::string_view lot = row.Get(kLotNumber).empty() ? kLotId : kLotNumber;
    seen.set_lot_number(std::string(row.Get(lot)));
    told.insert(lot);
    if (row.Get(lot).empty() && !no_lots_) WarnMissing(where, kLotNumber);
    ReadTimes(where, row, &event, &delivery);
    told.insert({kDeparture, kArrival});
    ReadShelfLife(where, row, &seen, &told);
    ReadQuantity(where, row, &seen, &told);
    for (const FclCell& cell : row.cells) {
      if (!told.contains(cell.column)) AddAttribute(cell, seen.mutable_attributes());
    }
    ++result_.units;
    return absl::OkStatus();
  }

  // The key of the station in `column`; empty, with a warning, if none is named.
  absl::StatusOr<std::string> StationKey(const std::string& where, const FclRow& row,
                                         std::string_view column) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string id, OptionalId(row, column));
    if (id.empty()) {
      Warn(where, column, "", column == "from" ? "没有发货方" : "没有收货方",
           column == "from" ? "no sender is told" : "no recipient is told");
      return "";
    }
    if (!stations_.contains(id)) {
      Warn(where, column, id, "文件中没有这个站点，仍按其编号登记",
           "the file has no such station; its ID is kept as the key");
    }
    return Key("station", id);
  }

  absl::StatusOr<std::string> OptionalId(const FclRow& row, std::string_view column) const {
    if (row.Get(column).empty()) return "";
    absl::StatusOr<std::string> id = codes::NormalText(row.Get(column));
    if (!id.ok()) {
      return InvalidArgument("deliveries row ", row.number, ", column ", column, ": ",
                             id.status().message());
    }
    return id;
  }

  // A date that cannot be read keeps its text and is unknown.
  v1::Time ReadTime(const std::string& where, const FclRow& row, std::string_view column) {
    const std::string_view text = row.Get(column);
    v1::Time time;
    time.set_precision(v1::PRECISION_UNKNOWN);
    if (text.empty()) return time;
    const std::optional<v1::Date> date = ReadFclDate(text);
    if (date) {
      time = TimeOfDate(*date, kOffsetMinutes);
      time.set_as_written(date->as_written());
    } else {
      time.set_as_written(std::string(text));
      WarnUnreadDate(where, column, text);
    }
    return time;
  }

  void WarnUnreadDate(const std::string& where, std::string_view column, std::string_view text) {
    Warn(where, column, text, "日期无法识别，按原文保留",
         "no date that could be read (expected 2018-10-08, 8.10.2018, 10/2018 or 2018); kept as "
         "written");
  }

  void ReadTimes(const std::string& where, const FclRow& row, v1::Event* event,
                 Delivery* delivery) {
    const bool departs = !row.Get(kDeparture).empty();
    const bool arrives = !row.Get(kArrival).empty();
    if (!departs && !no_departures_) WarnMissing(where, kDeparture);
    if (!arrives && !no_arrivals_) WarnMissing(where, kArrival);
    if (!departs && !arrives) return;
    v1::TimeSpan& span = *event->mutable_time();
    *span.mutable_begin() = ReadTime(where, row, kDeparture);
    // Also when it is not told: without an end it would have arrived when it left.
    *span.mutable_end() = ReadTime(where, row, kArrival);
    delivery->departure = BeginOf(span);
    delivery->arrival = EndOf(span);
    if (delivery->arrival.latest < delivery->departure.earliest) {
      Warn(where, kArrival, row.Get(kArrival),
           StrCat("到货日期早于发货日期 ", row.Get(kDeparture), "，按原文保留，视为未知"),
           StrCat("arrives before it leaves on ", row.Get(kDeparture),
                  "; kept as written, taken as unknown"));
      // No event ends before it begins, and nobody knows which of the two is wrong.
      span.clear_end();
      span.mutable_end()->set_precision(v1::PRECISION_UNKNOWN);
      span.mutable_end()->set_as_written(std::string(row.Get(kArrival)));
      delivery->arrival = Interval();
    }
    // It cannot have arrived before it left, which is all that may be known.
    if (delivery->arrival.unknown()) delivery->arrival.earliest = delivery->departure.earliest;
  }

  std::optional<v1::Date> ReadDay(const std::string& where, const FclRow& row,
                                  std::string_view column) {
    const std::string_view text = row.Get(column);
    if (text.empty()) return std::nullopt;
    std::optional<v1::Date> date = ReadFclDate(text);
    if (!date) WarnUnreadDate(where, column, text);
    return date;
  }

  // Dates of production and expiry; what is left out here stays an attribute.
  void ReadShelfLife(const std::string& where, const FclRow& row, v1::ObserveUnit* seen,
                     std::set<std::string_view>* told) {
    const std::optional<v1::Date> made = ReadDay(where, row, kProduced);
    const std::optional<v1::Date> expiry = ReadDay(where, row, kExpiry);
    if (made) {
      *seen->mutable_production_date() = *made;
      told->insert(kProduced);
    }
    if (!expiry) return;
    if (made &&
        IntervalOf(*expiry, kOffsetMinutes).latest < IntervalOf(*made, kOffsetMinutes).earliest) {
      Warn(where, kExpiry, row.Get(kExpiry),
           StrCat("保质期早于生产日期 ", row.Get(kProduced), "，按原文保留"),
           StrCat("best before a date of production of ", row.Get(kProduced), "; kept as written"));
      return;
    }
    *seen->mutable_expiry_date() = *expiry;
    told->insert(kExpiry);
  }

  // `_Lieferungen.*` is exact where it is there; "Amount" says how it was packed.
  void ReadQuantity(const std::string& where, const FclRow& row, v1::ObserveUnit* seen,
                    std::set<std::string_view>* told) {
    const std::string_view number = row.Get(kDeliveredAmount);
    const std::string_view text = row.Get(kAmount);
    if (number.empty() && text.empty()) {
      if (!no_amounts_) WarnMissing(where, kAmount);
      return;
    }
    const std::optional<FclAmount> delivered = ReadFclAmount(number, row.Get(kDeliveredUnit));
    const std::optional<FclAmount> packed = ReadFclAmount(text);
    const auto warn_unread = [&](std::string_view column, std::string_view found) {
      Warn(where, column, found, "数量无法识别，按原文保留",
           "no amount that could be read (expected as 20 kg or 25 bags 20 kg); kept as written");
    };
    if (!number.empty() && !delivered) {
      warn_unread(kDeliveredAmount, StrCat(number, " ", row.Get(kDeliveredUnit)));
    }
    if (!text.empty() && !packed && !delivered) warn_unread(kAmount, text);
    if (!delivered && !packed) return;
    const FclAmount& amount = delivered ? *delivered : *packed;
    *seen->mutable_quantity() = amount.quantity;
    if (delivered) {
      told->insert({kDeliveredAmount, kDeliveredUnit});
    } else {
      told->insert(kAmount);
    }
    const Decimal value = ValueOf(amount);
    if (amount.rounded) {
      Warn(where, delivered ? kDeliveredAmount : kAmount, delivered ? number : text,
           StrCat("小数位数超过九位，按 ", value.ToString(), " 计，原文保留"),
           StrCat("more than nine digits behind the point; taken as ", value.ToString(),
                  ", kept as written"));
    }
    if (delivered && packed && delivered->quantity.unit() == packed->quantity.unit() &&
        Compare(value, ValueOf(*packed)) != 0) {
      Warn(where, kAmount, text, StrCat("与 ", kDeliveredAmount, " ", number, " 不一致，采用后者"),
           StrCat("differs from ", kDeliveredAmount, " ", number, ", which is taken"));
    }
  }

  static Decimal ValueOf(const FclAmount& amount) {
    return {amount.quantity.value(), amount.quantity.scale()};
  }

  absl::Status AddRelation(const FclRow& row) {
    SUYUAN_ASSIGN_OR_RETURN(const std::string from, ReadId("deliveryRelations", row, "from"));
    SUYUAN_ASSIGN_OR_RETURN(const std::string to, ReadId("deliveryRelations", row, "to"));
    ++result_.links;
    std::string id = StrCat("link:", IdPart(from), ":", IdPart(to));
    if (!links_.insert(id).second) return absl::OkStatus();
    const std::string where = StrCat("relation ", row.number, " (", from, " -> ", to, ")");
    v1::Event& event = result_.events.emplace_back();
    event.set_id(EventId(std::move(id)));
    v1::LinkUnits& link = *event.mutable_link_units();
    SUYUAN_ASSIGN_OR_RETURN(*link.mutable_input()->mutable_key(), Key("delivery", from));
    SUYUAN_ASSIGN_OR_RETURN(*link.mutable_output()->mutable_key(), Key("delivery", to));
    const Delivery* const input = FindDelivery(where, "from", from);
    const Delivery* const output = FindDelivery(where, "to", to);
    if (input != nullptr) link.set_at(input->recipient);
    if (link.at().empty() && output != nullptr) link.set_at(output->sender);
    if (from == to) {
      Warn(where, "to", to, "投入与产出是同一次交付", "a delivery is its own ingredient");
    }
    if (input != nullptr && output != nullptr) CompareEnds(where, from, *input, to, *output);
    return absl::OkStatus();
  }

  const Delivery* FindDelivery(const std::string& where, std::string_view column,
                               const std::string& id) {
    const auto it = deliveries_.find(id);
    if (it != deliveries_.end()) return &it->second;
    Warn(where, column, id, "文件中没有这次交付，关联仍按其编号登记",
         "the file has no such delivery; the link is kept with its ID");
    return nullptr;
  }

  // What is wrong with a link is told; the link stays.
  void CompareEnds(const std::string& where, const std::string& from, const Delivery& input,
                   const std::string& to, const Delivery& output) {
    if (!input.recipient.empty() && !output.sender.empty() && input.recipient != output.sender) {
      Warn(where, "from", from,
           StrCat("交付 ", from, " 的收货方 ", input.recipient, " 不是交付 ", to, " 的发货方 ",
                  output.sender, "，按前者登记"),
           StrCat("delivery ", from, " went to ", input.recipient, " but delivery ", to,
                  " left from ", output.sender, "; the first is taken as the place"));
    }
    if (input.arrival.earliest > output.departure.latest) {
      const std::string_view arrival =
          input.row->Get(kArrival).empty() ? input.row->Get(kDeparture) : input.row->Get(kArrival);
      const std::string_view departure = output.row->Get(kDeparture);
      Warn(where, kArrival, arrival,
           StrCat("交付 ", from, " 到货（", arrival, "）晚于交付 ", to, " 发货（", departure,
                  "），日期矛盾，关联保留"),
           StrCat("delivery ", from, " arrived on ", arrival, ", after delivery ", to, " left on ",
                  departure, "; the link is kept"));
    }
  }

  const FclNetwork& network_;
  FclEvents result_;
  std::unordered_map<std::string, const FclRow*> stations_;
  std::unordered_map<std::string, Delivery> deliveries_;
  std::set<std::string> links_;  // told so far
  bool no_departures_ = false;
  bool no_arrivals_ = false;
  bool no_lots_ = false;
  bool no_amounts_ = false;
};

}  // namespace

absl::StatusOr<FclEvents> ToEvents(const FclNetwork& network, std::string_view source) {
  return Converter(network, source).Run();
}

}  // namespace suyuan::exchange
