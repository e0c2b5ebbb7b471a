import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.apache.kafka.streams.kstream.*;

/** Joins of everything with everything. */
@SuppressWarnings({"unchecked", "rawtypes"})
final class Joins {
  private Joins() {}

  static Topologies.Node build(Topologies.Node left, Topologies.Node right, JsonNode o) {
    String kind = o.get("kind").asText();
    return new Topologies.Node(join(left, right, kind, o), left.key, Topologies.TEXT);
  }

  private static Object join(Topologies.Node left, Topologies.Node right, String kind, JsonNode o) {
    ValueJoiner<Object, Object, Object> joiner = (one, other) -> Functions.join(kind, one, other);
    String key = o.path("key").asText();
    if (right.made instanceof GlobalKTable) {
      GlobalKTable<Object, Object> table = (GlobalKTable<Object, Object>) right.made;
      KeyValueMapper<Object, Object, Object> select = (k, v) -> Functions.select(key, k, v);
      return kind.equals("left") ? left.stream().leftJoin(table, select, joiner) : left.stream().join(table, select, joiner);
    }
    if (left.isTable()) {
      if (!o.has("key")) {
        KTable<Object, Object> table = right.table();
        return kind.equals("outer") ? left.table().outerJoin(table, joiner) : kind.equals("left") ? left.table().leftJoin(table, joiner) : left.table().join(table, joiner);
      }
      Materialized state = Materialized.with(left.key, Topologies.TEXT);
      if (o.has("isOfKey")) {
        java.util.function.BiFunction<Object, Object, Object> ofKey = (own, value) -> Functions.select(key, own, value);
        return kind.equals("left") ? left.table().leftJoin(right.table(), ofKey, joiner, state) : left.table().join(right.table(), ofKey, joiner, state);
      }
      java.util.function.Function<Object, Object> foreignKey = value -> Functions.select(key, null, value);
      return kind.equals("left") ? left.table().leftJoin(right.table(), foreignKey, joiner, state) : left.table().join(right.table(), foreignKey, joiner, state);
    }
    if (right.isTable()) {
      Joined joined = Joined.with(left.key, left.value, right.value);
      if (o.has("grace")) joined = joined.withGracePeriod(Duration.ofMillis(o.get("grace").asLong()));
      return kind.equals("left") ? left.stream().leftJoin(right.table(), joiner, joined) : left.stream().join(right.table(), joiner, joined);
    }
    JoinWindows windows = JoinWindows.ofTimeDifferenceAndGrace(Duration.ZERO, Duration.ofMillis(o.get("grace").asLong()))
      .before(Duration.ofMillis(o.get("before").asLong())).after(Duration.ofMillis(o.get("after").asLong()));
    StreamJoined joined = StreamJoined.with(left.key, left.value, right.value);
    KStream<Object, Object> stream = right.stream();
    return kind.equals("outer") ? left.stream().outerJoin(stream, joiner, windows, joined)
      : kind.equals("left") ? left.stream().leftJoin(stream, joiner, windows, joined) : left.stream().join(stream, joiner, windows, joined);
  }
}
