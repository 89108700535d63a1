// Callback: a function to be run once or more, owned by whoever holds it. Move-only, so it can own what it needs
// (std::move_only_function is absent from libstdc++ 12). Up to kInlineBytes are stored in place, without allocation.
#pragma once

#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/check.h"

namespace kilonova {

// Not thread-safe; may be handed from thread to thread. An empty or moved-from callback must not be called.
class Callback {
 public:
  static constexpr size_t kInlineBytes = 48;

  Callback() = default;

  template <class Function>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, Callback> && std::is_invocable_r_v<void, Function&>)
  Callback(Function&& function) {  // NOLINT: implicit, as std::function is
    using Stored = std::remove_cvref_t<Function>;
    if constexpr (kFitsInline<Stored>) {
      ::new (static_cast<void*>(storage_)) Stored(std::forward<Function>(function));
      operations_ = &kInlineOperations<Stored>;
    } else {
      ::new (static_cast<void*>(storage_)) Stored*(new Stored(std::forward<Function>(function)));
      operations_ = &kHeapOperations<Stored>;
    }
  }

  Callback(Callback&& other) noexcept { take(other); }
  Callback& operator=(Callback&& other) noexcept {
    if (this != &other) {
      reset();
      take(other);
    }
    return *this;
  }
  Callback(const Callback&) = delete;
  Callback& operator=(const Callback&) = delete;
  ~Callback() { reset(); }

  explicit operator bool() const { return operations_ != nullptr; }

  void operator()() {
    KN_CHECK(operations_ != nullptr, "an empty callback was called");
    operations_->call(storage_);
  }

  // Destroys what is stored; the callback is empty afterwards.
  void reset() {
    if (operations_ == nullptr) return;
    const Operations* operations = std::exchange(operations_, nullptr);
    operations->destroy(storage_);
  }

 private:
  struct Operations {
    void (*call)(void* storage);
    void (*relocate)(void* from, void* to) noexcept;  // moves to raw storage and destroys the source
    void (*destroy)(void* storage) noexcept;
  };

  template <class Stored>
  static constexpr bool kFitsInline = sizeof(Stored) <= kInlineBytes && alignof(Stored) <= alignof(std::max_align_t) &&
                                      std::is_nothrow_move_constructible_v<Stored>;

  template <class Stored>
  static constexpr Operations kInlineOperations = {
      [](void* storage) { (*std::launder(static_cast<Stored*>(storage)))(); },
      [](void* from, void* to) noexcept {
        auto* source = std::launder(static_cast<Stored*>(from));
        ::new (to) Stored(std::move(*source));
        source->~Stored();
      },
      [](void* storage) noexcept { std::launder(static_cast<Stored*>(storage))->~Stored(); }};

  template <class Stored>
  static constexpr Operations kHeapOperations = {
      [](void* storage) { (**static_cast<Stored**>(storage))(); },
      [](void* from, void* to) noexcept { ::new (to) Stored*(*static_cast<Stored**>(from)); },
      [](void* storage) noexcept { delete *static_cast<Stored**>(storage); }};

  void take(Callback& other) noexcept {
    operations_ = std::exchange(other.operations_, nullptr);
    if (operations_ != nullptr) operations_->relocate(other.storage_, storage_);
  }

  const Operations* operations_ = nullptr;
  alignas(std::max_align_t) std::byte storage_[kInlineBytes];
};

}  // namespace kilonova
