#ifndef LIB_TRACE_LAZY_ARRAY_H_
#define LIB_TRACE_LAZY_ARRAY_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>

namespace suyuan::trace {

// An array of zeros whose cost is that of the pages that are touched: large ones come
// from the kernel as such. What a closure remembers of a node costs nothing for the
// millions of nodes that it never sees.
template <typename T>
class LazyArray {
  static_assert(std::is_trivial_v<T>);

 public:
  explicit LazyArray(size_t size)
      : data_(static_cast<T*>(std::calloc(size == 0 ? 1 : size, sizeof(T)))) {
    if (data_ == nullptr) throw std::bad_alloc();
  }
  T& operator[](size_t i) { return data_.get()[i]; }
  const T& operator[](size_t i) const { return data_.get()[i]; }

 private:
  struct Free {
    void operator()(T* data) const { std::free(data); }
  };
  std::unique_ptr<T, Free> data_;
};

}  // namespace suyuan::trace

#endif  // LIB_TRACE_LAZY_ARRAY_H_
