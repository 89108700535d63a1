// An image as the core has it and as Glance shows it. What only Glance's API acts upon lies in Image::details, a JSON
// object: container_format, tags, os_hidden, checksum, os_hash_value, stage, members' times. Images that were not made
// here have none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api-server/front/openstack/call.h"
#include "domain/nouns/image.h"

namespace kilonova::api::openstack {

Json details_of(const Image& image);
void set_details(Image& image, const Json& details);

// Glance's object, with its additional properties first.
Json image_view(const Image& image);

// "No image found with ID ...", 404.
std::unexpected<Refusal> no_image(std::string_view id);
// The image of the route's path, which the caller may see: an administrator any. 404.
Task<std::expected<Image, Refusal>> find_image(Call& call);
// The same, and the caller may change it: 403.
Task<std::expected<Image, Refusal>> find_own_image(Call& call);
// Makes it (revision 0) or replaces it: 409 where its id is taken or somebody was faster, 413 for one too many.
Task<std::expected<Image, Refusal>> put_image(Call& call, Image image);

// Deletes it, and its bytes. 403 for a protected one, 404 where it is gone.
Task<Checked> delete_image(Call& call, Uuid image);

// Sets one attribute, as a create or a change names it. `is_new`: of one that is being made. 400, 403 or 413 in
// Glance's words; then the image is as it was.
Checked set_image_attribute(const Call& call, Image& image, const std::string& key, const Json& value, bool is_new);
// Takes an additional property away: 403 for an attribute of Glance's own, 409 where there is none.
Checked remove_image_attribute(Image& image, const std::string& key);
// 403 for what no client may set: "Attribute 'size' is read-only."
Checked check_writable(std::string_view key);
// Of Glance's own attributes.
bool is_base_attribute(std::string_view key);

}  // namespace kilonova::api::openstack
