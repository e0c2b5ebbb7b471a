import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.kstream.*;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;

/** A processor that sets headers, and what stands behind it; header-topologies.ts builds the same. */
final class HeaderTopologies {
  private static final Serde<String> TEXT = Topologies.TEXT;

  private final VectorTopology v;

  HeaderTopologies(VectorTopology v) {
    this.v = v;
  }

  void build(String behind) {
    KStream<String, String> stream = v.stream("input").process((ProcessorSupplier<String, String, String, String>) () -> new Setting(behind.equals("punctuation")));
    switch (behind) {
      case "nothing":
      case "punctuation": v.to(stream, "output"); break;
      case "process": v.to(stream.process((ProcessorSupplier<String, String, String, String>) Telling::new), "output"); break;
      case "stateless": {
        KStream<String, String> mapped = stream.mapValues(value -> value + "!").filter((key, value) -> !value.startsWith("skip"));
        v.to(mapped.flatMapValues(value -> List.of(value, value + "!")), "output");
        v.to(mapped, "raw");
        break;
      }
      case "repartition": v.to(stream.selectKey((key, value) -> value.substring(0, 1)).repartition(Repartitioned.with(TEXT, TEXT)), "output"); break;
      case "aggregate": v.to(stream.groupByKey(VectorTopology.grouped()).reduce(VectorTopology::concat, VectorTopology.texts()), "output"); break;
      case "join": v.to(stream.leftJoin(v.table("right"), (one, other) -> one + "+" + other), "output"); break;
      case "toTable": v.to(stream.toTable(VectorTopology.texts()), "output"); break;
      case "suppress":
        v.to(stream.toTable(VectorTopology.texts()).suppress(Suppressed.untilTimeLimit(Duration.ofMillis(10), Suppressed.BufferConfig.unbounded())), "output");
        break;
      default: throw new IllegalArgumentException("there is nothing called '" + behind + "' to put behind");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Each record says what becomes of its headers. */
  private static final class Setting extends ContextualProcessor<String, String, String, String> {
    private final boolean isScheduled;

    Setting(boolean isScheduled) {
      this.isScheduled = isScheduled;
    }

    @Override public void init(ProcessorContext<String, String> context) {
      super.init(context);
      if (isScheduled) context.schedule(Duration.ofMillis(100), PunctuationType.STREAM_TIME, time -> {
        RecordHeaders headers = new RecordHeaders();
        headers.add("a", bytes(String.valueOf(time)));
        context.forward(new Record<>("time", "due", time, headers));
      });
    }

    @Override public void process(Record<String, String> record) {
      String[] words = record.value().split(" ");
      switch (words[0]) {
        // A later header takes the place of a former one for whoever reads it.
        case "set": record.headers().add(words[1], bytes(words[2])); break;
        case "remove": record.headers().remove(words[1]); break;
        case "clear": record = record.withHeaders(new RecordHeaders()); break;
        default:
      }
      context().forward(record);
    }
  }

  private static final class Telling extends ContextualProcessor<String, String, String, String> {
    @Override public void process(Record<String, String> record) {
      Header header = record.headers().lastHeader("a");
      context().forward(record.withValue(record.value() + ", a: " + (header == null ? "none" : new String(header.value(), StandardCharsets.UTF_8))));
    }
  }
}
