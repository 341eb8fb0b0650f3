#include "lib/ledger/mark.h"

#include <algorithm>
#include <optional>

#include "lib/base/bytes.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::ledger {
namespace {

constexpr std::string_view kMagic = "SUYMARK1";
constexpr size_t kSlotBytes = 128;

std::string EncodeSlot(const Mark& mark, uint64_t generation) {
  std::string slot(kMagic);
  PutFixed64(&slot, generation);
  PutFixed64(&slot, mark.size);
  slot.append(mark.root.view());
  slot.append(mark.last_leaf.view());
  slot.append(mark.origin.view());
  slot.append(Sha256({slot}).view().substr(0, 8));
  return slot;
}

struct Slot {
  Mark mark;
  uint64_t generation = 0;
};

std::optional<Slot> ParseSlot(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.Raw(8) != kMagic) return std::nullopt;
  Slot slot;
  slot.generation = reader.Fixed64();
  slot.mark.size = reader.Fixed64();
  slot.mark.root = Hash::From(reader.Raw(32));
  slot.mark.last_leaf = Hash::From(reader.Raw(32));
  slot.mark.origin = Hash::From(reader.Raw(32));
  if (!reader.ok() || EncodeSlot(slot.mark, slot.generation) != bytes) return std::nullopt;
  return slot;
}

uint64_t SlotOffset(uint64_t generation) { return generation % 2 * kSlotBytes; }

}  // namespace

absl::StatusOr<MarkFile::Contents> MarkFile::Read(const std::string& path) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (bytes.size() != 2 * kSlotBytes) {
    return DataLoss("mark ", path, ": ", bytes.size(), " bytes, expected ", 2 * kSlotBytes);
  }
  std::optional<Slot> best;
  std::string damage;
  for (size_t at = 0; at < bytes.size(); at += kSlotBytes) {
    const std::string_view raw = std::string_view(bytes).substr(at, kSlotBytes);
    const std::optional<Slot> slot = ParseSlot(raw);
    if (!slot.has_value()) {
      // Generation 1 leaves the slot of generation 0 as zeros.
      if (raw.find_first_not_of('\0') != std::string_view::npos || at != 0) {
        damage = StrCat("slot at byte ", at, " is damaged");
      }
    } else if (SlotOffset(slot->generation) != at) {
      damage = StrCat("slot at byte ", at, " is that of the other place");
    } else if (!best.has_value() || slot->generation > best->generation) {
      best = slot;
    }
  }
  if (!best.has_value()) return DataLoss("mark ", path, ": no slot is whole");
  if (best->generation > 1 && damage.empty() &&
      bytes.substr(0, kSlotBytes).find_first_not_of('\0') == std::string::npos) {
    damage = "slot at byte 0 is empty";
  }
  return Contents{best->mark, best->generation, damage};
}

absl::StatusOr<std::unique_ptr<MarkFile>> MarkFile::Create(const std::string& path,
                                                           const Mark& mark) {
  std::string bytes(kSlotBytes, '\0');
  bytes += EncodeSlot(mark, 1);
  SUYUAN_RETURN_IF_ERROR(WriteFileAtomically(path, bytes));
  return Open(path, 1);
}

absl::StatusOr<std::unique_ptr<MarkFile>> MarkFile::Open(const std::string& path,
                                                         uint64_t generation) {
  SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<RandomFile> file, RandomFile::Open(path));
  return std::unique_ptr<MarkFile>(new MarkFile(std::move(file), generation));
}

absl::Status MarkFile::Write(const Mark& mark) {
  ++generation_;
  dirty_ = true;
  return file_->WriteAt(SlotOffset(generation_), EncodeSlot(mark, generation_));
}

absl::Status MarkFile::Sync() {
  SUYUAN_RETURN_IF_ERROR(file_->Sync());
  dirty_ = false;
  return absl::OkStatus();
}

}  // namespace suyuan::ledger
