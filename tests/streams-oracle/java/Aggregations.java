import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.*;

/** Aggregations of streams and tables, with windows and without, of one stream and of several. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Aggregations {
  private static final Serde<Long> LONG = Serdes.Long();
  private static final Initializer<Object> INITIAL = () -> Functions.INITIAL;
  private static final Merger<Object, Object> MERGE = (key, left, right) -> Functions.merge(left, right);

  private Aggregations() {}

  static Topologies.Node build(List<Topologies.Node> nodes, JsonNode o, boolean isMended) {
    Topologies.Node from = nodes.get(o.get("from").asInt());
    String by = o.path("by").asText();
    JsonNode window = o.path("window");
    Serde value = by.equals("count") ? LONG : by.equals("reduce") ? from.value : Topologies.TEXT;
    boolean isSliding = window.path("type").asText().equals("sliding") && !o.path("emit").asText().equals("final");
    AtomicLong reads = isMended && isSliding ? new AtomicLong() : null;
    Materialized state = Materialized.with(from.key, value);
    boolean isOfSessions = window.path("type").asText().equals("session");
    if (isMended && isOfSessions) state = Mended.sessions(state, window.get("size").asLong(), window.get("grace").asLong());
    else if (isMended && !window.isMissingNode()) state = Mended.windows(state, reads);
    Object made;
    if (o.get("op").asText().equals("cogroup")) made = cogrouped(from, nodes.get(o.get("other").asInt()), window, add(o), state);
    else if (from.made instanceof KGroupedTable) made = table((KGroupedTable<Object, Object>) from.made, by, o.get("add").asText(), state);
    else if (window.isMissingNode()) made = stream((KGroupedStream<Object, Object>) from.made, by, o.get("add").asText(), state);
    else made = windowed((KGroupedStream<Object, Object>) from.made, by, o, state);
    if (isMended && isOfSessions && !o.path("emit").asText().equals("final"))
      made = Mended.withFormerRows((KTable<Object, Object>) made, keyOf(from, window), value, nodes.size());
    return new Topologies.Node(made, keyOf(from, window), value, reads);
  }

  private static Serde keyOf(Topologies.Node from, JsonNode window) {
    if (window.isMissingNode()) return from.key;
    if (window.get("type").asText().equals("session")) return WindowedSerdes.sessionWindowedSerdeFrom(String.class);
    return WindowedSerdes.timeWindowedSerdeFrom(String.class, window.get("size").asLong());
  }

  private static Aggregator<Object, Object, Object> add(JsonNode o) {
    String add = o.get("add").asText();
    return (key, value, aggregate) -> Functions.add(add, aggregate, value);
  }

  private static Object table(KGroupedTable<Object, Object> grouped, String by, String add, Materialized state) {
    if (by.equals("count")) return grouped.count(state);
    Reducer<Object> subtract = Functions::subtract;
    if (by.equals("reduce")) return grouped.reduce((aggregate, value) -> Functions.add(add, aggregate, value), subtract, state);
    return grouped.aggregate(INITIAL, (key, value, aggregate) -> Functions.add(add, aggregate, value), (key, value, aggregate) -> Functions.subtract(aggregate, value), state);
  }

  private static Object stream(KGroupedStream<Object, Object> grouped, String by, String add, Materialized state) {
    if (by.equals("count")) return grouped.count(state);
    if (by.equals("reduce")) return grouped.reduce((aggregate, value) -> Functions.add(add, aggregate, value), state);
    return grouped.aggregate(INITIAL, (key, value, aggregate) -> Functions.add(add, aggregate, value), state);
  }

  private static Object windowed(KGroupedStream<Object, Object> grouped, String by, JsonNode o, Materialized state) {
    JsonNode window = o.get("window");
    EmitStrategy emit = o.path("emit").asText().equals("final") ? EmitStrategy.onWindowClose() : EmitStrategy.onWindowUpdate();
    Aggregator<Object, Object, Object> add = add(o);
    Reducer<Object> reduce = (aggregate, value) -> add.apply(null, value, aggregate);
    if (window.get("type").asText().equals("session")) {
      SessionWindowedKStream<Object, Object> sessions = grouped.windowedBy(sessions(window)).emitStrategy(emit);
      return by.equals("count") ? sessions.count(state) : by.equals("reduce") ? sessions.reduce(reduce, state) : sessions.aggregate(INITIAL, add, MERGE, state);
    }
    TimeWindowedKStream<Object, Object> windows = window.get("type").asText().equals("sliding") ? grouped.windowedBy(sliding(window)) : grouped.windowedBy(times(window));
    windows = windows.emitStrategy(emit);
    return by.equals("count") ? windows.count(state) : by.equals("reduce") ? windows.reduce(reduce, state) : windows.aggregate(INITIAL, add, state);
  }

  private static Object cogrouped(Topologies.Node one, Topologies.Node other, JsonNode window, Aggregator<Object, Object, Object> add, Materialized state) {
    Aggregator<Object, Object, Object> addOther = (key, value, aggregate) -> Functions.add("concat", aggregate, "R" + Functions.text(value));
    CogroupedKStream<Object, Object> both = ((KGroupedStream<Object, Object>) one.made).<Object>cogroup(add).cogroup((KGroupedStream<Object, Object>) other.made, addOther);
    if (window.isMissingNode()) return both.aggregate(INITIAL, state);
    switch (window.get("type").asText()) {
      case "session": return both.windowedBy(sessions(window)).aggregate(INITIAL, MERGE, state);
      case "sliding": return both.windowedBy(sliding(window)).aggregate(INITIAL, state);
      default: return both.windowedBy(times(window)).aggregate(INITIAL, state);
    }
  }

  private static Duration size(JsonNode window) {
    return Duration.ofMillis(window.get("size").asLong());
  }

  private static Duration grace(JsonNode window) {
    return Duration.ofMillis(window.get("grace").asLong());
  }

  private static SessionWindows sessions(JsonNode window) {
    return SessionWindows.ofInactivityGapAndGrace(size(window), grace(window));
  }

  private static SlidingWindows sliding(JsonNode window) {
    return SlidingWindows.ofTimeDifferenceAndGrace(size(window), grace(window));
  }

  private static TimeWindows times(JsonNode window) {
    TimeWindows windows = TimeWindows.ofSizeAndGrace(size(window), grace(window));
    return window.has("advance") ? windows.advanceBy(Duration.ofMillis(window.get("advance").asLong())) : windows;
  }
}
