"""Appends two events to a ledger of a suyuand, then asks where the milk went.

Usage: run.sh [HOST:PORT [LEDGER]]
"""

import sys

import grpc
from suyuan.v1 import ledger_service_pb2, ledger_service_pb2_grpc
from suyuan.v1 import event_pb2, trace_service_pb2, trace_service_pb2_grpc

MILK = "ext:python-client:milk-1"
POWDER = "ext:python-client:powder-1"


def events():
    seen = event_pb2.Event(id="python-client-seen-1")
    seen.observe_unit.unit.key = MILK
    seen.observe_unit.recipient = "ext:python-client:dairy"
    seen.observe_unit.product_name = "milk"
    link = event_pb2.Event(id="python-client-link-1")  # your id: append it twice, it is there once
    link.link_units.input.key = MILK
    link.link_units.output.key = POWDER
    return [seen, link]


def faults(error):
    """What is wrong with a refused batch: the violations in the details of the error."""
    status = ledger_service_pb2.ErrorStatus()
    status.ParseFromString(dict(error.trailing_metadata()).get("grpc-status-details-bin", b""))
    found = ledger_service_pb2.Violations()
    for detail in status.details:
        detail.Unpack(found)
    return [f"{v.rule} {v.field}: {v.message_zh} {v.message_en}" for v in found.violations]


def main(address="127.0.0.1:7410", ledger="plant-1"):
    channel = grpc.insecure_channel(address)
    ledgers = ledger_service_pb2_grpc.LedgerServiceStub(channel)
    answer = ledgers.Append(ledger_service_pb2.AppendRequest(ledger=ledger, events=events()))
    for receipt in answer.receipts:
        print(f"entry {receipt.sequence} {receipt.event_id} {receipt.leaf_hash.hex()}")

    wrong = event_pb2.Event(id="python-client-wrong-1")
    wrong.link_units.input.key = "no key"
    try:
        ledgers.Append(ledger_service_pb2.AppendRequest(ledger=ledger, events=[wrong]))
    except grpc.RpcError as error:
        print("\n".join([error.code().name, *faults(error)]))

    trace = trace_service_pb2.TraceResponse()
    request = trace_service_pb2.TraceRequest(unit=MILK)
    for part in trace_service_pb2_grpc.TraceServiceStub(channel).Trace(request):
        trace.MergeFrom(part)  # an answer is its messages merged
    print(f"{trace.origin} went into {[unit.key for unit in trace.units]}, digest {trace.digest.hex()}")


main(*sys.argv[1:])
