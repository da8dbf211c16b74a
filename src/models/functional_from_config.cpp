// Reading a functional model. What a file says is not believed: every reference is checked, and the graph is walked in
// linear time.
#include <unordered_map>

#include "core/require.h"
#include "kerata/layers/input.h"
#include "models/graph_config.h"
#include "models/op_table.h"
#include "models/recipes.h"

namespace kerata::models {
namespace {

constexpr Dim kMostCalls = 1'000'000;  // of one layer

const Config& member(const Config& object, const char* key, const std::string& where) {
  const Config* found = object.is_object() ? object.find(key) : nullptr;
  require<ValueError>(found != nullptr, where, "The config of ", where, " has no \"", key, "\".");
  return *found;
}

const std::string* text_member(const Config& object, const char* key) {
  const Config* found = object.is_object() ? object.find(key) : nullptr;
  return found && found->is_text() ? &found->as_text() : nullptr;
}

/// An old .h5 has no modules, but layers are trainable, all except one.
bool may_be_operation(const Config& entry) {
  const std::string* name = text_member(entry, "class_name");
  const Config* options = entry.find("config");
  return !entry.find("module") && name && *name != "InputLayer" && options && options->is_object() &&
         !options->find("trainable");
}
/// The same names stand for layers and operations: "Add".
bool is_operation(const Config& entry) {
  if (const std::string* module = text_member(entry, "module"))
    return module->starts_with("keras.") && module->find(".ops.") != std::string::npos;
  const std::string* name = text_member(entry, "class_name");
  return may_be_operation(entry) && find_op_row(*name);
}
bool is_legacy_operation(const Config& entry) {
  const std::string* name = text_member(entry, "class_name");
  return name && (*name == "TFOpLambda" || *name == "SlicingOpLambda");
}

/// ["dense", 0, 0]: layer, which of its calls, which output; Keras 2 adds keyword arguments.
bool is_reference(const Config& config) {
  if (!config.is_list()) return false;
  const Config::List& list = config.as_list();
  return (list.size() == 3 || (list.size() == 4 && list[3].is_object())) && list[0].is_text() && list[1].is_number() &&
         list[2].is_number();
}
constexpr std::string_view kConstant = "_CONSTANT_VALUE";  // in tf-keras, in place of a layer's name
bool is_legacy_constant(const Config& config) {
  return config.is_list() && config.as_list().size() >= 3 && config.as_list()[0].is_text() &&
         config.as_list()[0].as_text() == kConstant;
}

class Reader {
 public:
  Reader(const Config& config, const LoadOptions& options) : config_(config), options_(options) {
    const std::string* name = text_member(config, "name");
    where_ = name ? *name : "functional";
  }

  std::shared_ptr<LayerBase> run() {
    const Config& layers = member(config_, "layers", where_);
    require<ValueError>(layers.is_list(), where_, "The \"layers\" of model '", where_,
                        "' are no list: ", excerpt(layers), '.');
    entries_.reserve(layers.as_list().size());
    for (const Config& layer : layers.as_list()) add_entry(layer);
    for (std::size_t i = 0; i < entries_.size(); ++i) read_calls(i);
    call_in_order();
    return model();
  }

 private:
  struct Entry {
    const Config* config;
    std::string name;
    std::shared_ptr<LayerBase> layer;   // or
    std::shared_ptr<const KerasOp> op;  // null for an operation of tf-keras, which each call makes
    std::vector<CallConfig> calls;
    std::vector<std::vector<Tensor>> outputs;  // of each call
    bool is_input = false;
    bool is_legacy_op = false;
    std::size_t num_calls() const { return is_input ? 1 : calls.size(); }
  };

  void add_entry(const Config& config) {
    require<ValueError>(config.is_object(), where_, "Layer ", entries_.size(), " of model '", where_,
                        "' is no object: ", excerpt(config), '.');
    const Config* inner = config.find("config");
    const std::string* name = text_member(config, "name");
    if (!name && inner) name = text_member(*inner, "name");
    require<ValueError>(name && !name->empty(), where_, "Layer ", entries_.size(), " of model '", where_,
                        "' has no name.");
    require<ValueError>(by_name_.emplace(*name, entries_.size()).second, where_, "Model '", where_,
                        "' has two layers with the name '", *name, "'.");
    Entry& entry = entries_.emplace_back(Entry{&config, *name, nullptr, nullptr, {}, {}});
    if (is_operation(config)) {
      const OpRow& row = op_row(member(config, "class_name", *name).as_text(), *name);
      const Config& options = member(config, "config", *name);
      require<ValueError>(options.is_object(), *name, "The config of operation '", *name, "' is no object.");
      entry.op = std::make_shared<const KerasOp>(KerasOp{&row, *name, options});
    } else if (is_legacy_operation(config)) {
      entry.is_legacy_op = true;
    } else {
      read_layer(entry);
    }
  }

  void read_layer(Entry& entry) {
    try {
      entry.layer = any_from_config(*entry.config, options_);
    } catch (Error& error) {
      const bool unclear = may_be_operation(*entry.config);
      error.add_context(join_text("in layer ",
                                  unclear ? "(or operation of keras.ops, which Kerata may not have) '" : "'",
                                  entry.name, "' of model '", where_, "'"));
      throw;
    }
    LayerBase::State& state = entry.layer->state();
    require<ValueError>(state.name.empty() || state.name == entry.name, where_, "Layer '", entry.name, "' of model '",
                        where_, "' has another name in its config: '", state.name, "'.");
    if (state.name.empty()) {
      set_auto_name(*entry.layer, entry.name);
      state.name_given = true;
    }
    if (auto* input = dynamic_cast<layers::InputLayerLayer*>(entry.layer.get())) {
      entry.is_input = true;
      entry.outputs = {{input->tensor()}};
    }
  }

  // ---- the calls of each layer

  void read_calls(std::size_t index) {
    Entry& entry = entries_[index];
    const Config& nodes = member(*entry.config, "inbound_nodes", "layer '" + entry.name + "'");
    require<ValueError>(nodes.is_list(), where_, "The \"inbound_nodes\" of layer '", entry.name,
                        "' are no list: ", excerpt(nodes), '.');
    const Config::List& calls = nodes.as_list();
    require<ValueError>(!entry.is_input || calls.empty(), where_, "The InputLayer '", entry.name,
                        "' is called, which Keras cannot do.");
    require<ValueError>(static_cast<Dim>(calls.size()) <= kMostCalls, where_, "Layer '", entry.name, "' has ",
                        calls.size(), " calls. Expected at most ", kMostCalls, '.');
    for (const Config& call : calls) {
      CallConfig read = call.is_list() ? legacy_call(call, entry.name) : plain_call(call, entry.name);
      entry.calls.push_back(std::move(read));
    }
    if (!entry.is_input) entry.outputs.resize(entry.calls.size());
  }

  CallConfig plain_call(const Config& config, const std::string& name) {
    CallConfig call;
    const Config& args = member(config, "args", "a call of layer '" + name + "'");
    const Config& kwargs = member(config, "kwargs", "a call of layer '" + name + "'");
    require<ValueError>(args.is_list() && kwargs.is_object(), where_, "A call of layer '", name,
                        "' is wrong. Expected a list of args and an object of kwargs, received ", excerpt(config), '.');
    call.args = with_leaves(args, name, call.sources);
    call.kwargs = with_leaves(kwargs, name, call.sources);
    return call;
  }

  /// Keras 2: [["a", 0, 0, {kwargs}], ...]; the tensors are the first argument.
  CallConfig legacy_call(const Config& config, const std::string& name) {
    has_legacy_calls_ = true;
    CallConfig call;
    Config first;
    const Config* last = &config;
    if (is_reference(config) || is_legacy_constant(config)) {
      first = legacy_leaf(config, name, call);
    } else {
      Config::List list;
      for (const Config& element : config.as_list()) {
        require<ValueError>(is_reference(element) || is_legacy_constant(element), where_, "A call of layer '", name,
                            "' is wrong. Expected [\"layer\", call, output], received ", excerpt(element), '.');
        list.push_back(legacy_leaf(element, name, call));
        last = &element;
      }
      first = list.size() == 1 ? list[0] : Config(std::move(list));
    }
    call.args = Config(Config::List{first});
    Config::Object kwargs;  // all elements have the same
    if (last->as_list().size() == 4 && last->as_list()[3].is_object())
      for (const auto& [key, value] : last->as_list()[3].as_object())
        kwargs.emplace_back(key, legacy_argument(value, name, call.sources));
    call.kwargs = Config(std::move(kwargs));
    return call;
  }

  Config legacy_leaf(const Config& element, const std::string& name, CallConfig& call) {
    const Config::List& list = element.as_list();
    return legacy_argument(Config(Config::List(list.begin(), list.begin() + 3)), name, call.sources);
  }

  Config legacy_argument(const Config& value, const std::string& name, std::vector<CallConfig::Source>& sources) {
    if (is_legacy_constant(value)) return value.as_list()[2];
    if (is_reference(value) && by_name_.contains(value.as_list()[0].as_text()))
      return reference_leaf(value, name, true, sources);
    if (!value.is_list() || is_reference(value)) return value;
    Config::List list;
    for (const Config& element : value.as_list()) list.push_back(legacy_argument(element, name, sources));
    return list;
  }

  /// The config with its tensors taken out.
  Config with_leaves(const Config& config, const std::string& name, std::vector<CallConfig::Source>& sources) {
    if (config.is_list()) {
      Config::List list;
      for (const Config& element : config.as_list()) list.push_back(with_leaves(element, name, sources));
      return list;
    }
    if (!config.is_object()) return config;
    const std::string* kind = text_member(config, "class_name");
    const bool is_tensor = kind && *kind == "__keras_tensor__";
    if (is_tensor) {
      const Config& history = member(member(config, "config", name), "keras_history", name);
      require<ValueError>(is_reference(history), where_, "A call of layer '", name,
                          "' has a tensor that no layer made. Expected a keras_history [\"layer\", call, output], "
                          "received ",
                          excerpt(history), '.');
      return reference_leaf(history, name, false, sources);
    }
    if (kind && (*kind == "__tensor__" || *kind == "__numpy__")) {
      const Config& fields = member(config, "config", name);
      const Tensor value = constant_tensor(member(fields, "value", name), &member(fields, "dtype", name), name);
      sources.push_back({.constant = value});
      return tensor_leaf(sources.size() - 1, *kind);
    }
    Config::Object object;
    for (const auto& [key, value] : config.as_object()) object.emplace_back(key, with_leaves(value, name, sources));
    return object;
  }

  Config reference_leaf(const Config& reference, const std::string& user, bool is_legacy,
                        std::vector<CallConfig::Source>& sources) {
    sources.push_back(source_of(reference, "layer '" + user + "'", is_legacy));
    return tensor_leaf(sources.size() - 1);
  }

  bool is_model(const Entry& entry, bool sequential_too) const {
    const auto* model = dynamic_cast<const ModelLayer*>(entry.layer.get());
    return model && (sequential_too || !model->model_state().is_sequential) && !model->model_state().is_subclassed;
  }

  /// Call and output of a reference.
  std::pair<Dim, Dim> numbers_of(const Config& reference, const std::string& user) const {
    try {
      return {reference.as_list()[1].as_integer(), reference.as_list()[2].as_integer()};
    } catch (Error& error) {
      error.add_context(join_text("where ", user, " of model '", where_, "' refers to ", excerpt(reference)));
      throw;
    }
  }

  /// A model inside counts its own graph as call 0 in Keras 2, and among the outputs also in Keras 3.
  CallConfig::Source source_of(const Config& reference, const std::string& user, bool counts_own) {
    const std::string& name = reference.as_list()[0].as_text();
    const auto found = by_name_.find(name);
    require<ValueError>(found != by_name_.end(), where_, "In model '", where_, "', ", user,
                        " refers to a layer that does not exist: '", name, "'.");
    const Entry& entry = entries_[found->second];
    const bool shifts = counts_own && is_model(entry, has_legacy_calls_);
    const auto [number, output] = numbers_of(reference, user);
    const Dim call = number - (shifts ? 1 : 0);
    const Config* calls = entry.config->find("inbound_nodes");
    const auto count =
        entry.is_input ? Dim{1} : static_cast<Dim>(calls && calls->is_list() ? calls->as_list().size() : 0);
    require<ValueError>(call >= 0 && call < count, where_, "In model '", where_, "', ", user, " refers to call ",
                        number, " of layer '", name, "', which has ", count, count == 1 ? " call." : " calls.");
    require<ValueError>(output >= 0 && output <= INT32_MAX, where_, "In model '", where_, "', ", user,
                        " refers to output ", output, " of layer '", name, "'. Expected at least 0.");
    return {found->second,
            static_cast<std::size_t>(call),
            output_of_keras(entry.layer.get(), static_cast<int>(output)),
            {}};
  }

  // ---- calling

  /// Each call waits for those it takes tensors from, and for the call of its layer before it.
  void call_in_order() {
    std::vector<std::size_t> first(entries_.size() + 1, 0);
    for (std::size_t i = 0; i < entries_.size(); ++i) first[i + 1] = first[i] + entries_[i].num_calls();
    const std::size_t total = first.back();
    std::vector<std::size_t> waits(total, 0), entry_of(total);
    std::vector<std::vector<std::size_t>> users(total);
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      for (std::size_t c = 0; c < entries_[i].num_calls(); ++c) {
        const std::size_t id = first[i] + c;
        entry_of[id] = i;
        auto wait_for = [&](std::size_t other) { users[other].push_back(id), ++waits[id]; };
        if (c > 0) wait_for(id - 1);
        if (!entries_[i].is_input)
          for (const CallConfig::Source& source : entries_[i].calls[c].sources)
            if (source.constant.is_empty()) wait_for(first[source.entry] + source.call);
        if (waits[id] == 0) ready.push_back(id);
      }
    for (std::size_t next = 0; next < ready.size(); ++next) {  // a queue: grows at the end
      const std::size_t id = ready[next];
      run_call(entries_[entry_of[id]], id - first[entry_of[id]]);
      for (std::size_t user : users[id])
        if (--waits[user] == 0) ready.push_back(user);
    }
    for (std::size_t id = 0; id < total; ++id)
      require<ValueError>(waits[id] == 0, where_, "The graph of model '", where_, "' has a loop through layer '",
                          entries_[entry_of[id]].name, "'.");
  }

  Tensor tensor_at(const CallConfig::Source& source, const std::string& user) const {
    if (!source.constant.is_empty()) return source.constant;
    const Entry& entry = entries_[source.entry];
    const std::vector<Tensor>& outputs = entry.outputs[source.call];
    require<ValueError>(static_cast<std::size_t>(source.index) < outputs.size(), where_, "In model '", where_, "', ",
                        user, " refers to output ", source.index, " of layer '", entry.name, "', which has ",
                        outputs.size(), outputs.size() == 1 ? " output." : " outputs.");
    return outputs[static_cast<std::size_t>(source.index)];
  }

  void run_call(Entry& entry, std::size_t index) {
    if (entry.is_input) return;
    const CallConfig& call = entry.calls[index];
    std::vector<Tensor> tensors;
    for (const CallConfig::Source& source : call.sources)
      tensors.push_back(tensor_at(source, "layer '" + entry.name + "'"));
    if (entry.layer) {
      entry.outputs[index] = call_layer(*entry.layer, call, tensors);
    } else if (entry.is_legacy_op) {
      LegacyOp legacy = legacy_op(*entry.config, entry.name, call);
      entry.outputs[index] = call_op(std::make_shared<const OpCall>(std::move(legacy.op), std::move(legacy.call.args),
                                                                    std::move(legacy.call.kwargs)),
                                     tensors);
    } else {
      entry.outputs[index] = call_op(std::make_shared<const OpCall>(entry.op, call.args, call.kwargs), tensors);
    }
  }

  // ---- inputs and outputs

  Config form_of_ends(const Config& config, const char* which, std::vector<Tensor>& tensors) {
    if (is_reference(config)) {
      const CallConfig::Source source = source_of(config, which, true);
      tensors.push_back(tensor_at(source, which));
      const bool is_input = entries_[source.entry].is_input;
      require<ValueError>(std::string_view(which) == "output_layers" || is_input, where_, "The input_layers of model '",
                          where_, "' hold '", entries_[source.entry].name, "', which is no InputLayer.");
      return tensor_leaf(tensors.size() - 1);
    }
    if (config.is_list()) {
      Config::List list;
      for (const Config& element : config.as_list()) list.push_back(form_of_ends(element, which, tensors));
      return list;
    }
    require<ValueError>(config.is_object(), where_, "The ", which, " of model '", where_,
                        "' are wrong. Expected [\"layer\", call, output], a list or an object of these, received ",
                        excerpt(config), '.');
    Config::Object object;
    for (const auto& [key, value] : config.as_object()) object.emplace_back(key, form_of_ends(value, which, tensors));
    return object;
  }

  std::shared_ptr<LayerBase> model() {
    std::vector<Tensor> inputs, outputs;
    Config input_form = form_of_ends(member(config_, "input_layers", where_), "input_layers", inputs);
    Config output_form = form_of_ends(member(config_, "output_layers", where_), "output_layers", outputs);
    const Config* trainable = config_.find("trainable");
    const std::string* name = text_member(config_, "name");
    auto graph = std::make_shared<const FunctionalGraph>(std::move(inputs), std::move(outputs), std::move(input_form),
                                                         std::move(output_form));
    return make_functional(std::move(graph), {.name = name ? *name : std::string(),
                                              .trainable = !trainable || trainable->is_null() || trainable->as_bool()});
  }

  const Config& config_;
  const LoadOptions& options_;
  std::string where_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::size_t> by_name_;
  bool has_legacy_calls_ = false;
};

}  // namespace

std::shared_ptr<LayerBase> functional_from_config(const Config& config, const LoadOptions& options) {
  return Reader(config, options).run();
}

}  // namespace kerata::models
