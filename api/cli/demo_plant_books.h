#ifndef API_CLI_DEMO_PLANT_BOOKS_H_
#define API_CLI_DEMO_PLANT_BOOKS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace suyuan::demo {

// What the plant counted of one lot, in thousandths of `uom`; what it had keyed
// wrongly and put right later counts as it was.
struct LotBook {
  struct Customer {
    int64_t shipped = 0;
    int64_t returned = 0;
  };

  std::string uom;
  int64_t came = 0;  // received, made, or there when recording began
  int64_t counted = 0;
  int64_t used = 0;
  int64_t sampled = 0;
  int64_t wasted = 0;
  int64_t destroyed = 0;
  std::map<std::string, int64_t> on_hand;   // by site
  std::map<std::string, int64_t> returned;  // what came back and is still there, by part
  // By where it went and who bought it.
  std::map<std::pair<std::string, std::string>, Customer> customers;
  std::set<std::string> made_into;  // lots
};

// Plain counters beside the events: what answers about the plant are checked
// against. Books that are not kept stay empty, so that a plant can run for ever.
class Books {
 public:
  explicit Books(bool kept) : kept_(kept) {}

  void Came(const std::string& lot, const std::string& place, int64_t milli, std::string_view uom);
  void Counted(const std::string& lot, const std::string& place, int64_t milli);
  void Used(const std::string& lot, const std::string& place, int64_t milli,
            const std::string& run);
  void Made(const std::string& lot, const std::string& run);
  void Sampled(const std::string& lot, const std::string& place, int64_t milli);
  void Wasted(const std::string& lot, const std::string& place, int64_t milli);
  void Moved(const std::string& lot, const std::string& from, const std::string& to, int64_t milli);
  void Shipped(const std::string& lot, const std::string& from, const std::string& to,
               const std::string& buyer, int64_t milli);
  void Returned(const std::string& lot, const std::string& part, const std::string& from,
                const std::string& buyer, int64_t milli);
  // Of what came back as `part`; of the rest if that is empty.
  void Destroyed(const std::string& lot, const std::string& place, const std::string& part,
                 int64_t milli);

  const std::map<std::string, LotBook>& lots() const { return lots_; }

 private:
  struct Run {
    std::set<std::string> inputs;
    std::set<std::string> outputs;
  };

  const bool kept_;
  std::map<std::string, LotBook> lots_;
  std::map<std::string, Run> runs_;
};

}  // namespace suyuan::demo

#endif  // API_CLI_DEMO_PLANT_BOOKS_H_
