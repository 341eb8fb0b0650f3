#include "lib/ledger/time_stamp.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "lib/base/bytes.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::ledger {
namespace {

template <auto kFree>
struct Free {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <typename T, auto kFree>
using Owned = std::unique_ptr<T, Free<kFree>>;
using Token = Owned<PKCS7, PKCS7_free>;
using TokenInfo = Owned<TS_TST_INFO, TS_TST_INFO_free>;
using Bio = Owned<BIO, BIO_free_all>;
using CertStore = Owned<X509_STORE, X509_STORE_free>;

constexpr int kGranted = 0;
constexpr int kGrantedWithMods = 1;

// What OpenSSL says went wrong last; its queue is empty then.
std::string LastError() {
  std::string text;
  while (const unsigned long error = ERR_get_error()) {
    char buffer[256];
    ERR_error_string_n(error, buffer, sizeof buffer);
    text = buffer;
  }
  const size_t reason = text.rfind("::");
  return text.empty() ? "unknown" : reason == text.npos ? text : text.substr(reason + 2);
}

std::string DigestOf(const std::vector<std::string_view>& data) {
  std::string whole;
  for (const std::string_view piece : data) whole += piece;
  return std::string(Sha256({whole}).view());
}

// The DER of an object, by its i2d function.
template <typename T, typename Encode>
std::string Der(const T* object, Encode encode) {
  unsigned char* bytes = nullptr;
  const int size = encode(object, &bytes);
  if (size < 0) return "";
  std::string der(reinterpret_cast<char*>(bytes), static_cast<size_t>(size));
  OPENSSL_free(bytes);
  return der;
}

// Null unless all of `bytes` is one.
template <typename Object, typename Decode>
Object Parse(std::string_view bytes, Decode decode) {
  if (bytes.size() > kMaxTimeStampReplyBytes) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned char* const end = at + bytes.size();
  Object object(decode(nullptr, &at, static_cast<long>(bytes.size())));
  ERR_clear_error();
  if (at != end) object.reset();
  return object;
}

Token ParseToken(std::string_view bytes) { return Parse<Token>(bytes, d2i_PKCS7); }

absl::Status CheckImprint(TS_TST_INFO* info, std::string_view digest) {
  TS_MSG_IMPRINT* const imprint = TS_TST_INFO_get_msg_imprint(info);
  const ASN1_OBJECT* algorithm = nullptr;
  X509_ALGOR_get0(&algorithm, nullptr, nullptr, TS_MSG_IMPRINT_get_algo(imprint));
  if (OBJ_obj2nid(algorithm) != NID_sha256) {
    return InvalidArgument("time stamp: found one of another hash, expected SHA-256");
  }
  const ASN1_OCTET_STRING* const found = TS_MSG_IMPRINT_get_msg(imprint);
  const std::string_view bytes(reinterpret_cast<const char*>(ASN1_STRING_get0_data(found)),
                               static_cast<size_t>(ASN1_STRING_length(found)));
  if (bytes != digest) {
    return InvalidArgument("time stamp: found one of ", ToHex(bytes), ", expected one of ",
                           ToHex(digest));
  }
  return absl::OkStatus();
}

// What was signed, if the certificate in the token signed it.
absl::StatusOr<TokenInfo> InfoOf(PKCS7* token) {
  TokenInfo info(PKCS7_type_is_signed(token) ? PKCS7_to_TS_TST_INFO(token) : nullptr);
  ERR_clear_error();
  if (info == nullptr) return InvalidArgument("time stamp: no TimeStampToken (RFC 3161)");
  const Bio sink(BIO_new(BIO_s_mem()));
  if (PKCS7_verify(token, nullptr, nullptr, nullptr, sink.get(), PKCS7_NOVERIFY) != 1) {
    return DataLoss("time stamp: its signature is not true: ", LastError());
  }
  return info;
}

std::string NameOf(X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

absl::StatusOr<TimeStampInfo> Told(PKCS7* token, TS_TST_INFO* info) {
  TimeStampInfo told;
  std::tm time{};
  if (ASN1_TIME_to_tm(TS_TST_INFO_get_time(info), &time) != 1) {
    return InvalidArgument("time stamp: its time is none");
  }
  told.time_micros = static_cast<int64_t>(timegm(&time)) * 1'000'000;
  const Owned<BIGNUM, BN_free> serial(ASN1_INTEGER_to_BN(TS_TST_INFO_get_serial(info), nullptr));
  if (serial != nullptr) {
    char* const hex = BN_bn2hex(serial.get());
    told.serial = hex;
    OPENSSL_free(hex);
  }
  char policy[128];
  OBJ_obj2txt(policy, sizeof policy, TS_TST_INFO_get_policy_id(info), 1);
  told.policy = policy;
  STACK_OF(X509)* const signers = PKCS7_get0_signers(token, nullptr, 0);
  if (signers != nullptr) {
    if (sk_X509_num(signers) > 0) {
      told.signer = NameOf(X509_get_subject_name(sk_X509_value(signers, 0)));
    }
    sk_X509_free(signers);
  }
  ERR_clear_error();
  return told;
}

std::string Refusal(TS_STATUS_INFO* status) {
  std::string text;
  const STACK_OF(ASN1_UTF8STRING)* const lines = TS_STATUS_INFO_get0_text(status);
  for (int i = 0; lines != nullptr && i < sk_ASN1_UTF8STRING_num(lines) && i < 4; ++i) {
    const ASN1_UTF8STRING* const line = sk_ASN1_UTF8STRING_value(lines, i);
    text += StrCat(": ", std::string_view(
                             reinterpret_cast<const char*>(ASN1_STRING_get0_data(line)),
                             std::min<size_t>(200, static_cast<size_t>(ASN1_STRING_length(line)))));
  }
  return text;
}

}  // namespace

absl::StatusOr<TimeStampQuery> MakeQuery(const std::vector<std::string_view>& data) {
  TimeStampQuery query;
  query.digest = DigestOf(data);
  unsigned char random[8];
  const Owned<TS_REQ, TS_REQ_free> request(TS_REQ_new());
  const Owned<TS_MSG_IMPRINT, TS_MSG_IMPRINT_free> imprint(TS_MSG_IMPRINT_new());
  const Owned<X509_ALGOR, X509_ALGOR_free> algorithm(X509_ALGOR_new());
  if (RAND_bytes(random, sizeof random) != 1) {
    return absl::UnavailableError("no random bytes for the nonce of a time stamp");
  }
  const Owned<BIGNUM, BN_free> number(BN_bin2bn(random, sizeof random, nullptr));
  const Owned<ASN1_INTEGER, ASN1_INTEGER_free> nonce(BN_to_ASN1_INTEGER(number.get(), nullptr));
  X509_ALGOR_set0(algorithm.get(), OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nullptr);
  TS_MSG_IMPRINT_set_algo(imprint.get(), algorithm.get());
  auto* const digest = reinterpret_cast<unsigned char*>(query.digest.data());
  TS_MSG_IMPRINT_set_msg(imprint.get(), digest, static_cast<int>(query.digest.size()));
  TS_REQ_set_version(request.get(), 1);
  TS_REQ_set_msg_imprint(request.get(), imprint.get());
  TS_REQ_set_nonce(request.get(), nonce.get());
  TS_REQ_set_cert_req(request.get(), 1);
  query.der = Der(request.get(), i2d_TS_REQ);
  query.nonce = Der(nonce.get(), i2d_ASN1_INTEGER);
  if (query.der.empty() || query.nonce.empty()) {
    return absl::UnavailableError(StrCat("time stamp: no query: ", LastError()));
  }
  return query;
}

absl::StatusOr<std::string> TokenOfReply(std::string_view reply, const TimeStampQuery& query) {
  const auto response = Parse<Owned<TS_RESP, TS_RESP_free>>(reply, d2i_TS_RESP);
  if (response == nullptr) {
    return InvalidArgument("time stamp: ", reply.size(), " bytes that are no TimeStampResp");
  }
  TS_STATUS_INFO* const status = TS_RESP_get_status_info(response.get());
  const int64_t code = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(status));
  if (code != kGranted && code != kGrantedWithMods) {
    return absl::PermissionDeniedError(
        StrCat("time stamp: the authority refused with status ", code, Refusal(status)));
  }
  PKCS7* const token = TS_RESP_get_token(response.get());
  if (token == nullptr) return InvalidArgument("time stamp: the reply has no token");
  SUYUAN_ASSIGN_OR_RETURN(const TokenInfo info, InfoOf(token));
  SUYUAN_RETURN_IF_ERROR(CheckImprint(info.get(), query.digest));
  const ASN1_INTEGER* const nonce = TS_TST_INFO_get_nonce(info.get());
  if (nonce == nullptr || Der(nonce, i2d_ASN1_INTEGER) != query.nonce) {
    return InvalidArgument("time stamp: it answers another question: its nonce is not ours");
  }
  return Der(token, i2d_PKCS7);
}

absl::StatusOr<TimeStampInfo> ReadToken(std::string_view token,
                                        const std::vector<std::string_view>& data) {
  const Token parsed = ParseToken(token);
  if (parsed == nullptr) {
    return InvalidArgument("time stamp: ", token.size(), " bytes that are no TimeStampToken");
  }
  SUYUAN_ASSIGN_OR_RETURN(const TokenInfo info, InfoOf(parsed.get()));
  SUYUAN_RETURN_IF_ERROR(CheckImprint(info.get(), DigestOf(data)));
  return Told(parsed.get(), info.get());
}

}  // namespace suyuan::ledger

namespace suyuan {

absl::StatusOr<TimeStampInfo> VerifyTimeStamp(std::string_view data, std::string_view token,
                                              std::string_view ca) {
  using namespace ledger;
  const Token parsed = ParseToken(token);
  if (parsed == nullptr) {
    return InvalidArgument("time stamp: ", token.size(), " bytes that are no TimeStampToken");
  }
  SUYUAN_ASSIGN_OR_RETURN(const TokenInfo info, InfoOf(parsed.get()));
  if (const absl::Status imprint = CheckImprint(info.get(), DigestOf({data})); !imprint.ok()) {
    return DataLoss(imprint.message());
  }
  SUYUAN_ASSIGN_OR_RETURN(TimeStampInfo told, Told(parsed.get(), info.get()));

  CertStore store(X509_STORE_new());
  const Bio pem(BIO_new_mem_buf(ca.data(), static_cast<int>(ca.size())));
  int roots = 0;
  for (;;) {
    const Owned<X509, X509_free> root(PEM_read_bio_X509(pem.get(), nullptr, nullptr, nullptr));
    if (root == nullptr) break;
    X509_STORE_add_cert(store.get(), root.get());
    ++roots;
  }
  ERR_clear_error();
  if (roots == 0) return InvalidArgument("ca: found no certificate, expected some (PEM)");
  // A token outlives the certificate that signed it.
  X509_VERIFY_PARAM* const param = X509_STORE_get0_param(store.get());
  X509_VERIFY_PARAM_set_time(param, static_cast<time_t>(told.time_micros / 1'000'000));
  const Owned<TS_VERIFY_CTX, TS_VERIFY_CTX_free> context(TS_VERIFY_CTX_new());
  TS_VERIFY_CTX_set_flags(context.get(), TS_VFY_VERSION | TS_VFY_SIGNATURE);
  TS_VERIFY_CTX_set_store(context.get(), store.release());
  if (TS_RESP_verify_token(context.get(), parsed.get()) != 1) {
    return absl::PermissionDeniedError(
        StrCat("time stamp: the certificates do not vouch for ", told.signer, ": ", LastError()));
  }
  return told;
}

}  // namespace suyuan
