// Places of elements. In front: Index, int or long long.

/// Division by a number that is known before the launch (as CUTLASS's FastDivmod); `multiplier` 0: the divisor is 1.
struct Divide {
  long long divisor;
  unsigned int multiplier, shift;
};
KERATA_DEVICE Index quotient(Index n, const Divide& by) {
  if (sizeof(Index) > 4) return n / (Index)by.divisor;
  return by.multiplier ? (Index)(__umulhi((unsigned int)n, by.multiplier) >> by.shift) : n;
}
/// `n` becomes the quotient, the result is the rest.
KERATA_DEVICE Index take_rest(Index& n, const Divide& by) {
  const Index whole = quotient(n, by), rest = n - whole * (Index)by.divisor;
  n = whole;
  return rest;
}

/// Elements of smaller types that move together.
struct alignas(16) Wide {
  unsigned long long low, high;
};
