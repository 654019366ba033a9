// Whether an object is still there after a call that may have destroyed it. Costs two stores a call: shells
// look once for each read, where a weak pointer would count with locked instructions.
#pragma once

namespace relux::io {

/// A member of the object that is watched.
class Destruction {
  public:
    Destruction() = default;
    Destruction(const Destruction&) = delete;
    Destruction& operator=(const Destruction&) = delete;
    ~Destruction();

    /// Lives on the stack, so watches of one object end in the reverse order of their beginnings.
    class Watch {
      public:
        explicit Watch(Destruction& object);
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;
        ~Watch();
        bool happened() const { return object_ == nullptr; }

      private:
        friend Destruction;
        Destruction* object_;
        Watch* older_;
    };

  private:
    Watch* newest_ = nullptr;
};

}  // namespace relux::io
