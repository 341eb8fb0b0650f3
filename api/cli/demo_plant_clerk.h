#ifndef API_CLI_DEMO_PLANT_CLERK_H_
#define API_CLI_DEMO_PLANT_CLERK_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "api/cli/demo_plant_books.h"
#include "api/cli/demo_plant_world.h"
#include "suyuan/v1/event.pb.h"

namespace suyuan::demo {

// So much of a unit.
struct Part {
  std::string key;
  int64_t milli = 0;
  const char* unit = "KGM";
};

struct Test {
  const char* item;
  int64_t milli = 0;
  const char* unit = "";  // empty: `text` says it
  const char* text = "";
  const char* limit = "";
  bool pass = true;
};

// A process parameter with its limits, in thousandths.
struct Reading {
  const char* name;
  int64_t milli;
  const char* unit;
  int64_t low, high;
  bool critical = false;
};

// What the charges of one run have in common.
struct ChargeSheet {
  std::string run;
  int64_t total = 1;  // of the ingredients, thousandths
  const char* formula = "";
  const char* shift = "";
  const char* person = "";
  const char* equipment = "";
};

// Fills in the forms of the plant. `at` is when it happened and, but for late
// entries, when it was recorded. What is charged, made, sampled and wasted goes into
// the books here; what is named by its package, by those who know what is in it.
class Clerk : public Recorder {
 public:
  explicit Clerk(bool keep_books) : books_(keep_books) {}

  Books& books() { return books_; }

  // Caller adds what is particular to the goods.
  v1::Event& Receive(std::string_view label, int64_t at, int64_t recorded, const char* person,
                     const Party& supplier, const Part& part, const std::string& number);
  // `celsius` in thousandths; 0: not measured.
  void PutIn(int64_t at, const std::string& place, const Part& part, const char* location,
             const char* from, const char* to, const char* condition, int64_t celsius = 0);
  void TakeOut(int64_t at, const std::string& place, const Part& part, const char* location,
               const char* from, const char* to);
  // Recorded later than it happened: a late entry from a paper form.
  void Charge(int64_t at, int64_t recorded, const ChargeSheet& sheet, const Part& part,
              v1::Role role);
  void Parameters(int64_t begin, int64_t end, const ChargeSheet& sheet,
                  std::initializer_list<Reading> readings);
  v1::Produce& Produce(std::string_view label, int64_t begin, int64_t end, const ChargeSheet& sheet,
                       const Part& part, const std::string& number);
  // Fails if a test fails.
  v1::Inspect& Inspect(std::string_view label, int64_t at, const std::string& key,
                       const std::string& number, const char* method,
                       std::initializer_list<Test> tests);
  void Sample(int64_t at, const Part& part, const std::string& number, bool retained);
  void Waste(int64_t at, const Part& part, const char* person, const char* reason);
  void Pack(int64_t at, const std::string& container, std::initializer_list<Part> contents);
  void Move(int64_t at, const Part& part, const std::string& note);
  v1::Event& Ship(int64_t at, const Part& part, const Party& customer, const std::string& note);
  v1::DestroyGoods& Destroy(int64_t at, const std::string& place, const Part& part,
                            const std::string& of);

 private:
  Books books_;
};

}  // namespace suyuan::demo

#endif  // API_CLI_DEMO_PLANT_CLERK_H_
