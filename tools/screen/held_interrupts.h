// Signals that come when the tests have ended and nobody hears of them any more.
#pragma once

namespace relux::cli {

/// The exit status tells how the run ended; a signal that comes now would put itself in its place. From here
/// on, to the end of the process, they wait. Others that would end the process do so since the run began.
class HeldInterrupts {
  public:
    /// `told`: somebody has wanted the end of the run before.
    explicit HeldInterrupts(bool told);
    /// Somebody wants the end, now or before: what may never end is not to be waited for.
    bool told_to_end();

  private:
    bool told_;
};

}  // namespace relux::cli
