#include "lib/merkle/policy.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/base/status_macros.h"
#include "lib/base/strings.h"
#include "lib/merkle/proof.h"
#include "lib/merkle/tree.h"

namespace suyuan::merkle {
namespace {

constexpr size_t kMaxLines = 1000;
constexpr size_t kMaxLineBytes = 1000;
constexpr std::string_view kNone = "none";

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = 0; at < line.size();) {
    const size_t begin = line.find_first_not_of(" \t", at);
    if (begin == std::string_view::npos) break;
    const size_t end = std::min(line.find_first_of(" \t", begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    at = end;
  }
  return words;
}

absl::Status AddKey(std::string_view vkey, bool witness, std::vector<VerifierKey>* keys) {
  SUYUAN_ASSIGN_OR_RETURN(VerifierKey key, VerifierKey::Parse(vkey));
  if ((key.type() == VerifierKey::Type::kEd25519Cosignature) != witness) {
    return InvalidArgument("the key of ", key.name(),
                           witness ? " is not that of a witness" : " is that of a witness");
  }
  for (const VerifierKey& other : *keys) {
    if (other.name() == key.name() && other.hash() != key.hash()) {
      return InvalidArgument(key.name(), " is there already, with keys of another tree");
    }
    if (other.public_key() == key.public_key()) {
      return InvalidArgument("the key of ", key.name(), " is there already, as ", other.name());
    }
  }
  keys->push_back(std::move(key));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(std::string_view text) {
  Policy policy;
  bool has_quorum = false;
  std::vector<bool> taken;  // voters that are members of a group
  size_t number = 0;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const auto bad = [&](std::string_view why) {
      return InvalidArgument("policy: line ", number, ": ", why);
    };
    if (++number > kMaxLines) return bad("too many lines");
    if (line.size() > kMaxLineBytes) return bad("too long");
    for (const char c : line) {
      const unsigned char byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\t') || byte == 0x7f) return bad("has control characters");
    }
    const std::vector<std::string_view> words = Words(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const absl::Status read = policy.ReadLine(words, &has_quorum, &taken);
    if (!read.ok()) return bad(ToStd(read.message()));
  }
  if (!has_quorum) return InvalidArgument("policy: no line with the quorum");
  return policy;
}

size_t Policy::FindVoter(std::string_view name) const {
  for (size_t i = 0; i < voters_.size(); ++i) {
    if (voters_[i].name == name) return i;
  }
  return kNobody;
}

absl::Status Policy::ReadLine(const std::vector<std::string_view>& words, bool* has_quorum,
                              std::vector<bool>* taken) {
  const std::string_view kind = words[0];
  const auto new_name = [&](std::string_view name) {
    if (name == kNone || FindVoter(name) != kNobody) {
      return InvalidArgument("the name ", name, " is taken");
    }
    return absl::OkStatus();
  };
  if (kind == "log") {
    if (words.size() < 2 || words.size() > 3) return InvalidArgument("expected log <vkey> [<url>]");
    return AddKey(words[1], /*witness=*/false, &logs_);
  }
  if (kind == "witness") {
    if (words.size() < 3 || words.size() > 4) {
      return InvalidArgument("expected witness <name> <vkey> [<url>]");
    }
    SUYUAN_RETURN_IF_ERROR(new_name(words[1]));
    SUYUAN_RETURN_IF_ERROR(AddKey(words[2], /*witness=*/true, &witnesses_));
    witness_urls_.emplace_back(words.size() == 4 ? words[3] : std::string_view());
    Voter witness;
    witness.name = words[1];
    witness.witness = witnesses_.size() - 1;
    voters_.push_back(std::move(witness));
    taken->push_back(false);
    return absl::OkStatus();
  }
  if (kind == "group") {
    if (words.size() < 4) return InvalidArgument("expected group <name> all|any|<k> <name>...");
    SUYUAN_RETURN_IF_ERROR(new_name(words[1]));
    Voter group;
    group.name = words[1];
    for (size_t i = 3; i < words.size(); ++i) {
      const size_t member = FindVoter(words[i]);
      if (member == kNobody) return InvalidArgument("nobody is named ", words[i], " so far");
      if ((*taken)[member]) return InvalidArgument(words[i], " is a member already");
      (*taken)[member] = true;
      group.members.push_back(member);
    }
    if (words[2] == "all") {
      group.needed = group.members.size();
    } else if (words[2] == "any") {
      group.needed = 1;
    } else {
      const char* const end = words[2].data() + words[2].size();
      const auto [read_to, error] = std::from_chars(words[2].data(), end, group.needed);
      if (error != std::errc() || read_to != end || words[2].starts_with('0') ||
          group.needed > group.members.size()) {
        return InvalidArgument(words[2], " of ", group.members.size(), " members");
      }
    }
    voters_.push_back(std::move(group));
    taken->push_back(false);
    return absl::OkStatus();
  }
  if (kind == "quorum") {
    if (words.size() != 2) return InvalidArgument("expected quorum <name>");
    if (*has_quorum) return InvalidArgument("a second quorum");
    *has_quorum = true;
    if (words[1] == kNone) return absl::OkStatus();
    quorum_ = FindVoter(words[1]);
    if (quorum_ == kNobody) return InvalidArgument("nobody is named ", words[1], " so far");
    return absl::OkStatus();
  }
  return InvalidArgument("expected log, witness, group or quorum, found ", kind);
}

absl::StatusOr<Checkpoint> Policy::VerifyCheckpoint(std::string_view note_bytes) const {
  SUYUAN_ASSIGN_OR_RETURN(const Note note, ParseNote(note_bytes));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<size_t> logs, VerifyNote(note, logs_));
  SUYUAN_ASSIGN_OR_RETURN(const std::vector<size_t> cosigners, VerifyNote(note, witnesses_));
  SUYUAN_ASSIGN_OR_RETURN(Checkpoint checkpoint, ParseCheckpoint(note.text));
  const auto its_log = std::find_if(
      logs.begin(), logs.end(), [&](size_t log) { return logs_[log].name() == checkpoint.origin; });
  if (its_log == logs.end()) {
    return absl::PermissionDeniedError(StrCat("checkpoint of ", checkpoint.origin,
                                              ": not signed by a log of that name in the policy"));
  }
  checkpoint.hash = logs_[*its_log].hash();
  if (quorum_ == kNobody) return checkpoint;
  // Members come before their group.
  std::vector<bool> saw(voters_.size());
  for (size_t i = 0; i < voters_.size(); ++i) {
    const Voter& voter = voters_[i];
    if (voter.members.empty()) {
      saw[i] = std::find(cosigners.begin(), cosigners.end(), voter.witness) != cosigners.end();
    } else {
      const auto count = std::count_if(voter.members.begin(), voter.members.end(),
                                       [&](size_t member) { return saw[member]; });
      saw[i] = static_cast<size_t>(count) >= voter.needed;
    }
  }
  if (!saw[quorum_]) {
    return absl::PermissionDeniedError(
        StrCat("checkpoint of ", checkpoint.origin, ": cosigned by ", cosigners.size(),
               " witnesses, which are not the quorum ", voters_[quorum_].name));
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> Policy::VerifyProof(const ProofFile& proof,
                                               std::string_view record) const {
  SUYUAN_ASSIGN_OR_RETURN(Checkpoint checkpoint, VerifyCheckpoint(proof.checkpoint));
  SUYUAN_RETURN_IF_ERROR(VerifyInclusion(LeafHash(record, checkpoint.hash), proof.index,
                                         checkpoint.size, proof.path, checkpoint.root,
                                         checkpoint.hash));
  return checkpoint;
}

}  // namespace suyuan::merkle
