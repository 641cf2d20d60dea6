/* phone_cues.h - what the words around a number say of it; for phone.c. */
#pragma once
#include "reading/internal.h"

/* CUE_FAX: a fax, or a telephone where nobody who writes is to be called; CUE_OTHER: no telephone.
 */
typedef enum { CUE_NONE, CUE_PHONE, CUE_FAX, CUE_OTHER } PhoneCue;

/* Of the number at tokens [index, until): the cue nearest to it, on its line and in its clause. */
PhoneCue phone_cue(const Text *text, guint index, guint until);
/* Without a cue: does the sender offer it? A landline that is only spoken of is the office's. */
bool phone_is_offered(const Text *text, guint index);
/* Signs that may stand between groups of digits (phone.c). */
bool phone_is_joint(const Token *token);
