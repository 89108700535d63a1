// Key pairs of a user: what a server lets its owner in with.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/ids.h"
#include "base/time.h"
#include "domain/form_rules.h"
#include "domain/metadata.h"
#include "domain/operation.h"
#include "domain/record.h"

namespace kilonova {

struct KeyPair {
  static constexpr Record kRecord{"key_pairs", "user_id, name", "key_pair"};
  std::pair<Uuid, std::string> key() const { return {user_id, name}; }

  std::string name;
  Uuid user_id;      // key pairs belong to a user, not a project
  std::string type;  // "ssh" (RSA or ed25519, told by the key itself)
  std::string public_key;
  std::string fingerprint;
  WallTime created_at;
  // As EC2 shows it: of an RSA key that was generated the SHA-1 of its private half (PKCS#8), of one that was imported the MD5
  // of its public half (SubjectPublicKeyInfo), with colons; of others the SHA-256 in base64. "" of certificates, and of
  // what was stored by a version that did not know it.
  std::string ec2_fingerprint = {};
  std::vector<MetadataItem> tags = {};  // EC2's, by key
  bool operator==(const KeyPair&) const = default;
};

template <class Io, RowOf<KeyPair> Row>
void visit(Io& io, Row& row) {
  io(row.user_id, row.name, row.type, row.public_key, row.fingerprint, row.created_at, row.ec2_fingerprint,
     row.tags);
}

struct KeyPairList {
  std::vector<KeyPair> key_pairs;  // by name
  bool more = false;
  int64_t limit = 100;  // how many one user may have, -1 = as many as it likes: the project's quota
  bool operator==(const KeyPairList&) const = default;
};

struct ListKeyPairs {
  static constexpr Operation kOperation{"ListKeyPairs", UserRole::kReader, Effect::kReads};
  using Reply = KeyPairList;
  std::string name;
  uint32_t limit = kMaxPageSize;
  std::string marker;  // name of the last one of the page before
  std::string user;    // id; "" = the caller's own; another's: admins

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const ListKeyPairs&) const = default;
};

// What a client asks. The api-server imports or generates the key and asks StoreKeyPair: the private half never leaves it.
struct CreateKeyPair {
  static constexpr Operation kOperation{"CreateKeyPair", UserRole::kMember, Effect::kChanges, DecidedBy::kApi};
  using Reply = KeyPairList;
  std::string name;
  std::string type;        // what to generate: "rsa" or "ed25519"; "" and Nova's "ssh" mean rsa
  std::string public_key;  // "" = generate
  std::string user;        // as above
  std::vector<MetadataItem> tags = {};  // EC2's, in any order, the last one of a key counts

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const CreateKeyPair&) const = default;
};

struct StoreKeyPair {
  static constexpr Operation kOperation{"StoreKeyPair", UserRole::kMember, Effect::kChanges, DecidedBy::kController,
                                        AskedBy::kApiServer};
  using Reply = KeyPairList;
  KeyPair key_pair;  // user and time are set by the controller
  std::string user;  // id; "" = the caller's own

  Expected<> check() const;
  bool operator==(const StoreKeyPair&) const = default;
};

// EC2's tags of a key pair of the caller: these keys are taken away, then these tags are put.
struct TagKeyPair {
  static constexpr Operation kOperation{"TagKeyPair", UserRole::kMember, Effect::kChanges};
  using Reply = KeyPairList;
  std::string name;
  std::vector<std::string> unset_tags;  // one that is not there is left so
  std::vector<MetadataItem> set_tags;

  Expected<> check() const;
  bool operator==(const TagKeyPair&) const = default;
};

struct DeleteKeyPair {
  static constexpr Operation kOperation{"DeleteKeyPair", UserRole::kMember, Effect::kChanges};
  using Reply = Empty;
  std::string name;
  std::string user;  // as above

  Expected<> check() const;
  std::string_view admin_only(const RequestContext& context) const;
  bool operator==(const DeleteKeyPair&) const = default;
};

// AWS's limit of tags.
inline constexpr size_t kMaxKeyPairTags = 50;

// The name of a key pair as other operations have it: "" or one that CreateKeyPair takes.
Expected<> check_key_name_or_none(std::string_view name);

using KeyPairOperations = TypeList<ListKeyPairs, CreateKeyPair, StoreKeyPair, TagKeyPair, DeleteKeyPair>;

}  // namespace kilonova
