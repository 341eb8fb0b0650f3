#ifndef SUYUAN_SUYUAN_H_
#define SUYUAN_SUYUAN_H_

// Suyuan: record, trace and check in one include.
//
//   auto engine = suyuan::Engine::Open({.data_dir = "/var/lib/plant"});
//   if (!engine.ok()) ...
//   (*engine)->CreateLedger({.name = "plant-1", .subject = "uscc:91310116MA1J8XYC4H",
//                            .subject_name = "Example Dairy"});
//   std::vector<suyuan::v1::Event> events = ...;
//   auto receipts = (*engine)->Append("plant-1", events);
//   auto answer = (*engine)->Trace({.unit = "lot:uscc:91310116MA1J8XYC4H/06912345000017/A1"});

#include "suyuan/engine.h"
#include "suyuan/trace.h"
#include "suyuan/violation.h"

#endif  // SUYUAN_SUYUAN_H_
