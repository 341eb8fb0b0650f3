#ifndef API_GRPC_CONVERT_H_
#define API_GRPC_CONVERT_H_

#include <string>

#include "suyuan/check.h"
#include "suyuan/completeness.h"
#include "suyuan/engine.h"
#include "suyuan/personal.h"
#include "suyuan/recall.h"
#include "suyuan/receipt.h"
#include "suyuan/score.h"
#include "suyuan/stock.h"
#include "suyuan/trace.h"
#include "suyuan/v1/ledger_service.pb.h"
#include "suyuan/v1/privacy_service.pb.h"
#include "suyuan/v1/recall_service.pb.h"
#include "suyuan/v1/trace_service.pb.h"

// The values of the library and the messages of the services, member for member.
namespace suyuan::rpc {

// `text` as a message can hold it: bytes that are no UTF-8 become '?'.
std::string Utf8(std::string text);

void ToProto(const LedgerInfo& info, v1::LedgerInfo* proto);
LedgerInfo FromProto(const v1::LedgerInfo& proto);

void ToProto(const BackupInfo& info, v1::BackupInfo* proto);
BackupInfo FromProto(const v1::BackupInfo& proto);

void ToProto(const LedgerHead& head, v1::LedgerHead* proto);
LedgerHead FromProto(const v1::LedgerHead& proto);

void ToProto(const Receipt& receipt, v1::Receipt* proto);
Receipt FromProto(const v1::Receipt& proto);

void ToProto(const Entry& entry, v1::Entry* proto);
// Takes the event out of `proto`.
Entry TakeEntry(v1::Entry* proto);

void ToProto(const Problem& problem, v1::Problem* proto);
Problem FromProto(const v1::Problem& proto);

v1::Direction ToProto(Direction direction);
Direction FromProto(v1::Direction direction);

void ToProto(const TracedUnit& unit, v1::TracedUnit* proto);
void ToProto(const TracedPlace& place, v1::TracedPlace* proto);
void ToProto(const TracedLink& link, v1::TracedLink* proto);
void ToProto(const TraceHop& hop, v1::TraceHop* proto);
void ToProto(const TracedVessel& vessel, v1::TracedVessel* proto);
void ToProto(const TracedStep& step, v1::TracedStep* proto);
void ToProto(const TraceEnd& end, v1::TraceEnd* proto);
void ToProto(const TraceConflict& conflict, v1::TraceConflict* proto);
void ToProto(const WithdrawnLink& link, v1::WithdrawnLink* proto);
void ToProto(const Scored& row, v1::Scored* proto);
Scored FromProto(const v1::Scored& proto);
void ToProto(const ScoreRequest& request, v1::ScoreRequest* proto);
ScoreRequest FromProto(const v1::ScoreRequest& proto);
void ToProto(const TraceRequest& request, v1::TraceRequest* proto);
TraceRequest FromProto(const v1::TraceRequest& proto);
// Puts one message of an answer behind those before.
void AddTo(const v1::TraceResponse& part, TraceResult* result);

void ToProto(const UnitInfo& unit, v1::UnitInfo* proto);
UnitInfo FromProto(const v1::UnitInfo& proto);

void ToProto(const PersonalDatum& datum, v1::PersonalDatum* proto);
PersonalDatum FromProto(const v1::PersonalDatum& proto);
void ToProto(const ErasureResult& result, v1::Erasure* proto);
ErasureResult FromProto(const v1::Erasure& proto);

void ToProto(const StockRow& value, v1::StockRow* proto);
StockRow FromProto(const v1::StockRow& proto);
void ToProto(const StockFinding& value, v1::StockFinding* proto);
StockFinding FromProto(const v1::StockFinding& proto);
void ToProto(const RecallCustomer& value, v1::RecallCustomer* proto);
RecallCustomer FromProto(const v1::RecallCustomer& proto);
void ToProto(const RecallGap& value, v1::RecallGap* proto);
RecallGap FromProto(const v1::RecallGap& proto);
void ToProto(const RecallBalance& value, v1::RecallBalance* proto);
RecallBalance FromProto(const v1::RecallBalance& proto);
void ToProto(const ElementStatus& status, v1::ElementStatus* proto);
ElementStatus FromProto(const v1::ElementStatus& proto);

}  // namespace suyuan::rpc

#endif  // API_GRPC_CONVERT_H_
