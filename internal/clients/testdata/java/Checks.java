/** Runs every check against the servers that the arguments name. */
public final class Checks {
  private Checks() {}

  /** The arguments are NAME=VALUE. */
  public static void main(String[] args) {
    Harness.readFacts(args);
    Queries.register();
    Values.register();
    Parameters.register();
    Metadata.register();
    Security.register();
    Harness.runAll();
    System.exit(0); // the driver leaves threads
  }
}
