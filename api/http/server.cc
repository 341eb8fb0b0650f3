#include "api/http/server.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <charconv>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr int kThreads = 2;
constexpr size_t kMaxHeaderBytes = 8 << 10;

absl::StatusOr<tcp::endpoint> EndpointOf(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const auto bad = [&] {
    return InvalidArgument("只能监听本机地址（127.0.0.1:端口）；address ", listen,
                           ": expected one of this machine, 127.0.0.1:PORT or [::1]:PORT");
  };
  if (colon == std::string::npos) return bad();
  std::string host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  uint16_t port = 0;
  const char* const end = listen.data() + listen.size();
  const auto [read_to, failed] = std::from_chars(listen.data() + colon + 1, end, port);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (failed != std::errc() || read_to != end || error || !address.is_loopback()) return bad();
  return tcp::endpoint(address, port);
}

struct Shared {
  ServerOptions options;
  Handler handler;
  std::atomic<int> connections = 0;
};

// One connection: reads a request, answers it, reads the next.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket&& socket, std::shared_ptr<Shared> shared)
      : stream_(std::move(socket)), shared_(std::move(shared)) {}
  ~Session() { --shared_->connections; }

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMaxHeaderBytes);
    parser_->body_limit(shared_->options.max_body_bytes);
    stream_.expires_after(std::chrono::seconds(shared_->options.idle_seconds));
    beast::http::async_read(
        stream_, buffer_, *parser_, [self = shared_from_this()](error_code error, size_t) {
          if (error == beast::http::error::body_limit) {
            self->Answer({413, "text/plain; charset=utf-8", "no-store", "the body is too large\n"},
                         /*close=*/true);
          } else if (!error) {
            self->Handle();
          }
        });
  }

 private:
  void Handle() {
    const auto& message = parser_->get();
    const bool head = message.method() == beast::http::verb::head;
    Request request;
    request.method = head ? "GET" : std::string(message.method_string());
    const std::string target(message.target());
    request.path = target.substr(0, target.find('?'));
    request.body = message.body();
    Response response;
    try {
      response = shared_->handler(request);
    } catch (const std::exception&) {  // memory
      response = {503, "text/plain; charset=utf-8", "no-store", "not now\n"};
    }
    Answer(std::move(response), !message.keep_alive(), head);
  }

  void Answer(Response response, bool close, bool head = false) {
    auto message = std::make_shared<beast::http::response<beast::http::string_body>>();
    message->version(11);
    message->result(static_cast<unsigned>(response.status));
    message->set(beast::http::field::server, "suyuand");
    message->set(beast::http::field::content_type, response.content_type);
    message->set(beast::http::field::cache_control, response.cache_control);
    message->set("X-Content-Type-Options", "nosniff");
    message->keep_alive(!close);
    const size_t length = response.body.size();
    if (!head) message->body() = std::move(response.body);
    message->content_length(length);
    stream_.expires_after(std::chrono::seconds(shared_->options.idle_seconds));
    const auto done = [self = shared_from_this(), message, close](error_code error, size_t) {
      if (error) return;
      if (!close) return self->Read();
      self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
    };
    if (!head) {
      beast::http::async_write(stream_, *message, done);
      return;
    }
    auto serializer =
        std::make_shared<beast::http::response_serializer<beast::http::string_body>>(*message);
    beast::http::async_write_header(
        stream_, *serializer,
        [serializer, done](error_code error, size_t sent) { done(error, sent); });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace

class Server::Impl {
 public:
  Impl(const ServerOptions& options, Handler handler)
      : shared_(std::make_shared<Shared>()), pool_(kThreads), acceptor_(pool_), pause_(pool_) {
    shared_->options = options;
    shared_->handler = std::move(handler);
  }

  absl::Status Listen(const tcp::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::UnavailableError(
          StrCat("无法监听 cannot listen on ", shared_->options.listen, ": ", error.message()));
    }
    return absl::OkStatus();
  }
  int port() const { return acceptor_.local_endpoint().port(); }

  void Accept() {
    acceptor_.async_accept(asio::make_strand(pool_), [this](error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return AcceptLater();
      if (++shared_->connections <= shared_->options.max_connections) {
        std::make_shared<Session>(std::move(socket), shared_)->Read();
      } else {
        --shared_->connections;  // the socket is closed here
      }
      Accept();
    });
  }

  // What waits in the pool goes with it, and closes its connection.
  ~Impl() {
    pool_.stop();
    pool_.join();
  }

 private:
  // The process has no more files; some of them are closed in a while.
  void AcceptLater() {
    pause_.expires_after(std::chrono::milliseconds(100));
    pause_.async_wait([this](error_code error) {
      if (!error) Accept();
    });
  }

  const std::shared_ptr<Shared> shared_;
  asio::thread_pool pool_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() = default;

absl::StatusOr<std::unique_ptr<Server>> Server::Start(const ServerOptions& options,
                                                      Handler handler) {
  SUYUAN_ASSIGN_OR_RETURN(const tcp::endpoint endpoint, EndpointOf(options.listen));
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  SUYUAN_RETURN_IF_ERROR(impl->Listen(endpoint));
  std::unique_ptr<Server> server(new Server(std::move(impl)));
  server->port_ = server->impl_->port();
  server->address_ =
      StrCat(options.listen.substr(0, options.listen.rfind(':')), ":", server->port_);
  server->impl_->Accept();
  return server;
}

}  // namespace suyuan::http
