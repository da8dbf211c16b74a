# header_cost.sh COMPILER INCLUDE: <kerata/kerata.h> is at most 60,000 non-empty lines after the preprocessor, and GCC needs
# for it at most 4 times the memory that the headers of the standard library in it take. That goes with the time, of which
# it was made the measure because times differ from run to run: 284 MB, 3.6 times, were 1.3 s where those headers took 0.31.
compiler=$1 include=$2 limit=60000 limit_tenths=40
lines=$(echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -E -P -I"$include" -x c++ - | grep -c .) || exit 1
standard=$(grep -rhoE '^#include <[a-z_]+>' "$include" | sort -u)
memory_mb() { # memory_mb TEXT
  echo "$1" | $compiler -std=c++20 -fsyntax-only -fmem-report -I"$include" -x c++ - 2>&1 |
    awk '$1 == "Total" && $2 ~ /^[0-9]+M$/ { print $2 + 0; exit }'
}
if $compiler --version | grep -q clang; then
  echo "$lines lines (at most $limit)"
  [ "$lines" -le $limit ]
  exit
fi
own=$(memory_mb '#include <kerata/kerata.h>') floor=$(memory_mb "$standard")
[ -n "$own" ] && [ -n "$floor" ] || { echo "the compiler reports no memory"; exit 1; }
tenths=$((10 * own / floor))
echo "$lines lines (at most $limit), $own MB in the compiler, $((tenths / 10)).$((tenths % 10)) times the standard library's" \
  "$floor MB (at most 4.0)"
[ "$lines" -le $limit ] && [ "$tenths" -le $limit_tenths ]
