/* practice.h - the number of a practice, shared by practice.c and practice_number.c. */
#pragma once
#include "reading/internal.h"

typedef struct {
    char *number; /* as written, of the arena */
    gint year;    /* 0: not said */
    guint until;  /* past its last token */
} Numbered;

/* A number that may be a practice's at a token; `has_sign`: "n." stands before it. */
bool practice_number_at(const Reading *reading, const Text *text, guint index, bool has_sign,
                        Numbered *found);
/* The number after the words of a practice, which end at `index`: "n. 214/2026", "edilizia nr. 12
 * del 2026", "2026/214", "ex art. 36 DPR 380/2001 n. 9/2026", "è la n. 18/2026". */
bool practice_number_after(const Reading *reading, const Text *text, guint index, Numbered *found);
/* "214/2026 SCIA", "n. 12/2026 (SCIA)": the number right before the words at `index`; where it
 * begins, G_MAXUINT when there is none. */
guint practice_number_before(const Reading *reading, const Text *text, guint index,
                             Numbered *found);
/* "scia via Don Sturzo 8 nr 120/26": the number past the street, with its sign and its year; where
 * it begins, G_MAXUINT when there is none. */
guint practice_number_later(const Reading *reading, const Text *text, guint index, Numbered *found);
/* 01234567890-12012026-1030, the code of the national SUAP portal. */
bool practice_suap_code_at(const Reading *reading, const Text *text, guint index, Numbered *found);
