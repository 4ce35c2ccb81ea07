import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;

/** What the checks share: the facts of the data (NAME=VALUE arguments), connections, and a register of checks. */
final class Harness {
  /** A check gets a connection of its own. */
  interface Check {
    void run(Connection c) throws Exception;
  }

  /** Something that may throw. */
  interface Action {
    void run() throws Exception;
  }

  private static final Map<String, String> FACTS = new HashMap<>();
  private static final Map<String, Check> CHECKS = new LinkedHashMap<>();

  private Harness() {}

  static void readFacts(String[] args) {
    for (String a : args) {
      int i = a.indexOf('=');
      FACTS.put(a.substring(0, i), a.substring(i + 1));
    }
  }

  static String fact(String name) {
    return Objects.requireNonNull(FACTS.get(name), name);
  }

  static int number(String name) {
    return Integer.parseInt(fact(name));
  }

  static void check(String name, Check c) {
    CHECKS.put(name, c);
  }

  static Connection connect(String... options) throws SQLException {
    Properties p = new Properties();
    p.put("useEncryption", "false");
    return connectTo(fact("plain"), p, options);
  }

  static Connection connectTo(String address, Properties p, String... options) throws SQLException {
    for (int i = 0; i < options.length; i += 2) {
      p.put(options[i], options[i + 1]);
    }
    return DriverManager.getConnection("jdbc:arrow-flight-sql://" + address, p);
  }

  static void equal(Object got, Object want) {
    if (!Objects.deepEquals(got, want)) {
      throw new AssertionError("got " + got + ", want " + want);
    }
  }

  static void holds(boolean condition, Object about) {
    if (!condition) {
      throw new AssertionError(String.valueOf(about));
    }
  }

  /** Expects an exception that has each of texts somewhere in its chain of causes; ResultSet.next throws unchecked ones. */
  static void fails(Action a, String... texts) throws Exception {
    try {
      a.run();
    } catch (SQLException | RuntimeException e) {
      StringBuilder all = new StringBuilder();
      for (Throwable t = e; t != null; t = t.getCause()) {
        all.append(t.getMessage()).append('\n');
      }
      for (String t : texts) {
        holds(all.indexOf(t) >= 0, t + " is not in " + all);
      }
      return;
    }
    throw new AssertionError("no error");
  }

  /** All rows, values as text. */
  static List<List<String>> rows(ResultSet rs) throws SQLException {
    try (rs) {
      int n = rs.getMetaData().getColumnCount();
      List<List<String>> out = new ArrayList<>();
      while (rs.next()) {
        List<String> row = new ArrayList<>();
        for (int i = 1; i <= n; i++) {
          row.add(rs.getString(i));
        }
        out.add(row);
      }
      return out;
    }
  }

  static List<List<String>> rows(Connection c, String sql) throws SQLException {
    try (Statement s = c.createStatement()) {
      return rows(s.executeQuery(sql));
    }
  }

  static String one(Connection c, String sql) throws SQLException {
    List<List<String>> all = rows(c, sql);
    equal(all.size(), 1);
    return all.get(0).get(0);
  }

  static List<List<String>> rows(PreparedStatement s) throws SQLException {
    return rows(s.executeQuery());
  }

  /** One column of a result of metadata. */
  static List<String> column(ResultSet rs, String name) throws SQLException {
    try (rs) {
      List<String> out = new ArrayList<>();
      while (rs.next()) {
        out.add(rs.getString(name));
      }
      return out;
    }
  }

  static void runAll() {
    for (Map.Entry<String, Check> e : CHECKS.entrySet()) {
      try (Connection c = connect()) {
        e.getValue().run(c);
        System.out.println("ok " + e.getKey());
      } catch (Throwable t) {
        System.out.println("not ok " + e.getKey());
        for (Throwable x = t; x != null; x = x.getCause()) {
          System.out.println("  " + x.toString().replace("\n", "\n  "));
          for (StackTraceElement f : x.getStackTrace()) {
            if (!f.getClassName().contains(".")) {
              System.out.println("    at " + f);
            }
          }
        }
      }
    }
    System.out.println("done");
  }
}
