// What a stranger sends to be verified: notes, checkpoints, proofs, policies, paths of tiles
// and bundles. The first byte says which.

#include <string>

#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/tile.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view input) {
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
  if (input.empty()) return;
  const char what = input.front();
  input.remove_prefix(1);
  switch (what) {
    case 'n':
      if (const auto note = ParseNote(input); note.ok()) {
        Require(FormatNote(*note) == input, "a note has one spelling");
      }
      break;
    case 'c':
      if (const auto checkpoint = ParseCheckpoint(input); checkpoint.ok()) {
        Require(input.starts_with(FormatCheckpoint(*checkpoint)), "a checkpoint has one spelling");
      }
      break;
    case 'p':
      if (const auto proof = ParseProofFile(input); proof.ok()) {
        const auto again = ParseProofFile(FormatProofFile(*proof));
        Require(again.ok() && again->index == proof->index && again->path == proof->path &&
                    again->checkpoint == proof->checkpoint && again->extra == proof->extra,
                "a proof that was read is written and read again");
        static const Policy* const kNobody = new Policy(*Policy::Parse("quorum none"));
        Require(!kNobody->VerifyProof(*proof, "").ok(), "nobody's word proves nothing");
      }
      break;
    case 'q':
      (void)Policy::Parse(input).ok();
      break;
    case 'k':
      if (const auto key = VerifierKey::Parse(input); key.ok()) {
        const auto again = VerifierKey::Parse(key->ToString());
        Require(again.ok() && again->ToString() == key->ToString(), "a key is written and read");
      }
      break;
    case 't':
      if (const auto tile = ParseTilePath(input); tile.ok()) {
        Require(TilePath(*tile) == input, "a tile has one path");
      }
      break;
    case 'b':
      for (const int width : {1, 2, 256}) {
        const auto entries = ParseBundle(input, width);
        if (!entries.ok()) continue;
        std::string again;
        for (const std::string_view entry : *entries) AppendToBundle(entry, &again);
        Require(again == input, "a bundle has one spelling");
      }
      break;
    default:
      break;
  }
}
