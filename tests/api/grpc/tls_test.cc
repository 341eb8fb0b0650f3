#include "api/grpc/tls.h"

#include <cstdlib>
#include <string>

#include "tests/api/grpc/server_test.h"

namespace suyuan::rpc {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(IsLocalAddressTest, KnowsThisMachine) {
  for (const char* address :
       {"127.0.0.1:7410", "127.8.9.1:0", "localhost:1", "[::1]:7410", "unix:/tmp/socket"}) {
    EXPECT_TRUE(IsLocalAddress(address)) << address;
  }
  for (const char* address : {"0.0.0.0:7410", "[::]:7410", "192.0.2.1:1", "plant.example:7410",
                              "127.example:7410", "", ":7410"}) {
    EXPECT_FALSE(IsLocalAddress(address)) << address;
  }
}

// Two authorities, a server's certificate by the first, a client's by each.
class TlsTest : public testing::Test {
 protected:
  void SetUp() override {
    MakeAuthority("ca");
    MakeAuthority("other");
    Issue("server", "ca");
    Issue("client", "ca");
    Issue("stranger", "other");
    absl::StatusOr<std::unique_ptr<Engine>> engine = Engine::Open({.data_dir = dir_ / "data"});
    SUYUAN_ASSERT_OK(engine);
    engine_ = *std::move(engine);
  }

  void OpenSsl(const std::string& arguments) {
    ASSERT_EQ(
        std::system(("cd " + dir_.path() + " && openssl " + arguments + " 2>openssl.log").c_str()),
        0)
        << arguments;
  }
  void MakeAuthority(const std::string& name) {
    OpenSsl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" +
            name + " -keyout " + name + ".key -out " + name + ".pem");
  }
  void Issue(const std::string& name, const std::string& authority) {
    OpenSsl("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name +
            " -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout " + name + ".key -out " +
            name + ".csr");
    OpenSsl("x509 -req -days 2 -copy_extensions copy -in " + name + ".csr -CA " + authority +
            ".pem -CAkey " + authority + ".key -CAcreateserial -out " + name + ".pem");
  }
  TlsFiles Files(const std::string& own, const std::string& ca) {
    TlsFiles files;
    if (!own.empty()) files.cert = dir_ / (own + ".pem");
    if (!own.empty()) files.key = dir_ / (own + ".key");
    if (!ca.empty()) files.ca = dir_ / (ca + ".pem");
    return files;
  }
  void Serve(const TlsFiles& files) {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(engine_.get(), {.listen = "127.0.0.1:0", .tls = files});
    SUYUAN_ASSERT_OK(server);
    server_ = *std::move(server);
  }
  absl::Status Ask(const TlsFiles& files) {
    return RemoteEngine::Connect({.address = server_->address(), .tls = files}).status();
  }

  TempDir dir_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Server> server_;
};

TEST_F(TlsTest, LetsInWhoBelievesTheServer) {
  Serve(Files("server", ""));
  SUYUAN_EXPECT_OK(Ask(Files("", "ca")));
  EXPECT_THAT(Ask(Files("", "other")), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
  EXPECT_THAT(Ask({}), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

TEST_F(TlsTest, LetsInOnlyClientsOfItsAuthority) {
  Serve(Files("server", "ca"));
  SUYUAN_EXPECT_OK(Ask(Files("client", "ca")));
  EXPECT_THAT(Ask(Files("", "ca")), StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
  EXPECT_THAT(Ask(Files("stranger", "ca")),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("")));
}

TEST_F(TlsTest, SaysWhichFileIsWrong) {
  const auto start = [&](const TlsFiles& files) {
    return Server::Start(engine_.get(), {.listen = "127.0.0.1:0", .tls = files}).status();
  };
  EXPECT_THAT(start(Files("nobody", "")),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("nobody.pem")));
  TlsFiles mixed = Files("server", "");
  mixed.key = dir_ / "client.key";
  EXPECT_THAT(start(mixed),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("私钥与证书不符"), HasSubstr("client.key is not the key"))));
  mixed.key = dir_ / "client.pem";
  EXPECT_THAT(start(mixed), StatusIs(absl::StatusCode::kInvalidArgument,
                                     HasSubstr("no PEM key in " + dir_.path())));
  mixed.key = "";
  EXPECT_THAT(start(mixed), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("go together")));
  EXPECT_THAT(start(Files("", "ca")),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("is missing")));
}

TEST_F(TlsTest, WithoutItOnlyThisMachineIsServed) {
  EXPECT_THAT(Server::Start(engine_.get(), {.listen = "0.0.0.0:0"}),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       AllOf(HasSubstr("没有 TLS"), HasSubstr("0.0.0.0:0"))));
}

}  // namespace
}  // namespace suyuan::rpc
