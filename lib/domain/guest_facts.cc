#include "domain/guest_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace kilonova {
namespace {

// Lines as a kernel writes them: each a little later than the one before.
class BootLog {
 public:
  void kernel(std::string_view line) {
    text_ += fmt::format("[{:5}.{:06}] {}\n", micros_ / 1'000'000, micros_ % 1'000'000, line);
    micros_ += 1'000 + static_cast<int64_t>(line.size()) * 317 % 9'001;
  }
  void pass(int64_t milliseconds) { micros_ += milliseconds * 1'000; }
  void say(std::string_view line) { text_ += fmt::format("{}\n", line); }
  double uptime() const { return static_cast<double>(micros_) / 1e6; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  int64_t micros_ = 0;
};

void boot_kernel(BootLog& log, const Flavor& flavor) {
  const int64_t memory_kb = flavor.memory_mb * 1024;
  log.kernel("Linux version 5.15.0-71-generic (buildd@lcy02-amd64-044) #78-Ubuntu SMP Tue Apr 18 09:00:29 UTC 2023");
  log.kernel("Command line: LABEL=cirros-rootfs ro console=tty1 console=ttyS0");
  log.kernel("BIOS-provided physical RAM map:");
  log.kernel(fmt::format("BIOS-e820: [mem 0x0000000000100000-0x{:016x}] usable",
                         static_cast<uint64_t>(memory_kb) * 1024 - 0x20001));
  log.kernel("DMI: OpenStack Foundation OpenStack Nova, BIOS 1.16.0-debian-1.16.0-4 04/01/2014");
  log.kernel("Hypervisor detected: KVM");
  log.kernel("tsc: Detected 2294.608 MHz processor");
  log.kernel(fmt::format("smpboot: Allowing {} CPUs, 0 hotplug CPUs", flavor.vcpus));
  log.kernel(fmt::format("Memory: {}K/{}K available (16393K kernel code, 4379K rwdata, 10812K rodata)",
                         memory_kb - memory_kb / 16, memory_kb));
  log.kernel(fmt::format("smp: Brought up 1 node, {} {}", flavor.vcpus, flavor.vcpus == 1 ? "CPU" : "CPUs"));
  log.pass(310);
  log.kernel("virtio_blk virtio2: [vda] " + fmt::format("{} 512-byte logical blocks ({} GiB)",
                                                        std::max<int64_t>(flavor.root_gb, 1) * 2'097'152,
                                                        std::max<int64_t>(flavor.root_gb, 1)));
  log.kernel("EXT4-fs (vda1): mounted filesystem with ordered data mode");
  log.pass(420);
}

void boot_network(BootLog& log, const Instance& server) {
  for (const Address& address : server.current.addresses) {
    const std::string lease = fmt::format("lease of {} obtained from {}, lease time 86400", to_string(address.ip),
                                          to_string(address.gateway));
    log.say("Starting network: udhcpc: started, v1.29.3");
    log.say("udhcpc: sending discover");
    log.say("udhcpc: " + lease);
    log.say("OK");
  }
  log.say(fmt::format("checking http://169.254.169.254/2009-04-04/instance-id"));
  log.say(fmt::format("successful after 1/20 tries: up {:.2f}. iid=i-{:08x}", log.uptime(), server.id));
}

void boot_user(BootLog& log, const Instance& server, const KeyPair* key) {
  log.say("=== cirros: current=0.6.2 uptime=" + fmt::format("{:.2f}", log.uptime()) + " ===");
  log.say("=== datasource: ec2 net ===");
  log.say("instance-id: " + to_string(server.uuid));
  log.say("name: " + server.name);
  log.say("availability-zone: " + (server.spec.availability_zone.empty() ? "nova" : server.spec.availability_zone));
  log.say("local-hostname: " + server.hostname);
  log.say("flavor: " + fmt::format("{} ({} vcpus, {} MiB)", server.spec.flavor.name, server.spec.flavor.vcpus,
                                   server.spec.flavor.memory_mb));
  if (!server.spec.key_name.empty())
    log.say(key == nullptr ? fmt::format("public-key: {}", server.spec.key_name)
                           : fmt::format("public-key: {} {}", server.spec.key_name, key->fingerprint));
  for (const Address& address : server.current.addresses)
    log.say(fmt::format("if-info: eth{},up,{},{},{}", address.nic, to_string(address.ip), address.prefix,
                        to_string(address.mac)));
  log.say("=== ping gateway ===");
  for (const Address& address : server.current.addresses)
    log.say(fmt::format("pinging {}: 3 packets transmitted, 3 packets received, 0% packet loss",
                        to_string(address.gateway)));
}

}  // namespace

std::string console_log(const Instance& server, const KeyPair* key) {
  BootLog log;
  boot_kernel(log, server.spec.flavor);
  boot_network(log, server);
  boot_user(log, server, key);
  log.say("  ____               ____  ____");
  log.say(" / __/ __ ____ ____ / __ \\/ __/");
  log.say("/ /__ / // __// __// /_/ /\\ \\ ");
  log.say("\\___//_//_/  /_/   \\____/___/ ");
  log.say("   http://cirros-cloud.net");
  log.say("");
  log.say("");
  log.say("login as 'cirros' user. default password: 'gocubsgo'. use 'sudo' for root.");
  return log.take() + server.hostname + " login: ";
}

std::string last_lines(std::string text, int64_t lines) {
  if (lines < 0) return text;
  // What is behind the last line's end is a line too, unless it is empty.
  size_t begin = text.size();
  for (int64_t left = lines; left > 0 && begin > 0; --left) {
    const size_t end = text.rfind('\n', begin - 1);
    if (end == std::string::npos) return text;
    begin = end;
    if (left == 1) return text.substr(begin + 1);
  }
  return begin == 0 ? text : std::string();
}

ServerDiagnostics diagnostics_of(const Instance& server, bool config_drive, WallTime now) {
  ServerDiagnostics diagnostics;
  const Flavor& flavor = server.spec.flavor;
  const int64_t age_us = std::max<int64_t>(now.us - server.launched_at.us, 0);
  const uint64_t age = server.launched_at == WallTime{} ? 0 : static_cast<uint64_t>(age_us) / 1'000'000;
  diagnostics.power_state = server.power_state;
  diagnostics.uptime_s = age;
  diagnostics.config_drive = config_drive;
  diagnostics.vcpus = static_cast<uint32_t>(flavor.vcpus);
  diagnostics.cpu_time_ns = 6'200'000'000 + age * 11'000'000;  // a boot, and one percent
  diagnostics.memory_mb = static_cast<uint64_t>(flavor.memory_mb);
  const size_t disks = 1 + (flavor.ephemeral_gb > 0 ? 1 : 0) + (flavor.swap_mb > 0 ? 1 : 0);
  for (size_t i = 0; i < disks; ++i) {
    const uint64_t requests = i == 0 ? 1'140 + age / 30 : 12;
    diagnostics.disks.push_back({requests * 20'480, requests, requests / 3 * 4'096, requests / 3});
  }
  for (const Address& address : server.current.addresses) {
    const uint64_t packets = 60 + age / 5;
    diagnostics.nics.push_back({to_string(address.mac), packets * 98, packets, packets * 74, packets * 4 / 5});
  }
  return diagnostics;
}

}  // namespace kilonova
