// Optimizer kernels: Keras's numbers, many variables, adjacent memory, thread counts.
#include <cstring>
#include <set>

#include "backend/parallel.h"
#include "graph/node.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"
#include "ops/optimizer_ops.h"
#include "support/errors.h"
#include "support/finite_differences.h"

namespace kerata {
namespace {

using golden::expect_near_all;
using golden::Json;

// One optimizer: its op, its parameters, and the number of slots per variable.
struct Rule {
  const OpDef* op;
  Attrs attrs;
  std::size_t slots;
};

Rule rule_of(const Json& c, Dim variables) {
  const Json& p = c.at("config");
  const std::string name = c.at("class");
  if (name == "SGD") {
    const ops::SgdAttrs a{variables, p.at("momentum"), p.at("nesterov")};
    return {&ops::kSgdStep, a, a.momentum != 0 ? 1u : 0u};
  }
  if (name == "RMSprop") {
    const ops::RmspropAttrs a{variables, p.at("rho"), p.at("momentum"), p.at("epsilon"), p.at("centered")};
    return {&ops::kRmspropStep, a, 1u + (a.momentum > 0) + a.centered};
  }
  const ops::AdamAttrs a{variables, p.at("beta_1"), p.at("beta_2"), p.at("epsilon"), p.at("amsgrad")};
  return {&ops::kAdamStep, a, a.amsgrad ? 3u : 2u};
}

// The state (weights, then slots) after one step.
std::vector<Tensor> step(const Rule& rule, std::vector<Tensor> state, const std::vector<Tensor>& grads,
                         const Tensor& rate, std::int64_t iteration) {
  state.insert(state.end(), grads.begin(), grads.end());
  state.push_back(rate);
  state.push_back(Tensor::from_span<std::int64_t>(std::span<const std::int64_t>(&iteration, 1), {}));
  return apply_all(*rule.op, state, rule.attrs);
}

std::vector<Tensor> with_slots(std::vector<Tensor> weights, std::size_t slots) {
  const std::size_t n = weights.size();
  for (std::size_t i = 0; i < slots * n; ++i)
    weights.push_back(ops::zeros(weights[i % n].shape(), weights[i % n].dtype()));
  return weights;
}

TEST(OptimizerGolden, StepsEqualKeras) {
  const golden::File& file = golden::open("optimizers");
  const std::set<std::string> kinds{"default",
                                    "rate",
                                    "momentum",
                                    "nesterov",
                                    "rho",
                                    "centered",
                                    "momentum_centered",
                                    "epsilon",
                                    "betas",
                                    "amsgrad",
                                    "tiny_gradients",
                                    "huge_gradients",
                                    "nesterov_without_momentum"};
  int seen = 0;
  for (const Json& c : file["cases"]) {
    const std::string name = c.at("name");
    if (!kinds.contains(name.substr(name.find('/') + 1))) continue;
    ++seen;
    const std::vector<Tensor> initial = file.tensors(c.at("initial"));
    const Rule rule = rule_of(c, static_cast<Dim>(initial.size()));
    const Tensor rate = ops::full({}, c.at("config").at("learning_rate").get<double>());
    std::vector<Tensor> state = with_slots(initial, rule.slots);
    for (std::size_t t = 0; t < c.at("gradients").size(); ++t) {
      state = step(rule, state, file.tensors(c.at("gradients")[t]), rate, static_cast<std::int64_t>(t));
      const std::vector<Tensor> expected = file.tensors(c.at("weights")[t]);
      for (std::size_t i = 0; i < initial.size(); ++i)
        expect_near_all(state[i], expected[i], {1e-5, 1e-6}, name + " step " + std::to_string(t));
    }
  }
  EXPECT_GE(seen, 19);
}

const Rule kRules[] = {{&ops::kSgdStep, ops::SgdAttrs{3}, 0},
                       {&ops::kSgdStep, ops::SgdAttrs{3, 0.9, true}, 1},
                       {&ops::kRmspropStep, ops::RmspropAttrs{3, 0.9, 0.5, 1e-7, true}, 3},
                       {&ops::kAdamStep, ops::AdamAttrs{3}, 2},
                       {&ops::kAdamStep, ops::AdamAttrs{3, 0.9, 0.999, 1e-7, true}, 3}};

std::vector<Tensor> weights_of(DType dtype) {
  return {test::wave({70, 301}, 1).cast(dtype), test::wave({1}, 2).cast(dtype), test::wave({33}, 3).cast(dtype)};
}
std::vector<Tensor> grads_of(DType dtype) {
  return {test::wave({70, 301}, 4).cast(dtype), test::wave({1}, 5).cast(dtype), test::wave({33}, 6).cast(dtype)};
}

TEST(OptimizerKernel, Float32AgreesWithFloat64) {
  for (const Rule& rule : kRules) {
    std::vector<Tensor> state[2];
    for (int wide : {0, 1}) {
      const DType dtype = wide ? DType::float64 : DType::float32;
      state[wide] = with_slots(weights_of(dtype), rule.slots);
      for (int t = 0; t < 3; ++t) state[wide] = step(rule, state[wide], grads_of(dtype), ops::full({}, 0.125), t);
    }
    for (std::size_t i = 0; i < state[0].size(); ++i)
      expect_near_all(state[0][i], state[1][i].cast("float32"), {1e-5, 1e-6}, rule.op->name.data());
  }
}

TEST(OptimizerKernel, OneThreadGivesTheSameBits) {
  for (const Rule& rule : kRules) {
    const std::vector<Tensor> state = with_slots(weights_of(DType::float32), rule.slots),
                              grads = grads_of(DType::float32);
    const Tensor rate = ops::full({}, 0.125);
    const std::vector<Tensor> many = step(rule, state, grads, rate, 0);
    std::vector<Tensor> one;
    parallel_for(2, 1, [&](std::int64_t begin, std::int64_t) {  // inside, parallel_for uses the one thread
      if (begin == 0) one = step(rule, state, grads, rate, 0);
    });
    for (std::size_t i = 0; i < many.size(); ++i)
      EXPECT_EQ(many[i].to_vector<float>(), one[i].to_vector<float>()) << rule.op->name;
  }
}

// The variables as views on common memory, one behind the other: they are updated as one segment.
TEST(OptimizerKernel, AdjacentVariablesAreUpdatedAsOneRun) {
  const Rule rule = kRules[3];
  const std::vector<Tensor> apart = with_slots(weights_of(DType::float32), rule.slots),
                            grads = grads_of(DType::float32);
  const std::vector<Tensor> expected = step(rule, apart, grads, ops::full({}, 0.125), 4);
  std::vector<ValueType> in, out;
  std::vector<const void*> from;
  std::vector<void*> to;
  std::vector<BufferPtr> memory;
  std::vector<Tensor> all = apart;
  all.insert(all.end(), grads.begin(), grads.end());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i % 3 == 0) memory.push_back(allocate(sizeof(float) * (70 * 301 + 1 + 33)));
    std::byte* at =
        i % 3 == 0 ? memory.back()->data()
                   : static_cast<std::byte*>(to.back()) + sizeof(float) * static_cast<std::size_t>(all[i - 1].size());
    const std::vector<float> values = all[i].to_vector<float>();
    std::memcpy(at, values.data(), values.size() * sizeof(float));
    in.push_back({all[i].dtype(), all[i].shape()});
    from.push_back(at);
    to.push_back(at);
  }
  const float rate = 0.125f;
  const std::int64_t iteration = 4;
  in.push_back({DType::float32, {}}), from.push_back(&rate);
  in.push_back({DType::int64, {}}), from.push_back(&iteration);
  out = rule.op->infer(in, rule.attrs);
  const auto kernel = kernels().prepare({*rule.op, in, out, rule.attrs});
  const BufferPtr workspace = allocate(kernel->workspace_bytes);
  KernelStatus status;
  kernel->run({from.data(), to.data(), workspace->data(), &status});
  for (std::size_t i = 0; i < out.size(); ++i) {
    const Tensor found = Tensor::from_span<float>(
        {static_cast<const float*>(to[i]), static_cast<std::size_t>(out[i].shape.size())}, out[i].shape);
    expect_near_all(found, expected[i], {1e-6, 1e-7}, std::to_string(i));
  }
}

// Rows of an embedding that no sample has touched yet are passed over; the others must not notice.
TEST(OptimizerKernel, RowsWithoutGradientStayAndOthersMove) {
  std::vector<float> values(100 * 128, 0.0f);
  for (std::size_t row : {0, 7, 8, 50, 99})
    for (std::size_t i = 0; i < 128; ++i) values[row * 128 + i] = 0.01f * static_cast<float>(row + i + 1);
  const Tensor g = Tensor::from_span<float>(values, {100, 128}), none = ops::zeros({100, 128}),
               rate = ops::full({}, 0.125);
  for (const Rule& rule : kRules) {
    Rule one = rule;
    if (one.op == &ops::kSgdStep)
      one.attrs = ops::SgdAttrs{1, rule.slots ? 0.9 : 0, rule.slots == 1};
    else if (one.op == &ops::kRmspropStep)
      one.attrs = ops::RmspropAttrs{1, 0.9, 0.5, 1e-7, true};
    else
      one.attrs = ops::AdamAttrs{1, 0.9, 0.999, 1e-7, rule.slots == 3};
    const std::vector<Tensor> begin = with_slots({test::wave({100, 128}, 1).cast("float32")}, rule.slots);
    std::vector<Tensor> state = step(one, begin, {g}, rate, 0);
    state = step(one, state, {none}, rate, 1);  // slots still move the rows that had a gradient
    const std::vector<float> before = begin[0].to_vector<float>(), after = state[0].to_vector<float>();
    // The same rows alone, where nothing can be passed over.
    std::vector<float> wide(values.begin(), values.begin() + 64);
    const std::vector<Tensor> alone =
        with_slots({Tensor::from_span<float>(std::span(before).first(64), {64})}, rule.slots);
    std::vector<Tensor> small = step(one, alone, {Tensor::from_span<float>(wide, {64})}, rate, 0);
    small = step(one, small, {ops::zeros({64})}, rate, 1);
    golden::expect_near_all(std::vector<double>(after.begin(), after.begin() + 64), small[0].to_vector<double>(),
                            {1e-6, 1e-7});
    for (std::size_t i = 0; i < after.size(); ++i) {
      if (values[i] == 0)
        ASSERT_EQ(after[i], before[i]) << one.op->name << ' ' << i;
      else
        ASSERT_NE(after[i], before[i]) << one.op->name << ' ' << i;
    }
  }
}

// The rows that a batch names, and zeros for the others, without their memory. The last bit may differ: runs that begin
// elsewhere have other elements beside their vectors.
TEST(OptimizerKernel, AGradientByRowsGivesWhatTheDenseOneGives) {
  for (DType dtype : {DType::float32, DType::float64})
    for (Dim width : {1, 5, 128, 300, 2500}) {
      const Tensor w = test::wave({50, width}, 1).cast(dtype), other = test::wave({33}, 2).cast(dtype),
                   g = test::wave({33}, 3).cast(dtype), rate = ops::full({}, 0.125);
      const Tensor indices = ops::array({7, 0, 7, -1, 20, 7, 21}).cast("int32"),
                   updates = test::wave({7, width}, 4).cast(dtype);
      const Tensor dense = apply(ops::kTakeGrad, {w, indices, updates}, ops::AxisAttrs{0});
      const std::vector<Tensor> rows = apply_all(ops::kRowGradient, {w, indices, updates});
      for (const Rule& rule : kRules) {
        Rule plain = rule, by_rows = rule;
        const auto set = [&](auto attrs) {
          attrs.variables = 2;
          plain.attrs = attrs;
          attrs.by_rows = {0};
          by_rows.attrs = attrs;
        };
        if (rule.op == &ops::kSgdStep) set(rule.attrs.as<ops::SgdAttrs>());
        if (rule.op == &ops::kRmspropStep) set(rule.attrs.as<ops::RmspropAttrs>());
        if (rule.op == &ops::kAdamStep) set(rule.attrs.as<ops::AdamAttrs>());
        std::vector<Tensor> expected = with_slots({w, other}, rule.slots), found = expected;
        for (std::int64_t t = 0; t < 2; ++t) {
          expected = step(plain, expected, {dense, g}, rate, t);
          found.insert(found.end(), {rows[0], g, rate, ops::full({}, static_cast<double>(t)).cast("int64"), rows[1]});
          found = apply_all(*rule.op, found, by_rows.attrs);
        }
        for (std::size_t i = 0; i < expected.size(); ++i)
          golden::expect_near_all(
              found[i], expected[i],
              dtype == DType::float64 ? golden::Tolerance{1e-14, 1e-15} : golden::Tolerance{1e-6, 1e-7},
              join_text(rule.op->name, ' ', width));
      }
    }
}

TEST(OptimizerKernel, ReportsASlotOfAnotherShape) {
  const Tensor w = ops::zeros({2, 3}), rate = ops::full({}, 0.1);
  EXPECT_ERROR_WITH(
      ShapeError, apply_all(ops::kSgdStep, {w, ops::zeros({3, 2}), rate, rate}, ops::SgdAttrs{1}),
      "[sgd_step] Expected a slot or gradient like its variable (float32 (2, 3)), received float32 (3, 2).");
}

}  // namespace
}  // namespace kerata
