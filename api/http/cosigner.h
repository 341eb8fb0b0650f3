#ifndef API_HTTP_COSIGNER_H_
#define API_HTTP_COSIGNER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "api/http/client.h"
#include "lib/base/mutex.h"
#include "lib/merkle/note.h"
#include "lib/merkle/policy.h"
#include "suyuan/engine.h"

namespace suyuan::http {

// Asks witnesses (C2SP tlog-witness) to sign what the ledgers of an engine sign, again and again
// on a thread of its own, and gives the engine what they signed.
class Cosigner {
 public:
  // Told of what goes wrong: a witness that does not answer, or that knows another history.
  using Log = std::function<void(const std::string& message)>;

  // `policy` names the witnesses and their addresses, at least one. `engine` is borrowed. Ledgers
  // that sign nothing are left alone. kInvalidArgument: an address is missing or none.
  static absl::StatusOr<std::unique_ptr<Cosigner>> Start(Engine* engine,
                                                         const merkle::Policy& policy,
                                                         std::chrono::milliseconds every, Log log);
  // Waits for the witness that is being asked, at most ten seconds.
  ~Cosigner();
  Cosigner(const Cosigner&) = delete;
  Cosigner& operator=(const Cosigner&) = delete;

 private:
  struct Witness {
    merkle::VerifierKey key;
    std::unique_ptr<Client> client;
    std::map<std::string, uint64_t> known;    // size, by ledger
    std::map<std::string, std::string> told;  // what was wrong last, by ledger
  };
  Cosigner(Engine* engine, std::chrono::milliseconds every, Log log)
      : engine_(engine), every_(every), log_(std::move(log)) {}

  void Loop();
  void Ask(const std::string& ledger);
  // The line with the witness's signature.
  absl::StatusOr<std::string> AskOne(Witness* witness, const std::string& ledger,
                                     const std::string& note, uint64_t size);

  Engine* const engine_;
  const std::chrono::milliseconds every_;
  const Log log_;
  std::vector<Witness> witnesses_;
  std::map<std::string, std::string> done_;  // the note that all signed, by ledger
  Mutex mu_;
  CondVar cv_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace suyuan::http

#endif  // API_HTTP_COSIGNER_H_
