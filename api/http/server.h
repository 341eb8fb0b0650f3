#ifndef API_HTTP_SERVER_H_
#define API_HTTP_SERVER_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace suyuan::http {

struct Request {
  std::string method;  // "GET", "POST"; a HEAD comes as a GET
  std::string path;    // from the slash on, percent signs as they came, without a query
  std::string body;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string cache_control = "no-store";
  std::string body = {};
};

// Any thread, several at once.
using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  std::string listen = "127.0.0.1:0";  // host:port of this machine; port 0: any free one
  size_t max_body_bytes = 1 << 20;
  int max_connections = 256;
  int idle_seconds = 30;  // of a connection; also to send or take one message
};

// HTTP/1.1 with connections that are used again. Plain: for other machines a proxy with TLS
// stands before it. Thread-safe.
class Server {
 public:
  // Serves when it returns. kInvalidArgument: not an address of this machine.
  // kUnavailable: it is in use.
  static absl::StatusOr<std::unique_ptr<Server>> Start(const ServerOptions& options,
                                                       Handler handler);
  // Ends all connections; waits for the handlers that run.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  const std::string& address() const { return address_; }  // with the real port
  int port() const { return port_; }

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  const std::unique_ptr<Impl> impl_;
  std::string address_;
  int port_ = 0;
};

}  // namespace suyuan::http

#endif  // API_HTTP_SERVER_H_
