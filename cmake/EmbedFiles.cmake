# embed_files(NAME OUT FILE...) writes a C++ file that holds each FILE's text under its base name:
# `extern const std::span<const steward::EmbeddedFile> steward::embedded_NAME` (src/core/embedded.h).
function(embed_files name out)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DNAME=${name} -DOUT=${out} "-DFILES=${ARGN}" -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake VERBATIM)
endfunction()
