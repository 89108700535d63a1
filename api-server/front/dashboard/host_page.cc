#include "api-server/front/dashboard/host_page.h"

#include <fmt/format.h>

#include <iterator>

#include "api-server/front/dashboard/event_text.h"
#include "rpc/convert/utf8.h"

namespace kilonova::api::dashboard {

std::string host_page(const HostList& list) {
  std::string text =
      R"({"columns":["name","zone","process","up","enabled","forced_down","instances","vcpus","vcpus_used",)"
      R"("memory_mb","memory_mb_used","disk_gb","disk_gb_used"],"hosts":[)";
  auto out = std::back_inserter(text);
  for (const HostView& view : list.hosts) {
    const Host& host = view.host;
    if (&view != &list.hosts.front()) text += ',';
    text += '[';
    append_quoted(rpc::to_utf8(host.name), &text);
    text += ',';
    append_quoted(rpc::to_utf8(host.zone), &text);
    fmt::format_to(out, R"(,"{}",{:d},{:d},{:d},{},{},{},{},{},{},{}])", to_string(host.process), view.up, host.enabled,
                   host.forced_down, view.instances, host.total.vcpus, view.used.vcpus, host.total.memory_mb,
                   view.used.memory_mb, host.total.disk_gb, view.used.disk_gb);
  }
  fmt::format_to(out, R"(],"more":{}}})", list.more);
  return text;
}

}  // namespace kilonova::api::dashboard
