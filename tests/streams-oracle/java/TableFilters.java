import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.*;

/** A filter of a table of which Kafka Streams knows more or less, and what else is done with the table; topologies.ts builds the same. */
final class TableFilters {
  private static final ValueJoiner<String, String, String> PAIR = (one, other) -> one + "+" + other;

  private final VectorTopology v;

  TableFilters(VectorTopology v) {
    this.v = v;
  }

  void build(JsonNode params) {
    KTable<String, String> table = from(params.path("from").asText("table"));
    KTable<String, String> filtered = null;
    for (JsonNode use : params.path("uses")) {
      if (use.asText().equals("filter")) {
        filtered = table.filter((key, value) -> value.startsWith("y"));
        v.to(filtered, "output");
      } else use(use.asText(), table, filtered);
    }
  }

  private KTable<String, String> from(String from) {
    java.util.function.Function<String, String> foreignKey = value -> value;
    switch (from) {
      case "table": return v.table("input");
      case "named": return v.builder.table("input", VectorTopology.TEXTS, SingleOperators.named());
      case "toTable": return v.stream("input").toTable(VectorTopology.texts());
      case "toTableNamed": return v.stream("input").toTable(SingleOperators.named());
      case "reduce": return v.stream("input").groupByKey(VectorTopology.grouped()).reduce((one, other) -> other, VectorTopology.texts());
      case "mapped": return v.table("input").mapValues(value -> value);
      case "join": return v.table("input").outerJoin(v.table("right"), (one, other) -> one == null ? "n" : one);
      case "fk": return v.table("input").leftJoin(v.table("right"), foreignKey, (one, other) -> one);
      default: throw new IllegalArgumentException("there is no table '" + from + "'");
    }
  }

  private static void counted(KTable<String, String> table) {
    table.groupBy((key, value) -> KeyValue.pair(value, value), VectorTopology.grouped()).count();
  }

  private void use(String use, KTable<String, String> table, KTable<String, String> filtered) {
    java.util.function.Function<String, String> foreignKey = value -> value;
    switch (use) {
      case "groupBy": counted(table); break;
      case "groupByFiltered": counted(filtered); break;
      case "groupByMapped": counted(filtered.mapValues(value -> value)); break;
      case "streamJoin": v.to(v.stream("ss").join(table, PAIR), "sj"); break;
      case "streamJoinFiltered": v.to(v.stream("ss").join(filtered, PAIR), "sj"); break;
      case "innerJoin": v.to(table.join(v.table("tt"), PAIR), "sj"); break;
      case "innerJoinFiltered": v.to(filtered.join(v.table("tt"), PAIR), "sj"); break;
      case "leftJoinFiltered": v.to(filtered.leftJoin(v.table("tt"), PAIR), "sj"); break;
      case "leftJoinOther": v.to(v.table("tt").leftJoin(filtered, PAIR), "sj"); break;
      case "outerJoinOther": v.to(v.table("tt").outerJoin(filtered, PAIR), "sj"); break;
      case "suppress": v.to(filtered.suppress(Suppressed.untilTimeLimit(Duration.ofMillis(5), Suppressed.BufferConfig.unbounded())), "sj"); break;
      case "fkLeft": v.to(filtered.join(v.table("tt"), foreignKey, PAIR), "sj"); break;
      case "fkRight": v.to(v.table("tt").join(filtered, foreignKey, PAIR), "sj"); break;
      case "filterAgain": v.to(table.filter((key, value) -> value.startsWith("y")), "raw"); break;
      case "chain": v.to(filtered.mapValues(value -> value + "m").filter((key, value) -> value.length() > 2), "suppressed"); break;
      default: throw new IllegalArgumentException("there is no use '" + use + "'");
    }
    // What is joined is written somewhere, and not compared.
    v.outputs.remove("sj");
  }
}
