# Two Debian packages, made by `cpack` in the build directory (./dev package): the command `kilonova` with its man pages
# and completions, and the daemons with their systemd units. The command's pages are what it says of itself, so they are
# made from the program that is packed.
set(KILONOVA_PACKAGING ${CMAKE_SOURCE_DIR}/packaging)
set(pages ${CMAKE_BINARY_DIR}/packaged)

install(TARGETS kilonova kilonova-sim RUNTIME DESTINATION bin COMPONENT command)
install(CODE "
  file(MAKE_DIRECTORY ${pages}/man)
  execute_process(COMMAND $<TARGET_FILE:kilonova> reference man ${pages}/man COMMAND_ERROR_IS_FATAL ANY)
  foreach(shell bash zsh fish)
    execute_process(COMMAND $<TARGET_FILE:kilonova> completion \${shell} OUTPUT_FILE ${pages}/\${shell} COMMAND_ERROR_IS_FATAL ANY)
  endforeach()" COMPONENT command)
install(DIRECTORY ${pages}/man/ DESTINATION share/man/man1 COMPONENT command)
install(FILES ${pages}/bash DESTINATION share/bash-completion/completions RENAME kilonova COMPONENT command)
install(FILES ${pages}/zsh DESTINATION share/zsh/vendor-completions RENAME _kilonova COMPONENT command)
install(FILES ${pages}/fish DESTINATION share/fish/vendor_completions.d RENAME kilonova.fish COMPONENT command)
install(FILES ${CMAKE_SOURCE_DIR}/README.md ${CMAKE_SOURCE_DIR}/CHANGELOG.md DESTINATION share/doc/kilonova COMPONENT command)

install(TARGETS kilonova-api kilonova-compute kilonova-controller kilonova-network kilonova-scheduler
        RUNTIME DESTINATION bin COMPONENT daemons)
install(FILES ${KILONOVA_PACKAGING}/systemd/kilonova.service ${KILONOVA_PACKAGING}/systemd/kilonova-compute@.service
        ${KILONOVA_PACKAGING}/systemd/kilonova-scheduler@.service DESTINATION /lib/systemd/system COMPONENT daemons)
install(FILES ${KILONOVA_PACKAGING}/systemd/kilonova.sysusers DESTINATION lib/sysusers.d RENAME kilonova.conf COMPONENT daemons)
install(FILES ${KILONOVA_PACKAGING}/kilonova.conf DESTINATION /etc/kilonova COMPONENT daemons)

foreach(component command daemons)
  set(name kilonova)
  if(component STREQUAL daemons)
    set(name kilonova-daemons)
  endif()
  install(FILES ${KILONOVA_PACKAGING}/debian/copyright DESTINATION share/doc/${name} COMPONENT ${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_OUTPUT_FILE_PREFIX ${CMAKE_BINARY_DIR}/packages)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_COMPONENTS_ALL command daemons)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "The kilonova developers <kilonova@localhost>")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE zstd)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME kilonova)
set(CPACK_DEBIAN_DAEMONS_PACKAGE_NAME kilonova-daemons)
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "An OpenStack Nova control plane, simulated on one machine: the command
 Starts simulated clouds, launches servers in them, shows why they landed
 where they did, and simulates whole clouds in virtual time.")
set(CPACK_COMPONENT_DAEMONS_DESCRIPTION "An OpenStack Nova control plane, simulated on one machine: the daemons
 The api-server, controller, scheduler, network-controller and compute
 processes that `kilonova up` starts, and units of systemd for them.")
set(CPACK_DEBIAN_COMMAND_PACKAGE_RECOMMENDS kilonova-daemons)
set(CPACK_DEBIAN_DAEMONS_PACKAGE_DEPENDS "kilonova (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_DAEMONS_PACKAGE_CONTROL_EXTRA "${KILONOVA_PACKAGING}/debian/conffiles;${KILONOVA_PACKAGING}/debian/postinst;${KILONOVA_PACKAGING}/debian/prerm")
include(CPack)
