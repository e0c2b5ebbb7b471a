import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** Processors of one's own, with a store and, where a case says so, a punctuation. */
final class Processes {
  private Processes() {}

  static KStream<String, String> process(KStream<Object, Object> stream, int index, JsonNode o) {
    String name = "store" + index;
    StoreBuilder<KeyValueStore<String, String>> store =
      Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), Topologies.TEXT, Topologies.TEXT);
    return stream.process(new ProcessorSupplier<Object, Object, String, String>() {
      @Override public java.util.Set<StoreBuilder<?>> stores() { return java.util.Set.of(store); }
      @Override public org.apache.kafka.streams.processor.api.Processor<Object, Object, String, String> get() { return new Process(name, o); }
    });
  }

  private static final class Process extends ContextualProcessor<Object, Object, String, String> {
    private final String name;
    private final JsonNode how;
    private final long shift;
    private KeyValueStore<String, String> store;

    Process(String name, JsonNode how) {
      this.name = name;
      this.how = how;
      this.shift = how.get("shift").asLong();
    }

    @Override public void init(ProcessorContext<String, String> context) {
      super.init(context);
      store = context.getStateStore(name);
      if (!how.has("every")) return;
      PunctuationType type = how.get("by").asText().equals("stream-time") ? PunctuationType.STREAM_TIME : PunctuationType.WALL_CLOCK_TIME;
      context.schedule(Duration.ofMillis(how.get("every").asLong()), type, this::release);
    }

    @Override public void process(Record<Object, Object> record) {
      String key = Functions.text(record.key());
      String value = Functions.text(record.value());
      switch (how.get("does").asText()) {
        case "count": {
          String before = key == null ? null : store.get(key);
          int count = before == null ? 1 : Integer.parseInt(before) + 1;
          if (key != null) store.put(key, String.valueOf(count));
          forward(record, key, value + "#" + count, record.timestamp() + shift);
          break;
        }
        case "twice":
          forward(record, key, value, record.timestamp());
          forward(record, "x" + key, value, record.timestamp() + shift);
          break;
        case "hold":
          if (key == null) break;
          if (value == null) store.delete(key);
          else store.put(key, value);
          break;
        default: throw new IllegalArgumentException(how.toString());
      }
    }

    /** With the headers of the record in hand. */
    private void forward(Record<Object, Object> record, String key, String value, long timestamp) {
      context().forward(record.withKey(key).withValue(value).withTimestamp(timestamp));
    }

    /** Hands on what is held, in the order of the keys. */
    private void release(long time) {
      List<KeyValue<String, String>> held = new ArrayList<>();
      try (KeyValueIterator<String, String> all = store.all()) {
        while (all.hasNext()) held.add(all.next());
      }
      held.sort((one, other) -> one.key.compareTo(other.key));
      for (KeyValue<String, String> one : held) {
        store.delete(one.key);
        long now = how.get("by").asText().equals("stream-time") ? time : context().currentSystemTimeMs();
        context().forward(new Record<>(one.key, one.value, now + shift));
      }
    }
  }
}
