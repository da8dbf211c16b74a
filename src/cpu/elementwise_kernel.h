// Kernels of one elementwise op from its loops.
#pragma once

#include "cpu/broadcast.h"
#include "cpu/loops.h"

namespace kerata::cpu {

using UnaryRun = void (*)(const void* a, void* out, std::int64_t n);
/// A scalar operand is a pointer to its one element.
using BinaryRun = void (*)(const void* a, const void* b, void* out, std::int64_t n);
struct BinaryRuns {
  BinaryRun vv = nullptr, vs = nullptr, sv = nullptr;
};

std::unique_ptr<Kernel> make_unary(const KernelSpec& spec, UnaryRun run, std::int64_t grain);
std::unique_ptr<Kernel> make_binary(const KernelSpec& spec, const BinaryRuns& runs, std::int64_t grain);

template <class Op, class T, class R>
UnaryRun unary_run() {
  return [](const void* a, void* out, std::int64_t n) {
    if constexpr (requires { Op::exact; } && std::same_as<T, float>)
      loop_angle<Op>(static_cast<const T*>(a), static_cast<R*>(out), n);
    else
      loop_unary<Op, T, R>(static_cast<const T*>(a), static_cast<R*>(out), n);
  };
}

template <class Op, class T, class R>
BinaryRuns binary_runs() {
  return {[](const void* a, const void* b, void* out, std::int64_t n) {
            loop_vv<Op, T, R>(static_cast<const T*>(a), static_cast<const T*>(b), static_cast<R*>(out), n);
          },
          [](const void* a, const void* b, void* out, std::int64_t n) {
            const T scalar = *static_cast<const T*>(b);
            if constexpr (std::same_as<Op, Power> && std::floating_point<T>)
              loop_power_vs<T>(static_cast<const T*>(a), scalar, static_cast<R*>(out), n);
            else
              loop_vs<Op, T, R>(static_cast<const T*>(a), scalar, static_cast<R*>(out), n);
          },
          [](const void* a, const void* b, void* out, std::int64_t n) {
            loop_sv<Op, T, R>(*static_cast<const T*>(a), static_cast<const T*>(b), static_cast<R*>(out), n);
          }};
}

}  // namespace kerata::cpu
