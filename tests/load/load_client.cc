#include "tests/load/load_client.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <deque>
#include <utility>

#include "api/grpc/convert.h"
#include "api/grpc/status.h"
#include "lib/base/strings.h"

namespace suyuan::load {
namespace {

using Clock = std::chrono::steady_clock;

// Batches of a stream that were sent and are not answered.
constexpr uint64_t kWindow = 4;

float MillisSince(Clock::time_point start) {
  return std::chrono::duration<float, std::milli>(Clock::now() - start).count();
}

std::string Text(const std::vector<TracedUnit>& units) {
  std::string text;
  for (const TracedUnit& unit : units) {
    text += StrCat("  ", unit.key, " ", unit.product,
                   unit.direction == Direction::kForward ? " forward " : " backward ", unit.depth);
    for (const std::string& holder : unit.holders) text += StrCat(" ", holder);
    text += "\n";
  }
  return text;
}

// Where the calls of a round end.
std::vector<uint64_t> EndsOf(Manner manner) {
  switch (manner) {
    case Manner::kSingle:
      return {1, 2, 3, 4, 5, 6, 7, 8, 9};
    case Manner::kSmall:
      return {1, 4, 7, 9};
    default:
      return {9};
  }
}

}  // namespace

const char* NameOf(Manner manner) {
  switch (manner) {
    case Manner::kSingle:
      return "append, 1 event a call";
    case Manner::kSmall:
      return "append, 1 to 3 events a call";
    case Manner::kRound:
      return "append, 9 events a call";
    case Manner::kStream:
      return "append, stream, 9 events, 4 in flight";
  }
  return "";
}

LoadClient::LoadClient(uint64_t number, std::string ledger,
                       std::unique_ptr<rpc::RemoteEngine> engine, Board* board)
    : number_(number),
      ledger_(std::move(ledger)),
      plant_(number, StrCat("ext:load:", ledger_)),
      manner_(kManners[number % kManners.size()]),
      engine_(std::move(engine)),
      board_(board) {}

void LoadClient::Run() {
  ++board_->at_work;
  if (manner_ == Manner::kStream) {
    RunStream();
  } else {
    RunCalls();
  }
  --board_->at_work;
}

void LoadClient::TraceLast() {
  if (rounds() == 0) return board_->Fail(StrCat("client ", number_, " got nothing done"));
  TraceRound(rounds() - 1, false) && TraceRound(rounds() - 1, true);
}

bool LoadClient::IsGone(const char* what, const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return true;
  }
  board_->Fail(StrCat("client ", number_, ", ", what, ": ", status.ToString()));
  return false;
}

void LoadClient::RunCalls() {
  for (uint64_t round = 0; !board_->stopping(); ++round) {
    uint64_t begin = 0;
    for (const uint64_t end : EndsOf(manner_)) {
      const uint64_t first = round * LoadPlant::kEventsARound;
      if (!Append(first + begin, first + end)) return;
      begin = end;
    }
    if (!TraceRound(round, round % 2 == 1)) return;
  }
}

bool LoadClient::Append(uint64_t from, uint64_t to) {
  std::vector<v1::Event> events;
  for (uint64_t number = from; number < to; ++number) events.push_back(plant_.EventOf(number));
  for (;;) {
    const uint64_t sent_before = std::exchange(sent_, to);
    const Clock::time_point start = Clock::now();
    const absl::StatusOr<std::vector<Receipt>> receipts = engine_->Append(ledger_, events);
    if (receipts.ok()) {
      if (sent_before <= from) append_ms_.push_back(MillisSince(start));
      return Take(*receipts, to - from, sent_before);
    }
    if (!IsGone("append", receipts.status())) return false;
  }
}

template <typename Receipts>
bool LoadClient::Take(const Receipts& receipts, uint64_t count, uint64_t sent_before) {
  const auto wrong = [&](const std::string& what) {
    board_->Fail(StrCat("client ", number_, ", event ", acknowledged_.size(), ": ", what));
    return false;
  };
  if (static_cast<uint64_t>(receipts.size()) != count) return wrong("receipts are missing");
  const uint64_t first = acknowledged_.size();
  for (const auto& any : receipts) {
    const Receipt receipt = [&] {
      if constexpr (std::is_same_v<std::decay_t<decltype(any)>, Receipt>) {
        return any;
      } else {
        return rpc::FromProto(any);
      }
    }();
    const uint64_t number = acknowledged_.size();
    if (receipt.ledger != ledger_ || receipt.event_id != plant_.EventId(number)) {
      return wrong("the receipt is of " + receipt.event_id);
    }
    if (receipt.leaf_hash.size() != sizeof(Acknowledged::leaf_hash)) return wrong("no leaf hash");
    if (number > first && receipt.sequence != acknowledged_.back().sequence + 1) {
      return wrong("the batch is not in one piece");
    }
    if (receipt.duplicate && number >= sent_before) return wrong("it was there before it was sent");
    if (receipt.duplicate) ++known_before_;
    Acknowledged& one = acknowledged_.emplace_back();
    one.sequence = receipt.sequence;
    std::memcpy(one.leaf_hash.data(), receipt.leaf_hash.data(), one.leaf_hash.size());
  }
  board_->acknowledged += count;
  return true;
}

void LoadClient::RunStream() {
  const auto stub = v1::LedgerService::NewStub(engine_->channel());
  // What was sent before a stream broke is sent again even when it is time to stop.
  while (!board_->stopping() || rounds() * LoadPlant::kEventsARound < sent_) {
    if (Stream(stub.get())) return;
  }
}

bool LoadClient::Stream(v1::LedgerService::Stub* stub) {
  ::grpc::ClientContext context;
  const auto stream = stub->AppendStream(&context);
  const uint64_t sent_before = sent_;
  uint64_t written = rounds();
  bool open = true;
  std::deque<Clock::time_point> starts;
  v1::AppendStreamResponse response;
  for (;;) {
    while (open && written < rounds() + kWindow &&
           (!board_->stopping() || written * LoadPlant::kEventsARound < sent_)) {
      v1::AppendStreamRequest batch;
      batch.set_ledger(ledger_);
      batch.set_batch(written);
      const uint64_t first = written * LoadPlant::kEventsARound;
      for (uint64_t i = 0; i < LoadPlant::kEventsARound; ++i) {
        *batch.add_events() = plant_.EventOf(first + i);
      }
      sent_ = std::max(sent_, first + LoadPlant::kEventsARound);
      starts.push_back(Clock::now());
      open = stream->Write(batch);
      ++written;
    }
    if (open && written == rounds()) break;  // all is answered
    // What was answered before it broke is taken as well.
    if (!stream->Read(&response)) {
      open = false;
      break;
    }
    if (response.has_error() || response.batch() != rounds()) {
      board_->Fail(StrCat("client ", number_, ", stream, batch ", rounds(), ": answer of batch ",
                          response.batch(), " ", response.error().message()));
      context.TryCancel();
      return true;
    }
    if (acknowledged_.size() >= sent_before) append_ms_.push_back(MillisSince(starts.front()));
    starts.pop_front();
    if (!Take(response.receipts(), LoadPlant::kEventsARound, sent_before)) return true;
    if (!TraceRound(rounds() - 1, rounds() % 2 == 0)) return true;
  }
  if (open) stream->WritesDone();
  while (stream->Read(&response)) {
  }
  const absl::Status status = rpc::FromGrpc(stream->Finish());
  if (open && status.ok()) return true;
  if (!IsGone("stream", status)) return true;
  engine_->channel()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(1));
  return false;
}

bool LoadClient::TraceRound(uint64_t round, bool forward) {
  forward = forward && round >= 2;  // later rounds use milk again until then
  const TraceRequest request =
      forward ? plant_.WhoGotTheMilk(round) : plant_.WhereProductIsFrom(round);
  for (bool again = false;; again = true) {
    const Clock::time_point start = Clock::now();
    const absl::StatusOr<TraceResult> result = engine_->Trace(request);
    if (!result.ok()) {
      if (IsGone("trace", result.status())) continue;
      return false;
    }
    if (!again) trace_ms_.push_back(MillisSince(start));
    ++board_->traces;
    const std::string expected =
        Text(forward ? plant_.UnitsOfMilk(round) : plant_.UnitsOfProduct(round));
    if (const std::string found = Text(result->units); found != expected) {
      board_->Fail(StrCat("client ", number_, ", trace of ", request.unit, ": found\n", found,
                          "expected\n", expected));
      return false;
    }
    const bool knows =
        std::any_of(result->heads.begin(), result->heads.end(), [&](const LedgerHead& head) {
          return head.ledger == ledger_ && head.size > acknowledged_.back().sequence;
        });
    if (knows) return true;
    board_->Fail(StrCat("client ", number_, ", trace of ", request.unit,
                        ": it does not know of entry ", acknowledged_.back().sequence));
    return false;
  }
}

}  // namespace suyuan::load
