import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import suyuan.v1.Common.Quantity;
import suyuan.v1.EventOuterClass.Event;
import suyuan.v1.LedgerServiceGrpc;
import suyuan.v1.LedgerServiceOuterClass.AppendRequest;
import suyuan.v1.LedgerServiceOuterClass.ErrorStatus;
import suyuan.v1.LedgerServiceOuterClass.Receipt;
import suyuan.v1.LedgerServiceOuterClass.Violation;
import suyuan.v1.LedgerServiceOuterClass.Violations;
import suyuan.v1.Production.Charge;
import suyuan.v1.Production.Produce;
import suyuan.v1.Sale.Ship;
import suyuan.v1.TraceServiceGrpc;
import suyuan.v1.TraceServiceOuterClass.Direction;
import suyuan.v1.TraceServiceOuterClass.TraceRequest;
import suyuan.v1.TraceServiceOuterClass.TraceResponse;
import suyuan.v1.TraceServiceOuterClass.TracedUnit;
import suyuan.v1.Unit.UnitRef;

/** Records two runs and a shipment, then asks where the powder came from and where it went. */
public final class Client {
  private static final String MILK = "ext:java-client:milk-1";
  private static final String WHEY = "ext:java-client:whey-1";
  private static final String POWDER = "lot:ext:java-client:dairy/powder/P1";
  private static final String CANS = "lot:ext:java-client:dairy/cans/C1";
  private static final Metadata.Key<byte[]> DETAILS =
      Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private static UnitRef unit(String key) {
    return UnitRef.newBuilder().setKey(key).build();
  }

  private static Quantity kilograms(long value) {
    return Quantity.newBuilder().setValue(value).setUnit("KGM").build();
  }

  // The id is yours: append it twice, it is there once.
  private static Event.Builder event(String id) {
    return Event.newBuilder().setId("java-client-" + id);
  }

  private static Event charge(String id, String run, String key, long kilograms) {
    Charge.Builder charge = Charge.newBuilder().setRun(run).setUnit(unit(key));
    return event(id).setCharge(charge.setQuantity(kilograms(kilograms))).build();
  }

  private static Event produce(String id, String run, String key, long kilograms, String name) {
    Produce.Builder produce = Produce.newBuilder().setRun(run).setUnit(unit(key));
    produce.setLotNumber(key.substring(key.lastIndexOf('/') + 1)).setProductName(name);
    return event(id).setProduce(produce.setQuantity(kilograms(kilograms))).build();
  }

  private static Event ship(String id, String key, long kilograms, String customer, String name) {
    Ship.Builder ship = Ship.newBuilder().setUnit(unit(key)).setQuantity(kilograms(kilograms));
    return event(id).setShip(ship.setCustomer(customer).setCustomerName(name)).build();
  }

  private static List<Event> events() {
    return List.of(
        charge("charge-1", "R1", MILK, 800),
        charge("charge-2", "R1", WHEY, 30),
        produce("produce-1", "R1", POWDER, 120, "milk powder"),
        charge("charge-3", "R2", POWDER, 120),
        produce("produce-2", "R2", CANS, 119, "milk powder in cans"),
        ship("ship-1", CANS, 20, "ext:java-client:shop", "Shop"));
  }

  /** What is wrong with a refused batch: the violations in the details of the error. */
  private static List<Violation> faults(StatusRuntimeException error) throws InvalidProtocolBufferException {
    List<Violation> faults = new ArrayList<>();
    Metadata trailers = Status.trailersFromThrowable(error);
    byte[] details = trailers == null ? null : trailers.get(DETAILS);
    if (details == null) return faults;
    for (Any detail : ErrorStatus.parseFrom(details).getDetailsList()) {
      if (detail.is(Violations.class)) faults.addAll(detail.unpack(Violations.class).getViolationsList());
    }
    return faults;
  }

  private static String hex(ByteString bytes) {
    StringBuilder text = new StringBuilder();
    for (byte b : bytes.toByteArray()) text.append(String.format("%02x", b));
    return text.toString();
  }

  public static void main(String[] args) throws InvalidProtocolBufferException {
    String address = args.length > 0 ? args[0] : "127.0.0.1:7410";
    ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
    try {
      run(channel, args.length > 1 ? args[1] : "plant-1");
    } finally {
      channel.shutdownNow();
    }
  }

  private static void run(ManagedChannel channel, String ledger) throws InvalidProtocolBufferException {
    LedgerServiceGrpc.LedgerServiceBlockingStub ledgers =
        LedgerServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    AppendRequest batch = AppendRequest.newBuilder().setLedger(ledger).addAllEvents(events()).build();
    for (Receipt receipt : ledgers.append(batch).getReceiptsList()) {
      System.out.printf(
          "entry %d %s %s%n", receipt.getSequence(), receipt.getEventId(), hex(receipt.getLeafHash()));
    }

    Event wrong = charge("wrong-1", "R3", "no key", 1);
    try {
      ledgers.append(AppendRequest.newBuilder().setLedger(ledger).addEvents(wrong).build());
    } catch (StatusRuntimeException error) {
      System.out.println(error.getStatus().getCode());
      for (Violation fault : faults(error)) {
        System.out.printf(
            "%s %s: %s %s%n",
            fault.getRule(), fault.getField(), fault.getMessageZh(), fault.getMessageEn());
      }
    }

    TraceResponse.Builder trace = TraceResponse.newBuilder();
    TraceServiceGrpc.newBlockingStub(channel)
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .trace(TraceRequest.newBuilder().setUnit(POWDER).build())
        .forEachRemaining(trace::mergeFrom); // an answer is its messages merged
    System.out.printf("%ntrace of %s%n", trace.getOrigin());
    System.out.printf("%-8s  %5s  %-34s  %s%n", "", "depth", "unit", "held by");
    for (TracedUnit unit : trace.getUnitsList()) {
      String direction = unit.getDirection() == Direction.DIRECTION_FORWARD ? "forward" : "backward";
      System.out.printf(
          "%-8s  %5d  %-34s  %s%n",
          direction, unit.getDepth(), unit.getKey(), String.join(", ", unit.getHoldersList()));
    }
    System.out.println("digest " + hex(trace.getDigest()));
  }
}
