#ifndef API_CLI_HOLDER_NAMES_H_
#define API_CLI_HOLDER_NAMES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "suyuan/engine.h"

namespace suyuan::cli {

// The names under which master data of some ledgers know holders, for tables that people
// read. A value type.
class HolderNames {
 public:
  // Reads `heads` through; beyond `max_entries` in all, only the owners of the
  // ledgers have names, since a table is not worth the wait.
  static HolderNames Load(const Engine& engine, const std::vector<LedgerHead>& heads,
                          uint64_t max_entries = 200'000);
  // The name, or the key itself. Behind a name that several have stands the address, or
  // the key where there is none: "Le Bio (Rue des Artisans 1)".
  std::string Get(const std::string& key) const;
  // Names or keys, with ", " in between.
  std::string Join(const std::vector<std::string>& keys) const;

 private:
  struct Holder {
    std::string name;
    std::string address;
  };
  void Note(const std::string& key, const std::string& name, const std::string& address);

  std::unordered_map<std::string, Holder> holders_;
  std::unordered_map<std::string, int> shared_;  // how many have a name
};

}  // namespace suyuan::cli

#endif  // API_CLI_HOLDER_NAMES_H_
