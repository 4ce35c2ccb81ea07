import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

final class Queries {
  private Queries() {}

  static void register() {
    Harness.check("every_source", Queries::everySource);
    Harness.check("composed_query", Queries::composedQuery);
    Harness.check("large_result", Queries::largeResult);
    Harness.check("closed_early", Queries::closedEarly);
    Harness.check("settings", Queries::settings);
    Harness.check("catalog_property", Queries::catalogProperty);
    Harness.check("errors", Queries::errors);
    Harness.check("error_mid_stream", Queries::errorMidStream);
    Harness.check("cancel", Queries::cancel);
    Harness.check("writes_are_refused", Queries::writes);
    Harness.check("transactions_are_refused", Queries::transactions);
  }

  private static void everySource(Connection c) throws SQLException {
    String count = "SELECT count(*) FROM ";
    Harness.equal(Harness.one(c, count + "crm.public.customers"), Harness.fact("customers"));
    Harness.equal(Harness.one(c, count + "pay.payments.payments"), Harness.fact("payments"));
    Harness.equal(Harness.one(c, count + "lake.main.events"), Harness.fact("events"));
  }

  private static void composedQuery(Connection c) throws SQLException {
    List<List<String>> got = Harness.rows(c, Harness.fact("sql"));
    Harness.equal(got.size(), Harness.number("answerRows"));
    StringBuilder first = new StringBuilder();
    for (List<String> row : got) {
      first.append(row.get(0)).append(',').append(row.get(1)).append(';');
    }
    Harness.equal(first.toString(), Harness.fact("answer"));
  }

  private static void largeResult(Connection c) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet rs = s.executeQuery("SELECT g, repeat('x', 20) AS t FROM generate_series(1::bigint, 500000) AS g")) {
      long count = 0;
      long sum = 0;
      while (rs.next()) {
        count++;
        sum += rs.getLong(1);
      }
      Harness.equal(count, 500_000L);
      Harness.equal(sum, 125_000_250_000L);
    }
  }

  private static void closedEarly(Connection c) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet rs = s.executeQuery("SELECT g FROM generate_series(1, 1000000000) AS g")) {
      Harness.holds(rs.next(), "a row");
      Harness.equal(rs.getInt(1), 1);
    }
    Harness.equal(Harness.one(c, "SELECT 1"), "1");
  }

  private static void settings(Connection c) throws SQLException {
    try (Statement s = c.createStatement()) {
      s.execute("SET timezone = 'Europe/Zurich'");
    }
    Harness.equal(Harness.one(c, "SHOW timezone"), "Europe/Zurich");
    try (Connection other = Harness.connect()) {
      Harness.equal(Harness.one(other, "SHOW timezone"), "UTC");
    }
  }

  private static void catalogProperty(Connection c) throws SQLException {
    Connection crm = Harness.connect("catalog", "crm");
    Harness.equal(Harness.one(crm, "SELECT count(*) FROM public.customers"), Harness.fact("customers"));
    try {
      crm.close();
    } catch (SQLException e) { // driver 18.3.0 ends the session after it has closed the channel
      Harness.holds(e.getMessage().contains("Channel shutdown"), e);
    }
  }

  private static void errors(Connection c) throws Exception {
    String[][] wrong = {
      {"SELECT 1 +", "42601", "syntax error", "character 11"},
      {"SELECT * FROM nowhere", "42P01", "HINT"},
      {"SELECT naame FROM crm.public.customers", "42703", "Perhaps you meant"},
      {"SELECT 'x'::int", "22P02"},
      {"SELECT 1 / 0", "22012", "division by zero"},
      {"SELECT n FROM crm.public.extremes", "22003", "skein.numeric"},
    };
    for (String[] w : wrong) {
      String[] texts = java.util.Arrays.copyOfRange(w, 1, w.length);
      Harness.fails(() -> Harness.rows(c, w[0]), texts);
      Harness.equal(Harness.one(c, "SELECT 1"), "1");
    }
  }

  private static void errorMidStream(Connection c) throws Exception {
    Harness.fails(() -> Harness.rows(c, "SELECT 1 / (500000 - g) FROM generate_series(1, 1000000) AS g"), "22012");
    Harness.equal(Harness.one(c, "SELECT 1"), "1");
  }

  private static void cancel(Connection c) throws Exception {
    try (Statement s = c.createStatement()) {
      ResultSet rs = s.executeQuery("SELECT g FROM generate_series(1, 1000000000) AS g");
      Harness.holds(rs.next(), "a row");
      s.cancel();
      rs.close();
    }
    Harness.equal(Harness.one(c, "SELECT 1"), "1");
  }

  private static void writes(Connection c) throws Exception {
    Harness.fails(
        () -> {
          try (PreparedStatement s = c.prepareStatement("DELETE FROM crm.public.customers")) {
            s.executeUpdate();
          }
        },
        "25006");
    Harness.holds(c.getMetaData().isReadOnly(), "read only");
  }

  private static void transactions(Connection c) throws Exception {
    Harness.holds(c.getAutoCommit(), "auto commit");
    Harness.holds(!c.getMetaData().supportsTransactions(), "no transactions");
    Harness.equal(Harness.one(c, "SELECT 1"), "1");
  }
}
