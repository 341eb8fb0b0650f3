#include "lib/privacy/gate.h"

#include <algorithm>
#include <utility>

namespace suyuan::privacy {

Gate::Shared::Shared(Gate* gate, std::set<std::string> names)
    : gate_(gate), names_(std::move(names)) {
  MutexLock lock(&gate_->mu_);
  for (;;) {
    bool taken = gate_->alone_;
    for (const std::string& name : names_) taken = taken || gate_->names_.contains(name);
    if (!taken) break;
    gate_->cv_.Wait(&gate_->mu_);
  }
  ++gate_->inside_;
  gate_->names_.insert(names_.begin(), names_.end());
}

Gate::Shared::~Shared() {
  MutexLock lock(&gate_->mu_);
  --gate_->inside_;
  for (const std::string& name : names_) gate_->names_.erase(name);
  gate_->cv_.SignalAll();
}

Gate::Alone::Alone(Gate* gate) : gate_(gate) {
  MutexLock lock(&gate_->mu_);
  while (gate_->alone_) gate_->cv_.Wait(&gate_->mu_);
  gate_->alone_ = true;
  while (gate_->inside_ > 0) gate_->cv_.Wait(&gate_->mu_);
}

Gate::Alone::~Alone() {
  MutexLock lock(&gate_->mu_);
  gate_->alone_ = false;
  gate_->cv_.SignalAll();
}

}  // namespace suyuan::privacy
