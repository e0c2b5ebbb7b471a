import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.kstream.Windowed;

/** What the functions of a case do; functions.ts does the same to the letter. */
final class Functions {
  static final String INITIAL = "^";

  private Functions() {}

  static String text(Object given) {
    if (given == null) return null;
    if (given instanceof Windowed) {
      Windowed<?> windowed = (Windowed<?>) given;
      return windowed.key() + "@" + windowed.window().start() + "-" + windowed.window().end();
    }
    return given.toString();
  }

  private static int hash(Object given) {
    String text = text(given);
    int hash = 7;
    for (int index = 0; text != null && index < text.length(); index++) hash = (hash * 31 + text.charAt(index)) % 65521;
    return hash;
  }

  /** What aggregates begin with is no row; see functions.ts. */
  static boolean isNothing(Object value) {
    return INITIAL.equals(value) || Long.valueOf(0).equals(value);
  }

  private static String shorten(String text) {
    return text.length() > 40 ? text.substring(0, 16) + "~" + hash(text) : text;
  }

  static boolean test(String predicate, Object key, Object value) {
    if (isNothing(value)) return false;
    switch (predicate) {
      case "even": return hash(value) % 2 == 0;
      case "third": return hash(value) % 3 != 0;
      case "evenKey": return hash(key) % 2 == 0;
      case "present": return value != null;
      default: throw new IllegalArgumentException("there is no predicate " + predicate);
    }
  }

  static String map(String mapper, Object key, Object value) {
    if (isNothing(value)) return null;
    String text = text(value);
    switch (mapper) {
      case "mark": return shorten(text + "m");
      case "shorten": return text == null ? null : text.substring(0, Math.min(2, text.length()));
      case "some": return hash(value) % 3 == 0 ? null : text;
      case "keyed": return shorten(text(key) + ":" + text);
      case "same": return text;
      default: throw new IllegalArgumentException("there is no mapper " + mapper);
    }
  }

  static String select(String selector, Object key, Object value) {
    if (isNothing(value)) return null;
    String text = text(value);
    switch (selector) {
      case "value": return text;
      case "initial": return text == null ? null : text.substring(0, Math.min(1, text.length()));
      case "hash": return "k" + hash(value) % 3;
      case "sometimes": return hash(value) % 4 == 0 ? null : text(key);
      case "same": return text(key);
      case "prefixed": return key == null ? null : shorten("x" + text(key));
      case "digit": {
        if (text == null || text.isEmpty()) return null;
        char last = text.charAt(text.length() - 1);
        return last >= '0' && last <= '9' ? "k" + last : null;
      }
      default: throw new IllegalArgumentException("there is no selector " + selector);
    }
  }

  static List<String> pieces(Object value) {
    List<String> pieces = new ArrayList<>();
    for (int index = 0; index < hash(value) % 3; index++) pieces.add(shorten(text(value) + index));
    return pieces;
  }

  static String add(String adder, Object aggregate, Object value) {
    switch (adder) {
      case "concat": return shorten(text(aggregate) + "+" + text(value));
      case "dropping": return hash(value) % 5 == 0 ? null : shorten(text(aggregate) + "+" + text(value));
      case "last": return text(value);
      default: throw new IllegalArgumentException("there is no adder " + adder);
    }
  }

  static String subtract(Object aggregate, Object value) {
    return shorten(text(aggregate) + "-" + text(value));
  }

  static String merge(Object left, Object right) {
    return shorten("(" + text(left) + "|" + text(right) + ")");
  }

  static String join(String kind, Object left, Object right) {
    boolean hasResult = (!isNothing(left) || kind.equals("outer")) && (!isNothing(right) || !kind.equals("inner"));
    String one = isNothing(left) ? null : text(left);
    String other = isNothing(right) ? null : text(right);
    return hasResult && (one != null || other != null) ? shorten(one + "&" + other) : null;
  }
}
