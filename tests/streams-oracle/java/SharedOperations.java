import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.*;

/** Joins, windows, groups and repartitions, whatever the parameters say of them; topologies.ts builds the same. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class SharedOperations {
  private static final Serde<String> TEXT = Topologies.TEXT;
  private static final ValueJoiner<String, String, String> JOINED = (one, other) -> one + "+" + other;

  private final VectorTopology v;
  private final JsonNode params;

  SharedOperations(VectorTopology v, JsonNode params) {
    this.v = v;
    this.params = params;
  }

  private Duration duration(String name) {
    return Duration.ofMillis(params.path(name).asLong());
  }

  void build(String operation) {
    switch (operation) {
      case "fkJoin": foreignKeyJoin(); break;
      case "repartition": {
        KStream<String, String> stream = v.stream("input");
        if (params.path("rekey").asBoolean()) stream = rekeyed(stream);
        v.to(stream.repartition(Repartitioned.with(TEXT, TEXT)), "output");
        break;
      }
      case "repartitionJoin": repartitionJoin(); break;
      case "windowedAggregate": windowed(); break;
      case "streamStreamJoin": {
        KStream<String, String> left = v.stream("left");
        KStream<String, String> right = params.path("self").asBoolean() ? left : v.stream("right");
        Duration difference = duration("timeDifference");
        JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(difference, duration("grace"))
          .before(params.has("before") ? duration("before") : difference).after(params.has("after") ? duration("after") : difference);
        v.to(joined(left, right, windows), "output");
        break;
      }
      case "tableGroupBy": grouped(); break;
      default: throw new IllegalArgumentException("there is no operation " + operation);
    }
  }

  private static String named(String value) {
    String key = value.contains("|") ? value.substring(value.indexOf('|') + 1) : null;
    return "NULL".equals(key) ? null : key;
  }

  private void foreignKeyJoin() {
    java.util.function.Function<String, String> foreignKey = SharedOperations::named;
    KTable<String, String> left = v.table("left");
    KTable<String, String> right = v.table("right");
    v.to(params.path("kind").asText().equals("left") ? left.leftJoin(right, foreignKey, JOINED) : left.join(right, foreignKey, JOINED), "output");
  }

  private static KStream<String, String> rekeyed(KStream<String, String> stream) {
    return stream.selectKey((key, value) -> value.startsWith("n") ? null : key);
  }

  private KStream<String, String> joined(KStream<String, String> one, KStream<String, String> other, JoinWindows windows) {
    StreamJoined<String, String, String> as = StreamJoined.with(TEXT, TEXT, TEXT);
    switch (params.path("kind").asText()) {
      case "left": return one.leftJoin(other, JOINED, windows, as);
      case "outer": return one.outerJoin(other, JOINED, windows, as);
      default: return one.join(other, JOINED, windows, as);
    }
  }

  private void repartitionJoin() {
    KStream<String, String> one = rekeyed(v.stream("left"));
    if (params.path("explicit").asBoolean()) one = one.repartition(Repartitioned.with(TEXT, TEXT));
    boolean isLeft = params.path("kind").asText().equals("left");
    if (params.path("table").asBoolean()) {
      KTable<String, String> table = v.table("tt");
      v.to(isLeft ? one.leftJoin(table, JOINED) : one.join(table, JOINED), "output");
      return;
    }
    KStream<String, String> other = v.stream("right");
    boolean isOuter = params.path("kind").asText().equals("outer");
    JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(Duration.ofMillis(10), Duration.ZERO);
    v.to(isOuter ? joined(other, one, windows) : joined(one, other, windows), "output");
  }

  private void windowed() {
    JsonNode window = params.get("window");
    String agg = params.path("agg").asText();
    Duration grace = Duration.ofMillis(window.path("grace").asLong());
    EmitStrategy emit = params.path("emit").asText().equals("onWindowClose") ? EmitStrategy.onWindowClose() : EmitStrategy.onWindowUpdate();
    KGroupedStream<String, String> grouped = v.stream("input").groupByKey(VectorTopology.grouped());
    Serde value = agg.equals("count") ? Serdes.Long() : TEXT;
    Materialized state = Materialized.with(TEXT, value);
    Aggregator<String, String, String> add = (key, one, aggregate) -> SingleOperators.add(aggregate, one);
    KTable table;
    Serde key;
    if (window.get("type").asText().equals("session")) {
      key = WindowedSerdes.sessionWindowedSerdeFrom(String.class);
      SessionWindowedKStream<String, String> sessions = grouped.windowedBy(SessionWindows.ofInactivityGapAndGrace(Duration.ofMillis(window.get("gap").asLong()), grace)).emitStrategy(emit);
      table = agg.equals("count") ? sessions.count(state)
        : agg.equals("reduce") ? sessions.reduce(SingleOperators::add, state) : sessions.aggregate(() -> "0", add, (k, one, other) -> "(" + one + "|" + other + ")", state);
    } else {
      boolean isSliding = window.get("type").asText().equals("sliding");
      long size = window.path(isSliding ? "timeDifference" : "size").asLong();
      key = WindowedSerdes.timeWindowedSerdeFrom(String.class, size);
      TimeWindows times = TimeWindows.ofSizeAndGrace(Duration.ofMillis(size), grace);
      if (window.has("advance")) times = times.advanceBy(Duration.ofMillis(window.get("advance").asLong()));
      TimeWindowedKStream<String, String> windows = isSliding ? grouped.windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(Duration.ofMillis(size), grace)) : grouped.windowedBy(times);
      windows = windows.emitStrategy(emit);
      table = agg.equals("count") ? windows.count(state) : agg.equals("reduce") ? windows.reduce(SingleOperators::add, state) : windows.aggregate(() -> "0", add, state);
    }
    if (!params.has("suppress")) {
      v.to(table.toStream(), "output", key, value);
      return;
    }
    v.to(table.toStream(), "raw", key, value);
    v.to(table.suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded())).toStream(), "suppressed", key, value);
  }

  private void grouped() {
    boolean isByValue = params.path("groupBy").asText().equals("value");
    String agg = params.path("agg").asText();
    Serde value = agg.equals("count") ? Serdes.Long() : TEXT;
    Materialized state = Materialized.with(TEXT, value);
    KGroupedTable<String, String> groups = v.table("input").groupBy((key, row) -> KeyValue.pair(isByValue ? row : key, row), VectorTopology.grouped());
    KTable table = agg.equals("count") ? groups.count(state)
      : agg.equals("reduce") ? groups.reduce(SingleOperators::add, (aggregate, row) -> aggregate + "-" + row, state)
      : groups.aggregate(() -> "0", (key, row, aggregate) -> SingleOperators.add((String) aggregate, row), (key, row, aggregate) -> aggregate + "-" + row, state);
    JsonNode suppress = params.path("suppress");
    if (!suppress.isObject()) {
      v.to(table.toStream(), "output", TEXT, value);
      return;
    }
    v.to(table.toStream(), "raw", TEXT, value);
    Duration limit = suppress.has("timeLimit") ? Duration.ofMillis(suppress.get("timeLimit").asLong()) : Duration.ofMillis(Long.MAX_VALUE / 4);
    Suppressed.EagerBufferConfig records = suppress.has("maxRecords") ? Suppressed.BufferConfig.maxRecords(suppress.get("maxRecords").asLong()) : Suppressed.BufferConfig.maxBytes(Long.MAX_VALUE);
    v.to(table.suppress(Suppressed.untilTimeLimit(limit, records.emitEarlyWhenFull())).toStream(), "suppressed", TEXT, value);
  }
}
