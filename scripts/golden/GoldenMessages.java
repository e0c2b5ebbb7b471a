import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.utils.Utils;

/**
 * Lets Apache Kafka's own message classes write messages. The arguments are the names of APIs. For each of their versions it prints requests
 * and responses, one JSON object a line: what is in them, by Kafka's names, and their bytes. In the first of a kind all fields have values, in
 * the second what may be missing is missing.
 */
public class GoldenMessages {
  static final ObjectMapper MAPPER = new ObjectMapper().configure(JsonParser.Feature.ALLOW_COMMENTS, true);
  static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  public static void main(String[] apis) throws Exception {
    for (String api : apis) {
      for (String kind : List.of("Request", "Response")) {
        JsonNode definition = definition(api + kind);
        Range versions = Range.of(definition.get("validVersions").asText());
        for (int version = versions.from; version <= versions.to; version++)
          for (boolean full : new boolean[] {true, false}) print(api, kind, definition, (short) version, full);
      }
    }
  }

  static JsonNode definition(String name) throws Exception {
    try (InputStream source = GoldenMessages.class.getResourceAsStream("/common/message/" + name + ".json")) {
      return MAPPER.readTree(source);
    }
  }

  record Range(int from, int to) {
    static Range of(String text) {
      if (text.equals("none")) return new Range(1, 0);
      if (text.endsWith("+")) return new Range(Integer.parseInt(text.substring(0, text.length() - 1)), Short.MAX_VALUE);
      String[] ends = text.split("-");
      return new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    static Range in(JsonNode field, String name) { return of(field.has(name) ? field.get(name).asText() : "none"); }

    boolean has(int version) { return version >= from && version <= to; }
  }

  static void print(String api, String kind, JsonNode definition, short version, boolean full) throws Exception {
    Map<String, JsonNode> structs = new HashMap<>();
    for (JsonNode struct : definition.path("commonStructs")) structs.put(struct.get("name").asText(), struct.get("fields"));
    Values values = new Values(new Random((api + kind + version + full).hashCode()), structs, version, full);
    ObjectNode content = values.struct(definition.get("fields"));
    Class<?> converter = Class.forName("org.apache.kafka.common.message." + api + kind + "DataJsonConverter");
    Message message = (Message) converter.getMethod("read", JsonNode.class, short.class).invoke(null, content, version);
    ByteBuffer bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
    ObjectNode line = NODES.objectNode();
    line.put("api", api).put("message", kind.toLowerCase()).put("version", version);
    line.set("content", content);
    line.put("hex", HexFormat.of().formatHex(Utils.toArray(bytes)));
    System.out.println(MAPPER.writeValueAsString(line));
  }

  /** Invents what is in a message of one version. */
  record Values(Random random, Map<String, JsonNode> structs, int version, boolean full) {
    ObjectNode struct(JsonNode fields) {
      ObjectNode content = NODES.objectNode();
      for (JsonNode field : fields) {
        boolean isThere = Range.in(field, "versions").has(version);
        if (isThere && (full || !field.has("tag"))) content.set(camelCase(field.get("name").asText()), value(field));
      }
      return content;
    }

    JsonNode value(JsonNode field) {
      if (!full && Range.in(field, "nullableVersions").has(version)) return NODES.nullNode();
      String type = field.get("type").asText();
      if (!type.startsWith("[]")) return single(type, field);
      ArrayNode elements = NODES.arrayNode();
      for (int count = full ? 1 + random.nextInt(2) : random.nextInt(2); count > 0; count--)
        elements.add(single(type.substring(2), field));
      return elements;
    }

    JsonNode single(String type, JsonNode field) {
      return switch (type) {
        case "bool" -> NODES.booleanNode(full);
        case "int8" -> NODES.numberNode((byte) random.nextInt());
        case "int16" -> NODES.numberNode((short) random.nextInt());
        case "int32" -> NODES.numberNode(random.nextInt());
        // What a JavaScript number can hold.
        case "int64" -> NODES.numberNode(random.nextLong() >> 10);
        case "string" -> NODES.textNode(text());
        case "uuid" -> NODES.textNode(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(16)));
        case "bytes", "records" -> NODES.textNode(Base64.getEncoder().encodeToString(bytes(random.nextInt(6))));
        default -> struct(field.has("fields") ? field.get("fields") : structs.get(type));
      };
    }

    String text() {
      String[] letters = {"a", "b", "c", "-", "ü", "€", "😀"};
      StringBuilder text = new StringBuilder();
      for (int count = random.nextInt(6); count > 0; count--) text.append(letters[random.nextInt(letters.length)]);
      return text.toString();
    }

    byte[] bytes(int count) {
      byte[] bytes = new byte[count];
      random.nextBytes(bytes);
      return bytes;
    }
  }

  static String camelCase(String name) { return name.substring(0, 1).toLowerCase() + name.substring(1); }
}
