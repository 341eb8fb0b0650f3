#ifndef API_CLI_COMMANDS_COMMANDS_H_
#define API_CLI_COMMANDS_COMMANDS_H_

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/cli/context.h"
#include "suyuan/personal.h"

// Each function adds a group of commands to the program. When one of them is
// what the command line asks for, `*chosen` is set; nothing is done while parsing.
// `app` and `chosen` must outlive the parsing.
namespace suyuan::cli {

void AddLedgerCommands(CLI::App* app, Command* chosen);      // ledger create, ledger list
void AddExchangeCommands(CLI::App* app, Command* chosen);    // import, export
void AddQueryCommands(CLI::App* app, Command* chosen);       // units, trace
void AddTraceVerifyCommand(CLI::App* app, Command* chosen);  // trace verify; after the former
void AddScoreCommand(CLI::App* app, Command* chosen);        // trace score; after the former
void AddRecallCommands(CLI::App* app, Command* chosen);      // stock, report, recall plan
void AddStoreCommands(CLI::App* app, Command* chosen);       // check, rebuild
// export tiles, receipt, checkpoint, consistency, key, verify; after AddExchangeCommands
void AddProofCommands(CLI::App* app, Command* chosen);
void AddBackupCommands(CLI::App* app, Command* chosen);  // backup, restore, resume
// timestamp, verify timestamp; after AddProofCommands
void AddTimeStampCommands(CLI::App* app, Command* chosen);
void AddPersonalCommands(CLI::App* app, Command* chosen);  // personal, erase
void AddWitnessCommand(CLI::App* app, Command* chosen);    // witness
void AddMirrorCommand(CLI::App* app, Command* chosen);     // mirror
void AddDemoCommand(CLI::App* app, Command* chosen);       // demo

// The file that `personal disclose` writes and `verify disclosure` reads: one JSON object.
std::string FormatDisclosure(const Disclosure& disclosure);
absl::StatusOr<Disclosure> ParseDisclosure(std::string_view text);

}  // namespace suyuan::cli

#endif  // API_CLI_COMMANDS_COMMANDS_H_
