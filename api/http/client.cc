#include "api/http/client.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
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

class BeastClient final : public Client {
 public:
  BeastClient(std::string host, std::string port, std::string prefix,
              std::chrono::milliseconds timeout, size_t max_body_bytes)
      : host_(std::move(host)),
        port_(std::move(port)),
        prefix_(std::move(prefix)),
        timeout_(timeout),
        max_body_bytes_(max_body_bytes) {}

  using Client::Get;
  absl::StatusOr<Response> Get(std::string_view path, size_t max_body_bytes) override {
    return Ask(beast::http::verb::get, path, {}, {}, std::min(max_body_bytes, max_body_bytes_));
  }
  absl::StatusOr<Response> Post(std::string_view path, std::string_view body,
                                std::string_view content_type) override {
    return Ask(beast::http::verb::post, path, body, content_type, max_body_bytes_);
  }

 private:
  using RequestMessage = beast::http::request<beast::http::string_body>;

  absl::StatusOr<Response> Ask(beast::http::verb verb, std::string_view path, std::string_view body,
                               std::string_view content_type, size_t max_body_bytes) {
    const std::string target = StrCat(prefix_, path);
    RequestMessage request(verb, target.empty() ? "/" : target, 11);
    request.set(beast::http::field::host, StrCat(host_, ":", port_));
    request.set(beast::http::field::user_agent, "suyuan");
    if (!content_type.empty()) {
      request.set(beast::http::field::content_type, std::string(content_type));
    }
    request.body() = std::string(body);
    request.prepare_payload();
    const bool used_before = stream_.has_value();
    bool answered = false;
    absl::StatusOr<Response> response = Exchange(request, max_body_bytes, &answered);
    // The server may have closed what was idle; nothing was answered, and a GET can be repeated.
    if (!response.ok() && used_before && !answered && verb == beast::http::verb::get) {
      response = Exchange(request, max_body_bytes, &answered);
    }
    return response;
  }

  absl::StatusOr<Response> Exchange(const RequestMessage& request, size_t max_body_bytes,
                                    bool* answered) {
    const auto fail = [&](std::string_view doing, const error_code& error) -> absl::Status {
      stream_.reset();
      const std::string message = StrCat(doing, " ", host_, ":", port_, ": ", error.message());
      if (error == beast::error::timeout) return absl::DeadlineExceededError(message);
      const bool no_http =
          error.category() == error_code(beast::http::error::bad_version).category() &&
          error != beast::http::error::end_of_stream &&
          error != beast::http::error::partial_message;  // cut off on its way
      if (no_http) return DataLoss(message);
      return absl::UnavailableError(message);
    };
    if (!stream_.has_value()) {
      error_code error;
      tcp::resolver resolver(context_);
      const auto found = resolver.resolve(host_, port_, error);
      if (error) return fail("resolve", error);
      stream_.emplace(context_);
      buffer_.clear();
      Run(
          [&](auto done) {
            stream_->async_connect(
                found, [done](error_code result, const tcp::endpoint&) mutable { done(result); });
          },
          &error);
      if (error) return fail("connect to", error);
    }
    error_code error;
    Run(
        [&](auto done) {
          beast::http::async_write(*stream_, request,
                                   [done](error_code result, size_t) mutable { done(result); });
        },
        &error);
    if (error) return fail("send to", error);
    beast::http::response_parser<beast::http::string_body> parser;
    parser.body_limit(max_body_bytes);
    // The header by itself: Beast 1.74 forgets that the length in it is beyond the limit if some of
    // the body came along.
    Run(
        [&](auto done) {
          beast::http::async_read_header(
              *stream_, buffer_, parser,
              [done](error_code result, size_t) mutable { done(result); });
        },
        &error);
    *answered = parser.got_some();
    if (error) return fail("read from", error);
    Run(
        [&](auto done) {
          beast::http::async_read(*stream_, buffer_, parser,
                                  [done](error_code result, size_t) mutable { done(result); });
        },
        &error);
    if (error) return fail("read from", error);
    Response response;
    response.status = static_cast<int>(parser.get().result_int());
    const auto type = parser.get().find(beast::http::field::content_type);
    response.content_type = type == parser.get().end() ? "" : std::string(type->value());
    response.body = std::move(parser.get().body());
    if (!parser.keep_alive()) stream_.reset();
    return response;
  }

  // Starts an operation and waits for it, or for the time to be over.
  template <typename Start>
  void Run(Start start, error_code* error) {
    stream_->expires_after(timeout_);
    start([error](error_code result) { *error = result; });
    context_.restart();
    context_.run();
  }

  const std::string host_;
  const std::string port_;
  const std::string prefix_;
  const std::chrono::milliseconds timeout_;
  const size_t max_body_bytes_;
  asio::io_context context_;
  std::optional<beast::tcp_stream> stream_;
  beast::flat_buffer buffer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Client>> Client::Make(std::string_view url,
                                                     std::chrono::milliseconds timeout,
                                                     size_t max_body_bytes) {
  constexpr std::string_view kScheme = "http://";
  const auto bad = [&] {
    return InvalidArgument("url: found ", url, ", expected http://host:port/prefix");
  };
  if (!url.starts_with(kScheme)) return bad();
  for (const char c : url) {
    if (c <= ' ' || c == 0x7f) return bad();
  }
  std::string_view rest = url.substr(kScheme.size());
  std::string_view authority = rest.substr(0, rest.find('/'));
  std::string prefix(rest.substr(authority.size()));
  while (prefix.ends_with('/')) prefix.pop_back();
  std::string port = "80";
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  if (has_port) {
    port = std::string(authority.substr(colon + 1));
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  }
  if (authority.empty() || port.empty() || port.find_first_not_of("0123456789") != port.npos) {
    return bad();
  }
  return std::make_unique<BeastClient>(std::string(authority), port, prefix, timeout,
                                       max_body_bytes);
}

}  // namespace suyuan::http
