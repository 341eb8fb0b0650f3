#ifndef LIB_MERKLE_NOTE_H_
#define LIB_MERKLE_NOTE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/base/hash.h"

// Signed notes (C2SP signed-note v1.0.0): a text and, behind it, who signed it.
// Safe on any thread; nothing here reads a clock.
namespace suyuan::merkle {

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  // without the key id
};

struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};

// More is no note: its verifier would work for whoever sent it.
inline constexpr size_t kMaxNoteBytes = 1 << 20;
inline constexpr size_t kMaxNoteSignatures = 100;

// kInvalidArgument, naming the line, for what is no signed note. Says nothing of
// whether the signatures are true.
absl::StatusOr<Note> ParseNote(std::string_view bytes);
std::string FormatNote(const Note& note);
// A name for a key: UTF-8, not empty, no spaces, no plus sign.
bool IsKeyName(std::string_view name);

// Whose signature it is, and how it is checked; written as "name+id+key" (vkey).
class VerifierKey {
 public:
  enum class Type : uint8_t {
    kEd25519 = 0x01,             // of the text
    kEd25519Cosignature = 0x04,  // of the text and a time: C2SP tlog-cosignature
    // SM2 with SM3 over the text (sm2.h), raw r || s: of the types that C2SP leaves to others,
    // told by the identifier "sm2-sm3/v1" before the key.
    kSm2Sm3 = 0xff,
  };

  VerifierKey() = default;
  // kInvalidArgument: not a vkey, of another type than those above, or the id is not the key's.
  static absl::StatusOr<VerifierKey> Parse(std::string_view vkey);
  // `public_key`: 32 bytes, RFC 8032; of SM2 65, as in sm2.h. kInvalidArgument: name or key.
  static absl::StatusOr<VerifierKey> Make(std::string_view name, Type type,
                                          std::string_view public_key);
  std::string ToString() const;

  const std::string& name() const { return name_; }
  uint32_t id() const { return id_; }
  Type type() const { return type_; }
  const std::string& public_key() const { return public_key_; }
  // Of the trees whose heads such a key signs.
  HashKind hash() const { return type_ == Type::kSm2Sm3 ? HashKind::kSm3 : HashKind::kSha256; }

  // kDataLoss unless `signature` is this key's over `text`.
  absl::Status Verify(std::string_view text, std::string_view signature) const;

 private:
  std::string name_;
  uint32_t id_ = 0;
  Type type_ = Type::kEd25519;
  std::string public_key_;
};

// When a witness saw the text, in seconds since 1970; 0 if `signature` is no cosignature.
uint64_t CosignatureTime(std::string_view signature);

// The keys of `known` that signed the note, by their places in it. kDataLoss if one of
// them stands in it with a signature that is not its own. Signatures of others are passed
// over; of a key that signed several times the first counts.
absl::StatusOr<std::vector<size_t>> VerifyNote(const Note& note,
                                               const std::vector<VerifierKey>& known);

// Whoever holds a private key: a file, a token.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const VerifierKey& key() const = 0;
  // The signature over `text`, as it stands behind the key id. Errors are the key holder's.
  virtual absl::StatusOr<std::string> Sign(std::string_view text) = 0;
};

// A key in memory, as "PRIVATE+KEY+name+id+base64(type, seed)", which is how the Go
// checksum database writes it.
class Ed25519Signer final : public Signer {
 public:
  // A new key from the system's randomness. kInvalidArgument: `name`.
  static absl::StatusOr<std::string> Generate(std::string_view name);
  // kInvalidArgument: not such a text.
  static absl::StatusOr<std::unique_ptr<Ed25519Signer>> Parse(std::string_view private_key);
  ~Ed25519Signer() override;

  const VerifierKey& key() const override { return key_; }
  absl::StatusOr<std::string> Sign(std::string_view text) override;

 private:
  Ed25519Signer(VerifierKey key, std::string seed);

  VerifierKey key_;
  std::string seed_;
};

// The same with an SM2 key: "PRIVATE+KEY+name+id+base64(0xff, "sm2-sm3/v1", private key)".
class Sm2Signer final : public Signer {
 public:
  static absl::StatusOr<std::string> Generate(std::string_view name);
  static absl::StatusOr<std::unique_ptr<Sm2Signer>> Parse(std::string_view private_key);
  ~Sm2Signer() override;

  const VerifierKey& key() const override { return key_; }
  absl::StatusOr<std::string> Sign(std::string_view text) override;

 private:
  Sm2Signer(VerifierKey key, std::string number);

  VerifierKey key_;
  std::string number_;
};

// `text` signed by all of `signers`.
absl::StatusOr<std::string> SignNote(std::string_view text, const std::vector<Signer*>& signers);

}  // namespace suyuan::merkle

#endif  // LIB_MERKLE_NOTE_H_
