#include "lib/merkle/sm2.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include <memory>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::merkle {
namespace {

// The one that GB/T 35276 names where the parties agreed on no other.
constexpr std::string_view kSignerId = "1234567812345678";
constexpr size_t kNumberBytes = 32;
// Of a signature in DER: two numbers, each with a sign byte.
constexpr size_t kMaxDerBytes = 72;

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* p) const {
    Free(p);
  }
};
using Group = std::unique_ptr<EC_GROUP, Freer<&EC_GROUP_free>>;
using Point = std::unique_ptr<EC_POINT, Freer<&EC_POINT_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<&BN_clear_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<&EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freer<&EVP_PKEY_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freer<&EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freer<&ECDSA_SIG_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Freer<&OSSL_PARAM_free>>;
using ParamsBuilder = std::unique_ptr<OSSL_PARAM_BLD, Freer<&OSSL_PARAM_BLD_free>>;

const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}
unsigned char* Bytes(std::string* s) { return reinterpret_cast<unsigned char*>(s->data()); }

Number NumberOf(std::string_view bytes) {
  return Number(BN_bin2bn(Bytes(bytes), static_cast<int>(bytes.size()), nullptr));
}

// Null unless it is in [1, n - 2], n being the order of the group.
Number PrivateNumber(const EC_GROUP* group, std::string_view private_key) {
  if (private_key.size() != kSm2PrivateBytes) return nullptr;
  Number d = NumberOf(private_key);
  const Number most(BN_dup(EC_GROUP_get0_order(group)));
  if (d == nullptr || most == nullptr || BN_sub_word(most.get(), 2) != 1 || BN_is_zero(d.get()) ||
      BN_cmp(d.get(), most.get()) > 0) {
    return nullptr;
  }
  BN_set_flags(d.get(), BN_FLG_CONSTTIME);
  return d;
}

// `private_number`: null for a key that only verifies. Null if it is none.
Key MakeKey(std::string_view public_key, const BIGNUM* private_number) {
  const ParamsBuilder builder(OSSL_PARAM_BLD_new());
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "SM2", nullptr));
  if (builder == nullptr || context == nullptr ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "SM2", 0) != 1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, public_key.data(),
                                       public_key.size()) != 1 ||
      (private_number != nullptr &&
       OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, private_number) != 1)) {
    return nullptr;
  }
  const Params params(OSSL_PARAM_BLD_to_param(builder.get()));
  EVP_PKEY* key = nullptr;
  const int selection = private_number == nullptr ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR;
  if (params == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, params.get()) != 1) {
    return nullptr;
  }
  return Key(key);
}

// A digest of a key and the signer id, to sign or to verify with. `context` has to
// outlive it.
bool Begin(const Key& key, bool sign, KeyContext* context, Digest* digest) {
  context->reset(EVP_PKEY_CTX_new(key.get(), nullptr));
  digest->reset(EVP_MD_CTX_new());
  if (*context == nullptr || *digest == nullptr ||
      EVP_PKEY_CTX_set1_id(context->get(), kSignerId.data(), kSignerId.size()) <= 0) {
    return false;
  }
  EVP_MD_CTX_set_pkey_ctx(digest->get(), context->get());
  const auto init = sign ? &EVP_DigestSignInit : &EVP_DigestVerifyInit;
  return init(digest->get(), nullptr, EVP_sm3(), nullptr, key.get()) == 1;
}

}  // namespace

absl::StatusOr<std::string> Sm2PublicKey(std::string_view private_key) {
  const Group group(EC_GROUP_new_by_curve_name(NID_sm2));
  if (group == nullptr) return absl::InternalError("no SM2 in OpenSSL");
  const Number d = PrivateNumber(group.get(), private_key);
  if (d == nullptr) return InvalidArgument("not an SM2 private key");
  const Point point(EC_POINT_new(group.get()));
  std::string public_key(kSm2PublicBytes, '\0');
  if (point == nullptr ||
      EC_POINT_mul(group.get(), point.get(), d.get(), nullptr, nullptr, nullptr) != 1 ||
      EC_POINT_point2oct(group.get(), point.get(), POINT_CONVERSION_UNCOMPRESSED,
                         Bytes(&public_key), public_key.size(), nullptr) != kSm2PublicBytes) {
    return absl::InternalError("no SM2 public key");
  }
  return public_key;
}

absl::StatusOr<std::string> NewSm2Key() {
  const Group group(EC_GROUP_new_by_curve_name(NID_sm2));
  const Number d(BN_secure_new());
  const Number most(group == nullptr ? nullptr : BN_dup(EC_GROUP_get0_order(group.get())));
  // [0, n - 2) and one more.
  if (d == nullptr || most == nullptr || BN_sub_word(most.get(), 2) != 1 ||
      BN_priv_rand_range(d.get(), most.get()) != 1 || BN_add_word(d.get(), 1) != 1) {
    return absl::UnavailableError("no randomness");
  }
  std::string private_key(kSm2PrivateBytes, '\0');
  if (BN_bn2binpad(d.get(), Bytes(&private_key), kSm2PrivateBytes) != kSm2PrivateBytes) {
    return absl::InternalError("no SM2 private key");
  }
  return private_key;
}

bool IsSm2PublicKey(std::string_view public_key) {
  if (public_key.size() != kSm2PublicBytes || public_key[0] != POINT_CONVERSION_UNCOMPRESSED) {
    return false;
  }
  const Group group(EC_GROUP_new_by_curve_name(NID_sm2));
  const Point point(group == nullptr ? nullptr : EC_POINT_new(group.get()));
  // Refuses what is not on the curve.
  return point != nullptr && EC_POINT_oct2point(group.get(), point.get(), Bytes(public_key),
                                                public_key.size(), nullptr) == 1;
}

absl::StatusOr<std::string> Sm2Sign(std::string_view private_key, std::string_view text) {
  const absl::Status failed = absl::InternalError("cannot sign with SM2");
  const Group group(EC_GROUP_new_by_curve_name(NID_sm2));
  const Number d = group == nullptr ? nullptr : PrivateNumber(group.get(), private_key);
  if (d == nullptr) return failed;
  SUYUAN_ASSIGN_OR_RETURN(const std::string public_key, Sm2PublicKey(private_key));
  const Key key = MakeKey(public_key, d.get());
  KeyContext context;
  Digest digest;
  std::string der(kMaxDerBytes, '\0');
  size_t length = der.size();
  if (key == nullptr || !Begin(key, /*sign=*/true, &context, &digest) ||
      EVP_DigestSign(digest.get(), Bytes(&der), &length, Bytes(text), text.size()) != 1) {
    return failed;
  }
  const unsigned char* begin = Bytes(der);
  const Signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(length)));
  std::string out(kSm2SignatureBytes, '\0');
  if (signature == nullptr ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), Bytes(&out), kNumberBytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), Bytes(&out) + kNumberBytes, kNumberBytes) <
          0) {
    return failed;
  }
  return out;
}

bool Sm2Verify(std::string_view public_key, std::string_view text, std::string_view signature) {
  if (signature.size() != kSm2SignatureBytes || public_key.size() != kSm2PublicBytes) return false;
  Number r = NumberOf(signature.substr(0, kNumberBytes));
  Number s = NumberOf(signature.substr(kNumberBytes));
  const Signature both(ECDSA_SIG_new());
  if (r == nullptr || s == nullptr || both == nullptr ||
      ECDSA_SIG_set0(both.get(), r.get(), s.get()) != 1) {
    return false;
  }
  r.release();  // it owns them now
  s.release();
  std::string der(kMaxDerBytes, '\0');
  unsigned char* end = Bytes(&der);
  const int length = i2d_ECDSA_SIG(both.get(), &end);
  const Key key = MakeKey(public_key, nullptr);
  KeyContext context;
  Digest digest;
  return length > 0 && key != nullptr && Begin(key, /*sign=*/false, &context, &digest) &&
         EVP_DigestVerify(digest.get(), Bytes(der), static_cast<size_t>(length), Bytes(text),
                          text.size()) == 1;
}

}  // namespace suyuan::merkle
