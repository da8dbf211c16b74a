# determinism.sh PROGRAM MODEL: the same weights run after run, under enable_op_determinism for 1, 2 and 3 threads, and
# without it 1e-6 apart at most for other numbers of threads.
program=$1 model=$2
same() { # same WHAT FIRST SECOND
  [ -n "$2" ] && [ "$2" = "$3" ] || { echo "$model: other weights $1"; diff <(echo "$2") <(echo "$3"); exit 1; }
}
same "in a second run" "$(OMP_NUM_THREADS=2 $program $model)" "$(OMP_NUM_THREADS=2 $program $model)"
one=$(OMP_NUM_THREADS=1 $program $model deterministic)
for threads in 2 3; do
  same "with $threads threads" "$one" "$(OMP_NUM_THREADS=$threads $program $model deterministic)"
done
values=$(OMP_NUM_THREADS=1 $program $model values)
for threads in 2 3; do
  paste <(echo "$values") <(OMP_NUM_THREADS=$threads $program $model values) | awk -v model="$model" -v threads=$threads '
    { d = $1 - $2; if (d < 0) d = -d; size = $1 < 0 ? -$1 : $1; if (size < 1) size = 1; if (d > worst * size) worst = d / size }
    NF != 2 { odd = 1 }
    END { if (odd || NR < 100 || worst > 1e-6) { print model ": " worst " apart with " threads " threads"; exit 1 } }' || exit 1
done
