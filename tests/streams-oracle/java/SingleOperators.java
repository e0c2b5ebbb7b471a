import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.processor.ProcessorContext;
import org.apache.kafka.streams.processor.StreamPartitioner;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorSupplier;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Topologies of single operators, of which each is all there is; operator-topologies.ts builds the same. */
final class SingleOperators {
  private static final Serde<String> TEXT = Topologies.TEXT;

  private final VectorTopology v;

  SingleOperators(VectorTopology v) {
    this.v = v;
  }

  void build(String operation, JsonNode params) {
    switch (operation) {
      case "filterNot": v.to(v.stream("input").filterNot((key, value) -> value.startsWith("y")), "output"); break;
      case "tableFilterNot":
        v.to(v.builder.table("input", VectorTopology.TEXTS, named()).filterNot((key, value) -> value.startsWith("y")), "output");
        break;
      case "flatMapValues": v.to(reduced(v.stream("input").flatMapValues(value -> List.of(value.split("\\|", -1)))), "output"); break;
      case "split": {
        Map<String, KStream<String, String>> streams = v.stream("input").split(Named.as("to-"))
          .branch((key, value) -> value.startsWith("a"), Branched.as("a"))
          .branch((key, value) -> value.length() > 1, Branched.as("long"))
          .defaultBranch(Branched.as("rest"));
        v.to(streams.get("to-a"), "raw");
        v.to(streams.get("to-long"), "suppressed");
        v.to(streams.get("to-rest"), "output");
        break;
      }
      case "processValues":
        keep();
        v.to(reduced(v.stream("input").processValues((FixedKeyProcessorSupplier<String, String, String>) Remembering::new, "kept")), "output");
        break;
      case "transformValues": transformValues(params); break;
      case "topics":
        v.to(reduced(params.path("from").asText().equals("pattern")
          ? v.builder.stream(Pattern.compile("(left|right)"), VectorTopology.TEXTS)
          : v.builder.stream(List.of("left", "right"), VectorTopology.TEXTS)), "output");
        break;
      case "partitions": {
        StreamPartitioner<String, String> partitioner = new StreamPartitioner<>() {
          @Override public Optional<Set<Integer>> partitions(String topic, String key, String value, int count) {
            if (value == null) return Optional.empty();
            return value.startsWith("y") ? Optional.of(Set.of()) : value.startsWith("z") ? Optional.of(Set.of(0)) : Optional.empty();
          }
        };
        v.stream("input").to("output", Produced.with(TEXT, TEXT, partitioner));
        v.writes("output", TEXT, TEXT);
        break;
      }
      default: throw new IllegalArgumentException("there is no operation " + operation);
    }
  }

  static Materialized<String, String, KeyValueStore<Bytes, byte[]>> named() {
    return Materialized.<String, String, KeyValueStore<Bytes, byte[]>>as("named").withKeySerde(TEXT).withValueSerde(TEXT);
  }

  /** Nothing is left where it is told to be removed. */
  static String add(String aggregate, String value) {
    return value.equals("DEL") ? null : VectorTopology.concat(aggregate, value);
  }

  static KTable<String, String> reduced(KStream<String, String> stream) {
    return stream.groupByKey(VectorTopology.grouped()).reduce(SingleOperators::add, VectorTopology.texts());
  }

  private void keep() {
    v.builder.addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("kept"), TEXT, TEXT));
  }

  private void transformValues(JsonNode params) {
    keep();
    ValueTransformerWithKeySupplier<String, String, String> supplier = Lengthening::new;
    KTable<String, String> table = params.path("named").asBoolean()
      ? v.table("input").transformValues(supplier, named(), "kept")
      : v.table("input").transformValues(supplier, "kept");
    if (params.path("filter").asBoolean()) table = table.filter((key, value) -> value.length() % 2 == 0);
    if (params.path("groupBy").asText().equals("value"))
      table = table.groupBy((key, value) -> KeyValue.pair(value.substring(0, 1), value), VectorTopology.grouped())
        .aggregate(() -> "0", (key, value, aggregate) -> add(aggregate, value), (key, value, aggregate) -> aggregate + "-" + value, VectorTopology.texts());
    v.to(table, "output");
  }

  private static final class Remembering extends ContextualFixedKeyProcessor<String, String, String> {
    @Override public void process(FixedKeyRecord<String, String> record) {
      KeyValueStore<String, String> kept = context().getStateStore("kept");
      String before = kept.get(record.key());
      kept.put(record.key(), record.value());
      if (before != null) context().forward(record.withValue(before).withTimestamp(record.timestamp() + 1));
      context().forward(record.withValue(record.value() + "!"));
    }
  }

  private static final class Lengthening implements ValueTransformerWithKey<String, String, String> {
    private KeyValueStore<String, String> kept;

    @Override public void init(ProcessorContext context) {
      kept = context.getStateStore("kept");
    }

    @Override public String transform(String key, String value) {
      String before = kept.get(key);
      String now = (before == null ? "" : before) + (value == null ? "-" : value);
      kept.put(key, now);
      return (value == null || value.equals("DEL")) && now.length() <= 6 ? null : now;
    }

    @Override public void close() {}
  }
}
