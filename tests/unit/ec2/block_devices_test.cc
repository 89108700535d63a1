#include "api-server/front/ec2/block_devices.h"

#include <gtest/gtest.h>

namespace kilonova::api::ec2 {
namespace {

std::string code_of(std::string_view form) {
  Flavor type;
  type.name = "m1.small";
  type.root_gb = 20;
  auto checked = check_block_devices(parse_parameters(parse_form(form).value()).value(), type);
  return checked ? "" : checked.error().code;
}

std::string of_root(std::string_view ebs) {
  std::string form = "BlockDeviceMapping.1.DeviceName=/dev/vda";
  for (size_t at = 0; at < ebs.size();) {
    const size_t end = std::min(ebs.find('&', at), ebs.size());
    form += "&BlockDeviceMapping.1.Ebs." + std::string(ebs.substr(at, end - at));
    at = end + 1;
  }
  return code_of(form);
}

TEST(BlockDevices, TheRootDeviceIsDescribedAsItIs) {
  EXPECT_EQ(code_of(""), "");
  EXPECT_EQ(of_root("VolumeSize=20&DeleteOnTermination=true&VolumeType=gp3&Encrypted=false"), "");
  EXPECT_EQ(of_root("VolumeSize=8"), "");
  EXPECT_EQ(of_root("VolumeSize=21"), "UnsupportedOperation");
  EXPECT_EQ(of_root("VolumeSize=0"), "InvalidParameterValue");
  EXPECT_EQ(of_root("VolumeSize=much"), "InvalidParameterValue");
  EXPECT_EQ(of_root("DeleteOnTermination=false"), "UnsupportedOperation");
  EXPECT_EQ(of_root("Encrypted=true"), "UnsupportedOperation");
  EXPECT_EQ(of_root("VolumeType=io2"), "UnsupportedOperation");
  EXPECT_EQ(of_root("Iops=3000"), "UnsupportedOperation");
  EXPECT_EQ(of_root("SnapshotId=snap-1"), "InvalidSnapshot.NotFound");
}

TEST(BlockDevices, ThereAreNoOthers) {
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.VirtualName=ephemeral0"), "");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.NoDevice="), "");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.Ebs.VolumeSize=1"),
            "UnsupportedOperation");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.VirtualName=disk"),
            "InvalidBlockDeviceMapping");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb"), "InvalidBlockDeviceMapping");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/vda&BlockDeviceMapping.1.NoDevice="),
            "InvalidBlockDeviceMapping");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.Ebs.VolumeSize=1"), "MissingParameter");
  EXPECT_EQ(code_of("BlockDeviceMapping.1.DeviceName=/dev/sdb&BlockDeviceMapping.1.NoDevice=&"
                    "BlockDeviceMapping.2.DeviceName=/dev/sdb&BlockDeviceMapping.2.NoDevice="),
            "InvalidBlockDeviceMapping");
}

}  // namespace
}  // namespace kilonova::api::ec2
