// Philox 4x32-10 and what the CPU's kernels make of its words: the same words for the same elements (cpu/random.cpp).
using namespace kerata::cuda;

struct Words {
  unsigned int w[4];
};
KERATA_DEVICE Words philox(unsigned long long key, unsigned long long stream, unsigned long long block) {
  unsigned int k0 = (unsigned int)key, k1 = (unsigned int)(key >> 32);
  unsigned int a = (unsigned int)block, b = (unsigned int)(block >> 32);
  unsigned int c = (unsigned int)stream, d = (unsigned int)(stream >> 32);
#pragma unroll
  for (int round = 0; round < 10; ++round) {
    const unsigned int high0 = __umulhi(0xD2511F53u, a), low0 = 0xD2511F53u * a;
    const unsigned int high1 = __umulhi(0xCD9E8D57u, c), low1 = 0xCD9E8D57u * c;
    a = high1 ^ b ^ k0;
    b = low1;
    c = high0 ^ d ^ k1;
    d = low0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return {{a, b, c, d}};
}

KERATA_DEVICE unsigned long long random_key(const long long* state) {
  unsigned long long z = (unsigned long long)state[0] + (unsigned long long)state[1] * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

KERATA_DEVICE unsigned long long word64(const Words& words, int i) {
  return (unsigned long long)words.w[2 * i] << 32 | words.w[2 * i + 1];
}
