#include "golden_calls.h"
#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/math.h"
#include "kerata/ops/nn.h"
#include "kerata/ops/reduction.h"

namespace kerata::golden {
namespace {

Adapter two(Tensor (*f)(const Operand&, const Operand&)) {
  return [f](const Call& c) -> std::vector<Tensor> { return {f(c.operand(0), c.operand(1))}; };
}
Adapter one(Tensor (*f)(const Tensor&)) {
  return [f](const Call& c) -> std::vector<Tensor> { return {f(c.tensor(0))}; };
}
bool keeps(const Call& c) {
  const Json* keep = c.option("keepdims");
  return keep && keep->get<bool>();
}
ops::Reduce over(const Call& c) { return {.axis = c.axes(), .keepdims = keeps(c)}; }

Adapter reduction(Tensor (*f)(const Tensor&, const ops::Reduce&)) {
  return [f](const Call& c) -> std::vector<Tensor> { return {f(c.tensor(0), over(c))}; };
}
Adapter extreme(Tensor (*f)(const Tensor&, const ops::Reduce&),
                Tensor (*with_initial)(const Tensor&, const ops::Reduce&, double)) {
  return [=](const Call& c) -> std::vector<Tensor> {
    const Json* initial = c.option("initial");
    return {initial ? with_initial(c.tensor(0), over(c), initial->get<double>()) : f(c.tensor(0), over(c))};
  };
}
Adapter arg(Tensor (*flat)(const Tensor&), Tensor (*f)(const Tensor&, Dim, bool)) {
  return [=](const Call& c) -> std::vector<Tensor> {
    if (!c.is_flat() && c.option("axis")) return {f(c.tensor(0), c.axis(0), keeps(c))};
    const Tensor index = flat(c.tensor(0));
    const Shape ones(std::vector<Dim>(static_cast<std::size_t>(c.tensor(0).rank()), 1));
    return {keeps(c) ? index.reshape(ones) : index};
  };
}
std::vector<Tensor> product(const Call& c) {
  const Json* dtype = c.option("dtype");
  if (!dtype) return {ops::prod(c.tensor(0), over(c))};
  return {ops::prod(c.tensor(0), over(c), Choice<DType>::parse(dtype->get<std::string>()))};
}

// Arguments: x, window (a size or a kernel), strides, padding.
ops::Window2D window(const Call& c) {
  return {.strides = c.arg(2).get<Dim>(), .padding = Choice<Padding>::parse(c.arg(3).get<std::string>())};
}

std::vector<Tensor> einsum(const Call& c) {
  std::vector<Tensor> operands;
  for (std::size_t i = 1; i < c.num_args(); ++i) operands.push_back(c.tensor(i));
  return {ops::einsum(c.arg(0).get<std::string>(), Tensors(operands))};
}

}  // namespace

void add_math_calls(std::map<std::string, Adapter>& table) {
  table["add"] = two(ops::add), table["subtract"] = two(ops::subtract), table["multiply"] = two(ops::multiply);
  table["divide"] = two(ops::divide), table["power"] = two(ops::power), table["maximum"] = two(ops::maximum);
  table["minimum"] = two(ops::minimum), table["equal"] = two(ops::equal), table["not_equal"] = two(ops::not_equal);
  table["less"] = two(ops::less), table["less_equal"] = two(ops::less_equal), table["greater"] = two(ops::greater);
  table["greater_equal"] = two(ops::greater_equal), table["logical_and"] = two(ops::logical_and);
  table["logical_or"] = two(ops::logical_or), table["logical_not"] = one(ops::logical_not);
  table["negative"] = one(ops::negative), table["abs"] = one(ops::abs), table["sign"] = one(ops::sign);
  table["exp"] = one(ops::exp), table["expm1"] = one(ops::expm1), table["square"] = one(ops::square);
  table["sin"] = one(ops::sin), table["cos"] = one(ops::cos), table["tan"] = one(ops::tan),
  table["tanh"] = one(ops::tanh);
  table["sigmoid"] = one(ops::sigmoid), table["erf"] = one(ops::erf), table["floor"] = one(ops::floor);
  table["ceil"] = one(ops::ceil), table["relu"] = one(ops::relu), table["log"] = one(ops::log);
  table["log1p"] = one(ops::log1p), table["sqrt"] = one(ops::sqrt), table["rsqrt"] = one(ops::rsqrt);
  table["round"] = [](const Call& c) -> std::vector<Tensor> {
    const Json* decimals = c.option("decimals");
    return {ops::round(c.tensor(0), decimals ? decimals->get<int>() : 0)};
  };
  table["clip"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::clip(c.tensor(0), c.operand(1), c.operand(2))};
  };
  table["where"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::where(c.tensor(0), c.operand(1), c.operand(2))};
  };
  table["cast"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::cast(c.tensor(0), Choice<DType>::parse(c.arg(1).get<std::string>()))};
  };
  table["matmul"] = [](const Call& c) -> std::vector<Tensor> { return {ops::matmul(c.tensor(0), c.tensor(1))}; };
  table["dot"] = [](const Call& c) -> std::vector<Tensor> { return {ops::dot(c.tensor(0), c.tensor(1))}; };
  table["einsum"] = einsum;
  table["softmax"] = [](const Call& c) -> std::vector<Tensor> { return {ops::softmax(c.tensor(0), c.axis(-1))}; };
  table["log_softmax"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::log_softmax(c.tensor(0), c.axis(-1))};
  };
  table["max_pool"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::max_pool(c.tensor(0), c.arg(1).get<Dim>(), window(c))};
  };
  table["average_pool"] = [](const Call& c) -> std::vector<Tensor> {
    return {ops::average_pool(c.tensor(0), c.arg(1).get<Dim>(), window(c))};
  };
  table["conv"] = [](const Call& c) -> std::vector<Tensor> { return {ops::conv(c.tensor(0), c.tensor(1), window(c))}; };
}

void add_reduction_calls(std::map<std::string, Adapter>& table) {
  table["sum"] = reduction(ops::sum), table["mean"] = reduction(ops::mean), table["prod"] = product;
  table["max"] = extreme(ops::max, ops::max), table["min"] = extreme(ops::min, ops::min);
  table["var"] = reduction(ops::var);
  table["std"] = reduction(ops::std), table["any"] = reduction(ops::any), table["all"] = reduction(ops::all);
  table["logsumexp"] = reduction(ops::logsumexp), table["argmax"] = arg(ops::argmax, ops::argmax),
  table["argmin"] = arg(ops::argmin, ops::argmin);
  table["cumsum"] = [](const Call& c) -> std::vector<Tensor> {
    const Json* dtype = c.option("dtype");
    Tensor x = c.tensor(0);
    if (dtype) x = x.cast(Choice<DType>::parse(dtype->get<std::string>()));
    return {c.is_flat() ? ops::cumsum(x) : ops::cumsum(x, c.axis(0))};
  };
}

}  // namespace kerata::golden
