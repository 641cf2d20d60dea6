/* wants.h - what a person wants of us, by their own words. */
#pragma once
#include "reading/internal.h"

typedef struct {
    bool cancel, move, give_up;
    bool no_other; /* and no other time */
    bool meeting;  /* names an appointment */
    bool ask, how; /* asks something; asks how appointments work */
    bool call;     /* wants to be called */
    bool mark;     /* a question mark */
} Wants;

/* Of the sender's own words in a text whose sections are marked; `answers`: it answers a letter of
 * ours. */
Wants wants_of(const Text *text, bool answers);
