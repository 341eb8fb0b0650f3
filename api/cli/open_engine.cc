#include "api/cli/context.h"

namespace suyuan::cli {

std::unique_ptr<Engine> OpenEngine(const Context& context, bool create, Failure* failure) {
  if (!create && !HasDataDir(context, failure)) return nullptr;
  Options options;
  options.data_dir = context.data_dir;
  options.create_if_missing = create;
  options.progress = ProgressOnStderr(context);
  absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(options);
  if (engine.ok()) return *std::move(engine);
  *failure = FailureOf(engine.status(), Doing::kOpening);
  return nullptr;
}

}  // namespace suyuan::cli
