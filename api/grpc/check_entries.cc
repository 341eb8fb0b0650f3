#include "api/grpc/check_entries.h"

#include <algorithm>
#include <string>

#include "lib/base/bytes.h"
#include "lib/base/hash.h"
#include "lib/base/strings.h"
#include "lib/merkle/tree.h"

namespace suyuan::rpc {

absl::StatusOr<CheckReport> CheckEntries(const Engine& engine,
                                         const std::function<bool(const Progress&)>& go_on) {
  CheckReport report;
  for (const LedgerInfo& info : engine.ListLedgers()) {
    merkle::Frontier tree;
    bool cancelled = false;
    const absl::Status status = engine.Read(info.name, 0, info.size, [&](const Entry& entry) {
      if (entry.sequence != tree.size()) return false;
      tree.Append(Hash::From(entry.leaf_hash));
      cancelled = tree.size() % 1024 == 0 && !go_on({"check " + info.name, tree.size(), info.size});
      return !cancelled;
    });
    if (cancelled) return absl::CancelledError("the check was not finished");
    const std::string root(tree.Root().view());
    report.ledgers.push_back({info.name, tree.size(), root});
    if (!status.ok()) {
      report.problems.push_back({info.name, tree.size(), "entry", "a readable entry",
                                 std::string(ToStd(status.message()))});
    } else if (tree.size() != info.size) {
      report.problems.push_back({info.name, tree.size(), "entry", StrCat(info.size, " entries"),
                                 StrCat(tree.size(), " entries")});
    } else if (root != info.root) {
      report.problems.push_back({info.name, info.size, "tree", ToHex(info.root), ToHex(root)});
    }
  }
  return report;
}

}  // namespace suyuan::rpc
