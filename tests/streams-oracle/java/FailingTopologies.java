import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** Topologies of which some part fails for some records; failing-topologies.ts builds the same. */
final class FailingTopologies {
  private static final Serde<String> TEXT = Topologies.TEXT;
  /** Text, of which some can be written only, and some read only. */
  private static final Serde<String> CHOOSY = Serdes.serdeFrom(
    (topic, value) -> value == null ? null : refuse(value, "unwritable").getBytes(StandardCharsets.UTF_8),
    (topic, bytes) -> bytes == null ? null : refuse(new String(bytes, StandardCharsets.UTF_8), "unreadable"));

  private final VectorTopology v;

  FailingTopologies(VectorTopology v) {
    this.v = v;
  }

  private static String refuse(String value, String beginning) {
    if (value.startsWith(beginning)) throw new SerializationException("'" + value + "' is refused");
    return value;
  }

  private static String accept(String value) {
    if (value.startsWith("throw")) throw new IllegalStateException("'" + value + "' is refused");
    return value;
  }

  void build(String at) {
    Consumed<String, String> choosy = Consumed.with(CHOOSY, CHOOSY);
    switch (at) {
      case "source":
        v.to(v.builder.stream("input", choosy).groupByKey(VectorTopology.grouped()).reduce(VectorTopology::concat, VectorTopology.texts()), "output");
        break;
      case "table":
        v.to(v.stream("left").leftJoin(v.builder.table("right", choosy), (one, other) -> one + "+" + other), "output");
        break;
      case "globalTable":
        v.to(v.stream("left").leftJoin(v.builder.globalTable("right", choosy), (key, value) -> key, (one, other) -> one + "+" + other), "output");
        break;
      case "mapValues": {
        KStream<String, String> stream = v.stream("input");
        v.to(stream.mapValues(value -> accept(value)).groupByKey(VectorTopology.grouped()).reduce(VectorTopology::concat, VectorTopology.texts()), "output");
        v.to(stream, "raw");
        break;
      }
      case "tableMapValues": {
        KTable<String, String> table = v.table("input");
        v.to(table.mapValues(value -> accept(value)), "output");
        v.to(table, "raw");
        break;
      }
      case "aggregate":
        v.to(v.stream("input").groupByKey(VectorTopology.grouped()).aggregate(() -> "0", (key, value, aggregate) -> VectorTopology.concat(aggregate, accept(value)), VectorTopology.texts()), "output");
        break;
      case "windows": {
        KTable<Windowed<String>, String> table = v.stream("input").groupByKey(VectorTopology.grouped())
          .windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMillis(10), Duration.ofMillis(100)).advanceBy(Duration.ofMillis(5)))
          .aggregate(() -> "0", (key, value, aggregate) -> {
            if (value.equals(aggregate.equals("0") ? "new" : "begun")) throw new IllegalStateException(value);
            return VectorTopology.concat(aggregate, value);
          }, Materialized.with(TEXT, TEXT));
        v.to(table.toStream(), "output", WindowedSerdes.timeWindowedSerdeFrom(String.class, 10), TEXT);
        break;
      }
      case "join":
        v.to(v.stream("left").leftJoin(v.table("right"), (one, other) -> accept(other + "+" + one)), "output");
        break;
      case "process": v.to(process(v.stream("input"), Keeping::new), "output"); break;
      case "child": v.to(process(v.stream("input"), Twice::new).mapValues(value -> accept(value)), "output"); break;
      case "punctuation": v.to(process(v.stream("input"), Punctuating::new), "output"); break;
      case "sink": {
        KStream<String, String> stream = v.stream("input");
        v.to(stream, "output", CHOOSY, CHOOSY);
        v.to(stream, "raw");
        break;
      }
      case "chosenSink":
        v.stream("input").to((key, value, context) -> value.endsWith("raw") ? "raw" : "output", Produced.with(CHOOSY, CHOOSY));
        v.writes("output", TEXT, TEXT);
        v.writes("raw", TEXT, TEXT);
        break;
      case "repartition":
        v.to(v.stream("input").selectKey((key, value) -> value.substring(value.length() - 1)).groupByKey(Grouped.with(TEXT, CHOOSY)).reduce(VectorTopology::concat, VectorTopology.texts()), "output");
        break;
      case "store":
        v.to(v.stream("input").groupByKey(VectorTopology.grouped()).aggregate(() -> "0", (key, value, aggregate) -> value, Materialized.with(TEXT, CHOOSY)).toStream().mapValues(value -> value + "!"), "output");
        break;
      default: throw new IllegalArgumentException("there is no part '" + at + "' that can fail");
    }
  }

  private interface Making {
    org.apache.kafka.streams.processor.api.Processor<String, String, String, String> make();
  }

  private KStream<String, String> process(KStream<String, String> stream, Making making) {
    v.builder.addStateStore(Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("kept"), TEXT, TEXT));
    return stream.process((ProcessorSupplier<String, String, String, String>) making::make, "kept");
  }

  /** What it has kept and forwarded before it fails stays. */
  private static final class Keeping extends ContextualProcessor<String, String, String, String> {
    @Override public void process(Record<String, String> record) {
      KeyValueStore<String, String> kept = context().getStateStore("kept");
      String before = kept.get(record.key());
      String now = VectorTopology.concat(before == null ? "" : before, record.value());
      kept.put(record.key(), now);
      context().forward(record.withValue(now));
      accept(record.value());
      context().forward(record.withValue(now + "!"));
    }
  }

  /** What is behind it fails, and it goes on. */
  private static final class Twice extends ContextualProcessor<String, String, String, String> {
    @Override public void process(Record<String, String> record) {
      context().forward(record);
      context().forward(record.withValue("then " + record.value()));
    }
  }

  private static final class Punctuating extends ContextualProcessor<String, String, String, String> {
    @Override public void init(ProcessorContext<String, String> context) {
      super.init(context);
      context.schedule(Duration.ofMillis(10), PunctuationType.STREAM_TIME, time -> {
        context.forward(new Record<>("time", "before " + time, time));
        if (time % 20 == 0) throw new IllegalStateException("no");
        context.forward(new Record<>("time", "after " + time, time));
      });
    }

    @Override public void process(Record<String, String> record) {
      context().forward(record);
    }
  }
}
