import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

final class Security {
  private Security() {}

  static void register() {
    Harness.check("token_without_verification", Security::trustAny);
    Harness.check("token_as_password", Security::password);
    Harness.check("trusted_certificate", Security::trusted);
    Harness.check("wrong_token", Security::wrong);
    Harness.check("untrusted_certificate", Security::untrusted);
  }

  private static Connection secured(String... options) throws SQLException {
    return Harness.connectTo(Harness.fact("secured"), new Properties(), options);
  }

  private static void ask(String... options) throws SQLException {
    try (Connection c = secured(options)) {
      Harness.equal(Harness.one(c, "SELECT count(*) FROM crm.public.customers"), Harness.fact("customers"));
      Harness.equal(Harness.one(c, "SELECT 1"), "1");
    }
  }

  private static void trustAny(Connection unused) throws SQLException {
    ask("token", Harness.fact("token"), "disableCertificateVerification", "true");
  }

  private static void password(Connection unused) throws SQLException {
    ask("user", "anyone", "password", Harness.fact("token"), "disableCertificateVerification", "true");
  }

  private static void trusted(Connection unused) throws SQLException {
    ask("token", Harness.fact("token"), "useSystemTrustStore", "false", "tlsRootCerts", Harness.fact("certificate"));
  }

  private static void wrong(Connection unused) throws Exception {
    Harness.fails(() -> ask("token", "wrong", "disableCertificateVerification", "true"));
    Harness.fails(() -> ask("user", "anyone", "password", "wrong", "disableCertificateVerification", "true"));
    Harness.fails(() -> ask("disableCertificateVerification", "true"));
  }

  private static void untrusted(Connection unused) throws Exception {
    Harness.fails(() -> ask("token", Harness.fact("token")));
  }
}
