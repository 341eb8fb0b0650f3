// Requests to a witness, a form feed between them, each signed by the log that it names.

#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/check.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/witness.h"
#include "tests/fuzz/fuzz.h"

void FuzzOne(std::string_view requests) {
  using namespace suyuan;          // NOLINT(google-build-using-namespace)
  using namespace suyuan::merkle;  // NOLINT(google-build-using-namespace)
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
