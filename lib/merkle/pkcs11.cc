#include "lib/merkle/pkcs11.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "lib/base/file.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/utf8.h"

namespace suyuan::merkle {
namespace {

constexpr std::string_view kLineStart = "PKCS11 ";
constexpr std::string_view kTrialText = "suyuan: does this token sign?\n";
constexpr size_t kMaxUriBytes = 4096;
constexpr size_t kMaxPinBytes = 256;
constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

// A module that is initialized.
using Module = std::unique_ptr<CK_FUNCTION_LIST, void (*)(CK_FUNCTION_LIST*)>;

void Unload(CK_FUNCTION_LIST* module) {
  p11_kit_module_finalize(module);
  p11_kit_module_release(module);
}

unsigned char* Bytes(std::string* s) { return reinterpret_cast<unsigned char*>(s->data()); }

std::string Reason(CK_RV rv) { return StrCat(p11_kit_strerror(rv), " (0x", absl::Hex(rv), ")"); }

std::string TextOf(const char* s) { return s == nullptr ? "" : s; }

// Of what a path in the URI was decoded to: it stands in messages.
bool IsPath(std::string_view path) {
  return path.starts_with('/') && IsUtf8(path) &&
         std::none_of(path.begin(), path.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

// The value of `name` before the question mark, as it is spelled.
std::string_view Spelled(std::string_view uri, std::string_view name) {
  uri.remove_prefix(std::min(uri.size(), uri.find(':') + 1));
  uri = uri.substr(0, uri.find('?'));
  while (!uri.empty()) {
    const size_t end = uri.find(';');
    const std::string_view part = uri.substr(0, end);
    if (part.starts_with(name) && part.substr(name.size()).starts_with('=')) {
      return part.substr(name.size() + 1);
    }
    uri.remove_prefix(end == std::string_view::npos ? uri.size() : end + 1);
  }
  return {};
}

struct Pin {
  Pin() = default;
  ~Pin() { OPENSSL_cleanse(text.data(), text.size()); }
  Pin(const Pin&) = delete;
  Pin& operator=(const Pin&) = delete;

  std::string text;
  std::string written;  // when, where it is in a file
};

absl::Status ReadPin(const Pkcs11Uri& uri, Pin* pin) {
  const std::string& path = uri.pin_file();
  if (path.empty()) {
    pin->text = TextOf(p11_kit_uri_get_pin_value(uri.parsed()));
    return absl::OkStatus();
  }
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const absl::Status status = ErrnoStatus("PIN", path, errno);
    return absl::Status(
        absl::IsNotFound(status) ? absl::StatusCode::kFailedPrecondition : status.code(),
        status.message());
  }
  struct stat info;
  pin->text.resize(kMaxPinBytes + 2);
  const bool regular = fstat(fd, &info) == 0 && S_ISREG(info.st_mode);
  const bool ours = regular && (info.st_mode & 077) == 0;
  const ssize_t count = ours ? read(fd, pin->text.data(), pin->text.size()) : -1;
  close(fd);
  if (!regular) return FailedPrecondition("PIN ", path, ": not a file");
  if (!ours) {
    return absl::PermissionDeniedError(
        StrCat("PIN ", path, ": others may read it; expected mode 0600"));
  }
  const size_t length =
      std::string_view(pin->text.data(), static_cast<size_t>(std::max<ssize_t>(count, 0)))
          .find_first_of("\r\n");
  pin->text.resize(std::min(length, static_cast<size_t>(std::max<ssize_t>(count, 0))));
  if (pin->text.empty() || pin->text.size() > kMaxPinBytes) {
    return FailedPrecondition("PIN ", path, ": expected 1 to ", kMaxPinBytes,
                              " bytes in its first line");
  }
  pin->written = StrCat(info.st_mtim.tv_sec, ".", info.st_mtim.tv_nsec);
  return absl::OkStatus();
}

// What was refused once; digests of token, PIN and when it was written.
class RefusedPins {
 public:
  static RefusedPins& Instance() {
    static RefusedPins* const all = new RefusedPins;
    return *all;
  }
  bool Has(const Hash& digest) {
    MutexLock lock(&mu_);
    return digests_.contains(std::string(digest.view()));
  }
  void Add(const Hash& digest) {
    MutexLock lock(&mu_);
    digests_.emplace(digest.view());
  }

 private:
  Mutex mu_;
  std::set<std::string> digests_ ABSL_GUARDED_BY(mu_);
};

// The modules that can hold the token.
absl::StatusOr<std::vector<Module>> LoadModules(const Pkcs11Uri& uri) {
  std::vector<CK_FUNCTION_LIST*> loaded;
  if (!uri.module_path().empty()) {
    CK_FUNCTION_LIST* const module = p11_kit_module_load(uri.module_path().c_str(), 0);
    if (module == nullptr) {
      return FailedPrecondition("token ", uri.token(), " is not there: module ", uri.module_path(),
                                " cannot be loaded");
    }
    loaded.push_back(module);
  } else {
    CK_FUNCTION_LIST** const all = p11_kit_modules_load(nullptr, 0);
    const std::string wanted = TextOf(p11_kit_uri_get_module_name(uri.parsed()));
    for (CK_FUNCTION_LIST** at = all; at != nullptr && *at != nullptr; ++at) {
      char* const name = p11_kit_module_get_name(*at);
      if (wanted.empty() || wanted == TextOf(name)) {
        loaded.push_back(*at);
      } else {
        p11_kit_module_release(*at);
      }
      free(name);
    }
    free(all);
  }
  std::vector<Module> modules;
  CK_RV failed = CKR_OK;
  for (CK_FUNCTION_LIST* const module : loaded) {
    const CK_RV rv = p11_kit_module_initialize(module);
    if (rv == CKR_OK) {
      modules.emplace_back(module, &Unload);
    } else {
      failed = rv;
      p11_kit_module_release(module);
    }
  }
  if (modules.empty() && failed != CKR_OK) {
    return FailedPrecondition("token ", uri.token(),
                              " is not there: its module does not start: ", Reason(failed));
  }
  return modules;
}

// The slots whose token is the one of the URI.
std::vector<CK_SLOT_ID> SlotsOf(CK_FUNCTION_LIST* module, const Pkcs11Uri& uri) {
  CK_ULONG count = 0;
  if (module->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK) return {};
  // One may be plugged in meanwhile.
  std::vector<CK_SLOT_ID> slots(count + 8);
  count = slots.size();
  if (module->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) return {};
  slots.resize(count);
  const CK_SLOT_ID wanted = p11_kit_uri_get_slot_id(uri.parsed());
  const auto is_other = [&](CK_SLOT_ID slot) {
    CK_TOKEN_INFO token;
    CK_SLOT_INFO info;
    return (wanted != static_cast<CK_SLOT_ID>(-1) && slot != wanted) ||
           module->C_GetTokenInfo(slot, &token) != CKR_OK ||
           (token.flags & CKF_TOKEN_INITIALIZED) == 0 ||
           p11_kit_uri_match_token_info(uri.parsed(), &token) != 1 ||
           module->C_GetSlotInfo(slot, &info) != CKR_OK ||
           p11_kit_uri_match_slot_info(uri.parsed(), &info) != 1;
  };
  slots.erase(std::remove_if(slots.begin(), slots.end(), is_other), slots.end());
  return slots;
}

// An Ed25519 point as tokens write it: DER of an octet or a bit string, or the bytes alone.
std::optional<std::string> PointOf(const std::string& bytes) {
  for (const std::string_view start :
       {std::string_view("\x04\x20", 2), std::string_view("\x03\x21\x00", 3), std::string_view()}) {
    if (bytes.size() == start.size() + kKeyBytes && bytes.starts_with(start)) {
      return bytes.substr(start.size());
    }
  }
  return std::nullopt;
}

}  // namespace

// --------------------------------------------------------------------- URI

Pkcs11Uri::Pkcs11Uri(std::string_view text)
    : text_(text), parsed_(p11_kit_uri_new(), &p11_kit_uri_free) {}

bool Pkcs11Uri::has_pin_value() const {
  return p11_kit_uri_get_pin_value(parsed_.get()) != nullptr;
}

absl::StatusOr<Pkcs11Uri> Pkcs11Uri::Parse(std::string_view text) {
  if (text.size() > kMaxUriBytes) {
    return InvalidArgument("PKCS#11 URI: ", text.size(), " bytes, at most ", kMaxUriBytes);
  }
  const auto is_odd = [](char c) { return c <= 0x20 || c == 0x7f; };
  if (!text.starts_with("pkcs11:") || std::any_of(text.begin(), text.end(), is_odd)) {
    return InvalidArgument(
        "PKCS#11 URI: expected pkcs11:token=...;object=...?pin-source=file:..., without spaces");
  }
  Pkcs11Uri uri(text);
  P11KitUri* const parsed = uri.parsed_.get();
  if (const int result = p11_kit_uri_parse(uri.text_.c_str(), P11_KIT_URI_FOR_ANY, parsed);
      result != P11_KIT_URI_OK) {
    return InvalidArgument("PKCS#11 URI: ", p11_kit_uri_message(result));
  }
  if (p11_kit_uri_any_unrecognized(parsed) != 0) {
    return InvalidArgument("PKCS#11 URI: has a part that is not known here");
  }
  if (CK_ATTRIBUTE* const type = p11_kit_uri_get_attribute(parsed, CKA_CLASS);
      type != nullptr && *static_cast<CK_OBJECT_CLASS*>(type->pValue) != CKO_PRIVATE_KEY) {
    return InvalidArgument("PKCS#11 URI: type: expected private");
  }
  const std::string_view label = Spelled(text, "token");
  const std::string_view serial = Spelled(text, "serial");
  if (label.empty() && serial.empty()) {
    return InvalidArgument("PKCS#11 URI: token or serial is missing");
  }
  if (Spelled(text, "object").empty() && Spelled(text, "id").empty()) {
    return InvalidArgument("PKCS#11 URI: object or id is missing");
  }
  uri.token_ = label.empty() ? serial : label;
  uri.module_path_ = TextOf(p11_kit_uri_get_module_path(parsed));
  if (!uri.module_path_.empty() && !IsPath(uri.module_path_)) {
    return InvalidArgument("PKCS#11 URI: module-path: expected an absolute path");
  }
  if (const char* const source = p11_kit_uri_get_pin_source(parsed); source != nullptr) {
    std::string_view path = source;
    if (path.starts_with("file:")) path.remove_prefix(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!IsPath(path)) {
      return InvalidArgument("PKCS#11 URI: pin-source: expected file: and an absolute path");
    }
    if (uri.has_pin_value()) {
      return InvalidArgument("PKCS#11 URI: pin-source and pin-value: expected one of them");
    }
    uri.pin_file_ = path;
  }
  return uri;
}

absl::Status CheckSentUri(std::string_view uri) {
  SUYUAN_ASSIGN_OR_RETURN(const Pkcs11Uri parsed, Pkcs11Uri::Parse(uri));
  if (!parsed.module_path().empty()) {
    return InvalidArgument(
        "PKCS#11 URI: module-path: not over the network; the server asks the modules that p11-kit "
        "is configured with there, module-name names one");
  }
  if (parsed.has_pin_value()) {
    return InvalidArgument(
        "PKCS#11 URI: pin-value: not over the network; pin-source names a file on the server");
  }
  return absl::OkStatus();
}

// ----------------------------------------------------------------- session

class Pkcs11Signer::Session {
 public:
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Pkcs11Uri& uri) {
    SUYUAN_ASSIGN_OR_RETURN(std::vector<Module> modules, LoadModules(uri));
    for (Module& module : modules) {
      CK_INFO info;
      if (module->C_GetInfo(&info) != CKR_OK ||
          p11_kit_uri_match_module_info(uri.parsed(), &info) != 1) {
        continue;
      }
      const std::vector<CK_SLOT_ID> slots = SlotsOf(module.get(), uri);
      if (slots.empty()) continue;
      if (slots.size() > 1) {
        return FailedPrecondition("token ", uri.token(), ": ", slots.size(),
                                  " are there; expected its serial in the URI");
      }
      std::unique_ptr<Session> session(new Session(std::move(module), uri.token()));
      SUYUAN_RETURN_IF_ERROR(session->Start(slots[0], uri));
      return session;
    }
    return FailedPrecondition("token ", uri.token(), " is not there");
  }
  ~Session() {
    if (handle_ != CK_INVALID_HANDLE) module_->C_CloseSession(handle_);
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::string& public_key() const { return public_key_; }

  absl::StatusOr<std::string> Sign(std::string_view text) {
    CK_MECHANISM mechanism = {CKM_EDDSA, nullptr, 0};
    std::string message(text);
    std::string signature(kSignatureBytes, '\0');
    CK_ULONG length = signature.size();
    CK_RV rv = module_->C_SignInit(handle_, &mechanism, key_);
    if (rv == CKR_OK) {
      rv = module_->C_Sign(handle_, Bytes(&message), message.size(), Bytes(&signature), &length);
    }
    if (rv != CKR_OK) return Error("does not sign", rv);
    signature.resize(std::min<size_t>(length, kSignatureBytes));
    return signature;
  }

 private:
  Session(Module module, std::string token)
      : module_(std::move(module)), token_(std::move(token)) {}

  absl::Status Error(std::string_view what, CK_RV rv) const {
    return FailedPrecondition("token ", token_, " ", what, ": ", Reason(rv));
  }

  absl::Status Start(CK_SLOT_ID slot, const Pkcs11Uri& uri) {
    const CK_RV rv = module_->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr, &handle_);
    if (rv != CKR_OK) {
      handle_ = CK_INVALID_HANDLE;
      return Error("opens no session", rv);
    }
    SUYUAN_RETURN_IF_ERROR(LogIn(slot, uri));
    return FindKey(uri);
  }

  absl::Status LogIn(CK_SLOT_ID slot, const Pkcs11Uri& uri) {
    CK_TOKEN_INFO info;
    if (const CK_RV rv = module_->C_GetTokenInfo(slot, &info); rv != CKR_OK) {
      return Error("does not tell what it is", rv);
    }
    if ((info.flags & CKF_LOGIN_REQUIRED) == 0) return absl::OkStatus();
    Pin pin;
    SUYUAN_RETURN_IF_ERROR(ReadPin(uri, &pin));
    // Some have a keypad of their own.
    if (pin.text.empty() && (info.flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0) {
      return FailedPrecondition("token ", token_, " wants a PIN: pin-source is missing in its URI");
    }
    const std::string_view serial(reinterpret_cast<const char*>(info.serialNumber),
                                  sizeof info.serialNumber);
    const Hash digest = Sha256({serial, token_, "\n", pin.written, "\n", pin.text});
    const std::string place = uri.pin_file().empty() ? "" : StrCat(" of ", uri.pin_file());
    if (RefusedPins::Instance().Has(digest)) {
      return FailedPrecondition("token ", token_, " refused the PIN", place,
                                "; it is tried again when ",
                                place.empty() ? "the program starts" : "the file is written anew");
    }
    const CK_RV rv = module_->C_Login(
        handle_, CKU_USER, pin.text.empty() ? nullptr : Bytes(&pin.text), pin.text.size());
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) return absl::OkStatus();
    if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_INVALID || rv == CKR_PIN_LEN_RANGE) {
      RefusedPins::Instance().Add(digest);
      return Error(StrCat("refused the PIN", place), rv);
    }
    return Error("does not let us in", rv);
  }

  absl::Status FindKey(const Pkcs11Uri& uri) {
    CK_OBJECT_CLASS private_key = CKO_PRIVATE_KEY;
    CK_KEY_TYPE edwards = CKK_EC_EDWARDS;
    std::vector<CK_ATTRIBUTE> wanted = {{CKA_CLASS, &private_key, sizeof private_key},
                                        {CKA_KEY_TYPE, &edwards, sizeof edwards}};
    for (const CK_ATTRIBUTE_TYPE type : {CKA_LABEL, CKA_ID}) {
      const CK_ATTRIBUTE* const named = p11_kit_uri_get_attribute(uri.parsed(), type);
      if (named != nullptr) wanted.push_back(*named);
    }
    SUYUAN_ASSIGN_OR_RETURN(const std::vector<CK_OBJECT_HANDLE> keys, FindObjects(&wanted));
    if (keys.size() != 1) {
      return FailedPrecondition("token ", token_, ": ", keys.empty() ? "no" : "several",
                                " Ed25519 private keys fit its URI; expected one");
    }
    key_ = keys[0];
    return ReadPublicKey();
  }

  absl::Status ReadPublicKey() {
    std::optional<std::string> point = PointOf(Attribute(key_, CKA_EC_POINT));
    std::string id = Attribute(key_, CKA_ID);
    std::string label = Attribute(key_, CKA_LABEL);
    if (!point.has_value()) {
      CK_OBJECT_CLASS public_key = CKO_PUBLIC_KEY;
      CK_KEY_TYPE edwards = CKK_EC_EDWARDS;
      std::vector<CK_ATTRIBUTE> wanted = {{CKA_CLASS, &public_key, sizeof public_key},
                                          {CKA_KEY_TYPE, &edwards, sizeof edwards}};
      if (!id.empty()) wanted.push_back({CKA_ID, id.data(), id.size()});
      if (!label.empty()) wanted.push_back({CKA_LABEL, label.data(), label.size()});
      SUYUAN_ASSIGN_OR_RETURN(const std::vector<CK_OBJECT_HANDLE> keys, FindObjects(&wanted));
      if (keys.size() == 1) point = PointOf(Attribute(keys[0], CKA_EC_POINT));
    }
    if (!point.has_value()) {
      return FailedPrecondition("token ", token_,
                                ": no Ed25519 public key has the id and label of the private one");
    }
    public_key_ = *std::move(point);
    return absl::OkStatus();
  }

  // At most two: no more than one is ever wanted.
  absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> FindObjects(std::vector<CK_ATTRIBUTE>* wanted) {
    std::vector<CK_OBJECT_HANDLE> found(2);
    CK_ULONG count = 0;
    CK_RV rv = module_->C_FindObjectsInit(handle_, wanted->data(), wanted->size());
    if (rv == CKR_OK) {
      rv = module_->C_FindObjects(handle_, found.data(), found.size(), &count);
      module_->C_FindObjectsFinal(handle_);
    }
    if (rv != CKR_OK) return Error("does not tell its keys", rv);
    found.resize(std::min<size_t>(count, found.size()));
    return found;
  }

  // Empty if the object has it not.
  std::string Attribute(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) {
    std::string value(1024, '\0');
    CK_ATTRIBUTE attribute = {type, value.data(), value.size()};
    if (module_->C_GetAttributeValue(handle_, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen > value.size()) {
      return "";
    }
    value.resize(attribute.ulValueLen);
    return value;
  }

  const Module module_;
  const std::string token_;
  CK_SESSION_HANDLE handle_ = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
  std::string public_key_;
};

// ------------------------------------------------------------------ signer

Pkcs11Signer::Pkcs11Signer(Pkcs11Uri uri) : uri_(std::move(uri)) {}
Pkcs11Signer::~Pkcs11Signer() = default;

bool Pkcs11Signer::IsLine(std::string_view line) { return line.starts_with(kLineStart); }

std::string Pkcs11Signer::line() const {
  return StrCat(kLineStart, key_.ToString(), " ", uri_.text());
}

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::Find(std::string_view name,
                                                                 std::string_view uri) {
  SUYUAN_ASSIGN_OR_RETURN(Pkcs11Uri parsed, Pkcs11Uri::Parse(uri));
  std::unique_ptr<Pkcs11Signer> signer(new Pkcs11Signer(std::move(parsed)));
  {
    MutexLock lock(&signer->mu_);
    SUYUAN_ASSIGN_OR_RETURN(signer->session_, Session::Open(signer->uri_));
    SUYUAN_ASSIGN_OR_RETURN(signer->key_, VerifierKey::Make(name, VerifierKey::Type::kEd25519,
                                                            signer->session_->public_key()));
  }
  SUYUAN_RETURN_IF_ERROR(signer->Sign(kTrialText).status());
  return signer;
}

absl::StatusOr<std::unique_ptr<Pkcs11Signer>> Pkcs11Signer::Parse(std::string_view line) {
  const size_t space = line.find(' ', kLineStart.size());
  if (!IsLine(line) || space == std::string_view::npos) {
    return InvalidArgument("key on a token: expected ", kLineStart, "vkey URI");
  }
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(line.substr(
                                               kLineStart.size(), space - kLineStart.size())));
  if (key.type() != VerifierKey::Type::kEd25519) {
    return InvalidArgument("key on a token: not an Ed25519 key");
  }
  SUYUAN_ASSIGN_OR_RETURN(Pkcs11Uri uri, Pkcs11Uri::Parse(line.substr(space + 1)));
  std::unique_ptr<Pkcs11Signer> signer(new Pkcs11Signer(std::move(uri)));
  signer->key_ = std::move(key);
  return signer;
}

absl::StatusOr<std::string> Pkcs11Signer::Sign(std::string_view text) {
  MutexLock lock(&mu_);
  const bool kept = session_ != nullptr;
  absl::StatusOr<std::string> signature = SignOnce(text);
  // It was pulled out and put back, or its module lost the session.
  if (kept && absl::IsFailedPrecondition(signature.status())) signature = SignOnce(text);
  return signature;
}

absl::StatusOr<std::string> Pkcs11Signer::SignOnce(std::string_view text) {
  if (session_ == nullptr) {
    SUYUAN_ASSIGN_OR_RETURN(std::unique_ptr<Session> session, Session::Open(uri_));
    if (session->public_key() != key_.public_key()) {
      return DataLoss("token ", uri_.token(), ": its key is not ", key_.ToString());
    }
    session_ = std::move(session);
  }
  absl::StatusOr<std::string> signature = session_->Sign(text);
  if (signature.ok() && !key_.Verify(text, *signature).ok()) {
    signature = DataLoss("token ", uri_.token(), ": its signature is none of ", key_.ToString());
  }
  if (!signature.ok()) session_.reset();
  return signature;
}

}  // namespace suyuan::merkle
