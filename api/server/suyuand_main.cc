// suyuand: the ledgers of one data directory on the network. README: api/grpc/README.md.

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "api/grpc/server.h"
#include "api/http/cosigner.h"
#include "api/http/follower.h"
#include "api/http/server.h"
#include "api/http/tile_site.h"
#include "api/http/time_stamper.h"
#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/engine/open_store.h"
#include "lib/merkle/policy.h"
#include "suyuan/engine.h"

namespace suyuan {
namespace {

// As those of suyuan.
enum ExitStatus : int { kDone = 0, kAskedWrongly = 1, kBadData = 2, kSystemFailed = 3 };

constexpr std::chrono::seconds kMirrorEvery(10);

int ExitStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kNotFound:
      return kAskedWrongly;
    case absl::StatusCode::kDataLoss:
      return kBadData;
    default:
      return kSystemFailed;
  }
}

int Fail(std::string_view doing_zh, std::string_view doing_en, const absl::Status& status) {
  const std::string message(ToStd(status.message()));
  std::fprintf(stderr, "错误：%s：%s\nerror: %s: %s\n", std::string(doing_zh).c_str(),
               message.c_str(), std::string(doing_en).c_str(), message.c_str());
  return ExitStatusOf(status.code());
}

// Replaying a large ledger takes a while; whoever waits for the address sees why.
ProgressFunction ProgressOnStderr() {
  using Clock = std::chrono::steady_clock;
  return [last = Clock::now()](const Progress& progress) mutable {
    if (Clock::now() - last < std::chrono::seconds(1)) return;
    last = Clock::now();
    std::fprintf(stderr, "%s %llu / %llu\n", progress.what.c_str(),
                 static_cast<unsigned long long>(progress.done),
                 static_cast<unsigned long long>(progress.total));
  };
}

// Whoever finds the directory locked is told where to ask instead. The note helps people
// only, so nothing is said if it cannot be written.
void NoteAddress(const std::string& data_dir, const std::string& address) {
  const auto file = RandomFile::Open(engine::LockPath(data_dir));
  if (!file.ok()) return;
  (void)(*file)->WriteAt(0, StrCat("process ", getpid(), ", use --server ", address)).ok();
}

// "24h", "90m", "30s".
std::optional<std::chrono::seconds> DurationOf(std::string_view text) {
  if (text.size() < 2) return std::nullopt;
  const char unit = text.back();
  const int64_t factor = unit == 'h' ? 3600 : unit == 'm' ? 60 : unit == 's' ? 1 : 0;
  int64_t number = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  constexpr int64_t kLongest = int64_t{366} * 24 * 3600;
  if (error != std::errc() || stop != end || factor == 0 || number < 1 ||
      number > kLongest / factor) {
    return std::nullopt;
  }
  return std::chrono::seconds(number * factor);
}

// Threads that are made later inherit it: only Wait gets these signals.
sigset_t BlockStopSignals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

absl::StatusOr<std::unique_ptr<http::Cosigner>> StartCosigner(Engine* engine,
                                                              const std::string& policy_path) {
  SUYUAN_ASSIGN_OR_RETURN(const std::string text, ReadFile(policy_path));
  SUYUAN_ASSIGN_OR_RETURN(const merkle::Policy policy, merkle::Policy::Parse(text));
  return http::Cosigner::Start(
      engine, policy, std::chrono::seconds(1),
      [](const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); });
}

int Run(int argc, char** argv) {
  CLI::App app("溯源服务器 Suyuan server: the ledgers of a data directory over gRPC", "suyuand");
  app.set_version_flag("--version", "suyuand " SUYUAN_VERSION);
  std::string data_dir;
  rpc::ServerOptions options;
  options.listen = "127.0.0.1:7410";
  http::ServerOptions http;
  http.listen.clear();
  std::string witnesses;
  std::string mirrors;
  std::string tsa;
  std::string tsa_every = "24h";
  int grace = 10;
  bool no_reflection = false;
  app.add_option("--data", data_dir, "数据目录 data directory, made if missing")
      ->type_name("DIR")
      ->envname("SUYUAN_DATA")
      ->required();
  app.add_option("--listen", options.listen,
                 "监听地址 address; port 0: any free one; other machines only with TLS")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  app.add_option("--http", http.listen,
                 "公开核验地址 shows signed heads and tiles to anybody (C2SP tlog-tiles)")
      ->type_name("HOST:PORT");
  app.add_option("--witnesses", witnesses,
                 "请哪些见证者会签 who is asked to sign what the ledgers sign: a tlog-policy file "
                 "with addresses")
      ->type_name("FILE");
  app.add_option("--mirrors", mirrors,
                 "跟随哪些账本 which ledgers written elsewhere are followed: lines URL POLICYFILE")
      ->type_name("FILE");
  app.add_option("--tsa", tsa,
                 "时间戳服务 an authority that stamps what the ledgers sign (RFC 3161)")
      ->type_name("http://HOST:PORT/PATH");
  app.add_option("--tsa-every", tsa_every, "多久一次 how often: 30s, 90m, 24h")
      ->capture_default_str();
  app.add_option(
         "--backups", options.backups_dir,
         "备份目录 below it clients may have backups written: suyuan --server ... backup NAME")
      ->type_name("DIR");
  app.add_option("--tls-cert", options.tls.cert, "服务器证书 certificate chain (PEM)")
      ->type_name("FILE");
  app.add_option("--tls-key", options.tls.key, "私钥 its key (PEM)")->type_name("FILE");
  app.add_option("--tls-client-ca", options.tls.ca,
                 "客户端 CA (PEM): only clients with a certificate of it are let in")
      ->type_name("FILE");
  app.add_option("--grace", grace, "停止时等待的秒数 seconds that calls have when it stops")
      ->capture_default_str()
      ->check(CLI::Range(0, 3600));
  app.add_flag("--no-reflection", no_reflection, "不提供反射 do not tell what services there are");
  app.footer(
      "例 Example:\n"
      "  suyuand --data plant\n"
      "  suyuan --server 127.0.0.1:7410 ledger list\n"
      "  suyuand --data plant --listen 0.0.0.0:7410 --tls-cert server.pem --tls-key server.key \\\n"
      "          --tls-client-ca clients.pem\n"
      "  suyuand --data plant --http 127.0.0.1:7480   # curl 127.0.0.1:7480/plant-1/checkpoint\n"
      "  suyuand --data regulator --mirrors list   # lines http://127.0.0.1:7480/plant-1 "
      "plant-1.policy\n"
      "启动后在标准输出打印一行 JSON: when it serves it prints one line, {\"listening\":...}\n"
      "SIGTERM、SIGINT 停止 stop it in order: what was accepted is finished\n"
      "退出码 exit status: 0 stopped, 1 asked wrongly, 2 data not right, 3 system failed");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    return Fail("命令行有误（见 --help）", "see --help", InvalidArgument(error.what()));
  }
  options.reflection = !no_reflection;
  const std::optional<std::chrono::seconds> every = DurationOf(tsa_every);
  if (!every) {
    return Fail("命令行有误（见 --help）", "see --help",
                InvalidArgument("--tsa-every: found ", tsa_every,
                                ", expected a number from 1 and s, m or h, at most 8784h"));
  }

  const sigset_t stop_signals = BlockStopSignals();
  Options engine_options;
  engine_options.data_dir = data_dir;
  engine_options.progress = ProgressOnStderr();
  const absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open(engine_options);
  if (!engine.ok()) return Fail("无法打开数据目录", "open the data directory", engine.status());
  const absl::StatusOr<std::unique_ptr<rpc::Server>> server =
      rpc::Server::Start(engine->get(), options);
  if (!server.ok()) return Fail("无法启动", "start", server.status());
  std::unique_ptr<http::Server> site;
  if (!http.listen.empty()) {
    absl::StatusOr<std::unique_ptr<http::Server>> started =
        http::Server::Start(http, http::TileSite(engine->get()));
    if (!started.ok()) return Fail("无法启动", "start", started.status());
    site = *std::move(started);
  }
  std::unique_ptr<http::Cosigner> cosigner;
  if (!witnesses.empty()) {
    absl::StatusOr<std::unique_ptr<http::Cosigner>> started =
        StartCosigner(engine->get(), witnesses);
    if (!started.ok()) return Fail("无法启动", "start", started.status());
    cosigner = *std::move(started);
  }
  std::vector<std::unique_ptr<http::Follower>> followers;
  if (!mirrors.empty()) {
    auto made = http::FollowersOf(engine->get(), mirrors);
    if (!made.ok()) return Fail("无法启动", "start", made.status());
    followers = *std::move(made);
    for (const std::unique_ptr<http::Follower>& follower : followers) {
      follower->Start(kMirrorEvery, [](const std::string& message) {
        std::fprintf(stderr, "%s\n", message.c_str());
      });
    }
  }
  std::unique_ptr<http::TimeStamper> stamper;
  if (!tsa.empty()) {
    absl::StatusOr<std::unique_ptr<http::TimeStamper>> started = http::TimeStamper::Start(
        engine->get(), tsa, *every,
        [](const std::string& message) { std::fprintf(stderr, "%s\n", message.c_str()); });
    if (!started.ok()) return Fail("无法启动", "start", started.status());
    stamper = *std::move(started);
  }
  NoteAddress(data_dir, (*server)->address());
  nlohmann::ordered_json line;
  line["listening"] = (*server)->address();
  line["port"] = (*server)->port();
  line["tls"] = !options.tls.empty();
  if (site != nullptr) line["http"] = site->address();
  std::printf("%s\n", line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
  std::fflush(stdout);

  int signal = 0;
  sigwait(&stop_signals, &signal);
  // A second one ends it at once; the store bears that.
  pthread_sigmask(SIG_UNBLOCK, &stop_signals, nullptr);
  std::fprintf(stderr, "正在停止 stopping: %s\n", strsignal(signal));
  followers.clear();
  cosigner.reset();
  stamper.reset();
  site.reset();
  (*server)->Stop(std::chrono::seconds(grace));
  return kDone;
}

}  // namespace
}  // namespace suyuan

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // What protobuf would say on standard error comes back as a status anyway.
  google::protobuf::SetLogHandler(nullptr);
  try {
    return suyuan::Run(argc, argv);
  } catch (const std::exception& error) {  // memory; a bug of a library
    std::fprintf(stderr, "error: %s\n", error.what());
    return suyuan::kSystemFailed;
  }
}
