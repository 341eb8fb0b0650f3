#include "lib/merkle/note.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "lib/base/bytes.h"
#include "lib/base/hash.h"
#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/base/utf8.h"
#include "lib/merkle/sm2.h"

namespace suyuan::merkle {
namespace {

constexpr std::string_view kSignatureStart = "\u2014 ";
constexpr std::string_view kPrivateStart = "PRIVATE+KEY+";
constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kTimeBytes = 8;
constexpr std::string_view kSm2Identifier = "sm2-sm3/v1";

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Bytes(std::string_view s) {
  return reinterpret_cast<const unsigned char*>(s.data());
}

bool VerifyEd25519(std::string_view public_key, std::string_view text, std::string_view signature) {
  const Key key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Bytes(public_key), public_key.size()),
      &EVP_PKEY_free);
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return key != nullptr && digest != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(digest.get(), Bytes(signature), signature.size(), Bytes(text),
                          text.size()) == 1;
}

// Unicode White_Space.
bool IsSpace(uint32_t point) {
  return (point >= 0x09 && point <= 0x0d) || point == 0x20 || point == 0x85 || point == 0xa0 ||
         point == 0x1680 || (point >= 0x2000 && point <= 0x200a) || point == 0x2028 ||
         point == 0x2029 || point == 0x202f || point == 0x205f || point == 0x3000;
}

// What stands before a key of this type.
std::string TypeBytes(VerifierKey::Type type) {
  std::string bytes(1, static_cast<char>(type));
  if (type == VerifierKey::Type::kSm2Sm3) bytes += kSm2Identifier;
  return bytes;
}

uint32_t KeyId(std::string_view name, VerifierKey::Type type, std::string_view public_key) {
  const Hash hash = Sha256({name, "\n", TypeBytes(type), public_key});
  return GetFixed32(hash.view().data());
}

std::string HexId(uint32_t id) {
  std::string bytes;
  PutFixed32(&bytes, id);
  return ToHex(bytes);
}

// "name+id+base64(type, rest)".
struct KeyText {
  std::string_view name;
  uint32_t id = 0;
  uint8_t type = 0;
  std::string rest;
};

absl::StatusOr<KeyText> ParseKeyText(std::string_view text) {
  const size_t name_end = text.find('+');
  const size_t id_end =
      name_end == std::string_view::npos ? name_end : text.find('+', name_end + 1);
  if (id_end == std::string_view::npos) return InvalidArgument("key: expected name+id+key");
  KeyText key;
  key.name = text.substr(0, name_end);
  if (!IsKeyName(key.name))
    return InvalidArgument("key: name is empty, has spaces or is not UTF-8");
  const std::string_view id_text = text.substr(name_end + 1, id_end - name_end - 1);
  const std::optional<std::string> id = FromHex(id_text);
  if (!id.has_value() || id->size() != 4 || ToHex(*id) != id_text) {
    return InvalidArgument("key: id is not eight hexadecimal digits in lower case");
  }
  key.id = GetFixed32(id->data());
  std::optional<std::string> rest = FromBase64(text.substr(id_end + 1));
  if (!rest.has_value() || rest->empty()) return InvalidArgument("key: not base64");
  key.type = static_cast<uint8_t>(rest->front());
  key.rest = rest->substr(1);
  return key;
}

// Takes the identifier off the rest of an SM2 key; false if it is another key.
bool TakeSm2Identifier(KeyText* key) {
  if (static_cast<VerifierKey::Type>(key->type) != VerifierKey::Type::kSm2Sm3 ||
      !key->rest.starts_with(kSm2Identifier)) {
    return false;
  }
  key->rest.erase(0, kSm2Identifier.size());
  return true;
}

absl::StatusOr<VerifierKey> KeyOfSeed(std::string_view name, std::string_view seed) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed), seed.size()),
                &EVP_PKEY_free);
  std::string public_key(kKeyBytes, '\0');
  size_t length = public_key.size();
  if (key == nullptr ||
      EVP_PKEY_get_raw_public_key(key.get(), reinterpret_cast<unsigned char*>(public_key.data()),
                                  &length) != 1) {
    return absl::InternalError("no Ed25519 key");
  }
  return VerifierKey::Make(name, VerifierKey::Type::kEd25519, public_key);
}

}  // namespace

bool IsKeyName(std::string_view name) {
  for (size_t i = 0; i < name.size();) {
    const uint32_t point = DecodeUtf8(name, &i);
    if (point == kMalformedUtf8 || point < 0x20 || point == '+' || IsSpace(point)) return false;
  }
  return !name.empty();
}

// ------------------------------------------------------------------- notes

absl::StatusOr<Note> ParseNote(std::string_view bytes) {
  if (bytes.size() > kMaxNoteBytes) {
    return InvalidArgument("note: ", bytes.size(), " bytes, at most ", kMaxNoteBytes);
  }
  if (!IsUtf8(bytes)) return InvalidArgument("note: not UTF-8");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 && c != '\n'; };
  if (std::any_of(bytes.begin(), bytes.end(), is_control)) {
    return InvalidArgument("note: has control characters");
  }
  const size_t blank = bytes.rfind("\n\n");
  if (blank == std::string_view::npos || !bytes.ends_with('\n')) {
    return InvalidArgument("note: no blank line before its signatures");
  }
  Note note;
  note.text = bytes.substr(0, blank + 1);
  std::string_view rest = bytes.substr(blank + 2);
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    const size_t number = note.signatures.size() + 1;
    if (number > kMaxNoteSignatures) {
      return InvalidArgument("note: more than ", kMaxNoteSignatures, " signatures");
    }
    if (!line.starts_with(kSignatureStart)) {
      return InvalidArgument("note: signature ", number, " does not begin with a dash");
    }
    line.remove_prefix(kSignatureStart.size());
    const size_t space = line.find(' ');
    NoteSignature signature;
    signature.name = line.substr(0, space);
    if (space == std::string_view::npos || !IsKeyName(signature.name)) {
      return InvalidArgument("note: signature ", number, " has no key name");
    }
    const std::optional<std::string> blob = FromBase64(line.substr(space + 1));
    if (!blob.has_value() || blob->size() < 5) {
      return InvalidArgument("note: signature ", number,
                             " is not a key id and a signature in base64");
    }
    signature.key_id = GetFixed32(blob->data());
    signature.bytes = blob->substr(4);
    note.signatures.push_back(std::move(signature));
  }
  if (note.signatures.empty()) return InvalidArgument("note: no signature");
  return note;
}

std::string FormatNote(const Note& note) {
  std::string out = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    std::string blob;
    PutFixed32(&blob, signature.key_id);
    blob += signature.bytes;
    out += StrCat(kSignatureStart, signature.name, " ", ToBase64(blob), "\n");
  }
  return out;
}

absl::StatusOr<std::vector<size_t>> VerifyNote(const Note& note,
                                               const std::vector<VerifierKey>& known) {
  std::vector<size_t> signers;
  for (const NoteSignature& signature : note.signatures) {
    for (size_t i = 0; i < known.size(); ++i) {
      if (known[i].name() != signature.name || known[i].id() != signature.key_id) continue;
      if (std::find(signers.begin(), signers.end(), i) != signers.end()) continue;
      SUYUAN_RETURN_IF_ERROR(known[i].Verify(note.text, signature.bytes));
      signers.push_back(i);
    }
  }
  return signers;
}

uint64_t CosignatureTime(std::string_view signature) {
  if (signature.size() != kTimeBytes + kSignatureBytes) return 0;
  return GetFixed64(signature.data());
}

absl::StatusOr<std::string> SignNote(std::string_view text, const std::vector<Signer*>& signers) {
  Note note;
  note.text = text;
  for (Signer* const signer : signers) {
    SUYUAN_ASSIGN_OR_RETURN(std::string signature, signer->Sign(text));
    note.signatures.push_back({signer->key().name(), signer->key().id(), std::move(signature)});
  }
  return FormatNote(note);
}

// -------------------------------------------------------------------- keys

absl::StatusOr<VerifierKey> VerifierKey::Make(std::string_view name, Type type,
                                              std::string_view public_key) {
  if (!IsKeyName(name)) return InvalidArgument("key: name is empty, has spaces or is not UTF-8");
  if (type == Type::kSm2Sm3) {
    if (!IsSm2PublicKey(public_key)) {
      return InvalidArgument("key: not a point of the SM2 curve in ", kSm2PublicBytes, " bytes");
    }
  } else if (public_key.size() != kKeyBytes) {
    return InvalidArgument("key: ", public_key.size(), " bytes, expected ", kKeyBytes);
  }
  VerifierKey key;
  key.name_ = name;
  key.type_ = type;
  key.public_key_ = public_key;
  key.id_ = KeyId(name, type, public_key);
  return key;
}

absl::StatusOr<VerifierKey> VerifierKey::Parse(std::string_view vkey) {
  SUYUAN_ASSIGN_OR_RETURN(KeyText text, ParseKeyText(vkey));
  const Type type = static_cast<Type>(text.type);
  if (type != Type::kEd25519 && type != Type::kEd25519Cosignature && !TakeSm2Identifier(&text)) {
    return InvalidArgument("key: signature type ", int{text.type}, " is not known here");
  }
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey key, Make(text.name, type, text.rest));
  if (key.id_ != text.id) {
    return InvalidArgument("key: id is ", HexId(text.id), ", expected ", HexId(key.id_));
  }
  return key;
}

std::string VerifierKey::ToString() const {
  return StrCat(name_, "+", HexId(id_), "+", ToBase64(TypeBytes(type_) + public_key_));
}

absl::Status VerifierKey::Verify(std::string_view text, std::string_view signature) const {
  bool good = false;
  switch (type_) {
    case Type::kEd25519:
      good = signature.size() == kSignatureBytes && VerifyEd25519(public_key_, text, signature);
      break;
    case Type::kEd25519Cosignature:
      good =
          signature.size() == kTimeBytes + kSignatureBytes &&
          VerifyEd25519(public_key_,
                        StrCat("cosignature/v1\ntime ", GetFixed64(signature.data()), "\n", text),
                        signature.substr(kTimeBytes));
      break;
    case Type::kSm2Sm3:
      good = Sm2Verify(public_key_, text, signature);
      break;
  }
  if (good) return absl::OkStatus();
  return DataLoss("note: what stands for the signature of ", name_, " (", HexId(id_), ") is none");
}

// ----------------------------------------------------------------- signers

absl::StatusOr<std::string> Ed25519Signer::Generate(std::string_view name) {
  std::string seed(kKeyBytes, '\0');
  if (RAND_priv_bytes(reinterpret_cast<unsigned char*>(seed.data()), kKeyBytes) != 1) {
    return absl::UnavailableError("no randomness");
  }
  SUYUAN_ASSIGN_OR_RETURN(const VerifierKey verifier, KeyOfSeed(name, seed));
  return StrCat(kPrivateStart, name, "+", HexId(verifier.id()), "+",
                ToBase64(std::string(1, '\x01') + seed));
}

absl::StatusOr<std::unique_ptr<Ed25519Signer>> Ed25519Signer::Parse(std::string_view private_key) {
  if (!private_key.starts_with(kPrivateStart)) {
    return InvalidArgument("private key: does not begin with ", kPrivateStart);
  }
  SUYUAN_ASSIGN_OR_RETURN(KeyText text, ParseKeyText(private_key.substr(kPrivateStart.size())));
  if (static_cast<VerifierKey::Type>(text.type) != VerifierKey::Type::kEd25519 ||
      text.rest.size() != kKeyBytes) {
    return InvalidArgument("private key: not an Ed25519 seed");
  }
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey verifier, KeyOfSeed(text.name, text.rest));
  if (verifier.id() != text.id) {
    return InvalidArgument("private key: id is ", HexId(text.id), ", expected ",
                           HexId(verifier.id()));
  }
  return std::unique_ptr<Ed25519Signer>(
      new Ed25519Signer(std::move(verifier), std::move(text.rest)));
}

Ed25519Signer::Ed25519Signer(VerifierKey key, std::string seed)
    : key_(std::move(key)), seed_(std::move(seed)) {}

Ed25519Signer::~Ed25519Signer() { OPENSSL_cleanse(seed_.data(), seed_.size()); }

absl::StatusOr<std::string> Ed25519Signer::Sign(std::string_view text) {
  const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Bytes(seed_), seed_.size()),
                &EVP_PKEY_free);
  const Digest digest(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(kSignatureBytes, '\0');
  size_t length = signature.size();
  if (key == nullptr || digest == nullptr ||
      EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     Bytes(text), text.size()) != 1 ||
      length != signature.size()) {
    return absl::InternalError(StrCat("cannot sign as ", key_.name()));
  }
  return signature;
}

absl::StatusOr<std::string> Sm2Signer::Generate(std::string_view name) {
  SUYUAN_ASSIGN_OR_RETURN(std::string number, NewSm2Key());
  SUYUAN_ASSIGN_OR_RETURN(const std::string public_key, Sm2PublicKey(number));
  SUYUAN_ASSIGN_OR_RETURN(const VerifierKey verifier,
                          VerifierKey::Make(name, VerifierKey::Type::kSm2Sm3, public_key));
  std::string line = StrCat(kPrivateStart, name, "+", HexId(verifier.id()), "+",
                            ToBase64(TypeBytes(VerifierKey::Type::kSm2Sm3) + number));
  OPENSSL_cleanse(number.data(), number.size());
  return line;
}

absl::StatusOr<std::unique_ptr<Sm2Signer>> Sm2Signer::Parse(std::string_view private_key) {
  if (!private_key.starts_with(kPrivateStart)) {
    return InvalidArgument("private key: does not begin with ", kPrivateStart);
  }
  SUYUAN_ASSIGN_OR_RETURN(KeyText text, ParseKeyText(private_key.substr(kPrivateStart.size())));
  if (!TakeSm2Identifier(&text)) return InvalidArgument("private key: not an SM2 key");
  SUYUAN_ASSIGN_OR_RETURN(const std::string public_key, Sm2PublicKey(text.rest));
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey verifier,
                          VerifierKey::Make(text.name, VerifierKey::Type::kSm2Sm3, public_key));
  if (verifier.id() != text.id) {
    return InvalidArgument("private key: id is ", HexId(text.id), ", expected ",
                           HexId(verifier.id()));
  }
  return std::unique_ptr<Sm2Signer>(new Sm2Signer(std::move(verifier), std::move(text.rest)));
}

Sm2Signer::Sm2Signer(VerifierKey key, std::string number)
    : key_(std::move(key)), number_(std::move(number)) {}

Sm2Signer::~Sm2Signer() { OPENSSL_cleanse(number_.data(), number_.size()); }

absl::StatusOr<std::string> Sm2Signer::Sign(std::string_view text) {
  return Sm2Sign(number_, text);
}

}  // namespace suyuan::merkle
