// Elements on the move. In front: indexing.cuh, and T, an unsigned integer of the elements' size or Wide.

template <class Element>
struct Filled {
  KERATA_DEVICE Element of(unsigned long long bits) { return (Element)bits; }
};
template <>
struct Filled<Wide> {
  KERATA_DEVICE Wide of(unsigned long long bits) { return {bits, bits}; }
};

struct CopyAxis {
  Divide size;
  long long from;
};
struct CopyParameters {
  const T* from;
  T* to;
  long long count, rank;
  CopyAxis axes[8];  // of the result, outermost first
};
/// The result lies dense, its source at any strides.
KERATA_KERNEL(copy_strided, CopyParameters) {
  for (Index i = first_index(); i < (Index)p.count; i += index_step()) {
    Index rest = i, from = 0;
    for (int axis = (int)p.rank - 1; axis > 0; --axis)
      from += take_rest(rest, p.axes[axis].size) * (Index)p.axes[axis].from;
    p.to[i] = p.from[from + rest * (Index)p.axes[0].from];
  }
}

struct PlaceAxis {
  Divide size, step;
  long long before, count, from;  // element k < count of the part lies at before + k * step
};
struct PlaceParameters {
  const T* from;
  T* to;
  unsigned long long fill;
  long long count, rank;
  PlaceAxis axes[8];
};
/// A part put into a larger result, filled elsewhere.
KERATA_KERNEL(place_part, PlaceParameters) {
  for (Index i = first_index(); i < (Index)p.count; i += index_step()) {
    Index rest = i, from = 0;
    bool inside = true;
    for (int axis = (int)p.rank - 1; axis >= 0; --axis) {
      const PlaceAxis& a = p.axes[axis];
      Index at = take_rest(rest, a.size) - (Index)a.before;
      inside = inside && at >= 0;
      if (!inside) break;
      const Index between = take_rest(at, a.step);
      inside = between == 0 && at < (Index)a.count;
      from += at * (Index)a.from;
    }
    p.to[i] = inside ? p.from[from] : Filled<T>::of(p.fill);
  }
}

struct FillParameters {
  T* to;
  unsigned long long fill;
  long long count;
};
KERATA_KERNEL(fill, FillParameters) {
  const T value = Filled<T>::of(p.fill);
  for (Index i = first_index(); i < (Index)p.count; i += index_step()) p.to[i] = value;
}

struct JoinParameters {
  T* joined;  // rows of `row` elements, of which these parts take those from `first` on
  T* parts[16];
  long long begin[17];
  Divide width;  // begin[number of parts]
  long long row, first, count;
};
struct JoinPlace {
  T *joined, *part;
};
KERATA_DEVICE JoinPlace place_of(const JoinParameters& p, Index i) {
  Index row = i;
  const Index column = take_rest(row, p.width);
  int part = 0;
  while (column >= (Index)p.begin[part + 1]) ++part;
  const Index begin = (Index)p.begin[part], width = (Index)p.begin[part + 1] - begin;
  return {p.joined + (row * (Index)p.row + (Index)p.first + column), p.parts[part] + (row * width + column - begin)};
}
KERATA_KERNEL(join_parts, JoinParameters) {
  for (Index i = first_index(); i < (Index)p.count; i += index_step()) {
    const JoinPlace at = place_of(p, i);
    *at.joined = *at.part;
  }
}
KERATA_KERNEL(split_parts, JoinParameters) {
  for (Index i = first_index(); i < (Index)p.count; i += index_step()) {
    const JoinPlace at = place_of(p, i);
    *at.part = *at.joined;
  }
}
