# determinism.sh PROGRAM MODEL: the same weights run after run, and under enable_op_determinism for 1, 2 and 3 threads.
program=$1 model=$2
same() { # same WHAT FIRST SECOND
  [ -n "$2" ] && [ "$2" = "$3" ] || { echo "$model: other weights $1"; diff <(echo "$2") <(echo "$3"); exit 1; }
}
same "in a second run" "$(OMP_NUM_THREADS=2 $program $model)" "$(OMP_NUM_THREADS=2 $program $model)"
one=$(OMP_NUM_THREADS=1 $program $model deterministic)
for threads in 2 3; do
  same "with $threads threads" "$one" "$(OMP_NUM_THREADS=$threads $program $model deterministic)"
done
