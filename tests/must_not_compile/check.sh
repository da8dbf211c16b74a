# check.sh COMPILER INCLUDE SOURCE: the source must compile with -DFIXED and must not without.
compiler=$1 include=$2 source=$3
flags="-std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I$include"
$compiler $flags -DFIXED "$source" || { echo "The repaired form does not compile: $source"; exit 1; }
if $compiler $flags "$source" 2>/dev/null; then echo "The compiler accepts $source"; exit 1; fi
