import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Joined;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.WindowedSerdes;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers;

/**
 * One application of Kafka Streams: runs a scenario from its start and says what it took when a line comes; see
 * start-application.ts. kafkado-application.ts does the same.
 */
public final class StreamsBenchmark {
  private static final Serde<String> TEXT = Serdes.String();

  private final JsonNode job;
  private final long warmUpRecords;
  private long seen;
  private volatile long startedNanos;
  private volatile Duration cpuBefore = Duration.ZERO;

  private StreamsBenchmark(JsonNode job) {
    this.job = job;
    this.warmUpRecords = job.get("warmUpRecords").asLong();
  }

  /** @param args the job, as JSON */
  public static void main(String[] args) throws Exception {
    new StreamsBenchmark(new ObjectMapper().readTree(args[0])).run();
  }

  private void run() throws Exception {
    StreamsBuilder builder = new StreamsBuilder();
    build(builder);
    KafkaStreams streams = new KafkaStreams(builder.build(), properties());
    streams.setUncaughtExceptionHandler(error -> {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
      return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
    });
    streams.start();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (lines.readLine() != null) {
      double seconds = (System.nanoTime() - startedNanos) / 1e9;
      double cpuSeconds = cpu().minus(cpuBefore).toNanos() / 1e9;
      System.out.println("{\"seconds\":" + seconds + ",\"cpuSeconds\":" + cpuSeconds + ",\"seen\":" + seen + "}");
      System.out.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  private void build(StreamsBuilder builder) {
    Serde<Json.Order> orders = Json.serde(Json.Order.class);
    String output = text("output");
    KStream<String, Json.Order> stream = builder.stream(text("input"), Consumed.with(TEXT, orders)).peek((key, order) -> look());
    switch (text("scenario")) {
      case "filter and map" -> stream
          .filter((key, order) -> order.amount() >= 2)
          .mapValues(order -> new Json.Shipment(
              order.orderId(),
              Math.round(order.amount() * 100),
              order.items().stream().mapToInt(Json.Item::quantity).sum()))
          .to(output, Produced.with(TEXT, Json.serde(Json.Shipment.class)));
      case "count" -> stream
          .groupByKey(Grouped.with(TEXT, orders))
          .count()
          .toStream()
          .to(output, Produced.with(TEXT, Serdes.Long()));
      case "windowed count" -> stream
          .groupByKey(Grouped.with(TEXT, orders))
          .windowedBy(TimeWindows.ofSizeAndGrace(millis("windowMs"), millis("graceMs")))
          .count()
          .toStream()
          .to(output, Produced.with(WindowedSerdes.timeWindowedSerdeFrom(String.class, millis("windowMs").toMillis()), Serdes.Long()));
      case "join" -> {
        Serde<Json.Customer> customers = Json.serde(Json.Customer.class);
        stream
            .join(
                builder.table(text("table"), Consumed.with(TEXT, customers)),
                (order, customer) -> new Json.Enriched(order.orderId(), order.amount(), customer.name(), customer.city()),
                Joined.with(TEXT, orders, customers))
            .to(output, Produced.with(TEXT, Json.serde(Json.Enriched.class)));
      }
      default -> throw new IllegalArgumentException("there is no scenario '" + text("scenario") + "'");
    }
  }

  private Properties properties() {
    Properties properties = new Properties();
    properties.put("application.id", text("application"));
    properties.put("bootstrap.servers", text("brokers"));
    properties.put("state.dir", text("stateFolder"));
    properties.put("num.stream.threads", "1");
    properties.put("commit.interval.ms", text("commitIntervalMs"));
    properties.put("statestore.cache.max.bytes", text("cacheBytes"));
    properties.put("dsl.store.suppliers.class", BuiltInDslStoreSuppliers.InMemoryDslStoreSuppliers.class);
    properties.put("consumer.auto.offset.reset", "earliest");
    return properties;
  }

  /** Called by the only thread that processes. */
  private void look() {
    if (++seen == warmUpRecords) {
      cpuBefore = cpu();
      startedNanos = System.nanoTime();
    }
  }

  /** What all threads of this process have taken: the compiler's and the collector's as well. */
  private static Duration cpu() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  private String text(String name) {
    return job.get(name).asText();
  }

  private Duration millis(String name) {
    return Duration.ofMillis(job.get(name).asLong());
  }
}
