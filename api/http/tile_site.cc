#include "api/http/tile_site.h"

#include <string>
#include <string_view>

#include "lib/base/strings.h"

namespace suyuan::http {
namespace {

// A checkpoint is signed at most once a second; a tile never changes.
constexpr std::string_view kShort = "max-age=1";
constexpr std::string_view kSm3 = "sm3/";
constexpr std::string_view kForEver = "max-age=31536000, immutable";

Response Failed(const absl::Status& status) {
  Response response;
  response.status = absl::IsNotFound(status) || absl::IsInvalidArgument(status)         ? 404
                    : absl::IsUnavailable(status) || absl::IsFailedPrecondition(status) ? 503
                                                                                        : 500;
  response.body =
      response.status == 404 ? std::string("not found\n") : StrCat(ToStd(status.message()), "\n");
  return response;
}

Response Found(absl::StatusOr<std::string> body, std::string_view type, std::string_view cache) {
  if (!body.ok()) return Failed(body.status());
  return {200, std::string(type), std::string(cache), *std::move(body)};
}

}  // namespace

Handler TileSite(Engine* engine) {
  return [engine](const Request& request) -> Response {
    if (request.method != "GET") {
      return {405, "text/plain; charset=utf-8", "no-store", "only reading is possible\n"};
    }
    const std::string_view path = request.path;
    const size_t slash = path.find('/', 1);
    if (!path.starts_with('/') || slash == std::string_view::npos) {
      return Failed(absl::NotFoundError(""));
    }
    const std::string_view ledger = path.substr(1, slash - 1);
    std::string_view what = path.substr(slash + 1);
    TreeHash tree = TreeHash::kSha256;
    if (what.starts_with(kSm3)) {
      what.remove_prefix(kSm3.size());
      tree = TreeHash::kSm3;
    }
    if (what == "checkpoint") {
      return Found(engine->PublishedCheckpoint(ledger, tree), "text/plain; charset=utf-8", kShort);
    }
    return Found(engine->ReadTile(ledger, what, tree), "application/octet-stream", kForEver);
  };
}

}  // namespace suyuan::http
