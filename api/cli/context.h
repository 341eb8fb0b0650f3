#ifndef API_CLI_CONTEXT_H_
#define API_CLI_CONTEXT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "suyuan/engine.h"

namespace suyuan::cli {

// How the program ends. Scripts rely on the numbers.
enum ExitStatus : int {
  kDone = 0,          // also with gaps and warnings
  kAskedWrongly = 1,  // usage, unknown unit or ledger, ambiguous spelling
  kBadData = 2,       // rejected events, a failed check, a damaged store
  kSystemFailed = 3,  // locked by another process, disk, rights
};

// What every command was told.
struct Context {
  std::string data_dir;
  std::string server;  // host:port of a suyuand, in place of data_dir
  // PEM files for the server; with any of them the connection is TLS.
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  bool json = false;      // one JSON document on standard output, errors too (standard error)
  bool progress = false;  // also when standard error is no terminal
  bool all = false;       // tables in full length
};

// Why a command did not do what it was asked.
struct Failure {
  int exit_status = kSystemFailed;
  std::string code;  // "not_found", "usage", "locked", ...
  std::string message_zh;
  std::string message_en;
};

// What was being done when a status came; it decides whose fault it is.
enum class Doing {
  kOpening,    // kFailedPrecondition: another process has the directory
  kAsking,     // kInvalidArgument, kAlreadyExists: the question was wrong
  kImporting,  // kInvalidArgument, kAlreadyExists: the data are not right
};
Failure FailureOf(const absl::Status& status, Doing doing);
Failure UsageFailure(std::string message_zh, std::string message_en);

// Writes the failure to standard error as `context` wants it and returns its exit status.
int Report(const Context& context, const Failure& failure);

// Prints the result of a command; `exit_status`, or that of the failure to print.
int Finish(const Context& context, const std::string& text, int exit_status = kDone);

// A function that shows how far something is on standard error: from the second
// second on a terminal, at once with --progress, else not at all. The last line is
// closed when the last copy of the function is gone.
ProgressFunction ProgressOnStderr(const Context& context);

// The engine on the data directory of `context`, or in its server, or null with `failure`
// set. Without `create` a missing directory is the caller's mistake.
// (open_engine.cc, so that the rest can be tested without a store.)
std::unique_ptr<Engine> OpenEngine(const Context& context, bool create, Failure* failure);
// Whether there is a data directory; if not, `failure` is set.
bool HasDataDir(const Context& context, Failure* failure);

// The ledger that is meant: the one that was named, or the only one, mirrors apart if there
// are others; nothing, with `failure` set, if there is none or several.
std::optional<std::string> ChooseLedger(const Engine& engine, const std::string& named,
                                        Failure* failure);

// What `what` returns of the engine of `context`, or the report of why there is none; of the
// engine and the ledger that is meant (open_engine.cc).
int WithEngine(const Context& context, const std::function<int(Engine*)>& what);
int WithLedger(const Context& context, const std::string& named,
               const std::function<int(Engine*, const std::string& ledger)>& what);

// What the parsed command line asks for; returns the exit status.
using Command = std::function<int(const Context&)>;

}  // namespace suyuan::cli

#endif  // API_CLI_CONTEXT_H_
