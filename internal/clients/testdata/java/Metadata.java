import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

final class Metadata {
  private Metadata() {}

  static void register() {
    Harness.check("catalogs_and_schemas", Metadata::catalogs);
    Harness.check("tables", Metadata::tables);
    Harness.check("columns", Metadata::columns);
    Harness.check("keys", Metadata::keys);
    Harness.check("product", Metadata::product);
    Harness.check("every_getter", Metadata::getters);
  }

  private static void catalogs(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    Harness.equal(Harness.column(m.getCatalogs(), "TABLE_CAT"), List.of("crm", "lake", "memory", "pay", "skein"));
    Harness.equal(
        Harness.column(m.getSchemas(), "TABLE_SCHEM"), List.of("public", "main", "payments", "public", "shop", "skein_catalog"));
    Harness.equal(Harness.column(m.getSchemas("crm", "%"), "TABLE_SCHEM"), List.of("public"));
  }

  private static void tables(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    String[] kinds = {"TABLE"};
    Harness.equal(Harness.column(m.getTables("crm", null, "%", kinds), "TABLE_NAME"), List.of("customers", "extremes", "orders"));
    Harness.equal(Harness.column(m.getTables(null, "payments", "pay%", null), "TABLE_NAME"), List.of("payments"));
    Harness.equal(Harness.column(m.getTables("skein", "shop", "%", new String[] {"VIEW"}), "TABLE_NAME"), List.of("paid"));
    Harness.holds(Harness.column(m.getTableTypes(), "TABLE_TYPE").containsAll(Set.of("TABLE", "VIEW")), "table types");
  }

  private static void columns(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    Harness.equal(
        Harness.column(m.getColumns("crm", "public", "orders", "%"), "COLUMN_NAME"),
        List.of("id", "customer_id", "status", "total", "placed_at", "note"));
    Harness.equal(Harness.column(m.getColumns("crm", "public", "orders", "%"), "IS_NULLABLE"), List.of("NO", "NO", "NO", "NO", "NO", "YES"));
    try (ResultSet rs = m.getColumns("crm", "public", "orders", "total")) {
      Harness.holds(rs.next(), "total");
      Harness.equal(rs.getInt("DATA_TYPE"), java.sql.Types.DECIMAL);
      Harness.equal(rs.getString("TYPE_NAME"), "numeric");
      Harness.equal(rs.getInt("COLUMN_SIZE"), 12);
      Harness.equal(rs.getInt("DECIMAL_DIGITS"), 2);
      Harness.equal(rs.getInt("ORDINAL_POSITION"), 4);
    }
  }

  private static void keys(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    Harness.equal(Harness.column(m.getPrimaryKeys("crm", "public", "orders"), "COLUMN_NAME"), List.of("id"));
    Harness.equal(Harness.column(m.getImportedKeys("crm", "public", "orders"), "FKCOLUMN_NAME"), List.of("customer_id"));
    Harness.equal(Harness.column(m.getExportedKeys("crm", "public", "customers"), "FKTABLE_NAME"), List.of("orders"));
    Harness.equal(
        Harness.column(m.getCrossReference("crm", "public", "customers", "crm", "public", "orders"), "PKCOLUMN_NAME"), List.of("id"));
  }

  private static void product(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    Harness.equal(m.getDatabaseProductName(), "Skein");
    Harness.holds(!m.getDatabaseProductVersion().isEmpty(), "version");
    Harness.equal(m.getIdentifierQuoteString(), "\"");
    Harness.equal(m.getMaxColumnNameLength(), 63);
    Harness.holds(m.supportsGroupBy() && m.supportsOuterJoins() && m.supportsCorrelatedSubqueries(), "SQL");
    Harness.holds(m.getNumericFunctions().contains("abs"), m.getNumericFunctions());
  }

  /** Getters that the driver itself cannot answer, whatever the server says. */
  private static final Set<String> DRIVER_LACKS =
      Set.of("getTypeInfo", "getRowIdLifetime", "getClientInfoProperties", "getConnection");

  private static void getters(Connection c) throws Exception {
    List<String> failed = new ArrayList<>();
    for (Method m : DatabaseMetaData.class.getMethods()) {
      if (m.getParameterCount() > 0 || DRIVER_LACKS.contains(m.getName())) {
        continue;
      }
      try {
        if (m.invoke(c.getMetaData()) instanceof ResultSet rs) {
          rs.close();
        }
      } catch (InvocationTargetException e) {
        failed.add(m.getName() + ": " + e.getCause());
      }
    }
    Harness.equal(failed, List.of());
  }
}
