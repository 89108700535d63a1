#include "domain/address_ticket.h"

#include <array>
#include <bit>
#include <string>

namespace kilonova {
namespace {

uint64_t little_endian(std::string_view bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < bytes.size(); ++i) value |= uint64_t{static_cast<uint8_t>(bytes[i])} << (8 * i);
  return value;
}

using State = std::array<uint64_t, 4>;

void round(State& v) {
  v[0] += v[1];
  v[1] = std::rotl(v[1], 13) ^ v[0];
  v[0] = std::rotl(v[0], 32);
  v[2] += v[3];
  v[3] = std::rotl(v[3], 16) ^ v[2];
  v[0] += v[3];
  v[3] = std::rotl(v[3], 21) ^ v[0];
  v[2] += v[1];
  v[1] = std::rotl(v[1], 17) ^ v[2];
  v[2] = std::rotl(v[2], 32);
}

}  // namespace

uint64_t sip_hash(std::string_view message, const TicketKey& key) {
  State v{key.low ^ 0x736f6d6570736575, key.high ^ 0x646f72616e646f6d, key.low ^ 0x6c7967656e657261,
          key.high ^ 0x7465646279746573};
  auto fold = [&v](uint64_t word) {
    v[3] ^= word;
    round(v);
    round(v);
    v[0] ^= word;
  };
  size_t at = 0;
  for (; at + 8 <= message.size(); at += 8) fold(little_endian(message.substr(at, 8)));
  fold(little_endian(message.substr(at)) | uint64_t{message.size() & 0xff} << 56);
  v[2] ^= 0xff;
  for (int i = 0; i < 4; ++i) round(v);
  return v[0] ^ v[1] ^ v[2] ^ v[3];
}

TicketKey ticket_key_of(std::string_view token_signing_key) {
  auto half = [&](size_t at, std::string_view purpose) {
    TicketKey part{little_endian(token_signing_key.substr(at, 8)), little_endian(token_signing_key.substr(at + 8, 8))};
    return sip_hash(purpose, part);
  };
  if (token_signing_key.size() < 32) return {};
  return {half(0, "tickets for addresses, 1"), half(16, "tickets for addresses, 2")};
}

std::string to_bytes(const TicketKey& key) {
  std::string bytes;
  for (uint64_t half : {key.low, key.high})
    for (int i = 0; i < 8; ++i) bytes.push_back(static_cast<char>(half >> (8 * i)));
  return bytes;
}

TicketKey ticket_key_in(std::string_view bytes) {
  if (bytes.size() != 16) return {};
  return {little_endian(bytes.substr(0, 8)), little_endian(bytes.substr(8))};
}

uint64_t ticket_for(const PlacementId& placement, const TicketKey& key) {
  std::string message(placement.instance.bytes.begin(), placement.instance.bytes.end());
  for (int i = 0; i < 8; ++i) message.push_back(static_cast<char>(placement.epoch >> (8 * i)));
  const uint64_t ticket = sip_hash(message, key);
  return ticket == 0 ? 1 : ticket;
}

}  // namespace kilonova
