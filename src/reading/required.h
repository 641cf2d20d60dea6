/* required.h - what an office needs to know of a request, by its own list.
 *
 * "practice, phone, delegation, drawings": names apart by commas or spaces. An empty list is the
 * program's own. What is missing of it in a message stands in triage.missing by Italian names,
 * which the desk and the letters translate. Pure.
 */
#pragma once
#include <glib.h>

typedef enum {
    REQUIRED_NAME = 1 << 0,
    REQUIRED_SURNAME = 1 << 1,
    REQUIRED_PRACTICE = 1 << 2,
    REQUIRED_PHONE = 1 << 3,
    REQUIRED_ATTACHMENTS = 1 << 4, /* what is said to be attached */
    REQUIRED_DELEGATION = 1 << 5,  /* of whoever writes for another */
    REQUIRED_DRAWINGS = 1 << 6,    /* where a project is talked about */
    REQUIRED_ADDRESS = 1 << 7,     /* of the works */
    REQUIRED_CADASTRAL = 1 << 8,
    REQUIRED_OWN = 1 << 9, /* an office chose them: a practice is wanted even where none is named */
} ReadingRequired;

/* The list of an office that has none. */
#define REQUIRED_USUAL                                                                             \
    (REQUIRED_SURNAME | REQUIRED_PRACTICE | REQUIRED_PHONE | REQUIRED_ATTACHMENTS)

/* Sets `required` to bits of ReadingRequired, REQUIRED_USUAL for an empty list. FALSE with
 * READING_ERROR_INVALID (topics.h) for a name that is none. */
gboolean reading_required_parse(const char *text, guint *required, GError **error);

/* "phone" for "telefono": the name of an option for what triage.missing says, NULL for none. */
const char *reading_required_name(const char *italian);
