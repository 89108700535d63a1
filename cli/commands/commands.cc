#include "cli/cli.h"
#include "daemon/options.h"

namespace kilonova::cli {
namespace {

constexpr const char* kVersion = "kilonova 0.1.0";

void add_globals(CLI::App& app, Globals& globals) {
  globals.state_dir = default_state_dir();
  app.add_option("--state-dir", globals.state_dir, "Directory of the cloud (KILONOVA_STATE_DIR)");
  app.add_flag("--json", globals.json, "Print JSON");
  app.add_option("--endpoint", globals.endpoint,
                 "HOST:PORT of the cloud, https://HOST:PORT with TLS; default: as its state directory says")
      ->envname("KILONOVA_ENDPOINT");
  app.add_option("--ca-file,--os-cacert", globals.tls.ca,
                 "Use TLS, and believe certificates of this CA (PEM); default: the system's")
      ->envname("OS_CACERT");
  app.add_option("--os-cert", globals.tls.certificate, "What to show a cloud that asks for a certificate (PEM)")
      ->envname("OS_CERT");
  app.add_option("--os-key", globals.tls.key, "Its private key (PEM)")->envname("OS_KEY");
  app.add_option("--os-username", globals.user, "User")->envname("OS_USERNAME");
  app.add_option("--os-password", globals.password, "Password")->envname("OS_PASSWORD");
  app.add_option("--os-project-name", globals.project, "Project")->envname("OS_PROJECT_NAME");
}

}  // namespace

void add_commands(CLI::App& app, Globals& globals) {
  app.require_subcommand(0, 1);  // main() says which there are when none is given; a wrong one is named by the parser
  app.fallthrough();  // --json and the like may stand behind the command; inherited by every subcommand
  app.set_version_flag("--version", kVersion);
  app.failure_message(CLI::FailureMessage::simple);
  add_globals(app, globals);
  add_server(app, globals);
  add_flavor(app, globals);
  add_image(app, globals);
  add_keypair(app, globals);
  add_network(app, globals);
  add_identity(app, globals);
  add_quota(app, globals);
  add_host(app, globals);
  add_trace(app, globals);
  add_explain(app, globals);
  add_fault(app, globals);
  add_replay(app, globals);
  add_bench(app, globals);
  add_openrc(app, globals);
  add_check(app, globals);
  add_export(app, globals);
  add_completion(app, globals);
}

}  // namespace kilonova::cli
