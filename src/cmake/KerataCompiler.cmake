# Warnings and code generation, shared by the library, its tests and its examples.
add_library(kerata_warnings INTERFACE)
target_compile_options(kerata_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow
  $<$<CXX_COMPILER_ID:Clang>:-Werror=reorder-init-list>
  $<$<BOOL:${KERATA_WERROR}>:-Werror>)

add_library(kerata_codegen INTERFACE)
target_compile_options(kerata_codegen INTERFACE -fno-math-errno -fno-trapping-math)
if(KERATA_ARCH)
  target_compile_options(kerata_codegen INTERFACE -march=${KERATA_ARCH})
endif()

if(KERATA_SANITIZE)
  add_compile_options(-fsanitize=${KERATA_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KERATA_SANITIZE})
  # GCC's analysis does not follow values through the checks that sanitizers put in, and Clang vectorises no such loop.
  target_compile_options(kerata_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<CXX_COMPILER_ID:Clang>:-Wno-pass-failed>)
endif()
