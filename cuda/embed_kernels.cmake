# Writes OUTPUT: the texts of FILES as string literals, in pieces that every compiler takes.
set(code "#include \"cuda/runtime/kernel_texts.h\"\n\nnamespace kerata::cuda {\nnamespace {\nconst KernelText kAll[] = {\n")
foreach(file IN LISTS FILES)
  get_filename_component(name ${file} NAME)
  file(READ ${file} text)
  string(APPEND code "    {\"${name}\", R\"kernel(${text})kernel\"},\n")
endforeach()
string(APPEND code "};\n}  // namespace\nconst std::span<const KernelText> kKernelTexts = kAll;\n}  // namespace kerata::cuda\n")
file(WRITE ${OUTPUT} "${code}")
