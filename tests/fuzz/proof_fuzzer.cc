// What a stranger sends to be verified: notes, checkpoints, proofs, policies, paths of tiles
// and bundles, requests to a witness. The first byte says which.

#include <filesystem>
#include <map>
#include <string>

#include "lib/base/check.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "lib/merkle/tile.h"
#include "lib/merkle/witness.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace suyuan;          // NOLINT(google-build-using-namespace)
using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)

// Requests, a form feed between them, each signed by the log that it names.
void AskWitness(std::string_view requests) {
  static auto* const log =
      Ed25519Signer::Parse(*Ed25519Signer::Generate("example.com/log"))->release();
  static const auto* const witness_key =
      new std::string(*Ed25519Signer::Generate("example.com/witness"));
  static const auto* const top = [] {
    auto* path = new std::string(std::filesystem::temp_directory_path() / "suyuan-fuzz-XXXXXX");
    SUYUAN_CHECK(mkdtemp(path->data()) != nullptr);
    return path;
  }();
  const std::string directory = *top + "/state";
  std::filesystem::remove_all(directory);
  auto witness =
      Witness::Open(directory, *Ed25519Signer::Parse(*witness_key), {log->key()}, SystemClock());
  SUYUAN_CHECK(witness.ok());
  std::map<uint64_t, Hash> signed_roots;
  while (!requests.empty()) {
    const std::string_view request = requests.substr(0, requests.find('\f'));
    requests.remove_prefix(std::min(requests.size(), request.size() + 1));
    std::string body(request);
    const size_t head = request.find("\n\n");
    if (head == request.npos) continue;
    const std::string text(request.substr(head + 2));
    if (const auto note = SignNote(text, {log}); note.ok()) {
      body = std::string(request.substr(0, head + 2)) + *note;
    }
    if ((*witness)->AddCheckpoint(body).status != 200) continue;
    const auto checkpoint = ParseCheckpoint(text);
    Require(checkpoint.ok(), "a witness signs checkpoints");
    Require(
        signed_roots.emplace(checkpoint->size, checkpoint->root).first->second == checkpoint->root,
        "a witness signs one root of a size");
    Require(signed_roots.rbegin()->first == checkpoint->size, "a witness does not go back");
  }
}

}  // namespace

void FuzzOne(std::string_view input) {
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
    case 'w':
      AskWitness(input);
      break;
    default:
      break;
  }
}
