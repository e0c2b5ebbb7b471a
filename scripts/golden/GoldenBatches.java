import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.ControlRecordType;
import org.apache.kafka.common.record.EndTransactionMarker;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.Record;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.SimpleRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.Utils;

/**
 * Lets Apache Kafka's own library write and read record batches.
 * "write" prints batches it makes, one JSON object a line; "read" takes batches in hexadecimal, one a line, and prints
 * what it finds in them; "murmur2" takes keys in hexadecimal and prints the hash that decides their partition.
 */
public class GoldenBatches {
  static final long TIME = 1_764_000_000_000L;

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "write" -> write();
      case "read" -> eachLine(bytes -> print("", MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))));
      case "murmur2" -> eachLine(bytes -> System.out.println(Utils.murmur2(bytes)));
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  interface Action { void run(byte[] bytes) throws Exception; }

  static void eachLine(Action action) throws Exception {
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) action.run(HexFormat.of().parseHex(line.trim()));
  }

  static void write() {
    Header[] headers = {
      new RecordHeader("trace", text("abc")), new RecordHeader("trace", text("second")),
      new RecordHeader("nothing", null), new RecordHeader("empty", new byte[0]), new RecordHeader("schlüssel", text("größe")),
    };
    SimpleRecord plain = new SimpleRecord(TIME, text("key-1"), text("{\"orderId\":\"123\",\"amount\":99.99}"));
    plainBatch("one record", Compression.NONE, plain);
    plainBatch("nulls and empties", Compression.NONE,
        new SimpleRecord(TIME, null, text("no key")), new SimpleRecord(TIME + 1, text("tombstone"), null),
        new SimpleRecord(TIME + 2, (byte[]) null, null), new SimpleRecord(TIME + 3, new byte[0], new byte[0]));
    plainBatch("headers", Compression.NONE, new SimpleRecord(TIME, text("k"), text("v"), headers), plain);
    plainBatch("text beyond ASCII", Compression.NONE, new SimpleRecord(TIME, text("ключ-键"), text("naïve 😀 and a good deal of text around it, so that it is long")));
    plainBatch("timestamps that go back and lie far apart", Compression.NONE,
        new SimpleRecord(TIME, null, text("a")), new SimpleRecord(TIME - 3_600_000, null, text("b")),
        new SimpleRecord(TIME + 10L * 365 * 86_400_000, null, text("c")), new SimpleRecord(0, null, text("d")));
    SimpleRecord[] many = new SimpleRecord[60];
    for (int index = 0; index < many.length; index++)
      many[index] = new SimpleRecord(TIME + index, text("customer-" + index % 7), text("{\"number\":" + index + ",\"text\":\"the same words again and again\"}"));
    plainBatch("60 records", Compression.NONE, many);
    plainBatch("gzip", Compression.gzip().build(), many);
    plainBatch("snappy", Compression.snappy().build(), many);
    plainBatch("lz4", Compression.lz4().build(), many);
    plainBatch("zstd", Compression.zstd().build(), many);
    print("idempotent", MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, 42L, Compression.NONE, TimestampType.CREATE_TIME, 4_294_967_301L, (short) 3, 17, 5, false, plain, plain));
    print("transactional", MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, 9_007_199_254_740_000L, Compression.NONE, TimestampType.CREATE_TIME, 1000L, (short) 0, 0, 0, true, plain));
    print("log append time", MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, 0L, Compression.NONE, TimestampType.LOG_APPEND_TIME, -1L, (short) -1, -1, 0, false, plain, plain));
    print("abort marker", MemoryRecords.withEndTransactionMarker(7L, TIME, 0, 1000L, (short) 1, new EndTransactionMarker(ControlRecordType.ABORT, 0)));
    print("commit marker", MemoryRecords.withEndTransactionMarker(8L, TIME, 0, 1000L, (short) 1, new EndTransactionMarker(ControlRecordType.COMMIT, 0)));
  }

  static void plainBatch(String name, Compression compression, SimpleRecord... records) {
    print(name, MemoryRecords.withRecords(RecordBatch.MAGIC_VALUE_V2, 0L, compression, TimestampType.CREATE_TIME, -1L, (short) -1, -1, -1, false, records));
  }

  static void print(String name, MemoryRecords records) {
    byte[] bytes = Utils.toArray(records.buffer().duplicate());
    for (RecordBatch batch : records.batches()) {
      batch.ensureValid();
      List<String> contents = new ArrayList<>();
      for (Record record : batch) {
        List<String> headers = new ArrayList<>();
        for (Header header : record.headers()) headers.add("[" + quoted(header.key()) + "," + base64(header.value()) + "]");
        contents.add("{\"offset\":" + record.offset() + ",\"timestamp\":" + record.timestamp()
            + ",\"key\":" + base64(record.hasKey() ? Utils.toArray(record.key()) : null)
            + ",\"value\":" + base64(record.hasValue() ? Utils.toArray(record.value()) : null)
            + ",\"headers\":[" + String.join(",", headers) + "]}");
      }
      System.out.println("{\"name\":" + quoted(name) + ",\"hex\":\"" + HexFormat.of().formatHex(bytes) + "\""
          + ",\"baseOffset\":" + batch.baseOffset() + ",\"lastOffset\":" + batch.lastOffset()
          + ",\"partitionLeaderEpoch\":" + batch.partitionLeaderEpoch() + ",\"compression\":" + quoted(batch.compressionType().name)
          + ",\"timestampType\":" + quoted(batch.timestampType().name) + ",\"maxTimestamp\":" + batch.maxTimestamp()
          + ",\"producerId\":" + batch.producerId() + ",\"producerEpoch\":" + batch.producerEpoch() + ",\"baseSequence\":" + batch.baseSequence()
          + ",\"isTransactional\":" + batch.isTransactional() + ",\"isControl\":" + batch.isControlBatch()
          + ",\"records\":[" + String.join(",", contents) + "]}");
    }
  }

  static byte[] text(String text) { return text.getBytes(StandardCharsets.UTF_8); }

  static String quoted(String text) { return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\""; }

  static String base64(byte[] bytes) { return bytes == null ? "null" : "\"" + Base64.getEncoder().encodeToString(bytes) + "\""; }
}
