#include "api-server/front/ec2/xml.h"

namespace kilonova::api::ec2 {
namespace {

struct TextWriter final : pugi::xml_writer {
  std::string text;
  void write(const void* data, size_t size) override { text.append(static_cast<const char*>(data), size); }
};

bool may_stand(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 ? byte != 0x7f : c == '\t' || c == '\n' || c == '\r';
}

// U+FFFE and U+FFFF are well-formed in UTF-8, and no characters of XML.
void replace_noncharacters(std::string& text) {
  for (const char* none : {"\xef\xbf\xbe", "\xef\xbf\xbf"})
    for (size_t at = text.find(none); at != std::string::npos; at = text.find(none, at)) text.replace(at, 3, "?");
}

}  // namespace

Xml add(Xml parent, const char* name) { return parent.append_child(name); }

void add(Xml parent, const char* name, std::string_view text) {
  std::string copy(text);
  for (char& c : copy)
    if (!may_stand(c)) c = '?';
  replace_noncharacters(copy);
  Xml child = parent.append_child(name);
  if (!copy.empty()) child.append_child(pugi::node_pcdata).set_value(copy.c_str());
}

void add(Xml parent, const char* name, const char* text) { add(parent, name, std::string_view(text)); }

void add(Xml parent, const char* name, bool value) { add(parent, name, std::string_view(value ? "true" : "false")); }

void add(Xml parent, const char* name, WallTime time) {
  if (std::string text = to_text(time); !text.empty()) add(parent, name, std::string_view(text));
}

std::string to_text(WallTime time) {
  constexpr size_t kMilliseconds = sizeof("2026-01-02T03:04:05.678") - 1;
  std::string text = to_iso8601(time);
  return text.empty() ? text : text.substr(0, kMilliseconds) + "Z";
}

std::string to_text(const pugi::xml_document& document) {
  TextWriter writer;
  document.save(writer, "", pugi::format_raw, pugi::encoding_utf8);
  return std::move(writer.text);
}

}  // namespace kilonova::api::ec2
