#include "lib/ledger/time_stamp.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>

#include <string>

#include "tests/lib/ledger/ledger_fixture.h"
#include "tests/support/status_matchers.h"

namespace suyuan::ledger {
namespace {

using testing::_;
using testing::HasSubstr;
using testing::Not;

// An authority with a certificate that it gave itself.
class Authority {
 public:
  Authority() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 7);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* const name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>("授时 TSA"), -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    Add(NID_key_usage, "critical,digitalSignature");
    Add(NID_ext_key_usage, "critical,timeStamping");
    X509_sign(certificate_, key_, EVP_sha256());
  }
  ~Authority() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  std::string Reply(const std::string& query) {
    TS_RESP_CTX* const context = TS_RESP_CTX_new();
    TS_RESP_CTX_set_signer_cert(context, certificate_);
    TS_RESP_CTX_set_signer_key(context, key_);
    TS_RESP_CTX_set_signer_digest(context, EVP_sha256());
    TS_RESP_CTX_add_md(context, EVP_sha256());
    ASN1_OBJECT* const policy = OBJ_txt2obj("1.2.3.4", 1);
    TS_RESP_CTX_set_def_policy(context, policy);
    TS_RESP_CTX_set_serial_cb(
        context,
        [](TS_RESP_CTX*, void*) {
          ASN1_INTEGER* const serial = ASN1_INTEGER_new();
          ASN1_INTEGER_set(serial, 4711);
          return serial;
        },
        nullptr);
    BIO* const in = BIO_new_mem_buf(query.data(), static_cast<int>(query.size()));
    TS_RESP* const reply = TS_RESP_create_response(context, in);
    unsigned char* der = nullptr;
    const int size = i2d_TS_RESP(reply, &der);
    std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
    OPENSSL_free(der);
    TS_RESP_free(reply);
    BIO_free(in);
    ASN1_OBJECT_free(policy);
    TS_RESP_CTX_free(context);
    return bytes;
  }

  std::string Pem() const {
    BIO* const out = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(out, certificate_);
    char* text = nullptr;
    const long size = BIO_get_mem_data(out, &text);
    std::string pem(text, static_cast<size_t>(size));
    BIO_free(out);
    return pem;
  }

 private:
  void Add(int kind, const char* value) {
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
  }

  EVP_PKEY* const key_;
  X509* const certificate_;
};

class TimeStampTest : public testing::Test {
 protected:
  TimeStampQuery Query(std::string_view data) {
    const absl::StatusOr<TimeStampQuery> query = MakeQuery({data});
    EXPECT_THAT(query, IsOk());
    return query.value_or(TimeStampQuery());
  }
  Authority authority_;
};

TEST_F(TimeStampTest, AnswersToItsQuestionAndIsVerified) {
  const absl::StatusOr<TimeStampQuery> query = MakeQuery({"head", " of a ledger"});
  SUYUAN_ASSERT_OK(query);
  const absl::StatusOr<std::string> token = TokenOfReply(authority_.Reply(query->der), *query);
  SUYUAN_ASSERT_OK(token);
  const absl::StatusOr<TimeStampInfo> told = ReadToken(*token, {"head of", " a ledger"});
  SUYUAN_ASSERT_OK(told);
  EXPECT_EQ(told->serial, "1267");
  EXPECT_EQ(told->policy, "1.2.3.4");
  EXPECT_EQ(told->signer, "CN=授时 TSA");
  const absl::StatusOr<TimeStampInfo> verified =
      VerifyTimeStamp("head of a ledger", *token, authority_.Pem());
  SUYUAN_ASSERT_OK(verified);
  EXPECT_EQ(verified->time_micros, told->time_micros);
  EXPECT_THAT(ReadToken(*token, {"another head"}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected one of")));
  EXPECT_THAT(VerifyTimeStamp("another head", *token, authority_.Pem()),
              StatusIs(absl::StatusCode::kDataLoss, _));
  EXPECT_THAT(VerifyTimeStamp("head of a ledger", *token, Authority().Pem()),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("授时 TSA")));
  EXPECT_THAT(VerifyTimeStamp("head of a ledger", *token, "no PEM"),
              StatusIs(absl::StatusCode::kInvalidArgument, _));
}

TEST_F(TimeStampTest, AReplyToAnotherQuestionIsRefused) {
  const TimeStampQuery mine = Query("head");
  EXPECT_THAT(TokenOfReply(authority_.Reply(Query("head").der), mine),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("nonce")));
  EXPECT_THAT(TokenOfReply(authority_.Reply(Query("other").der), mine),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("expected one of")));
  // Of a digest that the authority does not take: refused, with its reason.
  std::string odd = mine.der;
  odd[odd.find("\x60\x86\x48\x01\x65\x03\x04\x02\x01") + 8] = 2;  // SHA-384
  EXPECT_THAT(TokenOfReply(authority_.Reply(odd), mine),
              StatusIs(absl::StatusCode::kPermissionDenied, HasSubstr("status 2")));
}

TEST_F(TimeStampTest, ChangedAndCutRepliesGiveNoTokenOfOtherWords) {
  const TimeStampQuery query = Query("head");
  const std::string reply = authority_.Reply(query.der);
  const absl::StatusOr<std::string> token = TokenOfReply(reply, query);
  SUYUAN_ASSERT_OK(token);
  const int64_t time = ReadToken(*token, {"head"})->time_micros;
  for (size_t i = 0; i < reply.size(); ++i) {
    EXPECT_THAT(TokenOfReply(reply.substr(0, i), query), Not(IsOk()));
    std::string changed = reply;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    const absl::StatusOr<std::string> taken = TokenOfReply(changed, query);
    if (!taken.ok()) continue;
    // What is not signed: the reply around it, parts of the certificate.
    const absl::StatusOr<TimeStampInfo> told = ReadToken(*taken, {"head"});
    SUYUAN_ASSERT_OK(told);
    EXPECT_EQ(told->time_micros, time);
  }
  EXPECT_THAT(TokenOfReply(reply + "x", query), Not(IsOk()));
  EXPECT_THAT(ReadToken(*token + "x", {"head"}), Not(IsOk()));
  EXPECT_THAT(TokenOfReply(std::string(kMaxTimeStampReplyBytes + 1, '\x30'), query), Not(IsOk()));
}

class StampedLedgerTest : public LedgerTest {
 protected:
  v1::TimeStamp Stamp(const std::string& checkpoint) {
    v1::TimeStamp stamp;
    stamp.set_checkpoint(checkpoint);
    stamp.set_authority("http://tsa.example/");
    const absl::StatusOr<TimeStampQuery> query = MakeQuery({checkpoint});
    EXPECT_THAT(query, IsOk());
    const absl::StatusOr<std::string> token = TokenOfReply(authority_.Reply(query->der), *query);
    EXPECT_THAT(token, IsOk());
    stamp.set_token(token.value_or(""));
    return stamp;
  }
  Authority authority_;
};

TEST_F(StampedLedgerTest, TakesStampsOfItsOwnHeadsAndOnlyThose) {
  const uint32_t ledger = Create("plant");
  const uint32_t other = Create("other");
  AppendOne(ledger, Seen("a"));
  const std::string early = *ledgers_->Checkpoint(ledger);
  AppendOne(ledger, Seen("b"));
  const std::string late = *ledgers_->Checkpoint(ledger);

  const v1::TimeStamp stamp = Stamp(early);
  const absl::StatusOr<Receipt> receipt = ledgers_->AddTimeStamp(ledger, stamp);
  SUYUAN_ASSERT_OK(receipt);
  EXPECT_EQ(receipt->sequence, 3u);
  EXPECT_THAT(receipt->event_id, testing::StartsWith("suyuan:time-stamp:"));
  EXPECT_EQ(EntriesOf(ledger)[3].event.time_stamp().SerializeAsString(), stamp.SerializeAsString());
  // The same again is the same entry.
  const absl::StatusOr<Receipt> again = ledgers_->AddTimeStamp(ledger, stamp);
  SUYUAN_ASSERT_OK(again);
  EXPECT_TRUE(again->duplicate);

  const auto refused = [&](const v1::TimeStamp& wrong) {
    EXPECT_THAT(ledgers_->AddTimeStamp(ledger, wrong), Not(IsOk()));
    EXPECT_EQ(SizeOf(ledger), 4u);
  };
  refused(Stamp(*ledgers_->Checkpoint(other)));
  refused(Stamp("no checkpoint"));
  v1::TimeStamp of_another = stamp;
  of_another.set_checkpoint(late);
  refused(of_another);
  v1::TimeStamp no_token = stamp;
  no_token.clear_token();
  refused(no_token);
  v1::TimeStamp two_trees = stamp;
  two_trees.set_sm3_checkpoint(late);
  refused(two_trees);
  std::string forged = late;
  forged[forged.find("\n3\n") + 1] = '2';
  refused(Stamp(forged));
  EXPECT_TRUE(Check().ok());
  SUYUAN_ASSERT_OK(Reopen());
  EXPECT_EQ(SizeOf(ledger), 4u);
}

}  // namespace
}  // namespace suyuan::ledger
