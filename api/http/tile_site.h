#ifndef API_HTTP_TILE_SITE_H_
#define API_HTTP_TILE_SITE_H_

#include "api/http/server.h"
#include "suyuan/engine.h"

namespace suyuan::http {

// What a ledger shows to anybody (C2SP tlog-tiles), below its name:
//   /<ledger>/checkpoint   /<ledger>/tile/<level>/<n>   /<ledger>/tile/entries/<n>
// and the same of its SM3 tree, where it has one, below /<ledger>/sm3/.
// Nothing else is there; 404 for what is not, 405 for other than reading.
// `engine` is borrowed.
Handler TileSite(Engine* engine);

}  // namespace suyuan::http

#endif  // API_HTTP_TILE_SITE_H_
