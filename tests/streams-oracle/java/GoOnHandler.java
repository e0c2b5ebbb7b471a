import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;

/** Leaves out what cannot be written. Kafka Streams has none that does. */
public final class GoOnHandler implements ProductionExceptionHandler {
  @Override public ProductionExceptionHandlerResponse handle(ErrorHandlerContext context, ProducerRecord<byte[], byte[]> record, Exception error) {
    return ProductionExceptionHandlerResponse.CONTINUE;
  }

  @Override public ProductionExceptionHandlerResponse handleSerializationException(ErrorHandlerContext context, ProducerRecord record, Exception error, SerializationExceptionOrigin origin) {
    return ProductionExceptionHandlerResponse.CONTINUE;
  }

  @Override public void configure(Map<String, ?> configs) {}
}
