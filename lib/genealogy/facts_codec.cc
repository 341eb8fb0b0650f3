#include <limits>

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/genealogy/facts.h"

namespace suyuan::genealogy {
namespace {

constexpr uint64_t kFormat = 6;

// One description of the layout serves both directions: `coder(value)` writes
// the value or reads it.
class Encoder {
 public:
  void operator()(const std::string& value) { PutString(&out_, value); }
  void operator()(bool value) { PutVarint(&out_, value ? 1 : 0); }
  void operator()(int value) { PutSignedVarint(&out_, value); }
  void operator()(int64_t value) { PutSignedVarint(&out_, value); }
  void operator()(const std::pair<std::string, std::string>& value) {
    (*this)(value.first);
    (*this)(value.second);
  }
  template <typename T>
  requires std::is_enum_v<T>
  void operator()(T value) { PutVarint(&out_, static_cast<uint64_t>(value)); }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    PutVarint(&out_, values.size());
    for (const T& value : values) Layout(*this, value);
  }
  bool ok() const { return true; }
  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : reader_(bytes) {}
  void operator()(std::string& value) { value = std::string(reader_.String()); }
  void operator()(bool& value) { value = UpTo(1) != 0; }
  void operator()(int& value) {
    const int64_t wide = reader_.SignedVarint();
    value = static_cast<int>(wide);
    sound_ = sound_ && value == wide;
  }
  void operator()(int64_t& value) { value = reader_.SignedVarint(); }
  void operator()(std::pair<std::string, std::string>& value) {
    (*this)(value.first);
    (*this)(value.second);
  }
  template <typename T>
  requires std::is_enum_v<T>
  void operator()(T& value) {
    if constexpr (std::is_same_v<T, HolderKind>) {
      value = static_cast<T>(UpTo(static_cast<uint64_t>(HolderKind::kNamed)));
    } else if constexpr (std::is_same_v<T, StepKind>) {
      value = static_cast<T>(UpTo(static_cast<uint64_t>(StepKind::kFill)));
    } else if constexpr (std::is_same_v<T, MarkKind>) {
      value = static_cast<T>(UpTo(static_cast<uint64_t>(MarkKind::kDwell)));
    } else {
      value = static_cast<T>(UpTo(std::numeric_limits<int32_t>::max()));
    }
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    const uint64_t size = reader_.Varint();
    for (uint64_t i = 0; i < size && reader_.ok(); ++i) Layout(*this, values.emplace_back());
  }
  bool ok() const { return reader_.ok() && sound_; }
  bool done() const { return reader_.done(); }

 private:
  uint64_t UpTo(uint64_t most) {
    const uint64_t value = reader_.Varint();
    sound_ = sound_ && value <= most;
    return value;
  }

  ByteReader reader_;
  bool sound_ = true;
};

template <typename C, typename T>
void Layout(C& coder, T& value) {
  using Plain = std::remove_const_t<T>;
  if constexpr (std::is_same_v<Plain, NodeFact>) {
    coder(value.unit);
    coder(value.variant);
    coder(value.holder_kind);
    coder(value.holder);
    coder(value.part);
    coder(value.apart);
    coder(value.external_ids);
  } else if constexpr (std::is_same_v<Plain, EdgeFact>) {
    Layout(coder, value.node);
    coder(value.quantity);
    coder(value.scale);
    coder(value.quantity_unit);
    coder(value.role);
    coder(value.alternative);
    Layout(coder, value.slice);
  } else if constexpr (std::is_same_v<Plain, SliceFact>) {
    coder(value.told);
    if (!value.told) return;
    coder(value.from);
    coder(value.to);
    coder(value.first_serial);
    coder(value.last_serial);
    coder(value.serial_margin);
  } else if constexpr (std::is_same_v<Plain, StepFact>) {
    coder(value.kind);
    coder(value.run);
    coder(value.closes_run);
    coder(value.late);
    coder(value.sender);
    coder(value.document);
    coder(value.buyer);
    coder(value.equipment);
    coder(value.inputs);
    coder(value.outputs);
  } else if constexpr (std::is_same_v<Plain, PackFact>) {
    coder(value.out);
    Layout(coder, value.container);
    coder(value.contents);
  } else if constexpr (std::is_same_v<Plain, MarkFact>) {
    coder(value.kind);
    Layout(coder, value.node);
    coder(value.equipment);
    coder(value.value);
    coder(value.scale);
    coder(value.quantity_unit);
    coder(value.since);
  } else if constexpr (std::is_same_v<Plain, SplitFact>) {
    Layout(coder, value.from);
    Layout(coder, value.to);
  } else if constexpr (std::is_same_v<Plain, LevelFact>) {
    coder(value.gtin);
    coder(value.base);
    coder(value.count);
  } else if constexpr (std::is_same_v<Plain, CodesFact>) {
    coder(value.unit);
    coder(value.variant);
    coder(value.codes);
    coder(value.ranges);
  } else if constexpr (std::is_same_v<Plain, Facts>) {
    coder(value.operation);
    coder(value.begin.earliest);
    coder(value.begin.latest);
    coder(value.end.earliest);
    coder(value.end.latest);
    coder(value.owner);
    coder(value.steps);
    coder(value.packs);
    coder(value.codes);
    coder(value.marks);
    coder(value.splits);
    coder(value.unit_ids);
    coder(value.products);
    coder(value.subject_ids);
    coder(value.subject_names);
    coder(value.addresses);
    coder(value.phones);
    coder(value.sites);
    coder(value.levels);
    coder(value.product_names);
  } else {
    coder(value);
  }
}

}  // namespace

std::string EncodeFacts(const Facts& facts) {
  Encoder encoder;
  std::string bytes;
  PutVarint(&bytes, kFormat);
  Layout(encoder, facts);
  return bytes + encoder.Take();
}

absl::StatusOr<Facts> DecodeFacts(std::string_view bytes) {
  ByteReader format(bytes);
  if (format.Varint() != kFormat || !format.ok()) return DataLoss("facts: not of format ", kFormat);
  Decoder decoder(format.rest());
  Facts facts;
  Layout(decoder, facts);
  if (!decoder.ok() || !decoder.done()) return DataLoss("facts: they end early or late");
  return facts;
}

}  // namespace suyuan::genealogy
