/* correspondence.h - rows of the store to a finished letter: fills the value that the templates of
 * ui/letters ask for (letter.h), renders them in the request's language, adds the calendar part,
 * composes the message.
 *
 * Pure but for random identifiers. The caller writes the row in the same job as the decision
 * (letter_add).
 */
#pragma once
#include "base/config.h"
#include "base/token.h"
#include "mail/letter.h"
#include "mustache/templates.h"
#include "store/appointment.h"
#include "store/letter.h"
#include "store/office.h"
#include "store/request.h"

/* What all letters of the installation share; borrowed. */
typedef struct LetterBox {
    const InstallationKey *key;
    const char *public_url; /* no slash at the end */
    const Templates *templates;
    guint hold_s; /* a decision's letter waits so long; what mail or the citizen caused leaves at
                     once */
    const Config *config; /* ways out and tagged addresses; NULL: mail from the office's address */
} LetterBox;

/* All borrowed; what a kind does not need may be NULL or 0. */
typedef struct {
    const char *kind; /* letter.h: "receipt", "confirmation", ... */
    const Office *office;
    const Request *request; /* id, code, subject, practice, language, generation, person_* */
    const Appointment
        *appointment; /* id, uid, starts_at, ends_at, zone; sequence as it WILL be after the job */
    const Participant *seat; /* of the citizen: id and generation, for the link to the room */
    gint64 moved_from_at;    /* moved: the old start */
    const char *text;        /* the officer's words */
    const char *reason;      /* of a cancellation or refusal */
    const char *outcome_kind;
    const char *const *missing; /* receipt: "practice", "phone", "times", ended by NULL */
    bool too_large;
    bool by_citizen; /* the citizen cancelled, moved or restored */
    const char *officer_name;
    const char *in_reply_to;     /* Message-ID of the message answered, no angle brackets */
    const GPtrArray *references; /* char *, oldest first */
    gint64 now;                  /* the office's now: Date, DTSTAMP, created_at */
    gint64 system_now;           /* sendable_at = system_now, + hold_s when an officer caused it */
} Correspondence;

/* A Letter ready for letter_add, owned by the caller; NULL with error when the recipient's address
 * cannot be written to. A person without e-mail: NULL without error. */
Letter *correspondence_letter(const LetterBox *box, const Correspondence *what, GError **error);
/* In-Reply-To (the newest message of the citizen, else our newest letter) and References of the
 * request's thread; both owned by the caller, the first may be NULL, `references` never is. */
char *correspondence_thread(Db *db, gint64 request_id, GPtrArray **references);
