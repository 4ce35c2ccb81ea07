import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.List;

final class Parameters {
  private Parameters() {}

  interface Setter {
    void set(PreparedStatement s) throws SQLException;
  }

  static void register() {
    Harness.check("setters", Parameters::setters);
    Harness.check("big_decimals", Parameters::bigDecimals);
    Harness.check("big_decimals_of_any_scale", Parameters::bigDecimalsOfAnyScale);
    Harness.check("set_null", Parameters::setNull);
    Harness.check("statement_reuse", Parameters::reuse);
    Harness.check("parameter_metadata", Parameters::metadata);
    Harness.check("parameters_in_every_source", Parameters::everySource);
    Harness.check("wrong_parameters", Parameters::wrong);
  }

  private static void send(Connection c, String type, Setter setter, String want) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("SELECT (?::" + type + ")::text")) {
      setter.set(s);
      try {
        Harness.equal(Harness.rows(s), List.of(List.of(want)));
      } catch (AssertionError | SQLException e) {
        throw new AssertionError(type + ": " + e.getMessage(), e);
      }
    }
  }

  private static void setters(Connection c) throws SQLException {
    send(c, "boolean", s -> s.setBoolean(1, true), "true");
    send(c, "smallint", s -> s.setShort(1, (short) -3), "-3");
    send(c, "int", s -> s.setInt(1, 7), "7");
    send(c, "bigint", s -> s.setLong(1, Long.MAX_VALUE), "9223372036854775807");
    send(c, "real", s -> s.setFloat(1, 1.5f), "1.5");
    send(c, "float8", s -> s.setDouble(1, -0.1), "-0.1");
    send(c, "numeric", s -> s.setString(1, "12345678901234567890.1250"), "12345678901234567890.1250");
    send(c, "text", s -> s.setString(1, "Ünïcödé ' 🙂"), "Ünïcödé ' 🙂");
    send(c, "varchar", s -> s.setString(1, ""), "");
    send(c, "bytea", s -> s.setBytes(1, new byte[] {0, (byte) 0xff}), "\\x00ff");
    send(c, "date", s -> s.setDate(1, Date.valueOf("2024-02-29")), "2024-02-29");
    send(c, "timestamp", s -> s.setTimestamp(1, Timestamp.valueOf("2024-02-29 01:02:03.004")), "2024-02-29 01:02:03.004");
    send(c, "timestamptz", s -> s.setTimestamp(1, Timestamp.valueOf("2024-02-29 01:02:03")), "2024-02-29 01:02:03+00");
    send(c, "time", s -> s.setTime(1, Time.valueOf("01:02:03")), "01:02:03");
    send(c, "uuid", s -> s.setString(1, "12345678-1234-1234-1234-123456789abc"), "12345678-1234-1234-1234-123456789abc");
    send(c, "jsonb", s -> s.setString(1, "{\"b\":1,\"a\":2}"), "{\"a\": 2, \"b\": 1}");
  }

  /** The driver binds a BigDecimal to a decimal128 of the same scale only. */
  private static void bigDecimals(Connection c) throws Exception {
    try (Statement s = c.createStatement()) {
      s.execute("SET skein.numeric = 'decimal(38,4)'");
    }
    send(c, "numeric", s -> s.setBigDecimal(1, new BigDecimal("-1234567890123456789012345678.1250")), "-1234567890123456789012345678.1250");
    String sql = "SELECT count(*) FROM crm.public.orders WHERE total > ?";
    try (PreparedStatement s = c.prepareStatement(sql)) {
      s.setBigDecimal(1, new BigDecimal("100.5").setScale(4));
      Harness.equal(Harness.rows(s), Harness.rows(c, sql.replace("?", "100.5")));
    }
  }

  /**
   * A numeric parameter is text unless skein.numeric says otherwise: digits and scale arrive as written. A BigDecimal that
   * the driver cannot bind exactly it refuses, and leaks memory of its own.
   */
  private static void bigDecimalsOfAnyScale(Connection c) throws Exception {
    String[] values = {
      "0", "-0.10", "100.5", "12345678901234567890.1250", "0.000000000000000000000000000001", "1E+3",
      "-99999999999999999999999999999999999999999999999999.99999999999999999999",
    };
    for (String v : values) {
      BigDecimal d = new BigDecimal(v);
      send(c, "numeric", s -> s.setString(1, d.toPlainString()), d.toPlainString());
    }
    String sql = "SELECT count(*) FROM crm.public.orders WHERE total > ?";
    for (String v : new String[] {"100.5", "100.50", "100", "496.849"}) {
      try (PreparedStatement s = c.prepareStatement(sql)) {
        s.setString(1, v);
        Harness.equal(Harness.rows(s), Harness.rows(c, sql.replace("?", v)));
      }
    }
  }

  private static void setNull(Connection c) throws SQLException {
    String[] types = {
      "boolean", "smallint", "int", "bigint", "real", "float8", "numeric", "text", "bytea", "date", "timestamp", "timestamptz",
      "time", "uuid", "jsonb",
    };
    for (String t : types) {
      try (PreparedStatement s = c.prepareStatement("SELECT ?::" + t + " IS NULL")) {
        s.setNull(1, Types.NULL);
        Harness.equal(Harness.rows(s), List.of(List.of("true")));
      } catch (AssertionError | SQLException e) {
        throw new AssertionError(t + ": " + e.getMessage(), e);
      }
    }
  }

  private static void reuse(Connection c) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("SELECT name FROM crm.public.customers WHERE id = ?")) {
      for (int i = 1; i <= 5; i++) {
        s.setInt(1, i);
        Harness.equal(Harness.rows(s), List.of(List.of(Harness.fact("name" + i))));
      }
    }
  }

  private static void metadata(Connection c) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("SELECT 1 FROM crm.public.orders WHERE id = ? AND total > ? AND note = ?")) {
      Harness.equal(s.getParameterMetaData().getParameterCount(), 3);
      Harness.equal(s.getParameterMetaData().getParameterType(1), Types.BIGINT);
      Harness.equal(s.getParameterMetaData().getParameterType(2), Types.VARCHAR);
      Harness.equal(s.getParameterMetaData().getParameterType(3), Types.VARCHAR);
    }
  }

  private static void everySource(Connection c) throws SQLException {
    String sql =
        "SELECT (SELECT count(*) FROM crm.public.orders WHERE customer_id = ?), "
            + "(SELECT count(*) FROM pay.payments.payments WHERE customer_id = ?), "
            + "(SELECT count(*) FROM lake.main.events WHERE customer_id = ?)";
    try (PreparedStatement s = c.prepareStatement(sql)) {
      for (int i = 1; i <= 3; i++) {
        s.setInt(i, 7);
      }
      Harness.equal(Harness.rows(s), Harness.rows(c, sql.replace("?", "7")));
    }
  }

  private static void wrong(Connection c) throws Exception {
    Harness.fails(
        () -> {
          try (PreparedStatement s = c.prepareStatement("SELECT 1 / ?::int")) {
            s.setInt(1, 0);
            Harness.rows(s);
          }
        },
        "22012");
  }
}
