// Everything a flow can await besides its ports. In all of it: wake-ups go through the loop, never inline; who waits is
// served first come, first served; and a frame may be destroyed at any suspension, its wake-up queued or not.
#pragma once

#include "runtime/event.h"
#include "runtime/keyed_lock.h"
#include "runtime/one_shot.h"
#include "runtime/pending_calls.h"
#include "runtime/semaphore.h"
#include "runtime/sleep.h"
#include "runtime/task.h"
#include "runtime/when_all.h"
#include "runtime/with_timeout.h"
