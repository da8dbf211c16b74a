#include "models/op_table.h"

#include <unordered_map>

#include "core/near_name.h"
#include "core/require.h"
#include "ops/math_attrs.h"
#include "ops/op_list.h"

namespace kerata::models {
namespace {

struct Index {
  std::unordered_map<std::string_view, const OpRow*> by_class;
  std::unordered_map<const OpDef*, const OpRow*> by_op;
  Index() {
    for (const auto rows : {math_op_rows(), shape_op_rows(), neural_op_rows()})
      for (const OpRow& row : rows) {
        by_class.emplace(row.class_name, &row);
        if (row.op) by_op.emplace(row.op, &row);
      }
  }
};

const Index& index() {
  static const Index instance;
  return instance;
}

template <class Map, class Key>
const OpRow* found_in(const Map& map, const Key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

/// A number for a constant without axes, as Keras records x + 2.0; else a leaf.
Config argument_of(const Tensor& x, std::size_t index) {
  if (x.is_symbolic()) return tensor_leaf(index);
  if (x.rank() > 0) return tensor_leaf(index, "__tensor__");
  if (x.dtype() == DType::boolean) return x.item() != 0;
  if (is_floating(x.dtype())) return x.item();
  return x.item<std::int64_t>();
}

}  // namespace

const OpRow* find_op_row(std::string_view class_name) { return found_in(index().by_class, class_name); }

const OpRow* find_op_row(const Node& node) {
  if (node.op == &ops::kFullLike) {
    const double value = node.attrs.as<ops::FullLikeAttrs>().value;
    if (value == 0 || value == 1) return find_op_row(value == 0 ? "ZerosLike" : "OnesLike");
  }
  return found_in(index().by_op, node.op);
}

const OpRow& op_row(std::string_view class_name, std::string_view operation_name) {
  const OpRow* row = find_op_row(class_name);
  if (row) return *row;
  std::vector<std::string_view> known;
  for (const auto& entry : index().by_class) known.push_back(entry.first);
  const std::string nearest = nearest_name(class_name, known);
  fail<ValueError>(operation_name, "Operation '", operation_name, "' is of the class '", class_name,
                   "' of keras.ops, which Kerata does not have.",
                   nearest.empty() ? "" : " Hint: did you mean '" + nearest + "'?");
}

OpWriting write_op(const Node& node, const std::string& name) {
  const OpRow* row = find_op_row(node);
  require<StateError>(row != nullptr, name, "The op '", node.op->name, "' (operation '", name,
                      "') stands between the layers of the model, and Keras has no operation for it, so the model has "
                      "no config. Hint: put it into a layer of your own.");
  OpWriting writing{node, *row, {}};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    require<StateError>(!node.inputs[i].node()->is_variable, name, "The operation '", name,
                        "' reads a variable that belongs to no layer, so the model has no config. Hint: put it into a "
                        "layer of your own, with add_weight().");
    writing.args.push_back(argument_of(node.inputs[i], i));
  }
  if (row->write) row->write(writing);
  return writing;
}

}  // namespace kerata::models
