// What EC2's clients send, before anybody is asked: the signature, the form, and the XML that repeats its words.
#include <string>
#include <string_view>

#include "api-server/front/ec2/action.h"
#include "api-server/front/ec2/filters.h"
#include "api-server/front/ec2/ids.h"
#include "api-server/front/ec2/parameters.h"
#include "api-server/front/ec2/private_addresses.h"
#include "api-server/front/ec2/signature.h"
#include "api-server/front/ec2/signature_v2.h"
#include "api-server/front/ec2/xml.h"
#include "domain/nouns/network_part.h"
#include "http/target.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace kilonova;
using namespace kilonova::api::ec2;

void read_signature(const http::Request& request) {
  auto target = http::parse_target(request.target);
  if (!target) return;
  auto authorization = read_authorization(request, *target);
  if (!authorization) return;
  KN_CHECK(!authorization->access_key.empty() && authorization->service == "ec2", "it says whose it is, and for what");
  KN_CHECK(authorization->date == authorization->timestamp.substr(0, 8), "a signature has one date");
  const std::string text = string_to_sign(*authorization, canonical_request(request, *target, *authorization));
  const std::string digits = signature_of(*authorization, "secret", text);
  KN_CHECK(digits.size() == 64, "a signature has 64 digits");
  KN_CHECK(is_signed_with(request, *target, *authorization, "secret") == (digits == authorization->signature),
           "a signature is good when it is the one that is made here");
}

void read_signature_v2(const http::Request& request, const Form& form) {
  auto target = http::parse_target(request.target);
  auto authorization = read_authorization_v2(form);
  if (!authorization || !target) return;
  KN_CHECK(says_signature_v2(form), "a form that has a signature says so");
  (void)is_signed_with_v2(request, *target, form, *authorization, "secret");
}

void check_lists(const Parameter& parameter) {
  for (const auto& [name, member] : parameter.members) {
    KN_CHECK(!name.empty() && name.size() <= kMaxParameterName, "a part of a name has its bounds");
    KN_CHECK(!member.value || member.members.empty(), "a parameter is a value or has members");
    const auto items = parameter.items(name);
    KN_CHECK(items.empty() || items.size() == member.members.size(), "a list has no gaps");
    check_lists(member);
  }
}

void check_xml(const std::string& text) {
  pugi::xml_document document;
  add(document.append_child("Error"), "Message", text);
  pugi::xml_document read;
  KN_CHECK(read.load_string(to_text(document).c_str()), "what is written can be read");
}

}  // namespace

// The Authorization header, X-Amz-Date, the target, each ended by a zero; then the body.
KN_FUZZ_TARGET(fuzz_ec2_request) {
  http::Request request{.method = "POST"};
  request.headers.emplace_back("Host", "127.0.0.1:8774");
  request.headers.emplace_back("Authorization", fuzz::take_text(bytes));
  request.headers.emplace_back("X-Amz-Date", fuzz::take_text(bytes));
  request.target = fuzz::take_text(bytes);
  if (request.header("Authorization").empty())
    std::erase_if(request.headers, [](const auto& one) { return one.first != "Host"; });
  request.body = bytes;
  read_signature(request);
  auto form = parse_form(request.body);
  if (form) read_signature_v2(request, *form);
  auto parameters = form ? parse_parameters(*form) : Result<Parameter>(std::unexpected(form.error()));
  if (!parameters) {
    KN_CHECK(parameters.error().code == "MalformedQueryString", "a form is malformed, or good");
    check_xml(parameters.error().message);
    return;
  }
  check_lists(*parameters);
  (void)read_filters(*parameters);
  for (const std::string& id : parameters->texts("InstanceId"))
    KN_CHECK(!is_instance_id(id) || id.starts_with("i-"), "an id has its prefix");
  if (const Action* action = api::ec2::find_action(parameters->text("Action")))
    (void)check_parameters(*action, *parameters);
  if (auto addresses = read_private_addresses(*parameters))
    KN_CHECK(!addresses->empty() && addresses->size() <= kMaxFixedIps, "an interface has a primary address");
  for (const auto& [name, member] : parameters->members) check_xml(member.value.value_or(name));
}
