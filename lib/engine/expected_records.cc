#include "lib/engine/expected_records.h"

#include <algorithm>

namespace suyuan::engine {
namespace {

using google::protobuf::Message;

// What is told of a unit. With these the words of the table are judged (Follows).
constexpr std::string_view kArrived = "arrived";          // where it came from is told
constexpr std::string_view kReceived = "received";        // bought
constexpr std::string_view kStored = "stored";            // put into a store
constexpr std::string_view kHandled = "handled";          // moved or packed
constexpr std::string_view kProcessed = "processed";      // became something else
constexpr std::string_view kSold = "sold-or-served";      // shipped or served
constexpr std::string_view kFinished = "finished";        // made, and said to be finished
constexpr std::string_view kOfNoClass = "of-no-class";    // made, and not said what it is
constexpr std::string_view kHalfFinished = "unfinished";  // made: semi-finished, a by-product

std::string_view ClassOf(const v1::Produce& produce) {
  switch (produce.output_class()) {
    case v1::OUTPUT_FINISHED:
      return kFinished;
    case v1::OUTPUT_UNSPECIFIED:
      return kOfNoClass;
    default:
      return kHalfFinished;
  }
}

}  // namespace

const Book* ExpectedRecords::Thing::Given(std::string_view word) const {
  const auto it = given.find(word);
  return it == given.end() ? nullptr : &it->second;
}

void ExpectedRecords::Note(const Book& book, const std::string& operation,
                           const std::string& about) {
  things_[{book.owner, about}].operations.insert(operation);
}

void ExpectedRecords::Give(const Book& book, std::string_view given, const std::string& about) {
  things_[{book.owner, about}].given.emplace(given, book);
}

void ExpectedRecords::NoteRun(const Book& book, const std::string& operation,
                              const std::string& run) {
  runs_[{book.ledger, run}].operations.insert(operation);
}

void ExpectedRecords::GiveRun(const Book& book, std::string_view given, const std::string& run) {
  runs_[{book.ledger, run}].given.emplace(given, book);
}

void ExpectedRecords::TellArrival(const Book& book, const v1::Event& event,
                                  const UnitsIn& units_in) {
  const auto arrived = [&](const Message& message) {
    for (const std::string& unit : units_in(message)) Give(book, kArrived, unit);
  };
  switch (event.operation_case()) {
    case v1::Event::kReceive:
      return arrived(event.receive());
    case v1::Event::kOpenStock:
      return arrived(event.open_stock());
    case v1::Event::kReturnGoods:
      return arrived(event.return_goods());
    case v1::Event::kProduce:
      return arrived(event.produce());
    case v1::Event::kSplit:
      for (const v1::UnitQuantity& to : event.split().to()) arrived(to);
      return;
    case v1::Event::kMerge:
      return arrived(event.merge().to());
    default:
      return;
  }
}

void ExpectedRecords::Tell(const Book& book, const v1::Event& event, const UnitsIn& units_in) {
  const auto tell = [&](std::string_view word, const Message& message) {
    for (const std::string& unit : units_in(message)) {
      Give(book, word, unit);
      Thing& thing = things_[{book.owner, unit}];
      if (word == kStored) {
        thing.stored_from = std::min(thing.stored_from, BeginOf(event.time()).earliest);
      } else if (word == kProcessed || word == kSold) {
        thing.used_until = std::max(thing.used_until, EndOf(event.time()).latest);
      }
    }
  };
  switch (event.operation_case()) {
    case v1::Event::kReceive:
      return tell(kReceived, event.receive());
    case v1::Event::kPutIn:
      return tell(kStored, event.put_in());
    case v1::Event::kTakeOut:
      return tell(kHandled, event.take_out());
    case v1::Event::kMove:
      return tell(kHandled, event.move());
    case v1::Event::kPack:
      return tell(kHandled, event.pack());
    case v1::Event::kCharge:
      return tell(kProcessed, event.charge());
    case v1::Event::kRework:
      return tell(kProcessed, event.rework());
    case v1::Event::kSplit:
      return tell(kProcessed, event.split().from());
    case v1::Event::kMerge:
      for (const v1::UnitQuantity& from : event.merge().from()) tell(kProcessed, from);
      return;
    case v1::Event::kProduce:
      return tell(ClassOf(event.produce()), event.produce());
    case v1::Event::kShip:
      return tell(kSold, event.ship());
    case v1::Event::kServe:
      return tell(kSold, event.serve());
    default:
      return;
  }
}

// The book by which `word` of the table is so; null if it is not.
const Book* ExpectedRecords::Follows(const Thing& thing, std::string_view word) {
  const Book* const sold = thing.Given(kSold);
  const Book* const processed = thing.Given(kProcessed);
  const Book* const used = sold != nullptr ? sold : processed;
  const Book* const stored = thing.Given(kStored);
  const Book* const finished = thing.Given(kFinished);
  const Book* const of_no_class = thing.Given(kOfNoClass);
  const Book* const own = finished != nullptr      ? finished
                          : of_no_class != nullptr ? of_no_class
                                                   : thing.Given(kHalfFinished);
  // What was sold was a product, whatever it had been called.
  const bool made = own != nullptr && (finished != nullptr || sold != nullptr ||
                                       (of_no_class != nullptr && processed == nullptr));
  if (word == "made") return made ? own : nullptr;
  if (word == "sold") return own != nullptr ? sold : nullptr;
  const Book* acquired = nullptr;
  if (thing.Given(kArrived) == nullptr) {
    acquired = used != nullptr ? used : stored != nullptr ? stored : thing.Given(kHandled);
  }
  if (word == "acquired") return acquired;
  const Book* const received = acquired != nullptr ? acquired : thing.Given(kReceived);
  if (word == "received") return received;
  if (word == "taken") {
    // What was put in afterwards can still be there.
    const bool in_store =
        stored != nullptr ? thing.stored_from < thing.used_until : made || received != nullptr;
    return in_store ? used : nullptr;
  }
  return thing.Given(word);
}

std::vector<ExpectedRecords::Missing> ExpectedRecords::Judge() const {
  std::vector<Missing> missing;
  for (const codes::CodeTable::Row& row : codes::CodeTable::Get("expected_record").rows()) {
    const std::string operation(row.Get("operation"));
    for (const auto* things : {&things_, &runs_}) {
      for (const auto& [key, thing] : *things) {
        if (thing.operations.contains(operation)) continue;
        const Book* const book = Follows(thing, row.Get("given"));
        if (book == nullptr) continue;
        if (row.Get("profile") != "*" && row.Get("profile") != book->profile) continue;
        missing.push_back({row, key.second, *book});
      }
    }
  }
  return missing;
}

}  // namespace suyuan::engine
