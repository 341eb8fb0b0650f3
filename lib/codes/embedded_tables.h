#ifndef LIB_CODES_EMBEDDED_TABLES_H_
#define LIB_CODES_EMBEDDED_TABLES_H_

#include <span>
#include <string_view>

namespace suyuan::codes {

// A file of schemas/db31t1110 as it was when the library was configured.
struct EmbeddedTable {
  std::string_view name;  // without ".csv"
  std::string_view csv;
};

// Sorted by name. Generated from embedded_tables.cc.in.
std::span<const EmbeddedTable> EmbeddedTables();

}  // namespace suyuan::codes

#endif  // LIB_CODES_EMBEDDED_TABLES_H_
