#ifndef LIB_GENEALOGY_IDS_H_
#define LIB_GENEALOGY_IDS_H_

#include <cstdint>

namespace suyuan::genealogy {

// Dense ids in the order of first sight; private to one Graph, 0 means none.
using Name = uint32_t;  // an interned text; 0 is the empty one
using UnitId = uint32_t;
using NodeId = uint32_t;
using StepId = uint32_t;
using EdgeId = uint32_t;
using EventNo = uint32_t;

}  // namespace suyuan::genealogy

#endif  // LIB_GENEALOGY_IDS_H_
