/* serve.h - a running server: its parts are made in order, joined, and taken down in reverse. */
#pragma once
#include "base/clock.h"
#include "base/config.h"
#include "sandbox/sandbox.h"

/* Serves until SIGTERM or SIGINT. `ready` (may be NULL) runs when the port listens. Exit code. */
int serve(const Config *config, Clock *clock, Sandbox *sandbox,
          void (*ready)(const char *url, gpointer data), gpointer data);
