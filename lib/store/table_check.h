#ifndef LIB_STORE_TABLE_CHECK_H_
#define LIB_STORE_TABLE_CHECK_H_

#include <string>

#include "absl/status/status.h"

namespace suyuan::store {

// RocksDB reads the properties of a table before it looks at their checksum, and a
// damaged count in them ends the process with a failed assertion (7.8, as Debian
// builds it). So the checksums of that block and of the one that leads to it are
// compared before a database is opened. kDataLoss, naming the file, if one differs;
// what is no table of a format that we know is left to RocksDB.
// Cost: three small reads a table.
absl::Status CheckTables(const std::string& db_dir);

}  // namespace suyuan::store

#endif  // LIB_STORE_TABLE_CHECK_H_
