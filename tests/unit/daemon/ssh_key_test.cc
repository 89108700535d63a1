#include "daemon/ssh_key.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace kilonova {
namespace {

// From OpenSSH's own test data (regress/unittests/sshkey/testdata: ed25519_1.pub), with its fingerprint.
constexpr std::string_view kEd25519 =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFOG6kY7Rf4UtCFvPwKgo/BztXck2xC4a2WyA34XtIwZ ED25519 test key #1";

bool have_ssh_keygen() { return std::system("command -v ssh-keygen > /dev/null 2>&1") == 0; }

std::string output_of(const std::string& command) {
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");
  std::array<char, 4096> buffer;
  while (size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), n);
  ::pclose(pipe);
  return output;
}

class SshKeygen : public ::testing::TestWithParam<const char*> {
 protected:
  SshKeygen() {
    std::string pattern = ::testing::TempDir() + "kilonova-key-XXXXXX";
    directory_ = ::mkdtemp(pattern.data());
  }
  ~SshKeygen() override { std::filesystem::remove_all(directory_); }
  std::string write(const std::string& name, const std::string& text) {
    std::string path = directory_ + "/" + name;
    std::ofstream(path) << text;
    ::chmod(path.c_str(), 0600);
    return path;
  }
  std::string directory_;
};
INSTANTIATE_TEST_SUITE_P(Types, SshKeygen, ::testing::Values("rsa", "ed25519"));

TEST_P(SshKeygen, ReadsOurKeys) {
  if (!have_ssh_keygen()) GTEST_SKIP() << "ssh-keygen is not installed";
  auto pair = generate_ssh_key_pair(GetParam(), "Generated-by-Nova");
  ASSERT_TRUE(pair.has_value());
  std::string derived = output_of("ssh-keygen -y -f " + write("key", pair->private_key) + " 2>&1");
  // What ssh-keygen derives from the private half is our public half (it keeps the comment in OpenSSH's form only).
  std::string without_comment = pair->public_key.substr(0, pair->public_key.rfind(' '));
  EXPECT_EQ(derived.substr(0, without_comment.size()), without_comment);
  std::string listed = output_of("ssh-keygen -l -E md5 -f " + write("key2.pub", pair->public_key + "\n") + " 2>&1");
  EXPECT_NE(listed.find("MD5:" + pair->fingerprint), std::string::npos) << listed;
  EXPECT_EQ(ssh_fingerprint(pair->public_key), pair->fingerprint);
}

// The commands of https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html.
TEST_P(SshKeygen, Ec2FingerprintsAreThoseOfItsCommands) {
  if (!have_ssh_keygen()) GTEST_SKIP() << "ssh-keygen is not installed";
  auto pair = generate_ssh_key_pair(GetParam(), "");
  ASSERT_TRUE(pair.has_value());
  const std::string file = write("key", pair->private_key);
  const std::string public_file = write("key.pub", pair->public_key + "\n");
  if (GetParam() == std::string("ed25519")) {
    const std::string listed = output_of("ssh-keygen -l -E sha256 -f " + public_file);
    const std::string digest = pair->ec2_fingerprint.substr(0, pair->ec2_fingerprint.find('='));
    EXPECT_NE(listed.find("SHA256:" + digest + " "), std::string::npos) << listed;
    EXPECT_EQ(ssh_ec2_fingerprint(pair->public_key), pair->ec2_fingerprint);
    return;
  }
  const std::string made =
      output_of("openssl pkcs8 -in " + file + " -inform PEM -outform DER -topk8 -nocrypt | openssl sha1 -c");
  EXPECT_NE(made.find("= " + pair->ec2_fingerprint + "\n"), std::string::npos) << made << pair->ec2_fingerprint;
  const std::string imported =
      output_of("ssh-keygen -ef " + public_file +
                " -m PEM | openssl rsa -RSAPublicKey_in -outform DER 2>/dev/null | openssl md5 -c");
  EXPECT_NE(imported.find("= " + ssh_ec2_fingerprint(pair->public_key) + "\n"), std::string::npos) << imported;
}

TEST(SshEc2Fingerprint, IsEmptyOfWhatIsNoKey) { EXPECT_EQ(ssh_ec2_fingerprint("no key"), ""); }

TEST_P(SshKeygen, EveryKeyIsAnother) {
  EXPECT_NE(generate_ssh_key_pair(GetParam(), "")->public_key, generate_ssh_key_pair(GetParam(), "")->public_key);
}

TEST_F(SshKeygen, OurFingerprintIsTheirs) {
  if (!have_ssh_keygen()) GTEST_SKIP() << "ssh-keygen is not installed";
  for (std::string type : {"ed25519", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048"}) {
    std::filesystem::remove(directory_ + "/k");
    std::system(("ssh-keygen -q -N '' -C 'a b' -t " + type + " -f " + directory_ + "/k").c_str());
    std::ifstream in(directory_ + "/k.pub");
    std::string key;
    std::getline(in, key);
    auto fingerprint = ssh_fingerprint(key);
    ASSERT_TRUE(fingerprint.has_value()) << type << ": " << fingerprint.error().message;
    EXPECT_NE(output_of("ssh-keygen -l -E md5 -f " + directory_ + "/k.pub").find("MD5:" + *fingerprint + " "),
              std::string::npos);
  }
}

TEST(SshFingerprint, TakesAPublishedKey) {
  auto fingerprint = ssh_fingerprint(kEd25519);
  ASSERT_TRUE(fingerprint.has_value());
  EXPECT_EQ(fingerprint->size(), 16u * 3 - 1);
  EXPECT_EQ(ssh_fingerprint(std::string(kEd25519) + "\n"), *fingerprint);
}

TEST(SshFingerprint, SaysWhatIsWrong) {
  std::string good(kEd25519);
  std::string data = good.substr(12, good.find(' ', 12) - 12);
  for (std::string key :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 "), "ssh-ed25519 x" + data,
        "ssh-rsa " + data, "ssh-dss " + data, good.substr(0, 40), "ssh-ed25519\n" + data, good + "\n" + good,
        std::string("-----BEGIN RSA PRIVATE KEY-----"), std::string(20'000, 'a')}) {
    auto result = ssh_fingerprint(key);
    ASSERT_FALSE(result.has_value()) << key;
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(result.error().message.find("OpenSSH form"), std::string::npos);
  }
}

TEST(SshFingerprint, NoCutKeyIsGood) {
  std::string good(kEd25519.substr(0, kEd25519.find(' ', 12)));
  for (size_t length = 0; length < good.size(); ++length)
    EXPECT_FALSE(ssh_fingerprint(good.substr(0, length)).has_value()) << length;
}

TEST(SshKey, UnknownTypesAreRefused) {
  auto pair = generate_ssh_key_pair("dsa", "");
  ASSERT_FALSE(pair.has_value());
  EXPECT_EQ(pair.error().message, "key type 'dsa' is unknown; it must be rsa or ed25519");
}

}  // namespace
}  // namespace kilonova
