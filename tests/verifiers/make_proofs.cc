// Writes proofs of ours for somebody else's verifier to judge, one a line (verify.go says
// what a line means). The seed stands in the first line.
//   make_proofs [--sm3] [SEED]     --sm3: smaller trees, of SM3 and signed with SM2

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>
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
// What verifies these takes some 50 times as long.
constexpr uint64_t kLargestSm3 = 1'500;
constexpr uint64_t kEverySm3SizeUpTo = 17;

std::string Record(uint64_t i) { return StrCat("record ", i); }

class Book {
 public:
  Book(uint64_t seed, bool sm3)
      : random_(seed),
        kind_(sm3 ? HashKind::kSm3 : HashKind::kSha256),
        largest_(sm3 ? kLargestSm3 : kLargest),
        every_size_up_to_(sm3 ? kEverySm3SizeUpTo : kEverySizeUpTo) {
    if (sm3) {
      name_ += "/sm3";
      signer_ = Sm2Signer::Parse(Sm2Signer::Generate(name_).value()).value();
    } else {
      signer_ = Ed25519Signer::Parse(Ed25519Signer::Generate(name_).value()).value();
    }
  }

  void Write() {
    TileWriter writer(
        [this](const Tile& tile, std::string_view bytes) {
          tiles_[TilePath(tile)] = bytes;
          return absl::OkStatus();
        },
        kind_);
    const std::set<uint64_t> sizes = Sizes();
    for (uint64_t i = 0; i < largest_; ++i) {
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
    std::set<uint64_t> sizes = {largest_};
    for (uint64_t size = 1; size <= every_size_up_to_; ++size) sizes.insert(size);
    for (uint64_t power = kind_ == HashKind::kSm3 ? 128 : 512; power < largest_; power *= 2) {
      for (const uint64_t size : {power - 1, power, power + 1}) sizes.insert(size);
      for (int i = 0; i < 2; ++i) sizes.insert(power + random_() % (largest_ - power));
    }
    return sizes;
  }

  static std::string Words(const std::vector<Hash>& hashes) {
    std::string words;
    for (const Hash& hash : hashes) words += " " + ToBase64(hash.view());
    return words;
  }

  void WriteTree(uint64_t size, const Hash& root) {
    TileReader reader(
        size,
        [this](const Tile& tile) -> absl::StatusOr<std::string> {
          const auto it = tiles_.find(TilePath(tile));
          if (it == tiles_.end()) return absl::NotFoundError(TilePath(tile));
          return it->second;
        },
        kind_);
    const auto read = [&](int level, uint64_t index) { return reader.Subtree(level, index); };
    const std::string note =
        SignNote(FormatCheckpoint({name_, size, root}), {signer_.get()}).value();
    std::printf("tree %s %s\n", signer_->key().ToString().c_str(), ToBase64(note).c_str());
    const uint64_t leaves = size <= every_size_up_to_ ? size : std::min(size, largest_ / 100);
    for (uint64_t i = 0; i < leaves; ++i) {
      const uint64_t index = leaves == size ? i : random_() % size;
      const auto proof = InclusionProof(index, size, read, kind_);
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
      const auto proof = ConsistencyProof(old_size, size, read, kind_);
      Check(proof);
      std::printf("grow %lu %s%s\n", old_size, ToBase64(roots_[old_size].view()).c_str(),
                  Words(*proof).c_str());
    }
  }

  std::mt19937_64 random_;
  const HashKind kind_;
  const uint64_t largest_;
  const uint64_t every_size_up_to_;
  std::string name_ = "example.com/plant";
  std::unique_ptr<Signer> signer_;
  std::map<std::string, std::string> tiles_;
  std::map<uint64_t, Hash> roots_;
};

}  // namespace
}  // namespace suyuan::merkle

int main(int argc, char** argv) {
  const bool sm3 = argc > 1 && std::string_view(argv[1]) == "--sm3";
  const char* const given = argv[sm3 ? 2 : 1];  // null behind the last
  const uint64_t seed =
      given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::printf("seed %lu\n", seed);
  suyuan::merkle::Book(seed, sm3).Write();
}
