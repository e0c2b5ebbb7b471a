import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.state.Stores;

/** Builds the topology that a case describes; build-topology.ts does the same. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Topologies {
  static final Serde<String> TEXT = Serdes.String();

  /** What an operator made, and how its keys and values are written. */
  static final class Node {
    final Object made;
    final Serde key;
    final Serde value;
    /** Of a table of sliding windows that is mended; see Mended. */
    final AtomicLong reads;

    Node(Object made, Serde key, Serde value) {
      this(made, key, value, null);
    }

    Node(Object made, Serde key, Serde value, AtomicLong reads) {
      this.made = made;
      this.key = key;
      this.value = value;
      this.reads = reads;
    }

    Node with(Object other) {
      return new Node(other, key, value, reads);
    }

    KStream<Object, Object> stream() {
      return (KStream<Object, Object>) made;
    }

    KTable<Object, Object> table() {
      return (KTable<Object, Object>) made;
    }

    boolean isTable() {
      return made instanceof KTable;
    }

    Materialized state() {
      return Materialized.with(key, value);
    }
  }

  final StreamsBuilder builder = new StreamsBuilder();
  final Map<String, Node> outputs = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();
  private final boolean isMended;

  Topologies(JsonNode operators, boolean isMended) {
    this.isMended = isMended;
    for (JsonNode operator : operators) nodes.add(build(operator));
  }

  private Node build(JsonNode o) {
    String op = o.get("op").asText();
    Consumed<String, String> consumed = Consumed.with(TEXT, TEXT);
    switch (op) {
      case "stream": return new Node(builder.stream(o.get("topic").asText(), consumed), TEXT, TEXT);
      case "globalTable": return new Node(builder.globalTable(o.get("topic").asText(), consumed), TEXT, TEXT);
      case "table": {
        String topic = o.get("topic").asText();
        if (o.has("isVersioned")) return new Node(builder.table(topic, consumed, Materialized.as(Stores.persistentVersionedKeyValueStore("rows-" + topic, Duration.ofDays(1)))), TEXT, TEXT);
        return new Node(o.has("name") ? builder.table(topic, consumed, Materialized.as(o.get("name").asText())) : builder.table(topic, consumed), TEXT, TEXT);
      }
      case "join": return Joins.build(nodes.get(o.get("from").asInt()), nodes.get(o.get("other").asInt()), o);
      case "aggregate":
      case "cogroup": return Aggregations.build(nodes, o, isMended);
      default: return unary(op, nodes.get(o.get("from").asInt()), o);
    }
  }

  private Node unary(String op, Node from, JsonNode o) {
    String key = o.path("key").asText();
    String map = o.path("map").asText();
    switch (op) {
      case "filter": {
        Predicate<Object, Object> predicate = predicate(o.get("predicate"));
        if (o.has("isNot")) {
          Predicate<Object, Object> exclusion = (k, v) -> Functions.isNothing(v) || predicate.test(k, v);
          return from.with(from.isTable() ? from.table().filterNot(exclusion) : from.stream().filterNot(exclusion));
        }
        return from.with(from.isTable() ? from.table().filter(predicate) : from.stream().filter(predicate));
      }
      case "mapValues": {
        ValueMapperWithKey<Object, Object, Object> mapper = (k, v) -> Functions.map(map, k, v);
        return new Node(from.isTable() ? from.table().mapValues(mapper) : from.stream().mapValues(mapper), from.key, TEXT, from.reads);
      }
      case "map": return texts(from.stream().map((k, v) -> KeyValue.pair(Functions.select(key, k, v), Functions.map(map, k, v))));
      case "flatMap": return texts(from.stream().flatMap((k, v) -> {
        List<KeyValue<String, String>> made = new ArrayList<>();
        for (String piece : Functions.pieces(v)) made.add(KeyValue.pair(Functions.select(key, k, piece), piece));
        return made;
      }));
      case "flatMapValues": return new Node(from.stream().flatMapValues(v -> Functions.pieces(v)), from.key, TEXT);
      case "selectKey": return new Node(from.stream().selectKey((k, v) -> Functions.select(key, k, v)), TEXT, from.value);
      case "peek": return from.with(from.stream().peek((k, v) -> {}));
      case "merge": return from.with(from.stream().merge(nodes.get(o.get("other").asInt()).stream()));
      case "split": {
        BranchedKStream<Object, Object> split = from.stream().split(Named.as("split" + nodes.size() + "-"));
        int index = 0;
        for (JsonNode predicate : o.get("predicates")) split = split.branch(predicate(predicate), Branched.as("" + index++));
        return from.with(new ArrayList<>(new java.util.TreeMap<>(split.noDefaultBranch()).values()));
      }
      case "branch": return from.with(((List<?>) from.made).get(o.get("index").asInt()));
      case "groupByKey": return from.with(from.stream().groupByKey(Grouped.with(from.key, from.value)));
      case "groupBy": {
        Grouped grouped = Grouped.with(TEXT, from.value);
        if (!from.isTable()) return new Node(from.stream().groupBy((k, v) -> Functions.select(key, k, v), grouped), TEXT, from.value);
        return new Node(from.table().groupBy((k, v) -> KeyValue.pair(Functions.select(key, k, v), v), grouped), TEXT, from.value);
      }
      case "suppress": return from.with(from.table().suppress(Suppressed.untilTimeLimit(
        o.has("timeLimit") ? Duration.ofMillis(o.get("timeLimit").asLong()) : Duration.ofMillis(Long.MAX_VALUE / 4),
        (o.has("maxRecords") ? Suppressed.BufferConfig.maxRecords(o.get("maxRecords").asLong()) : Suppressed.BufferConfig.maxBytes(Long.MAX_VALUE)).emitEarlyWhenFull())));
      case "untilWindowCloses":
        return from.with(((KTable) from.made).suppress(Suppressed.untilWindowCloses(Suppressed.BufferConfig.unbounded())));
      case "toStream": {
        KStream<Object, Object> stream = from.table().toStream();
        return new Node(from.reads == null ? stream : Mended.toldOnce(stream, from.reads), from.key, from.value);
      }
      case "toTable": {
        Materialized state = o.has("name") ? Materialized.as(o.get("name").asText()).withKeySerde(from.key).withValueSerde(from.value) : from.state();
        return from.with(from.stream().toTable(state));
      }
      case "repartition": return from.with(from.stream().repartition(Repartitioned.with(from.key, from.value)));
      case "process": return texts(Processes.process(from.stream(), nodes.size(), o));
      case "to": {
        from.stream().to(o.get("topic").asText(), Produced.with(from.key, from.value));
        outputs.put(o.get("topic").asText(), from);
        return from;
      }
      default: throw new IllegalArgumentException("there is no operator " + op);
    }
  }

  private static Predicate<Object, Object> predicate(JsonNode name) {
    return (key, value) -> Functions.test(name.asText(), key, value);
  }

  private static Node texts(Object made) {
    return new Node(made, TEXT, TEXT);
  }
}
