import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.util.Arrays;

final class Values {
  private Values() {}

  interface Reader {
    void read(ResultSet rs) throws Exception;
  }

  static void register() {
    Harness.check("numbers", Values::numbers);
    Harness.check("decimals", Values::decimals);
    Harness.check("numeric_as_text", Values::numericAsText);
    Harness.check("texts_and_bytes", Values::texts);
    Harness.check("booleans_and_nulls", Values::nulls);
    Harness.check("dates_and_times", Values::times);
    Harness.check("uuid_json_enum", Values::uuidAndJson);
    Harness.check("intervals", Values::intervals);
    Harness.check("arrays", Values::arrays);
    Harness.check("documents", Values::documents);
    Harness.check("result_metadata", Values::resultMetadata);
  }

  private static void row(Connection c, String sql, Reader r) throws Exception {
    try (Statement s = c.createStatement();
        ResultSet rs = s.executeQuery(sql)) {
      Harness.holds(rs.next(), "a row");
      r.read(rs);
    }
  }

  private static void numbers(Connection c) throws Exception {
    row(
        c,
        "SELECT i2, i4, i8, f4, f8 FROM crm.public.extremes WHERE id = 3",
        rs -> {
          Harness.equal(rs.getShort(1), Short.MAX_VALUE);
          Harness.equal(rs.getInt("i4"), Integer.MAX_VALUE);
          Harness.equal(rs.getLong(3), Long.MAX_VALUE);
          Harness.equal(rs.getFloat(4), Float.POSITIVE_INFINITY);
          Harness.equal(rs.getDouble(5), Double.POSITIVE_INFINITY);
          Harness.equal(rs.getObject(3), Long.MAX_VALUE);
        });
    row(
        c,
        "SELECT i8, f8 FROM crm.public.extremes WHERE id = 4",
        rs -> {
          Harness.equal(rs.getLong(1), 0L);
          Harness.holds(Double.isNaN(rs.getDouble(2)), "NaN");
        });
  }

  private static void decimals(Connection c) throws Exception {
    row(
        c,
        "SELECT n15, n38, 12345678901234567890123456789012345678901234.5::numeric(50,5), 1.5::numeric + n15 "
            + "FROM crm.public.extremes WHERE id = 3",
        rs -> {
          Harness.equal(rs.getBigDecimal(1), new BigDecimal("9999999999999.99"));
          Harness.equal(rs.getBigDecimal(2), new BigDecimal("9999999999999999999999999999.9999999999"));
          Harness.equal(rs.getBigDecimal(3), new BigDecimal("12345678901234567890123456789012345678901234.50000"));
          Harness.equal(rs.getBigDecimal(4).compareTo(new BigDecimal("10000000000001.49")), 0);
        });
  }

  private static void numericAsText(Connection c) throws Exception {
    try (Statement s = c.createStatement()) {
      s.execute("SET skein.numeric = 'text'");
    }
    row(c, "SELECT n FROM crm.public.extremes WHERE id = 4", rs -> Harness.equal(rs.getString(1), "NaN"));
    row(c, "SELECT n FROM crm.public.extremes WHERE id = 6", rs -> Harness.equal(rs.getBigDecimal(1), new BigDecimal("1.50")));
  }

  private static void texts(Connection c) throws Exception {
    row(
        c,
        "SELECT t, v, c, b FROM crm.public.extremes WHERE id = 5",
        rs -> {
          Harness.equal(rs.getString(1), "Ünïcödé 漢字 🙂");
          Harness.equal(rs.getString(2), "Ärger");
          Harness.equal(rs.getString(3), "ß     ");
          Harness.equal(new String(rs.getBytes(4), "US-ASCII"), "abc");
        });
  }

  private static void nulls(Connection c) throws Exception {
    row(
        c,
        "SELECT * FROM crm.public.extremes WHERE id = 1",
        rs -> {
          for (int i = 2; i <= rs.getMetaData().getColumnCount(); i++) {
            Harness.equal(rs.getString(i), null); // getObject of a timestamptz throws in driver 18.3.0, null or not
            Harness.holds(rs.wasNull(), i);
          }
          Harness.equal(rs.getInt("i4"), 0);
          Harness.holds(rs.wasNull(), "i4");
          Harness.equal(rs.getTimestamp("tz"), null);
          Harness.equal(rs.getBigDecimal("n38"), null);
        });
    row(c, "SELECT true, false", rs -> Harness.holds(rs.getBoolean(1) && !rs.getBoolean(2), "booleans"));
  }

  private static void times(Connection c) throws Exception {
    row(
        c,
        "SELECT d, ts, tz, tm FROM crm.public.extremes WHERE id = 7",
        rs -> {
          Harness.equal(rs.getDate(1), Date.valueOf("2024-02-29"));
          Harness.equal(rs.getTimestamp(2), Timestamp.valueOf("2024-02-29 12:34:56.789"));
          Harness.equal(rs.getTimestamp(3).toInstant().toString(), "2024-02-29T12:34:56.789Z");
          Harness.equal(rs.getTime(4).toString(), "12:34:56.789");
        });
    row(
        c,
        "SELECT d, ts FROM crm.public.extremes WHERE id = 3",
        rs -> {
          Harness.equal(rs.getString(1), "9999-12-31");
          Harness.equal(rs.getTimestamp(2).toString(), "9999-12-31 23:59:59.999999");
        });
    row(c, "SELECT ts::text FROM crm.public.extremes WHERE id = 5", rs -> Harness.equal(rs.getString(1), "infinity"));
  }

  private static void uuidAndJson(Connection c) throws Exception {
    row(
        c,
        "SELECT u, j, s.segment FROM crm.public.extremes e JOIN crm.public.customers s USING (id) WHERE id = 3",
        rs -> {
          Harness.equal(rs.getString(1), "ffffffff-ffff-ffff-ffff-ffffffffffff");
          Harness.equal(rs.getObject(1), "ffffffff-ffff-ffff-ffff-ffffffffffff");
          Harness.equal(rs.getString(2), "{\"a\": {\"x\": \"ü\"}, \"b\": [1, 2.50, null]}");
          Harness.equal(rs.getString(3), Harness.fact("segment3"));
        });
  }

  private static void intervals(Connection c) throws Exception {
    row(
        c,
        "SELECT iv, iv::text FROM crm.public.extremes WHERE id = 3",
        rs -> {
          Harness.equal(String.valueOf(rs.getObject(1)), "P1M1D PT1H0.000001S");
          Harness.equal(rs.getString(2), "1 mon 1 day 01:00:00.000001");
        });
  }

  private static void arrays(Connection c) throws Exception {
    row(
        c,
        "SELECT a FROM crm.public.extremes WHERE id = 3",
        rs -> Harness.equal(Arrays.asList((Object[]) rs.getArray(1).getArray()), Arrays.asList(1, null, 3)));
  }

  private static void documents(Connection c) throws Exception {
    row(
        c,
        "SELECT method, attempts FROM pay.payments.payments WHERE method IS NOT NULL AND attempts IS NOT NULL "
            + "AND (method).type = 'card' LIMIT 1",
        rs -> {
          Harness.holds(rs.getString(1).contains("card"), rs.getString(1));
          Harness.holds(rs.getObject(2) != null, "attempts");
        });
  }

  private static void resultMetadata(Connection c) throws SQLException {
    try (Statement s = c.createStatement();
        ResultSet rs = s.executeQuery("SELECT id, name, credit, since FROM crm.public.customers LIMIT 1")) {
      Harness.equal(rs.getMetaData().getColumnName(3), "credit");
      Harness.equal(rs.getMetaData().getColumnTypeName(1), "INTEGER");
      Harness.equal(rs.getMetaData().getColumnType(3), java.sql.Types.DECIMAL);
      Harness.equal(rs.getMetaData().getPrecision(3), 12);
      Harness.equal(rs.getMetaData().getScale(3), 2);
    }
  }
}
