// clouds.yaml: what stock OpenStack clients read to find a cloud (openstacksdk's os-client-config form). Written into
// the state directory, with the entries that the clients' own suites look for.
#pragma once

#include <string>

#include "base/error.h"

namespace kilonova::up {

struct CloudsYaml {
  std::string auth_url;  // "http://127.0.0.1:8774/identity"
  std::string admin_password;  // "" = somebody chose one: it is not written
  std::string demo_password;
};

// devstack is user demo of project demo; devstack-admin and functional_admin are user admin of project admin.
std::string clouds_yaml(const CloudsYaml& clouds);

// The password that such a text has for this user; "" = none, or it is no text of ours. That a password was chosen is
// said once, when the cloud starts for the first time.
std::string password_in(const std::string& text, const std::string& user);

}  // namespace kilonova::up
