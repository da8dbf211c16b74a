#include "cuda/ops/chain_source.h"

#include "cuda/runtime/launch.h"
#include "ops/op_list.h"

namespace kerata::cuda {
namespace {

std::string computed(DType dtype) { return join_text("Computed<", storage_name(dtype), ">::type"); }

class Writer {
 public:
  Writer(const ops::FusedProgram& program, const std::vector<ChainInput>& inputs, const std::vector<DType>& outputs)
      : program_(program), inputs_(inputs), outputs_(outputs) {
    for (const ChainInput& input : inputs) strided_ |= input.kind == ChainInput::strided;
  }

  bool is_strided() const { return strided_; }

  std::string parameters() const {
    return join_text("struct Parameters {\n  const void* in[", std::max<std::size_t>(1, inputs_.size()),
                     "];\n  void* out[", outputs_.size(), "];\n  long long count, rank, size[", Shape::kMaxRank,
                     "], stride[", std::max<std::size_t>(1, inputs_.size()), "][", Shape::kMaxRank, "];\n};\n");
  }

  // One element a turn, inputs wherever they lie.
  std::string single() const {
    std::string text = "KERATA_KERNEL(chain, Parameters) {\n";
    text += "  for (Index i = first_index(); i < (Index)p.count; i += index_step()) {\n";
    if (strided_) text += find_elements("i");
    for (std::size_t i = 0; i < inputs_.size(); ++i) text += load_line(i, element(i, "i"));
    text += steps();
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      text +=
          join_text("    store((", storage_name(outputs_[i]), "*)p.out[", i, "] + i, r", program_.outputs[i], ");\n");
    return text + "  }\n}\n";
  }

  // Packs of four contiguous elements, which lie in one row; the rest one by one. With strided inputs rows are whole
  // packs, and there is no rest.
  std::string packed() const {
    std::string text =
        "template <class T>\nstruct alignas(4 * sizeof(T)) Pack {\n  T v[4];\n};\n"
        "KERATA_KERNEL(chain4, Parameters) {\n  const Index packs = (Index)(p.count / 4);\n"
        "  for (Index i = first_index(); i < packs; i += index_step()) {\n";
    if (strided_) text += find_elements("4 * i");
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].kind == ChainInput::dense)
        text += join_text("    const Pack<", storage_name(inputs_[i].dtype), "> q", i, " = ((const Pack<",
                          storage_name(inputs_[i].dtype), ">*)p.in[", i, "])[i];\n");
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      text += join_text("    Pack<", storage_name(outputs_[i]), "> w", i, ";\n");
    text += "    for (int k = 0; k < 4; ++k) {\n";
    for (std::size_t i = 0; i < inputs_.size(); ++i) text += load_line(i, element_of_pack(i));
    text += steps();
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      text += join_text("    store(&w", i, ".v[k], r", program_.outputs[i], ");\n");
    text += "    }\n";
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      text += join_text("    ((Pack<", storage_name(outputs_[i]), ">*)p.out[", i, "])[i] = w", i, ";\n");
    text += "  }\n";
    if (strided_) return text + "}\n";
    text += "  for (Index i = packs * 4 + first_index(); i < (Index)p.count; i += index_step()) {\n";
    for (std::size_t i = 0; i < inputs_.size(); ++i) text += load_line(i, element(i, "i"));
    text += steps();
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      text +=
          join_text("    store((", storage_name(outputs_[i]), "*)p.out[", i, "] + i, r", program_.outputs[i], ");\n");
    return text + "  }\n}\n";
  }

 private:
  // The address of an input's element for element `index` of the result.
  std::string element(std::size_t i, const std::string& index) const {
    const std::string at = inputs_[i].kind == ChainInput::dense    ? " + " + index
                           : inputs_[i].kind == ChainInput::scalar ? std::string()
                                                                   : join_text(" + at", i);
    return join_text("(const ", storage_name(inputs_[i].dtype), "*)p.in[", i, "]", at);
  }
  std::string load_line(std::size_t i, const std::string& address) const {
    return join_text("    const ", computed(inputs_[i].dtype), " r", i, " = load(", address, ");\n");
  }
  std::string element_of_pack(std::size_t i) const {
    if (inputs_[i].kind == ChainInput::dense) return join_text("&q", i, ".v[k]");
    if (inputs_[i].kind == ChainInput::scalar) return element(i, "0");
    return join_text(element(i, ""), " + k * (Index)p.stride[", i, "][p.rank - 1]");
  }
  std::string find_elements(const std::string& index) const {
    std::string text = join_text("    Index rest = ", index, ";\n");
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].kind == ChainInput::strided) text += join_text("    Index at", i, " = 0;\n");
    text +=
        "    for (int axis = (int)p.rank - 1; axis >= 0; --axis) {\n      const Index size = (Index)p.size[axis];\n"
        "      const Index k = rest % size;\n      rest /= size;\n";
    for (std::size_t i = 0; i < inputs_.size(); ++i)
      if (inputs_[i].kind == ChainInput::strided)
        text += join_text("      at", i, " += k * (Index)p.stride[", i, "][axis];\n");
    return text + "    }\n";
  }
  std::string steps() const {
    std::string text;
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const ops::FusedStep& step = program_.steps[i];
      const std::string type = computed(step.dtype);
      const bool rounds = is_half(step.dtype) && !step.op->selects;
      text += join_text("    const ", type, " r", program_.num_inputs + static_cast<int>(i), " = ");
      if (rounds) text += join_text("rounded<", storage_name(step.dtype), ">(");
      text += join_text("op_", step.op->name);
      if (step.op == &ops::kCast) text += join_text('<', type, '>');
      text += '(';
      for (std::size_t k = 0; k < step.args.size(); ++k) text += join_text(k ? ", r" : "r", step.args[k]);
      text += rounds ? "));\n" : ");\n";
    }
    return text;
  }

  const ops::FusedProgram& program_;
  const std::vector<ChainInput>& inputs_;
  const std::vector<DType>& outputs_;
  bool strided_ = false;
};

}  // namespace

ChainSource chain_source(const ops::FusedProgram& program, const std::vector<ChainInput>& inputs,
                         const std::vector<DType>& outputs, std::int64_t count, std::int64_t row) {
  const Writer writer(program, inputs, outputs);
  ChainSource source;
  source.text = kernel_text("elementwise.cuh");
  source.text += join_text("typedef ", count < (std::int64_t{1} << 30) ? "unsigned int" : "long long", " Index;\n");
  source.text += writer.parameters() + writer.single();
  source.has_packs = !writer.is_strided() || row % 4 == 0;
  if (source.has_packs) source.text += writer.packed();
  return source;
}

}  // namespace kerata::cuda
