import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.KeyValueStore;

/** Tables with names, what is held back, and topics that are chosen; named-table-topologies.ts and output-topologies.ts build the same. */
final class TableTopologies {
  private static final Serde<String> TEXT = Topologies.TEXT;

  private final VectorTopology v;

  TableTopologies(VectorTopology v) {
    this.v = v;
  }

  void build(String operation, JsonNode params) {
    switch (operation) {
      case "chosenTopics": chosenTopics(params); break;
      case "suppressed": suppressed(params); break;
      case "namedTable": namedTable(params); break;
      default: throw new IllegalArgumentException(operation);
    }
  }

  private void chosenTopics(JsonNode params) {
    KStream<String, String> stream = v.stream("input");
    if (params.path("table").asBoolean()) stream = stream.groupByKey(VectorTopology.grouped()).reduce((one, other) -> other, VectorTopology.texts()).toStream();
    stream.to((key, value, context) -> value != null && value.startsWith("r") ? "raw" : "output", Produced.with(TEXT, TEXT));
    v.writes("output", TEXT, TEXT);
    v.writes("raw", TEXT, TEXT);
  }

  private void suppressed(JsonNode params) {
    if (params.has("window")) {
      long size = params.get("window").get("size").asLong();
      TimeWindows windows = TimeWindows.ofSizeAndGrace(Duration.ofMillis(size), Duration.ofMillis(params.get("window").get("grace").asLong()));
      KTable<Windowed<String>, Long> counts = v.stream("input").groupByKey(VectorTopology.grouped()).windowedBy(windows).count(Materialized.with(TEXT, Serdes.Long()))
        .suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.maxRecords(params.get("maxRecords").asLong()).shutDownWhenFull()));
      v.to(counts.toStream(), "output", WindowedSerdes.timeWindowedSerdeFrom(String.class, size), Serdes.Long());
      return;
    }
    Duration timeLimit = Duration.ofMillis(params.get("timeLimit").asLong());
    Suppressed.EagerBufferConfig records = Suppressed.BufferConfig.maxRecords(params.get("maxRecords").asLong());
    KTable<String, String> table = v.table("input");
    v.to(params.get("whenFull").asText().equals("shut-down")
      ? table.suppress(Suppressed.untilTimeLimit(timeLimit, records.shutDownWhenFull()))
      : table.suppress(Suppressed.untilTimeLimit(timeLimit, records.emitEarlyWhenFull())), "output");
  }

  private void namedTable(JsonNode params) {
    Materialized<String, String, KeyValueStore<Bytes, byte[]>> state = params.path("named").asBoolean()
      ? Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("named").withKeySerde(TEXT).withValueSerde(TEXT) : null;
    KTable<String, String> table = made(params.get("at").asText(), state);
    for (JsonNode use : params.path("uses")) {
      if (use.asText().equals("filter")) v.to(table.filter((key, value) -> value.length() % 2 == 0), "raw");
      else
        v.to(table.groupBy((key, value) -> KeyValue.pair(value.substring(0, Math.min(2, value.length())), value), VectorTopology.grouped())
          .reduce(VectorTopology::concat, (aggregate, value) -> aggregate + "-" + value, VectorTopology.texts()), "suppressed");
    }
    v.to(table, "output");
  }

  private KTable<String, String> kept() {
    return v.builder.table("left", VectorTopology.TEXTS, Materialized.as("kept"));
  }

  private static String accept(String value) {
    if (value.startsWith("throw")) throw new IllegalStateException("'" + value + "' is refused");
    return value;
  }

  private KTable<String, String> made(String at, Materialized<String, String, KeyValueStore<Bytes, byte[]>> state) {
    Predicate<String, String> isChosen = (key, value) -> accept(value).startsWith("y");
    ValueMapper<String, String> map = value -> accept(value).startsWith("none") ? null : value + "!";
    ValueJoiner<String, String, String> joined = (one, other) -> accept("" + one).startsWith("none") ? null : one + "+" + accept("" + other);
    java.util.function.Function<String, String> foreignKey = value -> value.contains("|") ? value.substring(value.indexOf('|') + 1) : null;
    switch (at) {
      case "mapValues": return state == null ? v.table("left").mapValues(map) : v.table("left").mapValues(map, state);
      case "filter": return state == null ? v.table("left").filter(isChosen) : v.table("left").filter(isChosen, state);
      case "filterNot": return state == null ? v.table("left").filterNot(isChosen) : v.table("left").filterNot(isChosen, state);
      case "mapValuesOfKept": return state == null ? kept().mapValues(map) : kept().mapValues(map, state);
      case "filterOfKept": return state == null ? kept().filter(isChosen) : kept().filter(isChosen, state);
      case "toTable": return state == null ? v.stream("left").toTable() : v.stream("left").toTable(state);
      case "join": return state == null ? v.table("left").join(v.table("right"), joined) : v.table("left").join(v.table("right"), joined, state);
      case "leftJoin": return state == null ? v.table("left").leftJoin(v.table("right"), joined) : v.table("left").leftJoin(v.table("right"), joined, state);
      case "outerJoin": return state == null ? v.table("left").outerJoin(v.table("right"), joined) : v.table("left").outerJoin(v.table("right"), joined, state);
      case "foreignKeyJoin":
        return state == null ? v.table("left").join(v.table("right"), foreignKey, joined) : v.table("left").join(v.table("right"), foreignKey, joined, state);
      case "foreignKeyLeftJoin":
        return state == null ? v.table("left").leftJoin(v.table("right"), foreignKey, joined) : v.table("left").leftJoin(v.table("right"), foreignKey, joined, state);
      default: throw new IllegalArgumentException("there is no table '" + at + "'");
    }
  }
}
