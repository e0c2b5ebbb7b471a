import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;
import org.apache.kafka.streams.test.TestRecord;

/** What Kafka Streams makes of cases: reads one a line, as JSON, and answers each with a line. See kafka-streams.ts. */
public final class StreamsOracle {
  private static final ObjectMapper JSON = new ObjectMapper();

  private StreamsOracle() {}

  /** @param args the folder of the state, in which nothing stays */
  public static void main(String[] args) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = lines.readLine()) != null;) {
      ObjectNode outcome = JSON.createObjectNode();
      try {
        JsonNode one = JSON.readTree(line);
        if (one.has("operation")) outcome = new VectorRun(one).run(one.get("inputs"), properties(args[0], one.path("params").path("cache").asLong(0)));
        else outcome.set("outputs", run(one, args[0]));
      } catch (Throwable error) {
        outcome.put("error", error + (error.getCause() == null ? "" : " caused by " + error.getCause()));
      }
      System.out.println(JSON.writeValueAsString(outcome));
      System.out.flush();
    }
  }

  private static ArrayNode run(JsonNode one, String stateFolder) {
    Topologies topologies = new Topologies(one.get("operators"), one.path("isMended").asBoolean());
    ArrayNode outputs = JSON.createArrayNode();
    try (TopologyTestDriver driver = new TopologyTestDriver(topologies.builder.build(), properties(stateFolder, one.path("cache").asLong(0)), Instant.EPOCH)) {
      Map<String, TestInputTopic<String, String>> inputs = new HashMap<>();
      Map<String, TestOutputTopic<?, ?>> reads = new LinkedHashMap<>();
      topologies.outputs.forEach((topic, node) -> reads.put(topic, driver.createOutputTopic(topic, node.key.deserializer(), node.value.deserializer())));
      int step = 0;
      for (JsonNode input : one.get("inputs")) {
        if (input.has("advance")) driver.advanceWallClockTime(Duration.ofMillis(input.get("advance").asLong()));
        else inputs.computeIfAbsent(input.get("topic").asText(), topic -> driver.createInputTopic(topic, Topologies.TEXT.serializer(), Topologies.TEXT.serializer())).pipeInput(record(input));
        for (Map.Entry<String, TestOutputTopic<?, ?>> read : reads.entrySet())
          while (!read.getValue().isEmpty()) write(outputs.addObject(), step, read.getKey(), read.getValue().readRecord());
        step++;
      }
    }
    return outputs;
  }

  private static Properties properties(String stateFolder, long cacheBytes) {
    Properties properties = new Properties();
    properties.put("application.id", "oracle");
    properties.put("bootstrap.servers", "nowhere:1");
    properties.put("state.dir", stateFolder);
    properties.put("default.key.serde", Serdes.StringSerde.class);
    properties.put("default.value.serde", Serdes.StringSerde.class);
    properties.put("dsl.store.suppliers.class", BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    // Without a cache every change is told, and at once. The driver commits after each record.
    properties.put("statestore.cache.max.bytes", Long.toString(cacheBytes));
    properties.put("__emit.interval.ms.kstreams.outer.join.spurious.results.fix__", 0L);
    properties.put("__emit.interval.ms.kstreams.windowed.aggregation__", 0L);
    return properties;
  }

  static TestRecord<String, String> record(JsonNode input) {
    TestRecord<String, String> record = new TestRecord<>(textOf(input.get("key")), textOf(input.get("value")), null, input.get("ts").asLong());
    if (input.has("header")) record.headers().add("header", input.get("header").asText().getBytes(StandardCharsets.UTF_8));
    return record;
  }

  private static String textOf(JsonNode node) {
    return node.isNull() ? null : node.asText();
  }

  static void write(ObjectNode output, int step, String topic, TestRecord<?, ?> record) {
    output.put("step", step).put("out", topic);
    if (record.key() instanceof Windowed) {
      Windowed<?> windowed = (Windowed<?>) record.key();
      output.putObject("key").put("key", (String) windowed.key()).put("start", windowed.window().start()).put("end", windowed.window().end());
    } else output.put("key", (String) record.key());
    if (record.value() instanceof Long) output.put("value", (Long) record.value());
    else output.put("value", (String) record.value());
    output.put("ts", record.timestamp());
    Header header = record.headers().lastHeader("header");
    if (header != null) output.put("header", new String(header.value(), StandardCharsets.UTF_8));
  }
}
