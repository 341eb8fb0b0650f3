#include "lib/merkle/note.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "lib/base/bytes.h"
#include "tests/support/status_matchers.h"

namespace suyuan::merkle {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The example of Go's package golang.org/x/mod/sumdb/note.
constexpr char kNeumann[] = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr char kNeumannPrivate[] =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr char kText[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr char kNote[] =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6K"
    "E6RyyBwJnAM=\n";

VerifierKey KeyOf(std::string_view vkey) {
  auto key = VerifierKey::Parse(vkey);
  EXPECT_THAT(key, IsOk());
  return key.value();
}

std::unique_ptr<Ed25519Signer> NewSigner(std::string_view name) {
  return Ed25519Signer::Parse(Ed25519Signer::Generate(name).value()).value();
}

TEST(NoteTest, GoAndWeSignAlike) {
  auto signer = Ed25519Signer::Parse(kNeumannPrivate);
  ASSERT_THAT(signer, IsOk());
  EXPECT_EQ((*signer)->key().ToString(), kNeumann);
  EXPECT_EQ(SignNote(kText, {signer->get()}).value(), kNote);
  const auto note = ParseNote(kNote);
  ASSERT_THAT(note, IsOk());
  EXPECT_EQ(note->text, kText);
  EXPECT_EQ(FormatNote(*note), kNote);
  EXPECT_THAT(VerifyNote(*note, {KeyOf(kNeumann)}).value(), ElementsAre(0u));
}

TEST(NoteTest, EverySingleChangedBitIsNoticed) {
  const std::vector<VerifierKey> known = {KeyOf(kNeumann)};
  const std::string good = kNote;
  for (size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string broken = good;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    const auto note = ParseNote(broken);
    if (!note.ok()) continue;
    const auto signers = VerifyNote(*note, known);
    EXPECT_TRUE(!signers.ok() || signers->empty()) << "bit " << bit << ": " << broken;
  }
}

TEST(NoteTest, StrangersAreOverlookedAndImpostorsAreNot) {
  const auto log = NewSigner("example.com/plant");
  const auto stranger = NewSigner("example.com/elsewhere");
  const std::string bytes = SignNote("text\n", {stranger.get(), log.get(), log.get()}).value();
  Note note = ParseNote(bytes).value();
  EXPECT_THAT(VerifyNote(note, {log->key()}).value(), ElementsAre(0u));
  EXPECT_THAT(VerifyNote(note, {log->key(), stranger->key()}).value(), ElementsAre(1u, 0u));
  // The same name with another key is somebody else.
  const auto namesake = NewSigner("example.com/plant");
  EXPECT_THAT(VerifyNote(note, {namesake->key()}).value(), IsEmpty());
  note.signatures[1].bytes = note.signatures[0].bytes;
  EXPECT_THAT(VerifyNote(note, {log->key()}),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("example.com/plant")));
}

TEST(NoteTest, TheTextMayHaveEmptyLines) {
  const auto signer = NewSigner("a");
  const std::string bytes = SignNote("one\n\n\ntwo\n", {signer.get()}).value();
  EXPECT_EQ(ParseNote(bytes).value().text, "one\n\n\ntwo\n");
}

TEST(NoteTest, WhatIsNoNoteIsToldWhy) {
  const auto why = [](std::string_view bytes) {
    const auto note = ParseNote(bytes);
    return note.ok() ? "a note" : std::string(note.status().message());
  };
  EXPECT_THAT(why(""), HasSubstr("blank line"));
  EXPECT_THAT(why("text\n"), HasSubstr("blank line"));
  EXPECT_THAT(why("text\n\n"), HasSubstr("no signature"));
  EXPECT_THAT(why("text\n\n— a x08goA==\n"), HasSubstr("not a key id"));
  EXPECT_THAT(why("text\n\n— a x08goGE=\n"), "a note");
  EXPECT_THAT(why("text\n\n— a x08goGE="), HasSubstr("blank line"));
  EXPECT_THAT(why("text\n\n- a x08goGE=\n"), HasSubstr("dash"));
  EXPECT_THAT(why("text\n\n— a+b x08goGE=\n"), HasSubstr("key name"));
  EXPECT_THAT(why("text\n\n— a\u3000b x08goGE=\n"), HasSubstr("key name"));
  EXPECT_THAT(why("text\n\n—  x08goGE=\n"), HasSubstr("key name"));
  EXPECT_THAT(why("te\rxt\n\n— a x08goGE=\n"), HasSubstr("control"));
  EXPECT_THAT(why("te\xffxt\n\n— a x08goGE=\n"), HasSubstr("UTF-8"));
  EXPECT_THAT(why(std::string(kMaxNoteBytes, 'x')), HasSubstr("no"));
  EXPECT_THAT(why(std::string(kMaxNoteBytes + 1, 'x')), HasSubstr("at most"));
  std::string many = "text\n\n";
  for (size_t i = 0; i <= kMaxNoteSignatures; ++i) many += "— a x08goGE=\n";
  EXPECT_THAT(why(many), HasSubstr("more than 100"));
}

TEST(VerifierKeyTest, OnlyKeysOfKnownTypesWithTheirOwnIdAreRead) {
  EXPECT_EQ(KeyOf(kNeumann).ToString(), kNeumann);
  for (const char* bad :
       {"", "PeterNeumann", "PeterNeumann+c74f20a3",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumanm+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10T",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", kNeumannPrivate}) {
    EXPECT_FALSE(VerifierKey::Parse(bad).ok()) << bad;
  }
}

TEST(VerifierKeyTest, ACosignatureSaysWhenAndIsNoSignature) {
  const auto signer = NewSigner("witness.example.com");
  const auto witness = VerifierKey::Make(
      "witness.example.com", VerifierKey::Type::kEd25519Cosignature, signer->key().public_key());
  ASSERT_THAT(witness, IsOk());
  EXPECT_NE(witness->id(), signer->key().id());
  std::string blob;
  PutFixed64(&blob, 1'700'000'000);
  blob += signer->Sign("cosignature/v1\ntime 1700000000\ntext\n").value();
  EXPECT_THAT(witness->Verify("text\n", blob), IsOk());
  EXPECT_EQ(CosignatureTime(blob), 1'700'000'000u);
  EXPECT_FALSE(signer->key().Verify("text\n", blob).ok());
  ++blob[7];
  EXPECT_FALSE(witness->Verify("text\n", blob).ok());
  EXPECT_FALSE(witness->Verify("text\n", "").ok());
}

TEST(Ed25519SignerTest, PrivateKeysAreReadInOneSpellingAndAreAllDifferent) {
  const std::string one = Ed25519Signer::Generate("plant").value();
  EXPECT_NE(one, Ed25519Signer::Generate("plant").value());
  EXPECT_THAT(Ed25519Signer::Parse(one), IsOk());
  EXPECT_FALSE(Ed25519Signer::Generate("two words").ok());
  EXPECT_FALSE(Ed25519Signer::Parse(one.substr(1)).ok());
  EXPECT_FALSE(Ed25519Signer::Parse(kNeumann).ok());
  EXPECT_FALSE(Ed25519Signer::Parse(one + "\n").ok());
}

}  // namespace
}  // namespace suyuan::merkle
