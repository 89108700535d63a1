// The password that users admin and demo have when nobody has set another. Good on loopback only: everybody knows it.
#pragma once

#include <string_view>

namespace kilonova {

inline constexpr std::string_view kDefaultPassword = "kilonova";

// "user admin still has the default password, which ..."
inline constexpr std::string_view kHowToSetPasswords =
    "which is for loopback only: set one with --admin-password-file and --demo-password-file (or "
    "KILONOVA_ADMIN_PASSWORD and "
    "KILONOVA_DEMO_PASSWORD) of `kilonova up` or of the controller, and start again";

}  // namespace kilonova
