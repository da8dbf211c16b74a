// einsum: each pair of operands becomes one batched matrix product.
#include <algorithm>
#include <string>

#include "kerata/ops/creation.h"
#include "kerata/ops/linalg.h"
#include "kerata/ops/reduction.h"
#include "kerata/ops/shape.h"
#include "ops/nn_ops.h"

namespace kerata::ops {
namespace {

// A tensor and one letter per axis; axes under "..." are marked 1, 2, ... counted from the right.
struct Labelled {
  Tensor tensor;
  std::string labels;
};

struct Subscripts {
  std::vector<std::string> inputs;
  std::string output;
};

bool contains(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

[[noreturn]] void fail_subscripts(std::string_view text, const char* what) {
  fail<ValueError>("einsum", what, " Received \"", text, "\". Hint: for example \"ij,jk->ik\".");
}

// "..." -> the marks of `count` axes.
std::string expand_ellipsis(std::string_view text, const std::string& term, Dim count) {
  const auto dots = term.find("...");
  if (dots == std::string::npos) return term;
  std::string marks;
  for (Dim i = count; i > 0; --i) marks += static_cast<char>(i);
  const std::string rest = term.substr(dots + 3);
  if (contains(rest, '.')) fail_subscripts(text, "Only one ellipsis is allowed in a term.");
  return term.substr(0, dots) + marks + rest;
}

std::string implicit_output(const std::vector<std::string>& inputs) {
  std::string all, output, marks;
  for (const auto& labels : inputs) all += labels;
  for (char mark = 8; mark > 0; --mark)
    if (contains(all, mark)) marks += mark;
  for (char label : all)
    if (label > 8 && std::count(all.begin(), all.end(), label) == 1) output += label;
  std::sort(output.begin(), output.end());
  return marks + output;
}

std::vector<std::string> split_terms(const std::string& text) {
  std::vector<std::string> terms(1);
  for (char c : text) {
    if (c == ',')
      terms.emplace_back();
    else
      terms.back() += c;
  }
  return terms;
}

Subscripts parse(std::string_view text, const Tensors& operands) {
  std::string compact;
  for (char c : text) {
    if (c == ' ') continue;
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && c != ',' && c != '.' && c != '-' && c != '>') fail_subscripts(text, "Labels must be letters.");
    compact += c;
  }
  const auto arrow = compact.find("->");
  Subscripts result;
  result.inputs = split_terms(compact.substr(0, arrow));
  require<ValueError>(result.inputs.size() == operands.size(), "einsum", "Expected ", result.inputs.size(),
                      " operands for \"", text, "\", received ", operands.size(), '.');
  Dim most = 0;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    std::string& term = result.inputs[i];
    const bool dots = contains(term, '.');
    const Dim named = static_cast<Dim>(term.size()) - (dots ? 3 : 0), rank = operands[i].rank();
    require<ShapeError>(dots ? rank >= named : rank == named, "einsum", "Expected ", dots ? "at least " : "", named,
                        " axes for operand ", i, " of \"", text, "\", received ", operands[i].shape(), '.');
    most = std::max(most, rank - named);
    term = expand_ellipsis(text, term, rank - named);
  }
  result.output = arrow == std::string::npos ? implicit_output(result.inputs)
                                             : expand_ellipsis(text, compact.substr(arrow + 2), most);
  for (char label : result.output) {
    bool known = std::count(result.output.begin(), result.output.end(), label) == 1;
    known =
        known && std::any_of(result.inputs.begin(), result.inputs.end(), [&](auto& in) { return contains(in, label); });
    if (!known) fail_subscripts(text, "Each label of the output must occur once, and in an input.");
  }
  return result;
}

// Diagonal of a repeated label: times the unit matrix, summed over the second axis.
void take_diagonals(Labelled& x) {
  for (std::size_t i = 0; i < x.labels.size(); ++i) {
    const auto again = x.labels.find(x.labels[i], i + 1);
    if (again == std::string::npos) continue;
    const Dim size = x.tensor.shape()[static_cast<Dim>(i)];
    require<ShapeError>(size >= 0 && size == x.tensor.shape()[static_cast<Dim>(again)], "einsum",
                        "Expected equal known sizes for a repeated label, received ", x.tensor.shape(), '.');
    Shape mask;
    for (std::size_t axis = 0; axis < x.labels.size(); ++axis) mask.push_back(axis == i || axis == again ? size : 1);
    const Tensor unit = eye(size).cast(x.tensor.dtype());
    x.tensor = sum(x.tensor * reshape(unit, mask), {.axis = static_cast<Dim>(again)}).cast(x.tensor.dtype());
    x.labels.erase(again, 1);
    --i;
  }
}

void sum_out(Labelled& x, const std::string& keep) {
  std::vector<Dim> axes;
  std::string rest;
  for (std::size_t i = 0; i < x.labels.size(); ++i) {
    if (contains(keep, x.labels[i]))
      rest += x.labels[i];
    else
      axes.push_back(static_cast<Dim>(i));
  }
  if (axes.empty()) return;
  x.tensor = sum(x.tensor, {.axis = axes}).cast(x.tensor.dtype());
  x.labels = rest;
}

Tensor arrange(const Labelled& x, const std::string& labels) {
  std::vector<Dim> order;
  bool moved = false;
  for (char label : labels) {
    order.push_back(static_cast<Dim>(x.labels.find(label)));
    moved = moved || order.back() + 1 != static_cast<Dim>(order.size());
  }
  return moved ? transpose(x.tensor, order) : x.tensor;
}

// Merges runs of `batch`, `rows`, `columns` axes into one axis each.
Tensor merge(const Tensor& x, std::size_t batch, std::size_t rows, std::size_t columns) {
  Shape shape;
  Dim axis = 0;
  bool unknown = false;
  for (std::size_t run : {batch, rows, columns}) {
    Dim size = 1;
    for (std::size_t i = 0; i < run; ++i, ++axis) {
      const Dim n = x.shape()[axis];
      size = run == 1 ? n : size < 0 || n < 0 ? -1 : size * n;
    }
    require<ShapeError>(size != -1 || !unknown, "einsum", "Too many unknown sizes in ", x.shape(), '.');
    unknown = unknown || size == -1;
    shape.push_back(size);
  }
  return reshape(x, shape);
}

Dim size_of_label(const Labelled& a, const Labelled& b, char label) {
  const auto at = a.labels.find(label);
  const Dim size = at == std::string::npos ? 1 : a.tensor.shape()[static_cast<Dim>(at)];
  return size == 1 && contains(b.labels, label) ? b.tensor.shape()[static_cast<Dim>(b.labels.find(label))] : size;
}

void check_sizes(const Labelled& a, const Labelled& b) {
  for (std::size_t i = 0; i < a.labels.size(); ++i) {
    if (!contains(b.labels, a.labels[i])) continue;
    const Dim n = a.tensor.shape()[static_cast<Dim>(i)],
              m = b.tensor.shape()[static_cast<Dim>(b.labels.find(a.labels[i]))];
    require<ShapeError>(n < 0 || m < 0 || n == m, "einsum", "One label has two sizes. Received ", a.tensor.shape(),
                        " and ", b.tensor.shape(), '.');
  }
}

Labelled contract(Labelled a, Labelled b, const std::string& later) {
  check_sizes(a, b);
  sum_out(a, b.labels + later);
  sum_out(b, a.labels + later);
  std::string batch, inner, rows, columns;
  for (char label : a.labels) (contains(b.labels, label) ? (contains(later, label) ? batch : inner) : rows) += label;
  for (char label : b.labels)
    if (!contains(a.labels, label)) columns += label;
  const Tensor x = merge(arrange(a, batch + rows + inner), batch.size(), rows.size(), inner.size());
  const Tensor y = merge(arrange(b, batch + inner + columns), batch.size(), inner.size(), columns.size());
  Shape shape;
  for (char label : batch + rows + columns) shape.push_back(size_of_label(a, b, label));
  return {reshape(matmul(x, y), shape), batch + rows + columns};
}

}  // namespace

Tensor einsum(std::string_view subscripts, const Tensors& operands) {
  require<ValueError>(!operands.empty(), "einsum", "Expected at least one operand, received none.");
  const Subscripts parsed = parse(subscripts, operands);
  std::vector<Labelled> terms;
  for (std::size_t i = 0; i < operands.size(); ++i) {
    terms.push_back({operands[i], parsed.inputs[i]});
    take_diagonals(terms.back());
  }
  Labelled result = terms[0];
  for (std::size_t i = 1; i < terms.size(); ++i) {
    std::string later = parsed.output;
    for (std::size_t j = i + 1; j < terms.size(); ++j) later += terms[j].labels;
    result = contract(result, terms[i], later);
  }
  sum_out(result, parsed.output);
  return arrange(result, parsed.output);
}

}  // namespace kerata::ops
