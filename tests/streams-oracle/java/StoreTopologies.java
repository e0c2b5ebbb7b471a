import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/** Processors of a user's own, and what they may do; processor-topologies.ts builds the same. */
final class StoreTopologies {
  private static final Serde<String> TEXT = Topologies.TEXT;

  private final VectorTopology v;

  StoreTopologies(VectorTopology v) {
    this.v = v;
  }

  /** Each record is a command to a store, and what it answers goes on; null answers nothing. */
  private interface Commands<S extends StateStore> {
    String answer(S store, String key, String[] words);
  }

  /** @return the topology; null where the builder has it */
  Topology build(String operation, JsonNode params) {
    long retention = params.path("retention").asLong();
    Duration kept = Duration.ofMillis(retention);
    switch (operation) {
      case "keyValueStore": processed("input", keyValueStore("kept"), commanded("kept", StoreTopologies::byKey)); return null;
      case "windowStore":
        processed("input", Stores.windowStoreBuilder(Stores.inMemoryWindowStore("kept", kept, Duration.ofMillis(params.get("windowSize").asLong()), false), TEXT, TEXT), commanded("kept", StoreTopologies::byWindow));
        return null;
      case "sessionStore":
        processed("input", Stores.sessionStoreBuilder(Stores.inMemorySessionStore("kept", kept), TEXT, TEXT), commanded("kept", StoreTopologies::bySession));
        return null;
      case "sharedStore": return shared();
      case "globalStore": {
        StoreBuilder<KeyValueStore<String, String>> all = keyValueStore("all").withLoggingDisabled();
        v.builder.addGlobalStore(all, "right", VectorTopology.TEXTS, (ProcessorSupplier<String, String, Void, Void>) Filling::new);
        v.to(v.stream("left").process(commanded("all", StoreTopologies::byKey)), "output");
        return null;
      }
      case "forwardTo": return forwarding();
      default: throw new IllegalArgumentException("there is no operation " + operation);
    }
  }

  private static StoreBuilder<KeyValueStore<String, String>> keyValueStore(String name) {
    return Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore(name), TEXT, TEXT);
  }

  private void processed(String topic, StoreBuilder<?> store, ProcessorSupplier<String, String, String, String> supplier) {
    v.builder.addStateStore(store);
    v.to(v.stream(topic).process(supplier, store.name()), "output");
  }

  private Topology shared() {
    Topology topology = new Topology();
    for (String topic : List.of("left", "right")) {
      topology.addSource(topic, TEXT.deserializer(), TEXT.deserializer(), topic);
      topology.addProcessor("processor of " + topic, commanded("balances", StoreTopologies::byKey), topic);
    }
    topology.addStateStore(keyValueStore("balances"), "processor of left", "processor of right");
    sink(topology, "output", "processor of left", "processor of right");
    return topology;
  }

  private void sink(Topology topology, String topic, String... parents) {
    topology.addSink(topic + " sink", topic, TEXT.serializer(), TEXT.serializer(), parents);
    v.writes(topic, TEXT, TEXT);
  }

  private Topology forwarding() {
    Topology topology = new Topology();
    topology.addSource("in", TEXT.deserializer(), TEXT.deserializer(), "input");
    topology.addProcessor("first", (ProcessorSupplier<String, String, String, String>) Choosing::new, "in");
    topology.addProcessor("next", (ProcessorSupplier<String, String, String, String>) Next::new, "first");
    sink(topology, "raw", "first");
    sink(topology, "output", "first", "next");
    return topology;
  }

  private static <S extends StateStore> ProcessorSupplier<String, String, String, String> commanded(String name, Commands<S> commands) {
    return () -> new ContextualProcessor<String, String, String, String>() {
      @Override public void process(Record<String, String> record) {
        S store = context().getStateStore(name);
        String answer = commands.answer(store, record.key(), record.value().split(" "));
        if (answer != null) context().forward(record.withValue(answer));
      }
    };
  }

  /** As a text, and closes the iterator. */
  private static <T> String text(Iterator<T> rows, Function<T, String> textOf) {
    List<String> texts = new ArrayList<>();
    while (rows.hasNext()) texts.add(textOf.apply(rows.next()));
    if (rows instanceof org.apache.kafka.streams.state.KeyValueIterator) ((org.apache.kafka.streams.state.KeyValueIterator<?, ?>) rows).close();
    return String.join(",", texts);
  }

  private static String row(KeyValue<Windowed<String>, String> row) {
    return row.key.key() + "@" + row.key.window().start() + "-" + row.key.window().end() + "=" + row.value;
  }

  private static String byKey(KeyValueStore<String, String> store, String key, String[] words) {
    switch (words[0]) {
      case "put": store.put(key, words[1]); return null;
      case "del": store.delete(key); return null;
      case "get": return String.valueOf(store.get(key));
      case "range": return text(store.range(words[1], words[2]), row -> row.key + "=" + row.value);
      default: return text(store.all(), row -> row.key + "=" + row.value);
    }
  }

  private static String byWindow(WindowStore<String, String> store, String key, String[] words) {
    long from = words.length > 1 ? Long.parseLong(words[1]) : 0;
    switch (words[0]) {
      case "put": store.put(key, words[2], from); return null;
      case "del": store.put(key, null, from); return null;
      case "get": return String.valueOf(store.fetch(key, from));
      case "fetch": return text(store.fetch(key, from, Long.parseLong(words[2])), row -> row.key + "=" + row.value);
      case "fetchAll": return text(store.fetchAll(from, Long.parseLong(words[2])), StoreTopologies::row);
      default: return text(store.all(), StoreTopologies::row);
    }
  }

  private static String bySession(SessionStore<String, String> store, String key, String[] words) {
    long start = words.length > 1 ? Long.parseLong(words[1]) : 0;
    long end = words.length > 2 ? Long.parseLong(words[2]) : 0;
    switch (words[0]) {
      case "put": store.put(new Windowed<>(key, new SessionWindow(start, end)), words[3]); return null;
      case "del": store.remove(new Windowed<>(key, new SessionWindow(start, end))); return null;
      case "get": return String.valueOf(store.fetchSession(key, start, end));
      case "find": return text(store.findSessions(key, start, end), StoreTopologies::row);
      default: return text(store.fetch(key), StoreTopologies::row);
    }
  }

  private static final class Filling extends ContextualProcessor<String, String, Void, Void> {
    @Override public void process(Record<String, String> record) {
      if (record.key() == null) return;
      KeyValueStore<String, String> store = context().getStateStore("all");
      String before = store.get(record.key());
      store.put(record.key(), record.value() == null ? null : before == null ? record.value() : before + "+" + record.value());
    }
  }

  private static final class Choosing extends ContextualProcessor<String, String, String, String> {
    @Override public void process(Record<String, String> record) {
      if (record.value().startsWith("a")) context().forward(record.withValue(record.value() + "!"), "raw sink");
      else if (record.value().startsWith("b")) context().forward(record.withTimestamp(record.timestamp() + 5), "next");
      else context().forward(record);
    }
  }

  private static final class Next extends ContextualProcessor<String, String, String, String> {
    @Override public void process(Record<String, String> record) {
      context().forward(record.withValue("next " + record.value()));
    }
  }
}
