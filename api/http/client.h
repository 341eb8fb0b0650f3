#ifndef API_HTTP_CLIENT_H_
#define API_HTTP_CLIENT_H_

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/http/server.h"

namespace suyuan::http {

// One server, over a connection that is used again. One thread.
class Client {
 public:
  // `url`: "http://host:port/prefix", the port 80 and the prefix empty unless told.
  // kInvalidArgument for other than that. Connects at the first request.
  static absl::StatusOr<std::unique_ptr<Client>> Make(
      std::string_view url, std::chrono::milliseconds timeout = std::chrono::seconds(30),
      size_t max_body_bytes = size_t{32} << 20);
  virtual ~Client() = default;

  // `path` is put behind the prefix. Any status that the server answers is an answer;
  // kUnavailable if there is none, kDeadlineExceeded if it comes too late, kDataLoss if it
  // is none of HTTP or larger than `max_body_bytes`, which is at most that of Make.
  virtual absl::StatusOr<Response> Get(std::string_view path, size_t max_body_bytes) = 0;
  absl::StatusOr<Response> Get(std::string_view path) { return Get(path, ~size_t{0}); }
  virtual absl::StatusOr<Response> Post(std::string_view path, std::string_view body,
                                        std::string_view content_type = {}) = 0;
};

}  // namespace suyuan::http

#endif  // API_HTTP_CLIENT_H_
