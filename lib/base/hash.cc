#include "lib/base/hash.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>

#include "lib/base/bytes.h"
#include "lib/base/check.h"

namespace suyuan {
namespace {

struct Context {
  explicit Context(const char* name) : md(EVP_MD_fetch(nullptr, name, nullptr), &EVP_MD_free) {}

  // OpenSSL 3 looks the algorithm up anew in every one-shot call, three times
  // the cost of hashing a tree node; so both are kept.
  std::unique_ptr<EVP_MD, decltype(&EVP_MD_free)> md;
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx{EVP_MD_CTX_new(), &EVP_MD_CTX_free};
};

Hash Digest(const Context& context, std::initializer_list<std::string_view> parts) {
  Hash hash;
  bool ok = EVP_DigestInit_ex2(context.ctx.get(), context.md.get(), nullptr) == 1;
  for (const std::string_view part : parts) {
    ok = ok && EVP_DigestUpdate(context.ctx.get(), part.data(), part.size()) == 1;
  }
  ok = ok && EVP_DigestFinal_ex(context.ctx.get(), hash.bytes.data(), nullptr) == 1;
  SUYUAN_CHECK(ok);
  return hash;
}

}  // namespace

std::string Hash::hex() const { return ToHex(view()); }

Hash Hash::From(std::string_view raw) {
  Hash hash;
  if (raw.size() == hash.bytes.size()) std::memcpy(hash.bytes.data(), raw.data(), raw.size());
  return hash;
}

Hash Sha256(std::initializer_list<std::string_view> parts) {
  thread_local const Context context("SHA256");
  return Digest(context, parts);
}

Hash Sm3(std::initializer_list<std::string_view> parts) {
  thread_local const Context context("SM3");
  return Digest(context, parts);
}

Hash HashOf(HashKind kind, std::initializer_list<std::string_view> parts) {
  return kind == HashKind::kSm3 ? Sm3(parts) : Sha256(parts);
}

}  // namespace suyuan
