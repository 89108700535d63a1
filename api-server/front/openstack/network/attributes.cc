#include "api-server/front/openstack/network/attributes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "api-server/front/openstack/paging.h"
#include "api-server/front/openstack/times.h"
#include "base/ascii.h"

namespace kilonova::api::openstack {
namespace {

std::optional<bool> boolean_in(const Json& value) {
  if (value.is_boolean()) return value.get<bool>();
  std::string text = value.is_string() ? to_lower(value.get<std::string>()) : to_text(value);
  return boolean_of_text(text);
}

std::expected<Json, Refusal> checked(std::string_view name, Form form, const Json& value) {
  switch (form) {
    case Form::kTextOrNull:
      if (value.is_null()) return value;
      [[fallthrough]];
    case Form::kText:
    case Form::kLongText: {
      if (!value.is_string())
        return invalid_input(name, fmt::format("'{}' is not a valid string.", python_repr(value)));
      size_t most = form == Form::kLongText ? 4096 : 255;
      if (value.get_ref<const std::string&>().size() > most)
        return invalid_input(name, fmt::format("{} exceeds maximum length of {}.", python_repr(value), most));
      return value;
    }
    case Form::kBoolean: {
      std::optional<bool> boolean = boolean_in(value);
      if (!boolean) return no_boolean(value.is_string() ? value.get<std::string>() : to_text(value));
      return Json(*boolean);
    }
    case Form::kInteger: {
      if (value.is_number_integer()) return value;
      if (value.is_string())
        if (std::optional<int64_t> number = whole_number(value.get_ref<const std::string&>())) return Json(*number);
      return invalid_input(name, fmt::format("'{}' is not an integer.", python_repr(value)));
    }
    case Form::kUuidOrNull:
      if (value.is_null()) return value;
      [[fallthrough]];
    case Form::kUuid: {
      std::optional<Uuid> id = value.is_string() ? parse_uuid(value.get_ref<const std::string&>()) : std::nullopt;
      if (!id) return invalid_input(name, fmt::format("{} is not a valid UUID.", python_repr(value)));
      return Json(to_string(*id));
    }
    case Form::kObjectOrNull:
      if (value.is_null()) return value;
      [[fallthrough]];
    case Form::kObject:
      if (!value.is_object()) return invalid_input(name, fmt::format("{} is not a dictionary.", python_repr(value)));
      return value;
    case Form::kListOrNull:
      if (value.is_null()) return value;
      [[fallthrough]];
    case Form::kList:
      if (!value.is_array()) return invalid_input(name, fmt::format("{} is not a list.", python_repr(value)));
      return value;
    case Form::kAnything: return value;
  }
  return value;
}

const Attribute* attribute_of(const ResourceForm& form, std::string_view name) {
  auto at = std::ranges::find(form.attributes, name, &Attribute::name);
  return at == form.attributes.end() ? nullptr : &*at;
}

bool is_project_key(std::string_view key) { return key == "tenant_id" || key == "project_id"; }

}  // namespace

std::optional<bool> boolean_of_text(std::string_view said) {
  const std::string text = to_lower(std::string(said));
  for (std::string_view yes : {"1", "t", "true", "on", "y", "yes"})
    if (text == yes) return true;
  for (std::string_view no : {"0", "f", "false", "off", "n", "no"})
    if (text == no) return false;
  return std::nullopt;
}

std::unexpected<Refusal> no_boolean(std::string_view said) {
  return refused(400, fmt::format("Invalid input for operation: '{}' cannot be converted to boolean.", said),
                 "InvalidInput");
}

std::unexpected<Refusal> invalid_input(std::string_view attribute, std::string_view reason) {
  return refused(400, fmt::format("Invalid input for {}. Reason: {}", attribute, reason), "HTTPBadRequest");
}

std::unexpected<Refusal> bad_request(std::string_view type, std::string message) {
  return refused(400, std::move(message), std::string(type));
}

std::unexpected<Refusal> not_allowed(std::string_view rule) {
  return refused(403, fmt::format("(rule:{}) is disallowed by policy", rule), "PolicyNotAuthorized");
}

std::unexpected<Refusal> over_quota(std::string_view resource) {
  return refused(409, fmt::format("Quota exceeded for resources: ['{}'].", resource), "OverQuota");
}

std::expected<Json, Refusal> read_attributes(const Call& call, const ResourceForm& form, const Json& wanted,
                                             bool is_new) {
  Json read = Json::object();
  for (const auto& [key, value] : wanted.items()) {
    if (is_project_key(key)) {
      if (!is_new) return bad_request("HTTPBadRequest", fmt::format("Cannot update read-only attribute {}", key));
      continue;
    }
    const Attribute* attribute = attribute_of(form, key);
    if (attribute == nullptr) return bad_request("HTTPBadRequest", fmt::format("Unrecognized attribute(s) '{}'", key));
    if (is_new && (attribute->when == When::kUpdate || attribute->when == When::kNever))
      return bad_request("HTTPBadRequest", fmt::format("Attribute '{}' not allowed in POST", key));
    if (!is_new && (attribute->when == When::kCreate || attribute->when == When::kNever))
      return bad_request("HTTPBadRequest", fmt::format("Cannot update read-only attribute {}", key));
    auto good = checked(key, attribute->form, value);
    if (!good) return good;
    read[key] = std::move(*good);
  }
  for (const Attribute& attribute : form.attributes) {
    bool is_said = member(read, attribute.name) != nullptr;
    if (is_new && attribute.is_required && !is_said)
      return bad_request("HTTPBadRequest",
                         fmt::format("Failed to parse request. Required attribute '{}' not specified", attribute.name));
    if (attribute.is_admins && is_said && !call.is_admin())
      return refused(403,
                     fmt::format("((rule:{0}_{1} and rule:{0}_{1}:{2})) is disallowed by policy",
                                 is_new ? "create" : "update", form.noun, attribute.name),
                     "PolicyNotAuthorized");
  }
  if (!is_new) return read;
  auto project = project_of(call, wanted);
  if (!project) return std::unexpected(std::move(project.error()));
  read["project_id"] = to_hex(*project);
  return read;
}

std::expected<const Json*, Refusal> resource_in_body(const Call& call, const ResourceForm& form) {
  const Json* wanted = member(call.body, form.noun);
  if (wanted == nullptr || !wanted->is_object())
    return bad_request("HTTPBadRequest", fmt::format("Unable to find '{}' in request body", form.noun));
  return wanted;
}

Task<Answered> create_all(Call& call, const ResourceForm& form, Make make, Unmake unmake) {
  const Json* list = member(call.body, form.collection);
  if (list == nullptr) {
    auto wanted = resource_in_body(call, form);
    if (!wanted) co_return std::unexpected(std::move(wanted.error()));
    auto made = co_await make(call, **wanted);
    if (!made) co_return std::unexpected(std::move(made.error()));
    co_return Answer{201, object_of(form.noun, std::move(*made))};
  }
  if (!list->is_array() || list->empty()) co_return bad_request("HTTPBadRequest", "Resources required");
  Json views = Json::array();
  std::optional<Refusal> failed;
  for (const Json& one : *list) {
    const Json* inner = member(one, form.noun);
    const Json& wanted = inner != nullptr && inner->is_object() ? *inner : one;
    if (!wanted.is_object()) {
      failed = Refusal{400, "Invalid input for body: it is no list of objects", "HTTPBadRequest"};
      break;
    }
    auto made = co_await make(call, wanted);
    if (!made) {
      failed = std::move(made.error());
      break;
    }
    views.push_back(std::move(*made));
  }
  if (!failed) co_return Answer{201, object_of(form.collection, std::move(views))};
  for (const Json& view : views) (void)co_await unmake(call, text_at(view, "id"));
  co_return std::unexpected(std::move(*failed));
}

std::optional<Refusal> check_if_match(const Call& call, uint64_t revision) {
  std::string_view known = call.request.header("If-Match");
  constexpr std::string_view kWord = "revision_number=";
  if (!known.starts_with(kWord)) return std::nullopt;
  known.remove_prefix(kWord.size());
  if (known == std::to_string(revision)) return std::nullopt;
  return Refusal{412, fmt::format("Constrained to {}, but current revision is {}", known, revision),
                 "RevisionNumberConstraintFailed"};
}

std::expected<Uuid, Refusal> project_of(const Call& call, const Json& wanted) {
  const Json* tenant = member(wanted, "tenant_id");
  const Json* project = member(wanted, "project_id");
  if (tenant != nullptr && project != nullptr && *tenant != *project)
    return bad_request("HTTPBadRequest", "'project_id' and 'tenant_id' do not match");
  const Json* said = project != nullptr ? project : tenant;
  if (said == nullptr) return call.caller.project_id;
  if (said->is_string() && said->get_ref<const std::string&>().empty() && call.is_admin()) return Uuid{};
  std::optional<Uuid> id = said->is_string() ? parse_uuid(said->get_ref<const std::string&>()) : std::nullopt;
  if (!id) return invalid_input("project_id", fmt::format("{} is not the id of a project.", python_repr(*said)));
  if (*id != call.caller.project_id && !call.is_admin())
    return bad_request("HTTPBadRequest",
                       "Specifying 'project_id' or 'tenant_id' other than the authenticated project in "
                       "request requires admin privileges");
  return *id;
}

void add_standard_tail(Json& view, const Json& tags, WallTime created_at, WallTime updated_at, uint64_t revision,
                       const std::string& project) {
  view["tags"] = tags;
  view["created_at"] = time_to_seconds(created_at);
  view["updated_at"] = time_to_seconds(updated_at);
  view["revision_number"] = revision;
  view["project_id"] = project;
}

Json tags_of(const Json& details) { return value_or(details, "tags", Json::array()); }

Json value_or(const Json& object, std::string_view key, Json otherwise) {
  const Json* found = member(object, key);
  return found == nullptr ? std::move(otherwise) : *found;
}

}  // namespace kilonova::api::openstack
