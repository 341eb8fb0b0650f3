#ifndef LIB_LEDGER_WRITER_STATE_H_
#define LIB_LEDGER_WRITER_STATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "lib/events/state.h"
#include "lib/store/index.h"

namespace suyuan::ledger {

// What the ledgers hold, as their writer sees it: all that is in the index, and
// the events on their way there. Only the sequencer calls it.
class WriterState : public events::State {
 public:
  // The next event of `ledger`; it becomes entry `not_after` or an earlier one.
  virtual void Tell(uint32_t ledger, uint64_t not_after,
                    std::shared_ptr<const store::Index::Prepared> prepared,
                    std::optional<uint64_t> corrects) = 0;
  // The last `count` events that were told will not be stored.
  virtual void Forget(size_t count) = 0;
};

}  // namespace suyuan::ledger

#endif  // LIB_LEDGER_WRITER_STATE_H_
