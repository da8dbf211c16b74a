// WeightPlan, on a store whose arrays may be damaged: nothing changes unless everything can be read.
#include "saving/weight_plan.h"

#include <algorithm>

#include "core/require.h"
#include "kerata/ops/creation.h"
#include "support/errors.h"

namespace kerata::saving {
namespace {

class Store final : public WeightReader {
 public:
  std::vector<std::string> arrays(const std::string& group) const override {
    std::vector<std::string> names;
    for (const auto& entry : content)
      if (entry.first.starts_with(group + "/")) names.push_back(entry.first.substr(group.size() + 1));
    return names;
  }
  Hdf5Reader::Info info(const std::string& array) const override {
    return {content.at(array).dtype(), content.at(array).shape()};
  }
  void read_into(const std::string& array, DType, void* destination) const override {
    require<ValueError>(array != damaged, label(), "'", array, "' is damaged.");
    const std::vector<float> values = content.at(array).to_vector<float>();
    std::copy(values.begin(), values.end(), static_cast<float*>(destination));
  }
  std::string label() const override { return "store"; }

  std::map<std::string, Tensor> content;
  std::string damaged;
};

Variable variable(const char* name) { return Variable(name, Role::trainable, ops::zeros({2})); }
std::vector<float> content(const Variable& v) { return v.value().to_vector<float>(); }

TEST(WeightPlan, ReadsEverythingBeforeTheFirstVariableChanges) {
  Store store;
  store.content = {{"vars/0", ops::full({2}, 1)}, {"vars/1", ops::full({2}, 2)}};
  const Variable a = variable("a"), b = variable("b");
  WeightPlan plan(store);
  plan.add(a, "vars/0");
  plan.add(b, "vars/1");
  store.damaged = "vars/1";
  EXPECT_ERROR(ValueError, plan.load("load"), "[store] 'vars/1' is damaged.");
  EXPECT_EQ(content(a), (std::vector<float>{0, 0}));
  store.damaged.clear();
  plan.load("load");
  EXPECT_EQ(content(a), (std::vector<float>{1, 1}));
  EXPECT_EQ(content(b), (std::vector<float>{2, 2}));
}

// The first path holds a layer whose second variable has another shape.
TEST(WeightPlan, AGroupUnderItsSecondPathLeavesNothingOfTheFirst) {
  Store store;
  store.content = {{"one/vars/0", ops::full({2}, 1)},
                   {"one/vars/1", ops::full({3}, 1)},
                   {"two/vars/0", ops::full({2}, 2)},
                   {"two/vars/1", ops::full({2}, 3)}};
  WeightGroup group;
  group.path = "one";
  group.others = {"two"};
  group.variables = {variable("a"), variable("b")};
  WeightPlan plan(store);
  plan.add(group);
  EXPECT_EQ(plan.size(), 2u);
  plan.load("load");
  EXPECT_EQ(content(group.variables[0]), (std::vector<float>{2, 2}));
  EXPECT_EQ(content(group.variables[1]), (std::vector<float>{3, 3}));
}

TEST(WeightPlan, AGroupThatFitsNowhereAddsNothing) {
  Store store;
  store.content = {{"one/vars/0", ops::full({2}, 1)}, {"one/vars/1", ops::full({3}, 1)}};
  WeightGroup group;
  group.path = "one";
  group.others = {"two"};
  group.variables = {variable("a"), variable("b")};
  WeightPlan plan(store);
  EXPECT_ERROR(ValueError, plan.add(group),
               "[store] The shape of the target variable and the shape of the target value must match. 'b' has shape "
               "(2,), received shape (3,) from 'one/vars/1'.");
  EXPECT_EQ(plan.size(), 0u);
}

}  // namespace
}  // namespace kerata::saving
