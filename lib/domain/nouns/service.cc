#include "domain/nouns/service.h"


namespace kilonova {

Expected<> ListServices::check() const { return {}; }
Expected<> GetCloudStatus::check() const { return {}; }

}  // namespace kilonova
