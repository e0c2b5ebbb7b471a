import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Apache Kafka's own client, told by lines what to do. Each line of its input is a JSON object with `id` and `do`; the
 * answer is one with the same `id` and `result` or `error`, and what a consumer sees meanwhile comes as `event`s. Bytes
 * are in Base64. It ends when its input does.
 */
public class JavaPeer {
  static final ObjectMapper JSON = new ObjectMapper();
  static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);
  static final Map<String, KafkaProducer<byte[], byte[]>> PRODUCERS = new ConcurrentHashMap<>();
  static final Map<String, Member> MEMBERS = new ConcurrentHashMap<>();
  static final Duration POLL = Duration.ofMillis(100);
  static Map<String, Object> connection;
  static Admin admin;

  public static void main(String[] arguments) throws Exception {
    connection = Map.of("bootstrap.servers", arguments[0]);
    admin = Admin.create(connection);
    // Each command has a thread, so that one which waits holds up no other.
    ExecutorService threads = Executors.newCachedThreadPool();
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      JsonNode command = JSON.readTree(line);
      threads.execute(() -> answer(command));
    }
    Runtime.getRuntime().halt(0);
  }

  static void answer(JsonNode command) {
    Map<String, Object> answer = new HashMap<>();
    answer.put("id", command.get("id"));
    try {
      answer.put("result", carryOut(command));
    } catch (Throwable error) {
      answer.put("error", String.valueOf(error.getCause() == null ? error : error.getCause()));
    }
    tell(answer);
  }

  static synchronized void tell(Object message) {
    try {
      OUT.println(JSON.writeValueAsString(message));
      OUT.flush();
    } catch (IOException error) {
      throw new IllegalStateException(error);
    }
  }

  static Object carryOut(JsonNode command) throws Exception {
    String name = text(command, "name");
    switch (text(command, "do")) {
      case "openProducer" -> {
        KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config(command), new ByteArraySerializer(), new ByteArraySerializer());
        PRODUCERS.put(name, producer);
        if (command.get("config").has("transactional.id")) producer.initTransactions();
      }
      case "send" -> { return send(PRODUCERS.get(name), command); }
      case "begin" -> PRODUCERS.get(name).beginTransaction();
      case "sendOffsets" -> PRODUCERS.get(name).sendOffsetsToTransaction(
          Map.of(new TopicPartition(text(command, "topic"), 0), new OffsetAndMetadata(command.get("offset").longValue())),
          new ConsumerGroupMetadata(text(command, "group")));
      case "commit" -> PRODUCERS.get(name).commitTransaction();
      case "abort" -> PRODUCERS.get(name).abortTransaction();
      case "closeProducer" -> PRODUCERS.remove(name).close(Duration.ofSeconds(10));
      case "read" -> { return read(command); }
      case "committed" -> { return committed(command); }
      case "openConsumer" -> MEMBERS.put(name, new Member(name, text(command, "topic"), config(command)));
      case "closeConsumer" -> MEMBERS.remove(name).close();
      case "listGroupOffsets" -> { return offsets(admin.listConsumerGroupOffsets(
          text(command, "group"), new ListConsumerGroupOffsetsOptions().requireStable(true)).partitionsToOffsetAndMetadata().get()); }
      case "describeGroup" -> { return describeGroup(text(command, "group")); }
      case "activeProducers" -> { return activeProducers(text(command, "topic")); }
      case "configureGroup" -> admin.incrementalAlterConfigs(Map.of(
          new ConfigResource(ConfigResource.Type.GROUP, text(command, "group")),
          config(command).entrySet().stream().filter(one -> !connection.containsKey(one.getKey()))
              .map(one -> new AlterConfigOp(new ConfigEntry(one.getKey(), (String) one.getValue()), AlterConfigOp.OpType.SET)).toList())).all().get();
      default -> throw new IllegalArgumentException(command.toString());
    }
    return null;
  }

  /** The answers are in the order of the records. */
  static List<Object> send(KafkaProducer<byte[], byte[]> producer, JsonNode command) throws Exception {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (JsonNode record : command.get("records")) sent.add(producer.send(record(text(command, "topic"), record)));
    producer.flush();
    List<Object> answers = new ArrayList<>();
    for (Future<RecordMetadata> one : sent) {
      RecordMetadata metadata = one.get();
      answers.add(Map.of("partition", metadata.partition(), "offset", metadata.offset(), "timestamp", metadata.timestamp()));
    }
    return answers;
  }

  static ProducerRecord<byte[], byte[]> record(String topic, JsonNode record) throws IOException {
    List<Header> headers = new ArrayList<>();
    for (JsonNode header : record.get("headers")) headers.add(new RecordHeader(header.get(0).textValue(), bytes(header.get(1))));
    byte[] key = record.has("textKey") ? new StringSerializer().serialize(topic, text(record, "textKey")) : bytes(record.get("key"));
    Integer partition = record.has("partition") ? record.get("partition").intValue() : null;
    return new ProducerRecord<>(topic, partition, record.get("timestamp").longValue(), key, bytes(record.get("value")), headers);
  }

  /** The first `count` records of the topic, or without it all that it has now, for a reader with this isolation level and without a group. */
  static List<Object> read(JsonNode command) throws Exception {
    List<Object> found = new ArrayList<>();
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    Map<String, Object> config = config(command);
    // Closing waits for the fetch that is under way, which finds nothing more.
    config.put("fetch.max.wait.ms", "20");
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(config)) {
      List<TopicPartition> partitions = consumer.partitionsFor(text(command, "topic")).stream()
          .map(one -> new TopicPartition(one.topic(), one.partition())).toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (command.has("count") ? found.size() < command.get("count").intValue() : partitions.stream().anyMatch(one -> consumer.position(one) < ends.get(one))) {
        if (System.nanoTime() > deadline) throw new IllegalStateException("read " + found.size() + " records only, the ends are " + ends);
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) found.add(plain(record));
      }
    }
    return found;
  }

  /** Where a consumer of the group would go on. */
  static Object committed(JsonNode command) {
    Map<String, Object> config = config(command);
    config.put("group.id", text(command, "group"));
    try (KafkaConsumer<byte[], byte[]> consumer = consumer(config)) {
      Set<TopicPartition> partitions = Set.of(new TopicPartition(text(command, "topic"), 0));
      return offsets(consumer.committed(partitions));
    }
  }

  static List<Object> offsets(Map<TopicPartition, OffsetAndMetadata> offsets) {
    List<Object> all = new ArrayList<>();
    offsets.forEach((partition, offset) -> {
      if (offset != null) all.add(Map.of("topic", partition.topic(), "partition", partition.partition(), "offset", offset.offset()));
    });
    return all;
  }

  static Object describeGroup(String group) throws Exception {
    ConsumerGroupDescription description = admin.describeConsumerGroups(List.of(group)).describedGroups().get(group).get();
    List<Object> members = new ArrayList<>();
    for (MemberDescription member : description.members())
      members.add(Map.of("clientId", member.clientId(), "partitions", numbers(member.assignment().topicPartitions())));
    return Map.of("type", description.type().toString(), "state", description.groupState().toString(), "members", members);
  }

  static Object activeProducers(String topic) throws Exception {
    TopicPartition partition = new TopicPartition(topic, 0);
    List<Object> all = new ArrayList<>();
    for (ProducerState one : admin.describeProducers(List.of(partition)).partitionResult(partition).get().activeProducers())
      all.add(Map.of("producerId", one.producerId(), "producerEpoch", one.producerEpoch(), "lastSequence", one.lastSequence()));
    return all;
  }

  /** A consumer with a loop of its own, which tells what it sees. */
  static class Member implements ConsumerRebalanceListener {
    final String name;
    final KafkaConsumer<byte[], byte[]> consumer;
    final Thread loop = new Thread(this::run);
    volatile boolean isClosing;

    Member(String name, String topic, Map<String, Object> config) {
      this.name = name;
      consumer = consumer(config);
      consumer.subscribe(List.of(topic), this);
      loop.start();
    }

    void run() {
      try (consumer) {
        while (!isClosing) {
          List<Object> records = new ArrayList<>();
          ConsumerRecords<byte[], byte[]> polled = consumer.poll(POLL);
          for (ConsumerRecord<byte[], byte[]> record : polled) records.add(plain(record));
          if (!records.isEmpty()) event("records", "records", records);
        }
      } catch (WakeupException closing) {
        // What was polled is committed as the consumer is closed.
      } catch (Throwable error) {
        event("failed", "error", error.toString());
      }
    }

    void close() throws InterruptedException {
      isClosing = true;
      consumer.wakeup();
      loop.join();
    }

    @Override public void onPartitionsAssigned(Collection<TopicPartition> partitions) { event("assigned", "partitions", numbers(partitions)); }
    @Override public void onPartitionsRevoked(Collection<TopicPartition> partitions) { event("revoked", "partitions", numbers(partitions)); }
    @Override public void onPartitionsLost(Collection<TopicPartition> partitions) { event("revoked", "partitions", numbers(partitions)); }

    void event(String kind, String field, Object content) {
      tell(Map.of("event", kind, "name", name, field, content));
    }
  }

  static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> config) {
    return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  static Map<String, Object> plain(ConsumerRecord<byte[], byte[]> record) {
    List<Object> headers = new ArrayList<>();
    for (Header header : record.headers()) headers.add(Arrays.asList(header.key(), header.value()));
    Map<String, Object> plain = new LinkedHashMap<>();
    plain.put("partition", record.partition());
    plain.put("offset", record.offset());
    plain.put("timestamp", record.timestamp());
    plain.put("key", record.key());
    plain.put("value", record.value());
    plain.put("headers", headers);
    return plain;
  }

  static Map<String, Object> config(JsonNode command) {
    Map<String, Object> config = new HashMap<>(connection);
    if (command.has("config")) command.get("config").properties().forEach(one -> config.put(one.getKey(), one.getValue().textValue()));
    return config;
  }

  static List<Integer> numbers(Collection<TopicPartition> partitions) {
    return partitions.stream().map(TopicPartition::partition).sorted().toList();
  }

  static String text(JsonNode node, String field) { return node.has(field) ? node.get(field).textValue() : null; }

  static byte[] bytes(JsonNode node) throws IOException { return node.isNull() ? null : node.binaryValue(); }
}
