#ifndef LIB_ENGINE_EXPECTED_RECORDS_H_
#define LIB_ENGINE_EXPECTED_RECORDS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/time.h"
#include "lib/codes/code_table.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::engine {

// A ledger: whose it is, and what must be in it.
struct Book {
  std::string ledger;
  std::string profile;
  std::string owner;
};

// Which records must be there, by schemas/db31t1110/expected_record.csv: told by what each
// company itself recorded that it did. The ledgers of one company stand for each other.
// Not thread-safe.
class ExpectedRecords {
 public:
  // The units that a message of an event names at any depth.
  using UnitsIn = std::function<std::set<std::string>(const google::protobuf::Message&)>;

  // A record of `operation` about a unit, product or person is in `book`.
  void Note(const Book& book, const std::string& operation, const std::string& about);
  // By `book`, `given` (a word of the table) is so of a product or person.
  void Give(const Book& book, std::string_view given, const std::string& about);
  // The same of runs: their numbers are each ledger's own.
  void NoteRun(const Book& book, const std::string& operation, const std::string& run);
  void GiveRun(const Book& book, std::string_view given, const std::string& run);
  // What `event` says that the owner of `book` did with units.
  void Tell(const Book& book, const v1::Event& event, const UnitsIn& units_in);
  // Where `event` says that units came from, whoever did it.
  void TellArrival(const Book& book, const v1::Event& event, const UnitsIn& units_in);

  struct Missing {
    codes::CodeTable::Row row;
    std::string about;
    Book book;
  };
  // In the order of the table, then of the companies and ledgers, then of `about`.
  std::vector<Missing> Judge() const;

 private:
  struct Thing {
    std::set<std::string> operations;  // of which there is a record
    // What it was given by, and by which book first.
    std::map<std::string, Book, std::less<>> given;
    int64_t stored_from = Interval::kMax;  // UTC microseconds
    int64_t used_until = Interval::kMin;

    const Book* Given(std::string_view word) const;
  };
  static const Book* Follows(const Thing& thing, std::string_view word);

  // By owner, about; runs by ledger, run.
  std::map<std::pair<std::string, std::string>, Thing> things_;
  std::map<std::pair<std::string, std::string>, Thing> runs_;
};

}  // namespace suyuan::engine

#endif  // LIB_ENGINE_EXPECTED_RECORDS_H_
