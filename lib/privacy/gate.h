#ifndef LIB_PRIVACY_GATE_H_
#define LIB_PRIVACY_GATE_H_

#include <set>
#include <string>
#include <vector>

#include "lib/base/mutex.h"

namespace suyuan::privacy {

// Who may work with personal data at the same time: many who append and read, of whom no two
// append an event of the same name; or one who erases. Thread-safe.
class Gate {
 public:
  // Waits; inside until destroyed.
  class Shared {
   public:
    explicit Shared(Gate* gate, std::set<std::string> names = {});
    ~Shared();
    Shared(const Shared&) = delete;
    Shared& operator=(const Shared&) = delete;

   private:
    Gate* const gate_;
    const std::set<std::string> names_;
  };
  // Goes before those who come later.
  class Alone {
   public:
    explicit Alone(Gate* gate);
    ~Alone();
    Alone(const Alone&) = delete;
    Alone& operator=(const Alone&) = delete;

   private:
    Gate* const gate_;
  };

 private:
  Mutex mu_;
  CondVar cv_;
  std::set<std::string> names_ ABSL_GUARDED_BY(mu_);
  int inside_ ABSL_GUARDED_BY(mu_) = 0;
  bool alone_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace suyuan::privacy

#endif  // LIB_PRIVACY_GATE_H_
