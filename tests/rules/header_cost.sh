# header_cost.sh COMPILER INCLUDE: <kerata/kerata.h> is at most 60,000 non-empty lines after the preprocessor, and parses
# in 1.5 s on a quiet machine. Others may run beside this test: it allows twice that, in processor time, the least of three.
compiler=$1 include=$2 limit=60000 limit_ms=3000
lines=$(echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -E -P -I"$include" -x c++ - | grep -c .) || exit 1
TIMEFORMAT='%U %S' least=
for _ in 1 2 3; do
  spent=$( { time echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -fsyntax-only -I"$include" -x c++ - >&2; } 2>&1) ||
    { echo "$spent"; exit 1; }
  ms=$(echo "$spent" | tail -1 | awk '{ printf "%d", ($1 + $2) * 1000 }')
  if [ -z "$least" ] || [ "$ms" -lt "$least" ]; then least=$ms; fi
done
echo "$lines lines (at most $limit), parsed in $least ms (at most $limit_ms)"
[ "$lines" -le $limit ] && [ "$least" -le $limit_ms ]
