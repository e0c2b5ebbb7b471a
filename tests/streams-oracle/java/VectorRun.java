import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.test.TestRecord;

/** What Kafka Streams makes of a vector of tests/vectors: what comes out, how many records it drops, how it ends. */
final class VectorRun {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final JsonNode params;
  private final boolean isOfHeaders;
  private final Topology topology;
  private final Map<String, Topologies.Node> outputs;

  VectorRun(JsonNode vector) {
    String operation = vector.get("operation").asText();
    params = vector.get("params");
    isOfHeaders = operation.equals("headers");
    if (operation.equals("operators")) {
      Topologies topologies = new Topologies(params.get("operators"), false);
      topology = topologies.builder.build();
      outputs = topologies.outputs;
    } else {
      VectorTopology made = new VectorTopology(operation, params);
      topology = made.topology;
      outputs = made.outputs;
    }
  }

  ObjectNode run(JsonNode inputs, Properties properties) {
    ObjectNode outcome = JSON.createObjectNode();
    ArrayNode found = outcome.putArray("outputs");
    onError(properties);
    TopologyTestDriver driver = new TopologyTestDriver(topology, properties, Instant.EPOCH);
    Map<String, TestInputTopic<String, String>> topics = new HashMap<>();
    Map<String, TestOutputTopic<?, ?>> reads = new LinkedHashMap<>();
    outputs.forEach((topic, node) -> reads.put(topic, driver.createOutputTopic(topic, node.key.deserializer(), node.value.deserializer())));
    int step = 0;
    for (JsonNode input : inputs) {
      try {
        give(driver, topics, input);
      } catch (RuntimeException error) {
        outcome.putObject("end").put("step", step).put("error", textOf(error));
        break;
      }
      for (Map.Entry<String, TestOutputTopic<?, ?>> read : reads.entrySet())
        while (!read.getValue().isEmpty()) write(found.addObject(), step, read.getKey(), read.getValue().readRecord());
      step++;
    }
    outcome.put("dropped", dropped(driver));
    if (params.path("named").asBoolean() && driver.getAllStateStores().containsKey("named"))
      stored(outcome.putObject("stores").putObject("named"), driver.getTimestampedKeyValueStore("named"));
    try {
      driver.close();
    } catch (RuntimeException error) {
      if (!outcome.has("end")) throw error;
    }
    return outcome;
  }

  private void onError(Properties properties) {
    JsonNode onError = params.path("onError");
    if (onError.has("deserialization")) properties.put("deserialization.exception.handler", LogAndContinueExceptionHandler.class);
    if (onError.has("processing")) properties.put("processing.exception.handler", LogAndContinueProcessingExceptionHandler.class);
    if (onError.has("production")) properties.put("production.exception.handler", GoOnHandler.class);
  }

  private void give(TopologyTestDriver driver, Map<String, TestInputTopic<String, String>> topics, JsonNode input) {
    if (input.has("advance")) {
      driver.advanceWallClockTime(Duration.ofMillis(input.get("advance").asLong()));
      return;
    }
    String name = params.path("self").asBoolean() ? "left" : input.path("topic").asText("input");
    TestRecord<String, String> record = StreamsOracle.record(input);
    input.path("headers").properties().forEach(header -> record.headers().add(header.getKey(), header.getValue().asText().getBytes(StandardCharsets.UTF_8)));
    topics.computeIfAbsent(name, topic -> driver.createInputTopic(topic, Topologies.TEXT.serializer(), Topologies.TEXT.serializer())).pipeInput(record);
  }

  private void write(ObjectNode output, int step, String topic, TestRecord<?, ?> record) {
    StreamsOracle.write(output, step, topic, record);
    if (!isOfHeaders) return;
    ObjectNode headers = output.putObject("headers");
    for (Header header : record.headers()) headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
  }

  private static void stored(ObjectNode rows, KeyValueStore<String, ValueAndTimestamp<String>> store) {
    try (KeyValueIterator<String, ValueAndTimestamp<String>> all = store.all()) {
      all.forEachRemaining(row -> rows.put(row.key, row.value.value()));
    }
  }

  private static long dropped(TopologyTestDriver driver) {
    return Math.round(driver.metrics().entrySet().stream()
      .filter(metric -> metric.getKey().name().equals("dropped-records-total"))
      .mapToDouble(metric -> (Double) metric.getValue().metricValue()).sum());
  }

  private static String textOf(Throwable error) {
    return error + (error.getCause() == null ? "" : " caused by " + textOf(error.getCause()));
  }
}
