#ifndef API_GRPC_LIMITS_H_
#define API_GRPC_LIMITS_H_

#include <cstddef>

// What the server takes and keeps in memory; README.md adds it up.
namespace suyuan::rpc {

// A request above this is refused with our words. A batch of what Engine::Append takes
// (4 MiB of events) is well below.
inline constexpr size_t kMaxRequestBytes = size_t{8} << 20;
// Above this the transport refuses: a request is in memory before we see it.
inline constexpr int kMaxTransportBytes = 16 << 20;

// A message of a streamed answer is about this long, so that any client takes it
// (gRPC's own limit is 4 MiB) and a slow one holds little.
inline constexpr size_t kChunkBytes = size_t{256} << 10;

// Calls in hand, each on a thread. Those that last as long as their client wishes are
// fewer, so that there is always room for the others.
inline constexpr int kMaxThreads = 256;
inline constexpr int kMaxStreams = 192;

inline constexpr size_t kMaxPage = 1'000;

// An error in trailing metadata: clients take 8 KiB of it unless they say more,
// and binary metadata is a third longer on its way.
inline constexpr char kErrorBytesKey[] = "suyuan-error-bytes";
inline constexpr size_t kErrorBytes = 4'000;
inline constexpr size_t kMaxErrorBytes = size_t{1} << 20;

}  // namespace suyuan::rpc

#endif  // API_GRPC_LIMITS_H_
