#include "layers/signature.h"

#include "kerata/initializers/initializer.h"
#include "kerata/optimizers/optimizer.h"

namespace kerata::test {
namespace {

// What None stands for in Keras, where a C++ default says it outright.
const std::map<std::string, Config> kNoneIs = {
    {"batch_size", 32},  // of fit, evaluate and predict, as their documentation has it
    {"data_format", "channels_last"},
    {"activation", "linear"},
    {"dtype", config_of(Choice<DType>("float32"))},
    {"strides", Config(Config::List{0, 0})},  // of pooling: 0 stands for the pool size
    {"line_length", 0},
};

}  // namespace

bool same_default(const std::string& parameter, const Config& ours, const golden::Json& keras) {
  const Config expected = golden::config(keras);
  if (ours == expected) return true;
  if (ours.is_number() && expected.is_number()) {
    const double value = expected.as_number();  // some are float32 in configs
    return ours.as_number() == value || ours.as_number() == static_cast<double>(static_cast<float>(value));
  }
  if (ours.is_list() && ours.as_list().size() == 1 && ours.as_list()[0] == expected) return true;  // one axis
  if (ours.is_integer() && ours.as_integer() == -1 && (expected.is_null() || expected == Config("auto"))) return true;
  if (expected.is_null()) {
    const auto none = kNoneIs.find(parameter);
    return none != kNoneIs.end() && ours == none->second;
  }
  if (parameter == "dtype") return ours == config_of(Choice<DType>(Choice<DType>::parse(expected.as_text())));
  if (!ours.is_object() || !expected.is_text()) return false;
  const std::string& name = expected.as_text();  // an object that Keras names
  if (parameter == "optimizer") return ours == Optimizer::from_name(name)->to_config();
  return ours == Initializer::from_name(name)->to_config();
}

bool SignatureCheck::is_left_out(const std::string& parameter) const {
  return only_in_keras_.contains(name_ + "." + parameter) || only_in_keras_.contains("*." + parameter);
}

std::vector<golden::Json> SignatureCheck::expected_options(std::size_t num_positional) const {
  std::vector<golden::Json> expected;
  std::map<std::string, golden::Json> tail;
  auto take = [&](const golden::Json& parameter) {
    const auto name = parameter.at("name").get<std::string>();
    if (is_left_out(name)) return;
    if (signature_.at("accepts_kwargs").get<bool>() && (name == "name" || name == "trainable" || name == "dtype"))
      tail[name] = parameter;  // our tail, wherever Keras has them
    else
      expected.push_back(parameter);
  };
  for (std::size_t i = num_positional; i < signature_.at("parameters").size(); ++i)
    take(signature_.at("parameters")[i]);
  for (const golden::Json& parameter : signature_.at("kwargs")) take(parameter);
  for (const char* name : {"name", "trainable", "dtype"})
    if (tail.contains(name)) expected.push_back(tail.at(name));
  return expected;
}

void SignatureCheck::run(const std::vector<std::string>& positional, const std::vector<Member>& fields) const {
  SCOPED_TRACE(name_);
  const golden::Json& parameters = signature_.at("parameters");
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const bool is_positional = i < positional.size();
    EXPECT_TRUE(is_positional || !parameters[i].at("required").get<bool>()) << parameters[i].at("name");
    if (is_positional) {
      EXPECT_EQ(positional[i], parameters[i].at("name").get<std::string>());
    }
  }
  const std::vector<golden::Json> expected = expected_options(positional.size());
  std::vector<std::string> names, keras_names;
  std::vector<Config> defaults;
  for (const Member& member : fields) {
    if (only_in_kerata_.contains(name_ + "." + member.name) || only_in_kerata_.contains("*." + member.name)) continue;
    names.push_back(member.name);
    defaults.push_back(member.value);
  }
  for (const golden::Json& parameter : expected) keras_names.push_back(parameter.at("name").get<std::string>());
  ASSERT_EQ(names, keras_names);
  for (std::size_t i = 0; i < names.size(); ++i)
    EXPECT_TRUE(same_default(names[i], defaults[i], expected[i].at("default")))
        << names[i] << ": the default is " << to_string(defaults[i]) << ", in Keras " << expected[i].at("default");
}

}  // namespace kerata::test
