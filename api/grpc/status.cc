#include "api/grpc/status.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include "absl/strings/cord.h"
#include "api/grpc/convert.h"
#include "api/grpc/limits.h"
#include "lib/base/strings.h"
#include "lib/events/validator.h"

namespace suyuan::rpc {
namespace {

// The status line is percent-encoded, three bytes for one of a Chinese
// character, and counts as metadata too: the details have the whole of it.
constexpr size_t kStatusLineBytes = 600;

static_assert(static_cast<int>(absl::StatusCode::kInvalidArgument) ==
              static_cast<int>(::grpc::StatusCode::INVALID_ARGUMENT));
static_assert(static_cast<int>(absl::StatusCode::kDataLoss) ==
              static_cast<int>(::grpc::StatusCode::DATA_LOSS));
static_assert(static_cast<int>(absl::StatusCode::kUnauthenticated) ==
              static_cast<int>(::grpc::StatusCode::UNAUTHENTICATED));

// At most `size` bytes of `text`, without half a character.
std::string Cut(std::string text, size_t size) {
  if (text.size() <= size) return text;
  size -= std::min<size_t>(size, 3);
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  return text.substr(0, size) + "...";
}

}  // namespace

void ToProto(const Violation& violation, v1::Violation* proto) {
  proto->set_event_index(violation.event_index);
  proto->set_rule(Utf8(violation.rule));
  proto->set_field(Utf8(violation.field));
  proto->set_found(Utf8(violation.found));
  proto->set_expected(Utf8(violation.expected));
  proto->set_source(Utf8(violation.source));
  proto->set_message_zh(Utf8(violation.message_zh));
  proto->set_message_en(Utf8(violation.message_en));
}

Violation FromProto(const v1::Violation& proto) {
  return {proto.event_index(), proto.rule(),   proto.field(),      proto.found(),
          proto.expected(),    proto.source(), proto.message_zh(), proto.message_en()};
}

absl::Status WithViolations(absl::Status status, std::span<const Violation> violations) {
  // How a status holds violations is known to lib/events alone.
  events::ViolationsToStatus(violations)
      .ForEachPayload([&](absl::string_view url, const absl::Cord& payload) {
        status.SetPayload(url, payload);
      });
  return status;
}

v1::ErrorStatus ErrorToProto(const absl::Status& status, std::span<const Violation> violations,
                             size_t budget) {
  v1::ErrorStatus proto;
  proto.set_code(static_cast<int>(status.code()));
  proto.set_message(Utf8(Cut(std::string(ToStd(status.message())), budget / 2)));
  if (violations.empty()) return proto;
  v1::Violations list;
  size_t used = proto.message().size();
  for (const Violation& violation : violations) {
    v1::Violation one;
    ToProto(violation, &one);
    used += one.ByteSizeLong() + 4;
    if (used > budget) break;
    list.add_violations()->Swap(&one);
  }
  list.set_left_off(violations.size() - static_cast<size_t>(list.violations_size()));
  proto.add_details()->PackFrom(list);
  return proto;
}

v1::ErrorStatus ErrorToProto(const absl::Status& status, size_t budget) {
  return ErrorToProto(status, ViolationsOf(status), budget);
}

absl::Status ErrorFromProto(const v1::ErrorStatus& proto, uint64_t* left_off) {
  absl::Status status(static_cast<absl::StatusCode>(proto.code()), ToAbsl(proto.message()));
  std::vector<Violation> violations;
  for (const google::protobuf::Any& any : proto.details()) {
    v1::Violations list;
    if (!any.UnpackTo(&list)) continue;
    for (const v1::Violation& violation : list.violations()) {
      violations.push_back(FromProto(violation));
    }
    if (left_off != nullptr) *left_off += list.left_off();
  }
  return WithViolations(std::move(status), violations);
}

::grpc::Status ToGrpc(const absl::Status& status, size_t budget) {
  if (status.ok()) return ::grpc::Status::OK;
  const v1::ErrorStatus proto = ErrorToProto(status, budget);
  return ::grpc::Status(static_cast<::grpc::StatusCode>(status.code()),
                        Cut(Utf8(std::string(ToStd(status.message()))), kStatusLineBytes),
                        proto.SerializeAsString());
}

absl::Status FromGrpc(const ::grpc::Status& status, uint64_t* left_off) {
  if (status.ok()) return absl::OkStatus();
  v1::ErrorStatus proto;
  const int code = static_cast<int>(status.error_code());
  if (proto.ParseFromString(status.error_details()) && proto.code() == code) {
    return ErrorFromProto(proto, left_off);
  }
  return absl::Status(static_cast<absl::StatusCode>(code), ToAbsl(status.error_message()));
}

absl::Status TooLarge(size_t bytes) {
  return absl::ResourceExhaustedError(StrCat("请求有 ", bytes, " 字节，上限为 ", kMaxRequestBytes,
                                             " 字节，一批最多 4096 个事件；request of ", bytes,
                                             " bytes, at most ", kMaxRequestBytes,
                                             " are possible, and 4096 events in a batch"));
}

size_t ErrorBudget(const ::grpc::ServerContext& context) {
  const auto told = context.client_metadata().find(kErrorBytesKey);
  size_t bytes = kErrorBytes;
  if (told != context.client_metadata().end()) {
    std::from_chars(told->second.begin(), told->second.end(), bytes);
  }
  return std::clamp(bytes, size_t{200}, kMaxErrorBytes);
}

}  // namespace suyuan::rpc
