#include "base/courtesy.hpp"

#include <sched.h>

namespace realtime {

void set_courteous(bool courteous) {
  const sched_param none{};
  sched_setscheduler(0, courteous ? SCHED_BATCH : SCHED_OTHER, &none);
}

}  // namespace realtime
