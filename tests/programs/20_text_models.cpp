// S4 (A.7 108 to 111): question answering, siamese LSTM.
#include <kerata/kerata.h>
using namespace kerata;
using namespace kerata::layers;

Model question_answering() {
  const Dim text_vocabulary_size = 10000, question_vocabulary_size = 10000, answer_vocabulary_size = 500;
  Tensor text_input = Input({-1}, {.dtype = "int32", .name = "text"});
  Tensor encoded_text = LSTM(32)(Embedding(text_vocabulary_size, 64)(text_input));
  Tensor question_input = Input({-1}, {.dtype = "int32", .name = "question"});
  Tensor encoded_question = LSTM(16)(Embedding(question_vocabulary_size, 32)(question_input));
  Tensor concatenated = concatenate({encoded_text, encoded_question}, {.axis = -1});
  Tensor answer = Dense(answer_vocabulary_size, {.activation = "softmax"})(concatenated);
  return Model({text_input, question_input}, answer);
}

Model siamese(bool shared) {
  LSTM lstm(32);
  Tensor left_input = Input({-1, 128}), right_input = Input({-1, 128});
  Tensor left_output = lstm(left_input);
  Tensor right_output = shared ? lstm(right_input) : LSTM(32)(right_input);
  Tensor merged = concatenate({left_output, right_output});
  return Model({left_input, right_input}, Dense(1, {.activation = "sigmoid"})(merged));
}

int main() {
  Model qa = question_answering();
  qa.compile({.optimizer = "rmsprop", .loss = "categorical_crossentropy", .metrics = {"acc"}});
  Tensor text = random::randint({64, 30}, 1, 10000), question = random::randint({64, 10}, 1, 10000);
  Tensor answers = utils::to_categorical(random::randint({64}, 0, 500), 500);
  qa.fit({{"text", text}, {"question", question}}, answers, {.batch_size = 32, .epochs = 2});

  return siamese(true).count_params() < siamese(false).count_params() ? 0 : 1;  // 20,673 and 41,281
}
