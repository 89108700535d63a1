// Glance: the JSON schemas of what it shows (glance/schema.py). Clients build their models of them.
#include <fmt/format.h>

#include <array>
#include <string_view>

#include "api-server/front/openstack/image/routes.h"

namespace kilonova::api::openstack {
namespace {

struct Attribute {
  std::string_view name;
  std::string_view type;  // "string"; '?' at its end: or null
  std::string_view description;
  bool is_read_only = false;
};

constexpr auto kImage = std::to_array<Attribute>({
    {"id", "string", "An identifier for the image"},
    {"name", "string?", "Descriptive name for the image"},
    {"status", "string", "Status of the image", true},
    {"visibility", "string", "Scope of image accessibility: community, public, private or shared"},
    {"protected", "boolean", "If true, image will not be deletable."},
    {"os_hidden", "boolean", "If true, image will not appear in default image list response."},
    {"checksum", "string?", "md5 hash of image contents.", true},
    {"os_hash_algo", "string?", "Algorithm to calculate the os_hash_value", true},
    {"os_hash_value", "string?", "Hexdigest of the image contents using the algorithm specified by the os_hash_algo",
     true},
    {"owner", "string?", "Owner of the image"},
    {"size", "integer?", "Size of image file in bytes", true},
    {"virtual_size", "integer?", "Virtual size of image in bytes", true},
    {"container_format", "string?", "Format of the container"},
    {"disk_format", "string?", "Format of the disk"},
    {"created_at", "string", "Date and time of image registration", true},
    {"updated_at", "string", "Date and time of the last image modification", true},
    {"tags", "array", "List of strings related to the image"},
    {"min_ram", "integer", "Amount of ram (in MB) required to boot image."},
    {"min_disk", "integer", "Amount of disk space (in GB) required to boot image."},
    {"self", "string", "An image self url", true},
    {"file", "string", "An image file url", true},
    {"schema", "string", "An image schema url", true},
});
constexpr auto kMember = std::to_array<Attribute>({
    {"member_id", "string", "An identifier for the image member (tenantId)"},
    {"image_id", "string", "An identifier for the image"},
    {"created_at", "string", "Date and time of image member creation", true},
    {"updated_at", "string", "Date and time of last modification of image member", true},
    {"status", "string", "The status of this image member: pending, accepted or rejected"},
    {"schema", "string", "", true},
});
constexpr auto kTask = std::to_array<Attribute>({
    {"id", "string", "An identifier for the task"},
    {"type", "string", "The type of task represented by this content"},
    {"status", "string", "The current status of this task"},
    {"input", "object?", "The parameters required by task"},
    {"result", "object?", "The result of current task"},
    {"owner", "string", "An identifier for the owner of this task"},
    {"message", "string", "Human-readable informative message"},
    {"expires_at", "string?", "Datetime when this resource would be subject to removal"},
    {"created_at", "string", "Datetime when this resource was created"},
    {"updated_at", "string", "Datetime when this resource was updated"},
    {"self", "string", "", true},
    {"schema", "string", "", true},
});
constexpr auto kNamespace = std::to_array<Attribute>({
    {"namespace", "string", "The unique namespace text."},
    {"display_name", "string", "The user friendly name for the namespace."},
    {"description", "string", "Provides a user friendly description of the namespace."},
    {"visibility", "string", "Scope of namespace accessibility: public or private"},
    {"protected", "boolean", "If true, namespace will not be deletable."},
    {"owner", "string", "Owner of the namespace."},
    {"created_at", "string", "Date and time of namespace creation", true},
    {"updated_at", "string", "Date and time of the last namespace modification", true},
    {"schema", "string", "", true},
    {"self", "string", "", true},
    {"resource_type_associations", "array", ""},
    {"properties", "object", ""},
    {"objects", "array", ""},
    {"tags", "array", ""},
});
constexpr auto kObject = std::to_array<Attribute>({
    {"name", "string", ""},
    {"description", "string", ""},
    {"required", "array", ""},
    {"properties", "object", ""},
    {"schema", "string", "", true},
    {"self", "string", "", true},
    {"created_at", "string", "Date and time of object creation", true},
    {"updated_at", "string", "Date and time of the last object modification", true},
});
constexpr auto kProperty = std::to_array<Attribute>({
    {"name", "string", ""},
    {"title", "string", ""},
    {"description", "string", ""},
    {"operators", "array", ""},
    {"type", "string", ""},
    {"required", "array", ""},
    {"minimum", "number", ""},
    {"maximum", "number", ""},
    {"maxLength", "integer", ""},
    {"minLength", "integer", ""},
    {"pattern", "string", ""},
    {"enum", "array", ""},
    {"readonly", "boolean", ""},
    {"default", "object", ""},
    {"items", "object", ""},
    {"maxItems", "integer", ""},
    {"minItems", "integer", ""},
    {"uniqueItems", "boolean", ""},
    {"additionalItems", "boolean", ""},
});
constexpr auto kResourceType = std::to_array<Attribute>({
    {"name", "string", "Resource type names should be aligned with Heat resource types whenever possible"},
    {"prefix", "string", "Specifies the prefix to use for the given resource type."},
    {"properties_target", "string", "Which of a server's parts the properties are for"},
    {"created_at", "string", "Date and time of resource type association", true},
    {"updated_at", "string", "Date and time of the last resource type association modification", true},
});
constexpr auto kTag = std::to_array<Attribute>({
    {"name", "string", ""},
    {"created_at", "string", "Date and time of tag creation", true},
    {"updated_at", "string", "Date and time of the last tag modification", true},
});

template <size_t n>
Json properties_of(const std::array<Attribute, n>& attributes) {
  Json properties = Json::object();
  for (const Attribute& one : attributes) {
    Json property = Json::object();
    bool may_be_null = one.type.ends_with('?');
    std::string type(one.type.substr(0, one.type.size() - (may_be_null ? 1 : 0)));
    property["type"] = may_be_null ? Json::array({"null", type}) : Json(type);
    if (type == "array") property["items"] = {{"type", one.name == "tags" ? "string" : "object"}};
    if (!one.description.empty()) property["description"] = one.description;
    if (one.is_read_only) property["readOnly"] = true;
    properties[std::string(one.name)] = std::move(property);
  }
  return properties;
}

Json link_of(const char* relation, const char* href) { return {{"rel", relation}, {"href", href}}; }

template <size_t n>
Json single(std::string_view name, const std::array<Attribute, n>& attributes) {
  Json schema{{"name", name}, {"properties", properties_of(attributes)}};
  if (name == "image") {
    schema["additionalProperties"] = {{"type", "string"}};
    schema["links"] = {link_of("self", "{self}"), link_of("enclosure", "{file}"), link_of("describedby", "{schema}")};
  } else {
    schema["additionalProperties"] = false;
  }
  return schema;
}

template <size_t n>
Json collection(std::string_view name, std::string_view of, const std::array<Attribute, n>& attributes) {
  Json properties = Json::object();
  properties[std::string(name)] = {{"type", "array"}, {"items", single(of, attributes)}};
  for (const char* key : {"first", "next", "schema"}) properties[key] = {{"type", "string"}};
  return {{"name", name},
          {"properties", std::move(properties)},
          {"links", {link_of("first", "{first}"), link_of("next", "{next}"), link_of("describedby", "{schema}")}}};
}

// What is there, by the last part of the path.
Json schema_of(std::string_view name) {
  if (name == "image") return single(name, kImage);
  if (name == "images") return collection(name, "image", kImage);
  if (name == "member") return single(name, kMember);
  if (name == "members") return collection(name, "member", kMember);
  if (name == "task") return single(name, kTask);
  if (name == "tasks") return collection(name, "task", kTask);
  return nullptr;
}

Json metadef_schema_of(std::string_view name) {
  if (name == "namespace") return single(name, kNamespace);
  if (name == "namespaces") return collection(name, "namespace", kNamespace);
  if (name == "object") return single(name, kObject);
  if (name == "objects") return collection(name, "object", kObject);
  if (name == "property") return single(name, kProperty);
  if (name == "properties") return collection(name, "property", kProperty);
  if (name == "resource_type") return single("resource_type_association", kResourceType);
  if (name == "resource_types")
    return collection("resource_type_associations", "resource_type_association", kResourceType);
  if (name == "tag") return single(name, kTag);
  if (name == "tags") return collection(name, "tag", kTag);
  return nullptr;
}

Task<Answered> answer_schema(Json schema) {
  if (schema.is_null()) co_return refused(404, "The resource could not be found.");
  co_return Answer{200, std::move(schema)};
}

Task<Answered> show(Call& call) { return answer_schema(schema_of(call.in_path("schema"))); }
Task<Answered> show_metadef(Call& call) { return answer_schema(metadef_schema_of(call.in_path("schema"))); }

constexpr Route kRoutes[] = {
    {Service::kImage, "GET", "/v2/schemas/{schema}", UserRole::kReader, "get_image", &show},
    {Service::kImage, "GET", "/v2/schemas/metadefs/{schema}", UserRole::kReader, "get_image", &show_metadef},
};

}  // namespace

std::span<const Route> image_schema_routes() { return kRoutes; }

}  // namespace kilonova::api::openstack
