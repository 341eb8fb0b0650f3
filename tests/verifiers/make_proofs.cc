// Writes proofs of ours for somebody else's verifier to judge, one a line (verify.go says
// what a line means). The seed stands in the first line.
//   make_proofs [SEED]

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "lib/base/bytes.h"
#include "lib/base/strings.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tile_tree.h"

namespace suyuan::merkle {
namespace {

constexpr uint64_t kLargest = 100'000;
constexpr uint64_t kEverySizeUpTo = 300;

std::string Record(uint64_t i) { return StrCat("record ", i); }

class Book {
 public:
  explicit Book(uint64_t seed) : random_(seed) {}

  void Write() {
    TileWriter writer([this](const Tile& tile, std::string_view bytes) {
      tiles_[TilePath(tile)] = bytes;
      return absl::OkStatus();
    });
    const std::set<uint64_t> sizes = Sizes();
    for (uint64_t i = 0; i < kLargest; ++i) {
      Check(writer.Append(Record(i)));
      if (!sizes.contains(i + 1)) continue;
      Check(writer.Flush());
      roots_[i + 1] = writer.tree().Root();
    }
    for (const auto& [size, root] : roots_) WriteTree(size, root);
    for (const auto& [path, bytes] : tiles_) {
      if (!path.starts_with("tile/entries/")) {
        std::printf("tile %s %s\n", path.c_str(), ToBase64(bytes).c_str());
      }
    }
  }

 private:
  template <typename StatusLike>
  static void Check(const StatusLike& status) {
    if (status.ok()) return;
    std::fprintf(stderr, "make_proofs: failed\n");
    std::exit(1);
  }

  // All small ones, and some around each power of two.
  std::set<uint64_t> Sizes() {
    std::set<uint64_t> sizes = {kLargest};
    for (uint64_t size = 1; size <= kEverySizeUpTo; ++size) sizes.insert(size);
    for (uint64_t power = 512; power < kLargest; power *= 2) {
      for (const uint64_t size : {power - 1, power, power + 1}) sizes.insert(size);
      for (int i = 0; i < 2; ++i) sizes.insert(power + random_() % (kLargest - power));
    }
    return sizes;
  }

  static std::string Words(const std::vector<Hash>& hashes) {
    std::string words;
    for (const Hash& hash : hashes) words += " " + ToBase64(hash.view());
    return words;
  }

  void WriteTree(uint64_t size, const Hash& root) {
    TileReader reader(size, [this](const Tile& tile) -> absl::StatusOr<std::string> {
      const auto it = tiles_.find(TilePath(tile));
      if (it == tiles_.end()) return absl::NotFoundError(TilePath(tile));
      return it->second;
    });
    const auto read = [&](int level, uint64_t index) { return reader.Subtree(level, index); };
    const std::string note =
        SignNote(FormatCheckpoint({"example.com/plant", size, root}), {signer_.get()}).value();
    std::printf("tree %s %s\n", signer_->key().ToString().c_str(), ToBase64(note).c_str());
    const uint64_t leaves = size <= kEverySizeUpTo ? size : 1000;
    for (uint64_t i = 0; i < leaves; ++i) {
      const uint64_t index = leaves == size ? i : random_() % size;
      const auto proof = InclusionProof(index, size, read);
      Check(proof);
      std::printf("leaf %lu %s%s\n", index, ToBase64(Record(index)).c_str(), Words(*proof).c_str());
    }
    std::vector<uint64_t> old_sizes;
    if (size <= 64) {
      for (const auto& [old_size, unused] : roots_) {
        if (old_size < size) old_sizes.push_back(old_size);
      }
    } else {
      for (int i = 0; i < 10; ++i) {
        auto old = roots_.begin();
        std::advance(old, random_() % std::distance(roots_.begin(), roots_.find(size)));
        old_sizes.push_back(old->first);
      }
    }
    for (const uint64_t old_size : old_sizes) {
      const auto proof = ConsistencyProof(old_size, size, read);
      Check(proof);
      std::printf("grow %lu %s%s\n", old_size, ToBase64(roots_[old_size].view()).c_str(),
                  Words(*proof).c_str());
    }
  }

  std::mt19937_64 random_;
  const std::unique_ptr<Ed25519Signer> signer_ =
      Ed25519Signer::Parse(Ed25519Signer::Generate("example.com/plant").value()).value();
  std::map<std::string, std::string> tiles_;
  std::map<uint64_t, Hash> roots_;
};

}  // namespace
}  // namespace suyuan::merkle

int main(int argc, char** argv) {
  const uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : std::random_device{}();
  std::printf("seed %lu\n", seed);
  suyuan::merkle::Book(seed).Write();
}
