#include "api/cli/demo_plant_books.h"

namespace suyuan::demo {

void Books::Came(const std::string& lot, const std::string& place, int64_t milli,
                 std::string_view uom) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.uom = uom;
  book.came += milli;
  book.on_hand[place] += milli;
}

void Books::Counted(const std::string& lot, const std::string& place, int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.counted += milli;
  book.on_hand[place] += milli;
}

void Books::Used(const std::string& lot, const std::string& place, int64_t milli,
                 const std::string& run) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.used += milli;
  book.on_hand[place] -= milli;
  Run& told = runs_[run];
  told.inputs.insert(lot);
  book.made_into.insert(told.outputs.begin(), told.outputs.end());
}

void Books::Made(const std::string& lot, const std::string& run) {
  if (!kept_) return;
  Run& told = runs_[run];
  told.outputs.insert(lot);
  for (const std::string& input : told.inputs) lots_[input].made_into.insert(lot);
}

void Books::Sampled(const std::string& lot, const std::string& place, int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.sampled += milli;
  book.on_hand[place] -= milli;
}

void Books::Wasted(const std::string& lot, const std::string& place, int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.wasted += milli;
  book.on_hand[place] -= milli;
}

void Books::Moved(const std::string& lot, const std::string& from, const std::string& to,
                  int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.on_hand[from] -= milli;
  book.on_hand[to] += milli;
}

void Books::Shipped(const std::string& lot, const std::string& from, const std::string& to,
                    const std::string& buyer, int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.on_hand[from] -= milli;
  book.customers[{to, buyer}].shipped += milli;
}

void Books::Returned(const std::string& lot, const std::string& part, const std::string& from,
                     const std::string& buyer, int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.customers[{from, buyer}].returned += milli;
  book.returned[part] += milli;
}

void Books::Destroyed(const std::string& lot, const std::string& place, const std::string& part,
                      int64_t milli) {
  if (!kept_) return;
  LotBook& book = lots_[lot];
  book.destroyed += milli;
  (part.empty() ? book.on_hand[place] : book.returned[part]) -= milli;
}

}  // namespace suyuan::demo
