#ifndef TESTS_SUPPORT_SANITIZED_H_
#define TESTS_SUPPORT_SANITIZED_H_

// SUYUAN_SANITIZED: whether a sanitizer looks on, under which a test takes fewer rounds.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)  // GCC
#define SUYUAN_SANITIZED 1
#elif defined(__has_feature)  // Clang
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SUYUAN_SANITIZED 1
#endif
#endif
#ifndef SUYUAN_SANITIZED
#define SUYUAN_SANITIZED 0
#endif

namespace suyuan {

inline constexpr bool kSanitized = SUYUAN_SANITIZED;

}  // namespace suyuan

#endif  // TESTS_SUPPORT_SANITIZED_H_
