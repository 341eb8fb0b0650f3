// Receipts that a stranger hands over.

#include <string_view>

#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
  if (const auto proof = ParseProofFile(input); proof.ok()) {
    const auto again = ParseProofFile(FormatProofFile(*proof));
    Require(again.ok() && again->index == proof->index && again->path == proof->path &&
                again->checkpoint == proof->checkpoint && again->extra == proof->extra,
            "a proof that was read is written and read again");
    static const Policy* const kNobody = new Policy(*Policy::Parse("quorum none"));
    Require(!kNobody->VerifyProof(*proof, "").ok(), "nobody's word proves nothing");
  }
}
