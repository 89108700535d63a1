#include "domain/nouns/server_request.h"

#include <fmt/format.h>

#include "domain/form_rules.h"
#include "domain/nouns/key_pair.h"
#include "domain/server_properties.h"

namespace kilonova {
namespace {

Expected<> check_image_or_none(const std::string& image) {
  return image.empty() ? Expected<>() : check_reference("image", image);
}

}  // namespace

Expected<> ResetServerState::check() const {
  if (state != VmState::kActive && state != VmState::kError)
    return refuse(fmt::format("a server's state can be reset to active or error, not to {}", to_string(state)));
  return check_reference("server", server);
}

Expected<> ChangeServerPassword::check() const { return check_reference("server", server); }

Expected<> StepServer::check() const { return check_reference("server", server); }

Expected<> RescueServer::check() const {
  return check_all(check_reference("server", server), check_image_or_none(image));
}

Expected<> RebuildServer::check() const {
  return check_all(check_reference("server", server), check_image_or_none(image),
                   name.empty() ? Expected<>() : check_name("the server's name", name),
                   check_text("the description", description), check_metadata(metadata),
                   check_key_name_or_none(key_name), check_user_data(user_data), check_access(access));
}

Expected<> CreateServerImage::check() const {
  return check_all(check_reference("server", server), check_name("the image's name", name), check_metadata(metadata));
}

Expected<> CreateServerBackup::check() const {
  return check_all(check_reference("server", server), check_name("the image's name", name),
                   check_text("the backup type", backup_type), check_amount("the rotation", rotation, 0),
                   check_metadata(metadata));
}

}  // namespace kilonova
