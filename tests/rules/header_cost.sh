# header_cost.sh COMPILER INCLUDE: <kerata/kerata.h> is at most 60,000 non-empty lines after the preprocessor, and parses
# in 1.5 s of processor time on a machine that needs 0.3 s for the headers of the standard library in it. Machines differ and
# are busy, so what is asserted is the ratio of the two, each the least of five, taken in turn.
compiler=$1 include=$2 limit=60000 limit_ratio=5
lines=$(echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -E -P -I"$include" -x c++ - | grep -c .) || exit 1
standard=$(grep -rhoE '^#include <[a-z_]+>' "$include" | sort -u)
TIMEFORMAT='%U %S'
parse_ms() { # parse_ms TEXT
  local spent
  spent=$( { time echo "$1" | $compiler -std=c++20 -fsyntax-only -I"$include" -x c++ - >&2; } 2>&1) ||
    { echo "$spent" >&2; return 1; }
  echo "$spent" | tail -1 | awk '{ printf "%d", ($1 + $2) * 1000 }'
}
least='' floor=''
for _ in 1 2 3 4 5; do
  ms=$(parse_ms '#include <kerata/kerata.h>') && floor_ms=$(parse_ms "$standard") || exit 1
  if [ -z "$least" ] || [ "$ms" -lt "$least" ]; then least=$ms; fi
  if [ -z "$floor" ] || [ "$floor_ms" -lt "$floor" ]; then floor=$floor_ms; fi
done
echo "$lines lines (at most $limit), parsed in $least ms, the standard library's in $floor ms (at most $limit_ratio times)"
[ "$lines" -le $limit ] && [ "$least" -le $((limit_ratio * floor)) ]
