import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.api.ContextualFixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.*;

/**
 * Kafka Streams without three of its defects, so that what they change can be told from what is wrong: its stores
 * forget no window before its time, no record has a sliding window told twice, and sessions say what they were.
 */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Mended {
  /** Longer than the records of a case are apart. */
  private static final Duration RETENTION = Duration.ofDays(10);

  private Mended() {}

  /** A table that says of a row what it was before, as a session of one moment does not; by its own store. */
  static KTable<Object, Object> withFormerRows(KTable<Object, Object> table, Serde key, Serde value, int index) {
    Materialized state = Materialized.as("mended" + index).withKeySerde(key).withValueSerde(value);
    return table.toStream().toTable(state);
  }

  /** A record finds the sessions that are open, to the millisecond, and those that are over are kept to be told. */
  static Materialized sessions(Materialized state, long gap, long grace) {
    return state.withRetention(RETENTION).withStoreType(new BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers() {
      @Override public SessionBytesStoreSupplier sessionStore(DslSessionParams params) {
        SessionBytesStoreSupplier of = super.sessionStore(params);
        return new SessionBytesStoreSupplier() {
          @Override public long segmentIntervalMs() { return of.segmentIntervalMs(); }
          @Override public long retentionPeriod() { return of.retentionPeriod(); }
          @Override public String name() { return of.name(); }
          @Override public String metricsScope() { return of.metricsScope(); }
          @Override public SessionStore<Bytes, byte[]> get() { return findingOpen(of.get(), gap, grace); }
        };
      }
    });
  }

  private static SessionStore<Bytes, byte[]> findingOpen(SessionStore<Bytes, byte[]> store, long gap, long grace) {
    AtomicLong observed = new AtomicLong(-1);
    return around(SessionStore.class, store, (name, given, found) -> {
      if (!name.equals("findSessions")) return found;
      // Without a key they are asked for to be told, and those in RocksDB come by their ends, starts and keys.
      if (given.length < 3) return inOrderOfTelling((KeyValueIterator<Windowed<Bytes>, byte[]>) found);
      long time = (Long) given[given.length - 1] - gap;
      long closed = observed.accumulateAndGet(time, Math::max) - gap - grace;
      List<KeyValue<Windowed<Bytes>, byte[]>> open = new ArrayList<>();
      try (KeyValueIterator<Windowed<Bytes>, byte[]> sessions = (KeyValueIterator<Windowed<Bytes>, byte[]>) found) {
        while (sessions.hasNext()) {
          KeyValue<Windowed<Bytes>, byte[]> session = sessions.next();
          if (session.key.window().end() >= closed) open.add(session);
        }
      }
      return iterator(open);
    });
  }

  private static KeyValueIterator<Windowed<Bytes>, byte[]> inOrderOfTelling(
      KeyValueIterator<Windowed<Bytes>, byte[]> found) {
    List<KeyValue<Windowed<Bytes>, byte[]>> list = new ArrayList<>();
    try (found) {
      while (found.hasNext()) list.add(found.next());
    }
    list.sort(Comparator.<KeyValue<Windowed<Bytes>, byte[]>>comparingLong(one -> one.key.window().end())
        .thenComparingLong(one -> one.key.window().start())
        .thenComparing(one -> one.key.key()));
    return iterator(list);
  }

  private static KeyValueIterator<Windowed<Bytes>, byte[]> iterator(List<KeyValue<Windowed<Bytes>, byte[]>> list) {
    return new KeyValueIterator<>() {
      private int next;
      @Override public boolean hasNext() { return next < list.size(); }
      @Override public KeyValue<Windowed<Bytes>, byte[]> next() { return list.get(next++); }
      @Override public Windowed<Bytes> peekNextKey() { return list.get(next).key; }
      @Override public void close() {}
    };
  }

  private interface Answer {
    Object of(String method, Object[] given, Object answer);
  }

  /** A store whose answers are given to a function, which makes others of them. */
  private static <Store> Store around(Class<Store> type, Store store, Answer answer) {
    return (Store) Proxy.newProxyInstance(Mended.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, given) -> {
      try {
        return answer.of(method.getName(), given, method.invoke(store, given));
      } catch (InvocationTargetException error) {
        throw error.getCause();
      }
    });
  }

  /** @param reads counts the records that the store of sliding windows is asked for; null of other windows */
  static Materialized windows(Materialized state, AtomicLong reads) {
    Materialized kept = state.withRetention(RETENTION);
    return reads == null ? kept : kept.withStoreType(new BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers() {
      @Override public WindowBytesStoreSupplier windowStore(DslWindowParams params) {
        return counting(super.windowStore(params), reads);
      }
    });
  }

  private static WindowBytesStoreSupplier counting(WindowBytesStoreSupplier of, AtomicLong reads) {
    return new WindowBytesStoreSupplier() {
      @Override public long segmentIntervalMs() { return of.segmentIntervalMs(); }
      @Override public long windowSize() { return of.windowSize(); }
      @Override public boolean retainDuplicates() { return of.retainDuplicates(); }
      @Override public long retentionPeriod() { return of.retentionPeriod(); }
      @Override public String name() { return of.name(); }
      @Override public String metricsScope() { return of.metricsScope(); }
      @Override public WindowStore<Bytes, byte[]> get() {
        return around(WindowStore.class, of.get(), (name, given, found) -> {
          // A record looks once for the windows near it, before it changes any.
          if (name.toLowerCase().endsWith("fetch") && given.length == 4) reads.incrementAndGet();
          return found;
        });
      }
    };
  }

  /** Hands on each window once for a record, where its sliding windows have been asked for so many records. */
  static KStream<Object, Object> toldOnce(KStream<Object, Object> stream, AtomicLong reads) {
    return stream.processValues(() -> new ContextualFixedKeyProcessor<Object, Object, Object>() {
      private FixedKeyRecord<Object, Object> last;
      private long lastReads;

      @Override public void process(FixedKeyRecord<Object, Object> record) {
        boolean isAgain = last != null && lastReads == reads.get() && last.key().equals(record.key())
          && Objects.equals(last.value(), record.value()) && last.timestamp() == record.timestamp();
        last = record;
        lastReads = reads.get();
        if (!isAgain) context().forward(record);
      }
    });
  }
}
