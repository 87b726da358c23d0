import io.socket.client.IO;
import io.socket.client.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.HashMap;
import java.util.Map;
import org.json.JSONObject;

/** Java's client as its users write it: everything in auth is a text. One JSON text a line. HUB_URL, TOKEN_URL, POLLING=1. */
public class StockClient {
  static void say(String name, Object data) {
    try {
      System.out.println(new JSONObject().put("name", name).put("data", data));
    } catch (org.json.JSONException error) {
      throw new RuntimeException(error);
    }
  }

  static String token() {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("TOKEN_URL"))).build();
      return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    } catch (Exception error) {
      throw new RuntimeException(error);
    }
  }

  public static void main(String[] args) throws Exception {
    Map<String, String> auth = new HashMap<>();
    auth.put("token", token());
    auth.put("protocol", "1");
    auth.put("client", "java");
    auth.put("subscriptions", "[{\"id\":\"s\",\"channel\":\"assets\"}]");
    IO.Options options = IO.Options.builder().setAuth(auth).build();
    if (!"1".equals(System.getenv("POLLING"))) options.transports = new String[] {"websocket"};
    // a path in the address would be a namespace
    URI address = URI.create(System.getenv("HUB_URL"));
    options.path = address.getPath() + "/socket.io/";
    Socket socket = IO.socket(address.resolve("/"), options);
    socket.onAnyIncoming(all -> say((String) all[0], all.length > 1 ? all[1] : null));
    socket.on(Socket.EVENT_DISCONNECT, all -> say("disconnect", all[0]));
    socket.on(Socket.EVENT_CONNECT_ERROR, all -> say("connect_error", String.valueOf(all[0])));
    socket.io().on("reconnect_attempt", all -> auth.put("token", token()));
    socket.connect();
    Thread.currentThread().join();
  }
}
