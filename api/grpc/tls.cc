#include "api/grpc/tls.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "lib/base/file.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"

namespace suyuan::rpc {
namespace {

template <typename T, void (*kFree)(T*)>
struct Deleter {
  void operator()(T* object) const { kFree(object); }
};
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

Bio BioOf(const std::string& bytes) {
  return Bio(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size())));
}

// gRPC tells of a wrong file only that it cannot listen, or nothing at all.
absl::StatusOr<Certificate> ParseCertificate(const std::string& path, const std::string& pem) {
  Certificate certificate(PEM_read_bio_X509(BioOf(pem).get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return InvalidArgument("文件中没有 PEM 证书：", path, "；no PEM certificate in ", path);
  }
  return certificate;
}

struct Pems {
  std::string cert;
  std::string key;
  std::string ca;
};

absl::StatusOr<Pems> ReadPems(const TlsFiles& files) {
  Pems pems;
  if (files.cert.empty() != files.key.empty()) {
    return InvalidArgument("证书与私钥须一起给出；a certificate and its key go together");
  }
  if (!files.ca.empty()) {
    SUYUAN_ASSIGN_OR_RETURN(pems.ca, ReadFile(files.ca));
    SUYUAN_RETURN_IF_ERROR(ParseCertificate(files.ca, pems.ca).status());
  }
  if (files.cert.empty()) return pems;
  SUYUAN_ASSIGN_OR_RETURN(pems.cert, ReadFile(files.cert));
  SUYUAN_ASSIGN_OR_RETURN(pems.key, ReadFile(files.key));
  SUYUAN_ASSIGN_OR_RETURN(const Certificate certificate, ParseCertificate(files.cert, pems.cert));
  const Key key(PEM_read_bio_PrivateKey(BioOf(pems.key).get(), nullptr, nullptr, nullptr));
  if (key == nullptr) {
    return InvalidArgument("文件中没有 PEM 私钥：", files.key, "；no PEM key in ", files.key);
  }
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return InvalidArgument("私钥与证书不符：", files.key, "；", files.key, " is not the key of ",
                           files.cert);
  }
  return pems;
}

}  // namespace

absl::StatusOr<std::shared_ptr<::grpc::ServerCredentials>> ServerCredentialsOf(
    const TlsFiles& files) {
  if (files.empty()) return ::grpc::InsecureServerCredentials();
  if (files.cert.empty()) {
    return InvalidArgument("缺少服务器证书；the certificate of the server is missing");
  }
  SUYUAN_ASSIGN_OR_RETURN(Pems pems, ReadPems(files));
  ::grpc::SslServerCredentialsOptions options(
      pems.ca.empty() ? GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE
                      : GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = std::move(pems.ca);
  options.pem_key_cert_pairs.push_back({std::move(pems.key), std::move(pems.cert)});
  return ::grpc::SslServerCredentials(options);
}

absl::StatusOr<std::shared_ptr<::grpc::ChannelCredentials>> ChannelCredentialsOf(
    const TlsFiles& files) {
  if (files.empty()) return ::grpc::InsecureChannelCredentials();
  SUYUAN_ASSIGN_OR_RETURN(Pems pems, ReadPems(files));
  ::grpc::SslCredentialsOptions options;
  options.pem_root_certs = std::move(pems.ca);
  options.pem_private_key = std::move(pems.key);
  options.pem_cert_chain = std::move(pems.cert);
  return ::grpc::SslCredentials(options);
}

bool IsLocalAddress(std::string_view address) {
  if (address.starts_with("unix:")) return true;
  const size_t colon = address.rfind(':');
  const std::string_view host = address.substr(0, colon);
  if (host == "localhost" || host == "[::1]" || host == "::1") return true;
  // A name such as 127.example.com is a name.
  return host.starts_with("127.") &&
         host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace suyuan::rpc
