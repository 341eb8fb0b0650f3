// Server and client over real sockets of this machine.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "api/http/client.h"
#include "api/http/server.h"
#include "tests/support/status_matchers.h"

namespace suyuan::http {
namespace {

using ::testing::_;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class HttpTest : public testing::Test {
 protected:
  void Serve(ServerOptions options = {}) {
    absl::StatusOr<std::unique_ptr<Server>> server =
        Server::Start(options, [this](const Request& request) {
          ++handled_;
          return Response{request.path == "/teapot" ? 418 : 200, "text/plain", "no-store",
                          request.method + " " + request.path + " " + request.body};
        });
    SUYUAN_ASSERT_OK(server);
    server_ = *std::move(server);
  }
  std::unique_ptr<Client> Connect(const std::string& prefix = "") {
    auto client = Client::Make("http://" + server_->address() + prefix);
    EXPECT_THAT(client, IsOk());
    return *std::move(client);
  }
  // What comes back for these bytes until the connection is closed.
  std::string Raw(std::string_view bytes, bool close_after = true) const {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to = {};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(server_->port()));
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    EXPECT_EQ(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
    if (close_after) shutdown(fd, SHUT_WR);
    std::string answer;
    char buffer[4096];
    for (ssize_t got = 0; (got = recv(fd, buffer, sizeof buffer, 0)) > 0;) {
      answer.append(buffer, static_cast<size_t>(got));
    }
    close(fd);
    return answer;
  }

  std::atomic<int> handled_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(HttpTest, AnAnswerThatIsTooLargeIsNotRead) {
  Serve({.max_body_bytes = 1 << 20});
  const auto client = Connect();
  const std::string much(100'000, 'x');
  EXPECT_THAT(client->Post("/", much), IsOk());
  EXPECT_THAT(client->Get("/" + std::string(500, 'x'), 500),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("body limit")));
  EXPECT_THAT(client->Get("/" + std::string(500, 'x'), 600), IsOk());
}

TEST_F(HttpTest, AnswersManyRequestsOnOneConnection) {
  Serve();
  const std::unique_ptr<Client> client = Connect("/prefix/");
  for (int i = 0; i < 100; ++i) {
    const absl::StatusOr<Response> got = client->Get("/a" + std::to_string(i));
    SUYUAN_ASSERT_OK(got);
    EXPECT_EQ(got->status, 200);
    EXPECT_EQ(got->body, "GET /prefix/a" + std::to_string(i) + " ");
  }
  const absl::StatusOr<Response> posted = client->Post("/teapot", std::string(100'000, 'x'));
  SUYUAN_ASSERT_OK(posted);
  EXPECT_EQ(posted->body.size(), 100'000 + std::string("POST /prefix/teapot ").size());
  EXPECT_EQ((*Connect()->Get("/teapot")).status, 418);
}

TEST_F(HttpTest, HeadIsTheAnswerWithoutItsBody) {
  Serve();
  const std::string answer = Raw("HEAD /x?y=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK"));
  EXPECT_THAT(answer, HasSubstr("Content-Length: 7\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\n"));
}

TEST_F(HttpTest, WhatIsTooLargeOrNoHttpReachesNoHandler) {
  Serve({.max_body_bytes = 10});
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\nhello world"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(Raw("\x16\x03\x01\x02\x00"), "");
  EXPECT_EQ(Raw("GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n"), "");
  EXPECT_EQ(Raw("GET"), "");
  EXPECT_EQ(handled_, 0);
  EXPECT_THAT(Raw("GET / HTTP/1.0\r\n\r\n", /*close_after=*/false), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpTest, ASilentConnectionDoesNotStallTheOthersAndIsClosed) {
  Serve({.idle_seconds = 1});
  std::string silent = "not closed";
  std::thread waiting([&] { silent = Raw("GET /never", /*close_after=*/false); });
  SUYUAN_EXPECT_OK(Connect()->Get("/"));
  waiting.join();
  EXPECT_EQ(silent, "");
}

TEST_F(HttpTest, MoreConnectionsThanAllowedAreClosed) {
  Serve({.max_connections = 2});
  const std::unique_ptr<Client> a = Connect();
  const std::unique_ptr<Client> b = Connect();
  SUYUAN_ASSERT_OK(a->Get("/"));
  SUYUAN_ASSERT_OK(b->Get("/"));
  EXPECT_THAT(Connect()->Get("/"), StatusIs(absl::StatusCode::kUnavailable, _));
  SUYUAN_EXPECT_OK(a->Get("/"));
}

TEST_F(HttpTest, AClientGoesOnWhenTheServerIsBack) {
  Serve();
  const int port = server_->port();
  const std::unique_ptr<Client> client = Connect();
  SUYUAN_ASSERT_OK(client->Get("/"));
  server_.reset();
  EXPECT_THAT(client->Get("/"), StatusIs(absl::StatusCode::kUnavailable, _));
  Serve({.listen = "127.0.0.1:" + std::to_string(port)});
  SUYUAN_EXPECT_OK(client->Get("/"));
}

// Also where it comes together with the head, in one piece.
TEST_F(HttpTest, AnAnswerThatIsTooLargeIsNone) {
  Serve();
  auto client = Client::Make("http://" + server_->address(), std::chrono::seconds(30), 10);
  SUYUAN_ASSERT_OK(client);
  for (const size_t length : {20, 2'000, 200'000}) {
    EXPECT_THAT((*client)->Post("/", std::string(length, 'x')),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("body limit")))
        << length;
  }
  SUYUAN_EXPECT_OK((*client)->Post("/", "x"));
}

TEST_F(HttpTest, ManyClientsAtOnce) {
  Serve();
  std::vector<std::thread> threads;
  std::atomic<int> answered = 0;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([&] {
      const std::unique_ptr<Client> client = Connect();
      for (int i = 0; i < 50; ++i) answered += client->Get("/x").ok();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 16 * 50);
}

TEST_F(HttpTest, ServesThisMachineOnly) {
  for (const char* listen : {"0.0.0.0:0", "192.0.2.1:80", "example.com:80", "127.0.0.1",
                             "127.0.0.1:x", "127.0.0.1:70000", ":80", ""}) {
    EXPECT_THAT(Server::Start({.listen = listen}, nullptr),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << listen;
  }
  Serve();
  EXPECT_THAT(Server::Start({.listen = server_->address()}, nullptr),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr(server_->address())));
}

TEST(ClientTest, TakesPlainUrlsOnly) {
  for (const char* url : {"https://example.com", "example.com", "http://", "http://:80",
                          "http://a:b/", "http://a\r\nX: y/"}) {
    EXPECT_THAT(Client::Make(url), StatusIs(absl::StatusCode::kInvalidArgument, _)) << url;
  }
}

}  // namespace
}  // namespace suyuan::http
