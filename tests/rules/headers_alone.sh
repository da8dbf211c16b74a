# headers_alone.sh COMPILER INCLUDE: every public header compiles by itself, without a warning.
compiler=$1 include=$2 bad=0
for header in $(cd "$include" && find kerata -name '*.h' | sort); do
  echo "#include <$header>" | $compiler -std=c++20 -Wall -Wextra -Wpedantic -Wshadow -Werror -fsyntax-only -I"$include" -x c++ - ||
    { echo "Not by itself: $header"; bad=1; }
done
exit $bad
