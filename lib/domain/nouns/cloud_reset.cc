#include "domain/nouns/cloud_reset.h"

#include "domain/form_rules.h"

namespace kilonova {

Expected<> ResetCloud::check() const { return check_client_token(client_token); }

Expected<> ResetNetworks::check() const { return reset.is_nil() ? refuse("the reset has no id") : Expected<>(); }

}  // namespace kilonova
