#ifndef TESTS_SUPPORT_EVERY_H_
#define TESTS_SUPPORT_EVERY_H_

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace suyuan {

// How far it is from one random story to the next: SUYUAN_STORIES_EVERY, which the presets of
// the sanitizers set, so that they take some of the stories that the plain build takes all of.
inline uint32_t EveryStory() {
  const char* const text = std::getenv("SUYUAN_STORIES_EVERY");
  return text == nullptr ? 1 : static_cast<uint32_t>(std::max(1, std::atoi(text)));
}

}  // namespace suyuan

#endif  // TESTS_SUPPORT_EVERY_H_
