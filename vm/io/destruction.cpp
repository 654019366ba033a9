// Out of line: where the compiler sees both ends of a watch, g++ 12 takes its address for one that is left
// behind.
#include "vm/io/destruction.h"

namespace relux::io {

Destruction::~Destruction() {
    for (Watch* each = newest_; each != nullptr; each = each->older_)
        each->object_ = nullptr;
}

Destruction::Watch::Watch(Destruction& object) : object_(&object), older_(object.newest_) {
    object.newest_ = this;
}

Destruction::Watch::~Watch() {
    if (object_ != nullptr) object_->newest_ = older_;
}

}  // namespace relux::io
