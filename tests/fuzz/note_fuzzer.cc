// What a stranger says was signed: notes, checkpoints, keys. The first byte says which.

#include <string_view>

#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
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
    case 'k':
      if (const auto key = VerifierKey::Parse(input); key.ok()) {
        const auto again = VerifierKey::Parse(key->ToString());
        Require(again.ok() && again->ToString() == key->ToString(), "a key is written and read");
      }
      break;
    default:
      break;
  }
}
