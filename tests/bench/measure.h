// The protocol of peers/harness.py: JSON objects, one a line, after '@'; one repeat for each line of standard input.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace bench {

using Quantities = std::vector<std::pair<std::string, double>>;  // name -> value, lower is better

double seconds(const std::function<void()>& work);
/// Milliseconds of each of `count` parts of the work: {PREFIX_ms}, and on a GPU by its own clock {PREFIX_gpu_ms}.
Quantities milliseconds(const std::string& prefix, double count, const std::function<void()>& work);
/// How often a repeat must do its work to take BENCH_SECONDS; 1 without.
int repetitions(const std::function<void(int count)>& work);
void emit(const Quantities& quantities);
/// First run, ready, repeats, peak memory.
void serve(const std::function<Quantities()>& first, const std::function<Quantities()>& repeat);

}  // namespace bench
