#include "scheduler/core/nova/image_properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <optional>
#include <span>

#include "base/ascii.h"
#include "scheduler/core/nova/version_predicate.h"
#include "scheduler/core/python_values.h"

namespace kilonova::scheduler::nova {
namespace {

enum class Type { kText, kInteger, kBoolean, kOneOf, kArchitecture, kHypervisor, kVmMode, kVersion, kList };

struct Property {
  std::string_view name;
  Type type = Type::kText;
  std::string_view values = {};  // of kOneOf and the kinds that have other spellings: those that there are
};

constexpr std::string_view kArchitectures =
    "alpha armv6 armv7l armv7b aarch64 cris i686 ia64 lm32 m68k microblaze microblazeel mips mipsel mips64 mips64el "
    "openrisc parisc parisc64 ppc ppcle ppc64 ppc64le ppcemb s390 s390x sh4 sh4eb sparc sparc64 unicore32 x86_64 "
    "xtensa "
    "xtensaeb";
constexpr std::string_view kDiskBuses = "fdc ide sata scsi usb virtio xen lxc uml";

constexpr auto kProperties = std::to_array<Property>({
    {"hw_architecture", Type::kArchitecture, kArchitectures},
    {"hw_emulation_architecture", Type::kArchitecture, kArchitectures},
    {"hw_auto_disk_config"},
    {"hw_boot_menu", Type::kBoolean},
    {"hw_cdrom_bus", Type::kOneOf, kDiskBuses},
    {"hw_cpu_cores", Type::kInteger},
    {"hw_cpu_sockets", Type::kInteger},
    {"hw_cpu_max_cores", Type::kInteger},
    {"hw_cpu_max_sockets", Type::kInteger},
    {"hw_cpu_max_threads", Type::kInteger},
    {"hw_cpu_policy", Type::kOneOf, "dedicated shared mixed"},
    {"hw_cpu_thread_policy", Type::kOneOf, "prefer isolate require"},
    {"hw_cpu_realtime_mask"},
    {"hw_cpu_threads", Type::kInteger},
    {"hw_device_id", Type::kInteger},
    {"hw_disk_bus", Type::kOneOf, kDiskBuses},
    {"hw_disk_type"},
    {"hw_ephemeral_encryption", Type::kBoolean},
    {"hw_ephemeral_encryption_format", Type::kOneOf, "plain luks luksv2"},
    {"hw_firmware_type", Type::kOneOf, "uefi bios"},
    {"hw_floppy_bus", Type::kOneOf, kDiskBuses},
    {"hw_input_bus", Type::kOneOf, "usb virtio"},
    {"hw_ipxe_boot", Type::kBoolean},
    {"hw_locked_memory", Type::kBoolean},
    {"hw_machine_type"},
    {"hw_mem_encryption", Type::kBoolean},
    {"hw_mem_page_size"},
    {"hw_numa_cpus", Type::kList},
    {"hw_numa_mem", Type::kList},
    {"hw_numa_nodes", Type::kInteger},
    {"hw_pci_numa_affinity_policy", Type::kOneOf, "required legacy preferred socket"},
    {"hw_pmu", Type::kBoolean},
    {"hw_pointer_model", Type::kOneOf, "usbtablet"},
    {"hw_qemu_guest_agent", Type::kBoolean},
    {"hw_rescue_bus", Type::kOneOf, kDiskBuses},
    {"hw_rescue_device", Type::kOneOf, "cdrom disk floppy fs lun"},
    {"hw_rng_model", Type::kOneOf, "virtio"},
    {"hw_scsi_model", Type::kOneOf, "buslogic ibmvscsi lsilogic lsisas1068 lsisas1078 virtio-scsi vmpvscsi"},
    {"hw_serial_port_count", Type::kInteger},
    {"hw_time_hpet", Type::kBoolean},
    {"hw_tpm_model", Type::kOneOf, "tpm-tis tpm-crb"},
    {"hw_tpm_version", Type::kOneOf, "1.2 2.0"},
    {"hw_video_model", Type::kOneOf, "cirrus qxl vga vmvga xen virtio gop none bochs"},
    {"hw_video_ram", Type::kInteger},
    {"hw_vif_model", Type::kOneOf,
     "virtio ne2k_pci pcnet rtl8139 e1000 e1000e netfront spapr-vlan lan9118 sriov vmxnet vmxnet3"},
    {"hw_vif_multiqueue_enabled", Type::kBoolean},
    {"hw_viommu_model", Type::kOneOf, "intel smmuv3 virtio auto"},
    {"hw_vm_mode", Type::kVmMode, "hvm xen uml exe"},
    {"hw_watchdog_action", Type::kOneOf, "none pause poweroff reset disabled"},
    {"img_bdm_v2", Type::kBoolean},
    {"img_bittorrent", Type::kBoolean},
    {"img_block_device_mapping", Type::kList},
    {"img_cache_in_nova", Type::kBoolean},
    {"img_compression_level", Type::kInteger},
    {"img_config_drive", Type::kOneOf, "optional mandatory"},
    {"img_hide_hypervisor_id", Type::kBoolean},
    {"img_hv_requested_version", Type::kVersion},
    {"img_hv_type", Type::kHypervisor,
     "baremetal bhyve docker fake hyperv ironic kqemu kvm lxc lxd openvz parallels phyp qemu test uml vbox vz vmware "
     "xen zvm prsm"},
    {"img_linked_clone", Type::kBoolean},
    {"img_mappings", Type::kList},
    {"img_owner_id"},
    {"img_root_device_name"},
    {"img_signature"},
    {"img_signature_certificate_uuid"},
    {"img_signature_hash_method", Type::kOneOf, "SHA-224 SHA-256 SHA-384 SHA-512"},
    {"img_signature_key_type", Type::kOneOf,
     "DSA ECC_SECP384R1 ECC_SECP521R1 ECC_SECT409K1 ECC_SECT409R1 ECC_SECT571K1 ECC_SECT571R1 RSA-PSS"},
    {"img_use_agent", Type::kBoolean},
    {"img_version", Type::kInteger},
    {"os_admin_user"},
    {"os_command_line"},
    {"os_distro"},
    {"os_require_quiesce", Type::kBoolean},
    {"os_secure_boot", Type::kOneOf, "required disabled optional"},
    {"os_skip_agent_inject_files_at_boot", Type::kBoolean},
    {"os_skip_agent_inject_ssh", Type::kBoolean},
    {"os_type", Type::kOneOf, "linux windows"},
    {"traits_required", Type::kList},
});

struct Names {
  std::string_view from;
  std::string_view to;
};

constexpr auto kOldNames = std::to_array<Names>({
    {"architecture", "hw_architecture"},
    {"owner_id", "img_owner_id"},
    {"vmware_disktype", "hw_disk_type"},
    {"vmware_image_version", "img_version"},
    {"vmware_ostype", "os_distro"},
    {"auto_disk_config", "hw_auto_disk_config"},
    {"ipxe_boot", "hw_ipxe_boot"},
    {"xenapi_device_id", "hw_device_id"},
    {"xenapi_image_compression_level", "img_compression_level"},
    {"vmware_linked_clone", "img_linked_clone"},
    {"xenapi_use_agent", "img_use_agent"},
    {"xenapi_skip_agent_inject_ssh", "os_skip_agent_inject_ssh"},
    {"xenapi_skip_agent_inject_files_at_boot", "os_skip_agent_inject_files_at_boot"},
    {"cache_in_nova", "img_cache_in_nova"},
    {"vm_mode", "hw_vm_mode"},
    {"bittorrent", "img_bittorrent"},
    {"mappings", "img_mappings"},
    {"block_device_mapping", "img_block_device_mapping"},
    {"bdm_v2", "img_bdm_v2"},
    {"root_device_name", "img_root_device_name"},
    {"hypervisor_version_requires", "img_hv_requested_version"},
    {"hypervisor_type", "img_hv_type"},
});

// Values of one kind that have a second spelling. All are compared in lower case.
constexpr auto kArchitectureSpellings = std::to_array<Names>({{"i386", "i686"},
                                                              {"i486", "i686"},
                                                              {"i586", "i686"},
                                                              {"x86_32", "i686"},
                                                              {"x86_32p", "i686"},
                                                              {"amd64", "x86_64"}});
constexpr auto kHypervisorSpellings = std::to_array<Names>({{"xapi", "xen"}});
constexpr auto kVmModeSpellings = std::to_array<Names>({{"pv", "xen"}, {"hv", "hvm"}, {"baremetal", "hvm"}});
constexpr auto kScsiSpellings = std::to_array<Names>({{"lsilogicsas", "lsisas1068"}, {"paravirtual", "vmpvscsi"}});
constexpr auto kVifSpellings = std::to_array<Names>({{"virtuale1000", "e1000"},
                                                     {"virtuale1000e", "e1000e"},
                                                     {"virtualpcnet32", "pcnet"},
                                                     {"virtualsriovethernetcard", "sriov"},
                                                     {"virtualvmxnet", "vmxnet"},
                                                     {"virtualvmxnet3", "vmxnet3"}});

std::string spelled_as(std::span<const Names> spellings, std::string_view value) {
  std::string lower = to_lower(std::string(value));
  auto known = std::ranges::find(spellings, lower, &Names::from);
  return known == spellings.end() ? lower : std::string(known->to);
}

std::string spelling_of(const Property& property, std::string_view value) {
  switch (property.type) {
    case Type::kArchitecture: return spelled_as(kArchitectureSpellings, value);
    case Type::kHypervisor: return spelled_as(kHypervisorSpellings, value);
    case Type::kVmMode: return spelled_as(kVmModeSpellings, value);
    default: break;
  }
  if (property.name == "hw_scsi_model") return spelled_as(kScsiSpellings, value);
  if (property.name == "hw_vif_model") return spelled_as(kVifSpellings, value);
  if (property.name == "os_type") return to_lower(std::string(value));
  return std::string(value);
}

const Property* find_property(std::string_view name) {
  auto found = std::ranges::find(kProperties, name, &Property::name);
  return found == kProperties.end() ? nullptr : &*found;
}

std::unexpected<Error> refuse(const Property& property, const PythonValue& value, std::string_view right) {
  return fail(ErrorCode::kInvalidArgument,
              fmt::format("{} is {}; it must be {}", property.name, python_repr(value), right));
}

Expected<PythonValue> one_of(const Property& property, const PythonValue& value) {
  const auto* text = value.as<std::string>();
  if (text != nullptr) {
    std::string spelled = spelling_of(property, *text);
    for (std::string_view known : python_split(property.values))
      if (known == spelled) return PythonValue(std::move(spelled));
  }
  return refuse(property, value, fmt::format("one of: {}", property.values));
}

Expected<PythonValue> integer(const Property& property, const PythonValue& value) {
  if (const bool* truth = value.as<bool>()) return PythonValue(int64_t{*truth});
  if (value.as<int64_t>() != nullptr) return value;
  if (const double* real = value.as<double>(); real != nullptr && std::abs(*real) < 9e18)
    return PythonValue(static_cast<int64_t>(*real));
  if (const auto* text = value.as<std::string>())
    if (auto number = python_int(*text)) return PythonValue(*number);
  return refuse(property, value, "an integer");
}

Expected<PythonValue> version(const Property& property, const PythonValue& value) {
  const auto* text = value.as<std::string>();
  if (text != nullptr && VersionPredicate::parse(*text)) return value;
  return refuse(property, value, "versions such as \">=6.0,<7.2\"");
}

Expected<PythonValue> typed(const Property& property, const PythonValue& value) {
  switch (property.type) {
    case Type::kInteger: return integer(property, value);
    case Type::kBoolean: return PythonValue(python_bool_from_string(python_str(value)));
    case Type::kVersion: return version(property, value);
    case Type::kText:
      if (value.as<PythonList>() || value.as<PythonDict>() || value.is_none()) return refuse(property, value, "a text");
      return PythonValue(python_str(value));
    case Type::kList:
      if (value.as<PythonList>() == nullptr) return refuse(property, value, "a list");
      return value;
    default: return one_of(property, value);
  }
}

// "hw_numa_mem.0", "hw_numa_mem.1" and so on, up to the first that is not there.
PythonList numbered(const PythonDict& properties, std::string_view name) {
  PythonList values;
  while (const PythonValue* value = properties.find(fmt::format("{}.{}", name, values.size()))) {
    const auto number = python_int(python_str(*value));
    values.push_back(number ? PythonValue(*number) : *value);
  }
  return values;
}

}  // namespace

Expected<ImageProperties> ImageProperties::from_dict(const PythonDict& properties) {
  ImageProperties result;
  auto set = [&](std::string_view name, const PythonValue& value) -> Expected<> {
    const Property* property = find_property(name);
    Expected<PythonValue> checked = typed(*property, value);
    if (!checked) return std::unexpected(checked.error());
    result.values_.insert_or_assign(std::string(name), *std::move(checked));
    return {};
  };
  for (const Names& names : kOldNames)
    if (const PythonValue* value = properties.find(names.from))
      if (auto done = set(names.to, *value); !done) return std::unexpected(done.error());
  if (const PythonValue* adapter = properties.find("vmware_adaptertype");
      adapter != nullptr && python_truth(*adapter)) {
    const bool is_ide = python_equal(*adapter, PythonValue("ide"));
    (void)set("hw_disk_bus", PythonValue(is_ide ? "ide" : "scsi"));
    if (auto done = is_ide ? Expected<>() : set("hw_scsi_model", *adapter); !done) return std::unexpected(done.error());
  }
  for (const Property& property : kProperties)
    if (const PythonValue* value = properties.find(property.name); value != nullptr && property.type != Type::kList)
      if (auto done = set(property.name, *value); !done) return std::unexpected(done.error());
  for (std::string_view name : {"img_block_device_mapping", "img_mappings"})
    if (const PythonValue* value = properties.find(name))
      if (auto done = set(name, *value); !done) return std::unexpected(done.error());
  for (std::string_view name : {"hw_numa_mem", "hw_numa_cpus"})
    if (PythonList values = numbered(properties, name); !values.empty())
      result.values_.insert_or_assign(std::string(name), PythonValue(std::move(values)));
  PythonList traits;
  for (const PythonItem& item : properties.items)
    if (item.key.starts_with("trait:") && python_str(item.value) == "required") traits.emplace_back(item.key.substr(6));
  if (!traits.empty()) result.values_.insert_or_assign("traits_required", PythonValue(std::move(traits)));
  return result;
}

PythonValue ImageProperties::get(std::string_view name) const {
  auto found = values_.find(name);
  return found == values_.end() ? PythonValue() : found->second;
}

bool ImageProperties::is_known(std::string_view name) { return find_property(name) != nullptr; }

Expected<std::string> canonical_architecture(std::string_view name) {
  Expected<PythonValue> known = one_of(*find_property("hw_architecture"), PythonValue(name));
  if (!known) return std::unexpected(known.error());
  return python_str(*known);
}

}  // namespace kilonova::scheduler::nova
