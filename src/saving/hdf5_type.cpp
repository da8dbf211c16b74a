// Source: HDF5 File Format Specification 3.0, IV.A.2.d "The Datatype Message".
#include "saving/hdf5_type.h"

#include <algorithm>
#include <iterator>

namespace kerata::saving::hdf5 {
namespace {

constexpr const char* kClasses[] = {"fixed-point", "floating-point",  "time",     "text",
                                    "bit field",   "opaque",          "compound", "reference",
                                    "enumeration", "variable-length", "array"};
enum Class { kFixed, kFloat, kTime, kText, kBits, kOpaque, kCompound, kReference, kEnum, kVariable, kArray };

struct FloatFormat {
  Element element;
  std::uint64_t size, exponent_at, exponent_size, mantissa_size, bias;
};
constexpr FloatFormat kFloats[] = {{Element::float16, 2, 10, 5, 10, 15},
                                   {Element::bfloat16, 2, 7, 8, 7, 127},
                                   {Element::float32, 4, 23, 8, 23, 127},
                                   {Element::float64, 8, 52, 11, 52, 1023}};

struct Prefix {
  unsigned version, type_class;
  std::uint64_t bits, size;
};

Prefix read_prefix(const Inspection& file, Fields& fields) {
  const auto first = static_cast<unsigned>(fields.number(1)), version = first >> 4, type_class = first & 15;
  file.expect(version >= 1 && version <= 3 && type_class < std::size(kClasses), "a data type of version ", version,
              " and class ", type_class, ", which Keras never writes.");
  const std::uint64_t bits = fields.number(3);
  return {version, type_class, bits, fields.number(4)};
}

Type read_fixed(const Inspection& file, const Prefix& prefix, Fields& fields) {
  const bool is_signed = prefix.bits & 8;
  const std::uint64_t offset = fields.number(2), precision = fields.number(2);
  file.expect((prefix.bits & ~std::uint64_t{9}) == 0 && offset == 0 && precision == 8 * prefix.size,
              "integers with unused bits, which Keras never writes.");
  constexpr Element kSigned[] = {Element::int8, Element::int16, Element::int32, Element::int64};
  constexpr Element kUnsigned[] = {Element::uint8, Element::uint16, Element::uint32, Element::uint64};
  for (std::size_t i = 0; i < 4; ++i) {
    if (prefix.size == std::uint64_t{1} << i) return {is_signed ? kSigned[i] : kUnsigned[i], prefix.size};
  }
  file.refuse("integers of ", prefix.size, " bytes. Expected 1, 2, 4 or 8.");
}

Type read_float(const Inspection& file, const Prefix& prefix, Fields& fields) {
  const std::uint64_t offset = fields.number(2), precision = fields.number(2), exponent_at = fields.number(1),
                      exponent_size = fields.number(1), mantissa_at = fields.number(1),
                      mantissa_size = fields.number(1), bias = fields.number(4);
  // Byte order in bit 0, the mantissa's leading one implied (2 in bits 4 and 5), the sign's place in bits 8 to 15.
  const std::uint64_t expected_bits = 0x20 | (precision - 1) << 8;
  const bool is_plain = offset == 0 && precision == 8 * prefix.size && mantissa_at == 0 &&
                        (prefix.bits & ~std::uint64_t{1}) == expected_bits;
  for (const FloatFormat& format : kFloats) {
    if (is_plain && format.size == prefix.size && format.exponent_at == exponent_at && format.bias == bias &&
        format.exponent_size == exponent_size && format.mantissa_size == mantissa_size)
      return {format.element, format.size};
  }
  file.refuse("a floating-point format of ", prefix.size,
              " bytes that is not one of float16, bfloat16, float32 and float64.");
}

Type read_opaque(const Inspection& file, const Prefix& prefix, Fields& fields) {
  fields.take(prefix.bits & 0xff);  // a tag in ASCII
  file.expect(prefix.size == 2, "opaque data of ", prefix.size, " bytes an element. Expected 2, as of bfloat16.");
  return {Element::raw16, 2};
}

/// Padding (3 kinds) and character set (ASCII, UTF-8).
void check_text_bits(const Inspection& file, std::uint64_t bits) {
  file.expect((bits & 15) <= 2 && (bits >> 4) <= 1, "a text of unknown padding or character set.");
}

/// h5py's bool: an enumeration of int8 with FALSE = 0 and TRUE = 1.
Type read_enum(Inspection& file, const Prefix& prefix, Fields& fields) {
  const Prefix base = read_prefix(file, fields);
  file.expect(base.type_class == kFixed && base.size == 1 && prefix.size == 1 && prefix.bits == 2 &&
                  read_fixed(file, base, fields).element == Element::int8,
              "an enumeration, which Keras never writes (except for bool).");
  const std::string_view names[] = {{"FALSE", 6}, {"TRUE", 5}};  // each with its NUL
  for (const std::string_view name : names) {
    const std::string_view stored = prefix.version < 3 ? fields.padded(name.size()) : fields.take(name.size());
    file.expect(stored == name, "an enumeration that is not bool, which Keras never writes.");
  }
  file.expect(fields.number(1) == 0 && fields.number(1) == 1, "a bool with other values than 0 and 1.");
  return {Element::boolean, 1};
}

Type read_variable(Inspection& file, const Prefix& prefix, Fields& fields) {
  file.expect((prefix.bits & 15) == 1, "lists of variable length, which Keras never writes.");
  check_text_bits(file, prefix.bits >> 4);
  const Prefix base = read_prefix(file, fields);
  const bool of_bytes = (base.type_class == kFixed || base.type_class == kText) && base.size == 1;
  file.expect(prefix.size == 16 && of_bytes, "a text of variable length that is not made of bytes.");
  if (base.type_class == kFixed) read_fixed(file, base, fields);
  return {Element::heap_text, 16};
}

}  // namespace

DType dtype_of_element(Element element) {
  switch (element) {
    case Element::float16:
      return DType::float16;
    case Element::bfloat16:
    case Element::raw16:
      return DType::bfloat16;
    case Element::float32:
      return DType::float32;
    case Element::float64:
      return DType::float64;
    case Element::int8:
      return DType::int8;
    case Element::int16:
      return DType::int16;
    case Element::int32:
    case Element::uint16:
      return DType::int32;
    case Element::uint8:
      return DType::uint8;
    case Element::boolean:
      return DType::boolean;
    default:
      return DType::int64;
  }
}

Type read_type(Inspection& file, std::string_view message) {
  Fields fields(file, message, "a data type");
  const Prefix prefix = read_prefix(file, fields);
  switch (prefix.type_class) {
    case kFixed:
      return read_fixed(file, prefix, fields);
    case kFloat:
      return read_float(file, prefix, fields);
    case kText:
      file.expect(prefix.size > 0, "a text of 0 bytes an element.");
      check_text_bits(file, prefix.bits);
      return {Element::text, prefix.size};
    case kOpaque:
      return read_opaque(file, prefix, fields);
    case kEnum:
      return read_enum(file, prefix, fields);
    case kVariable:
      return read_variable(file, prefix, fields);
    default:
      file.refuse("data of type ", kClasses[prefix.type_class], ", which Keras never writes.");
  }
}

}  // namespace kerata::saving::hdf5
