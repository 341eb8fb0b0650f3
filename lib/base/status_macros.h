#ifndef LIB_BASE_STATUS_MACROS_H_
#define LIB_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define SUYUAN_CONCAT_INNER_(a, b) a##b
#define SUYUAN_CONCAT_(a, b) SUYUAN_CONCAT_INNER_(a, b)

// Returns from the enclosing function if `expr` (an absl::Status) is not OK.
#define SUYUAN_RETURN_IF_ERROR(expr)                                                       \
  do {                                                                                     \
    if (absl::Status suyuan_status_ = (expr); !suyuan_status_.ok()) return suyuan_status_; \
  } while (false)

// Assigns the value of `expr` (an absl::StatusOr) to `lhs`, or returns its status.
#define SUYUAN_ASSIGN_OR_RETURN(lhs, expr) \
  SUYUAN_ASSIGN_OR_RETURN_IMPL_(SUYUAN_CONCAT_(suyuan_statusor_, __LINE__), lhs, expr)
#define SUYUAN_ASSIGN_OR_RETURN_IMPL_(statusor, lhs, expr) \
  auto statusor = (expr);                                  \
  if (!statusor.ok()) return std::move(statusor).status(); \
  lhs = *std::move(statusor)

#endif  // LIB_BASE_STATUS_MACROS_H_
