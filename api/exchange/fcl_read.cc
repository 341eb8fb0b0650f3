#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "api/exchange/fcl.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::exchange {
namespace {

using Json = nlohmann::json;

constexpr size_t kMaxDepth = 64;

// Builds the document like Json::parse, with two differences: a number that is no
// integer stays the text that was written (1.10, 47.73863759999999), and the depth
// is bounded, so that nothing that walks the document can exhaust the stack.
class DocumentBuilder : public nlohmann::json_sax<Json> {
 public:
  const Json& document() const { return root_; }
  const std::string& error() const { return error_; }

  bool null() override { return Add(Json()); }
  bool boolean(bool value) override { return Add(Json(value)); }
  bool number_integer(number_integer_t value) override { return Add(Json(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Add(Json(value)); }
  bool number_float(number_float_t, const string_t& text) override { return Add(Json(text)); }
  bool string(string_t& value) override { return Add(Json(std::move(value))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(Json::object()); }
  bool start_array(std::size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    key_ = std::move(name);
    return true;
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::detail::exception& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    std::string what = error.what();
    const size_t behind = what.find("] ");
    if (behind != std::string::npos) what.erase(0, behind + 2);
    if (what.size() > 200) what.resize(200);
    error_ = StrCat("not JSON (byte ", position, "): ", what);
    return false;
  }

 private:
  Json* Place(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(value));
      return &parent.back();
    }
    Json& slot = parent[key_];
    slot = std::move(value);
    return &slot;
  }
  bool Add(Json value) {
    Place(std::move(value));
    return true;
  }
  bool Open(Json value) {
    if (open_.size() >= kMaxDepth) {
      error_ = StrCat("nested deeper than ", kMaxDepth, " levels");
      return false;
    }
    // A parent's children do not move while one of them is open: only the
    // innermost open container grows.
    open_.push_back(Place(std::move(value)));
    return true;
  }
  bool Close() {
    open_.pop_back();
    return true;
  }

  Json root_;
  std::vector<Json*> open_;
  std::string key_;
  std::string error_;
};

// The text of a cell, empty for null; nothing if it is an object or array.
std::optional<std::string> CellText(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null:
      return "";
    case Json::value_t::string:
      return value.get_ref<const std::string&>();
    case Json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    case Json::value_t::number_integer:
      return std::to_string(value.get<int64_t>());
    case Json::value_t::number_unsigned:
      return std::to_string(value.get<uint64_t>());
    default:
      return std::nullopt;
  }
}

// Puts a space for every control character that no event may hold (all but line
// feed and tabulator); CRLF is a line feed. True if something was lost.
bool ReplaceControls(std::string* text) {
  std::string clean;
  bool lost = false;
  for (size_t i = 0; i < text->size(); ++i) {
    const auto byte = static_cast<uint8_t>((*text)[i]);
    const uint8_t next = i + 1 < text->size() ? static_cast<uint8_t>((*text)[i + 1]) : 0;
    if (byte == '\r' && next == '\n') continue;
    const bool wide = byte == 0xc2 && next >= 0x80 && next < 0xa0;  // U+0080 to U+009F
    if (wide || (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f) {
      clean += ' ';
      lost = true;
      if (wide) ++i;
    } else {
      clean += (*text)[i];
    }
  }
  *text = std::move(clean);
  return lost;
}

absl::Status Layout(std::string_view path, std::string_view expected, const Json* found) {
  const std::string_view kind = found == nullptr ? "nothing" : std::string_view(found->type_name());
  return InvalidArgument("no FoodChain-Lab file: expected ", expected, " at ", path, ", found ",
                         kind);
}

const Json* Member(const Json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(name);
  return it == object.end() ? nullptr : &*it;
}

absl::StatusOr<std::vector<FclRow>> ReadTable(const Json& data, std::string_view name,
                                              std::vector<FclWarning>* warnings) {
  const std::string table_path = StrCat("data.", name);
  const Json* const table = Member(data, std::string(name).c_str());
  if (table == nullptr || !table->is_object()) {
    return Layout(table_path, "an object with columnProperties and data", table);
  }
  const Json* const rows = Member(*table, "data");
  if (rows == nullptr || !rows->is_array()) {
    return Layout(table_path + ".data", "an array of rows", rows);
  }
  std::vector<FclRow> result;
  result.reserve(rows->size());
  for (const Json& cells : *rows) {
    FclRow row{result.size() + 1, {}};
    const std::string path = StrCat(table_path, ".data[", row.number - 1, "]");
    if (!cells.is_array()) return Layout(path, "an array of {\"id\", \"value\"}", &cells);
    for (const Json& cell : cells) {
      const Json* const id = Member(cell, "id");
      if (id == nullptr || !id->is_string())
        return Layout(path, "cells {\"id\", \"value\"}", &cell);
      std::string column = id->get_ref<const std::string&>();
      bool lost = ReplaceControls(&column);
      const Json* const value = Member(cell, "value");
      if (value == nullptr) continue;
      std::optional<std::string> text = CellText(*value);
      if (!text) {
        warnings->push_back({StrCat(name, " row ", row.number), column, value->type_name(),
                             "该值不是文本、数字或布尔值，未读取",
                             "the value is neither text, number nor truth value and was not read"});
        continue;
      }
      lost = ReplaceControls(&*text) || lost;
      if (text->empty()) continue;
      if (lost) {
        warnings->push_back({StrCat(name, " row ", row.number), column, *text,
                             "含有控制字符，已换成空格", "control characters were made spaces"});
      }
      row.cells.push_back({std::move(column), *std::move(text)});
    }
    result.push_back(std::move(row));
  }
  return result;
}

}  // namespace

std::string_view FclRow::Get(std::string_view column) const {
  for (const FclCell& cell : cells) {
    if (cell.column == column) return cell.value;
  }
  return {};
}

absl::StatusOr<FclNetwork> ReadFcl(std::string_view json) {
  DocumentBuilder builder;
  if (!Json::sax_parse(json.begin(), json.end(), &builder)) {
    return InvalidArgument(builder.error().empty() ? "not JSON" : builder.error());
  }
  const Json* const data = Member(builder.document(), "data");
  if (data == nullptr || !data->is_object()) {
    return Layout("data", "an object with stations, deliveries and deliveryRelations", data);
  }
  const std::string_view relations = Member(*data, "deliveryRelations") == nullptr &&
                                             Member(*data, "deliveriesRelations") != nullptr
                                         ? "deliveriesRelations"
                                         : "deliveryRelations";
  FclNetwork network;
  SUYUAN_ASSIGN_OR_RETURN(network.stations, ReadTable(*data, "stations", &network.warnings));
  SUYUAN_ASSIGN_OR_RETURN(network.deliveries, ReadTable(*data, "deliveries", &network.warnings));
  SUYUAN_ASSIGN_OR_RETURN(network.relations, ReadTable(*data, relations, &network.warnings));
  return network;
}

}  // namespace suyuan::exchange
