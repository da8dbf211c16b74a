# header_cost.sh COMPILER INCLUDE: <kerata/kerata.h> is at most 60,000 non-empty lines after the preprocessor.
compiler=$1 include=$2 limit=60000
lines=$(echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -E -P -I"$include" -x c++ - | grep -c .) || exit 1
start=$(date +%s%N)
echo '#include <kerata/kerata.h>' | $compiler -std=c++20 -fsyntax-only -I"$include" -x c++ - || exit 1
echo "$lines lines (at most $limit), parsed in $((($(date +%s%N) - start) / 1000000)) ms"
[ "$lines" -le $limit ]
