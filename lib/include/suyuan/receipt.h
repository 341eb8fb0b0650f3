#ifndef SUYUAN_RECEIPT_H_
#define SUYUAN_RECEIPT_H_

#include <cstdint>
#include <string>

namespace suyuan {

// What the writer gets back: where the entry stands and how to prove it.
struct Receipt {
  std::string ledger;
  uint64_t sequence = 0;
  std::string event_id;
  std::string leaf_hash;      // 32 bytes: SHA-256(0x00 || record)
  std::string previous_hash;  // leaf hash of the entry before
  uint64_t tree_size = 0;     // of the tree that the commit produced
  std::string root;           // its RFC 6962 root
  bool duplicate = false;     // the event was there already; the rest is its first receipt
};

// The size and the Merkle root (32 bytes) of a ledger.
struct LedgerHead {
  std::string ledger;
  uint64_t size = 0;
  std::string root;
};

}  // namespace suyuan

#endif  // SUYUAN_RECEIPT_H_
