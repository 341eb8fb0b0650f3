// Proofs from a large ledger, and what it costs to verify them: see README.md.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "benchmarks/duel.h"
#include "benchmarks/open_ledger.h"
#include "benchmarks/synthetic_plant.h"
#include "lib/merkle/checkpoint.h"
#include "lib/merkle/note.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tree.h"
#include "suyuan/engine.h"
#include "tests/support/temp_dir.h"

namespace suyuan::bench {
namespace {

constexpr uint64_t kBatch = 1'024;

// An entry that is to be proved.
struct Place {
  uint64_t sequence = 0;
  std::string event_id;
};

// Entries at random, and as many that stand side by side.
struct Places {
  std::vector<Place> random;
  std::vector<Place> together;
};

Places Fill(const std::string& dir, uint64_t events, uint64_t proofs, bool sm3) {
  std::mt19937_64 random(11);
  std::vector<uint64_t> chosen;
  for (uint64_t i = 0; i < proofs; ++i) chosen.push_back(1 + random() % events);
  std::sort(chosen.begin(), chosen.end());
  const uint64_t middle = events / 2;
  Places places;
  OpenLedger ledger(dir, sm3);
  SyntheticPlant plant(1);
  size_t next = 0;
  for (uint64_t done = 0; done < events;) {
    std::vector<ledger::NewEvent> batch;
    for (; batch.size() < kBatch && done < events; ++done) {
      batch.push_back(Must(ledger.ledgers().Prepare(plant.Next())));
      const uint64_t sequence = done + 1;  // behind the genesis
      for (; next < chosen.size() && chosen[next] == sequence; ++next) {
        places.random.push_back({sequence, batch.back().id});
      }
      if (sequence >= middle && sequence < middle + proofs) {
        places.together.push_back({sequence, batch.back().id});
      }
    }
    ledger.Append(std::move(batch));
  }
  std::shuffle(places.random.begin(), places.random.end(), random);
  return places;
}

void Time(const std::string& what, const std::vector<Place>& places,
          const std::function<void(const Place&)>& call) {
  PrintLatencies(what, places.size(), [&](uint64_t i) { call(places[i]); });
}

void Proofs(const std::string& dir, const Places& places, TreeHash tree) {
  const bool sm3 = tree == TreeHash::kSm3;
  const HashKind kind = sm3 ? HashKind::kSm3 : HashKind::kSha256;
  const std::string name = sm3 ? "SM3, SM2" : "SHA-256, Ed25519";
  {
    OpenLedger ledger(dir, sm3);
    Must(ledger.ledgers().Checkpoint(ledger.number(), kind).status());
    const auto prove = [&](const Place& place) {
      Must(ledger.ledgers().Prove(ledger.number(), place.sequence, kind).status());
    };
    std::printf("\n%s: a ledger of %llu entries\n", name.c_str(),
                static_cast<unsigned long long>(ledger.ledgers().Get(ledger.number())->size));
    Time("Ledgers::Prove, at random, just opened", places.random, prove);
    Time("Ledgers::Prove, the same again", places.random, prove);
    Time("Ledgers::Prove, side by side, for the first time", places.together, prove);
    Time("Ledgers::Prove, the same again", places.together, prove);
  }
  Options options;
  options.data_dir = dir;
  const std::unique_ptr<Engine> engine = Must(Engine::Open(options));
  const LedgerInfo info = Must(engine->GetLedger(kPlantLedger));
  const std::string policy =
      "log " + (sm3 ? info.sm3_verifier_keys : info.verifier_keys).at(0) + "\nquorum none\n";
  std::vector<EventProof> proofs;
  Time("Engine::Prove: by event id, with the entry, at random", places.random,
       [&](const Place& place) {
         proofs.push_back(Must(engine->Prove(kPlantLedger, place.event_id, tree)));
       });
  size_t next = 0;
  Time("VerifyReceipt, with the signature", places.random, [&](const Place&) {
    const EventProof& proof = proofs[next++];
    Must(VerifyReceipt(proof.proof, proof.entry, policy).status());
  });
  const merkle::ProofFile first = Must(merkle::ParseProofFile(proofs[0].proof));
  const merkle::Note note = Must(merkle::ParseNote(first.checkpoint));
  const merkle::Checkpoint head = Must(merkle::ParseCheckpoint(note.text));
  next = 0;
  Time("reading and hashing alone", places.random, [&](const Place&) {
    const EventProof& proof = proofs[next++];
    const merkle::ProofFile file = Must(merkle::ParseProofFile(proof.proof));
    Must(merkle::VerifyInclusion(merkle::LeafHash(proof.entry, kind), file.index, head.size,
                                 file.path, head.root, kind));
  });
}

}  // namespace
}  // namespace suyuan::bench

int main(int argc, char** argv) {
  using suyuan::TreeHash;
  const suyuan::bench::Args args(argc, argv,
                                 {{"events", 1'000'000}, {"proofs", 5'000}, {"sm3", 1}});
  const suyuan::TempDir dir;
  const auto places =
      suyuan::bench::Fill(dir.path(), args["events"], args["proofs"], args["sm3"] != 0);
  suyuan::bench::Proofs(dir.path(), places, TreeHash::kSha256);
  if (args["sm3"] != 0) suyuan::bench::Proofs(dir.path(), places, TreeHash::kSm3);
  std::printf("\nresident at the end: %.0f MB\n", suyuan::bench::ResidentMegabytes());
  return 0;
}
