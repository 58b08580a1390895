#include "base/scrub.hpp"

#include <algorithm>
#include <deque>
#include <mutex>
#include <vector>

#include "base/log_format.hpp"

namespace realtime::scrub {
namespace {

constexpr std::string_view kMask = "***";

struct Secrets {
  std::mutex mutex;
  std::string plain;
  std::deque<std::string> texts;  ///< each secret in both spellings, where they differ
};

// Never destroyed: a thread may still log while the process ends.
Secrets& secrets() {
  static Secrets& all = *new Secrets;
  return all;
}

std::string as_json(std::string_view secret) {
  std::string text;
  log::append_json_text(text, secret, 6 * secret.size() + 16);
  return text;
}

}  // namespace

void add_plain_words(std::string_view text) {
  const std::lock_guard lock(secrets().mutex);
  secrets().plain.append(text).append("\n");
}

void add_secret(std::string_view secret) {
  if (secret.size() < kLeast) return;
  const std::lock_guard lock(secrets().mutex);
  auto& texts = secrets().texts;
  for (std::string text : {std::string(secret), as_json(secret)}) {
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(std::move(text));
  }
  while (texts.size() > 2 * kMost) texts.pop_front();
}

std::string clean(std::string text) {
  const std::lock_guard lock(secrets().mutex);
  for (const std::string& secret : secrets().texts) {
    std::size_t at = text.find(secret);
    if (at == std::string::npos || secrets().plain.find(secret) != std::string::npos) continue;
    for (; at != std::string::npos; at = text.find(secret, at + kMask.size())) {
      text.replace(at, secret.size(), kMask);
    }
  }
  return text;
}

}  // namespace realtime::scrub
