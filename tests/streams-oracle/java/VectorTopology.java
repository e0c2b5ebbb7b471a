import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.*;

/** The topology that the operation of a vector stands for; tests/vectors builds the same. */
final class VectorTopology {
  static final Serde<String> TEXT = Topologies.TEXT;
  static final Consumed<String, String> TEXTS = Consumed.with(TEXT, TEXT);

  final StreamsBuilder builder = new StreamsBuilder();
  /** What each topic is written with. */
  final Map<String, Topologies.Node> outputs = new LinkedHashMap<>();
  final Topology topology;

  VectorTopology(String operation, JsonNode params) {
    Topology own = null;
    switch (operation) {
      case "failing": new FailingTopologies(this).build(params.get("at").asText()); break;
      case "headers": new HeaderTopologies(this).build(params.path("at").asText("nothing")); break;
      case "chosenTopics":
      case "suppressed":
      case "namedTable": new TableTopologies(this).build(operation, params); break;
      case "keyValueStore":
      case "windowStore":
      case "sessionStore":
      case "sharedStore":
      case "globalStore":
      case "forwardTo": own = new StoreTopologies(this).build(operation, params); break;
      case "tableFilters": new TableFilters(this).build(params); break;
      case "fkJoin":
      case "repartition":
      case "repartitionJoin":
      case "windowedAggregate":
      case "streamStreamJoin":
      case "tableGroupBy": new SharedOperations(this, params).build(operation); break;
      default: new SingleOperators(this).build(operation, params);
    }
    topology = own == null ? builder.build() : own;
  }

  KStream<String, String> stream(String topic) {
    return builder.stream(topic, TEXTS);
  }

  KTable<String, String> table(String topic) {
    return builder.table(topic, TEXTS);
  }

  void to(KStream<String, String> stream, String topic) {
    to(stream, topic, TEXT, TEXT);
  }

  <K, V> void to(KStream<K, V> stream, String topic, Serde<K> key, Serde<V> value) {
    stream.to(topic, Produced.with(key, value));
    writes(topic, key, value);
  }

  void to(KTable<String, String> table, String topic) {
    to(table.toStream(), topic);
  }

  void writes(String topic, Serde<?> key, Serde<?> value) {
    outputs.put(topic, new Topologies.Node(null, key, value));
  }

  static Materialized<String, String, org.apache.kafka.streams.state.KeyValueStore<org.apache.kafka.common.utils.Bytes, byte[]>> texts() {
    return Materialized.with(TEXT, TEXT);
  }

  static Grouped<String, String> grouped() {
    return Grouped.with(TEXT, TEXT);
  }

  static String concat(String aggregate, String value) {
    return aggregate + "+" + value;
  }
}
