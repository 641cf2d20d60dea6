/* verdict.h - what officers said of the values that were read in a request's messages.
 *
 * A proposal is known by its kind and its value on one line (reading/proposals.h), so that reading
 * the same message again changes no answer. Who answers last wins; each answer is audited with the
 * kind alone, since a value may be personal.
 */
#pragma once
#include "store/audit.h"
#include "store/store.h"

typedef enum {
    VERDICT_OPEN, /* nobody has said anything: no row */
    VERDICT_CONFIRMED,
    VERDICT_REJECTED
} VerdictAnswer;
const char *verdict_name(VerdictAnswer answer); /* "open", "confirmed", "rejected" */
/* False for any other word. */
bool verdict_parse(const char *name, VerdictAnswer *answer);

typedef struct {
    char *kind, *value;
    VerdictAnswer answer; /* never VERDICT_OPEN */
    gint64 officer_id;
    gint64 at;
} Verdict;
void verdict_free(Verdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Verdict, verdict_free)

/* Replaces what was said before, VERDICT_OPEN takes it back; `actor` is an officer. Audited as
 * "proposal_confirmed", "proposal_rejected" or "proposal_reopened" with the kind as detail.
 * NOT_FOUND: there is no such request. */
bool verdict_put(Db *db, gint64 request_id, const char *kind, const char *value,
                 VerdictAnswer answer, const Actor *actor, GError **error);
/* What was said of this kind of thing no longer counts: what it was said of is not asked for any
 * more. */
bool verdict_forget(Db *db, gint64 request_id, const char *kind, GError **error);

/* Verdict *, NULL on an engine error. */
GPtrArray *verdict_list(Db *db, gint64 request_id, GError **error);
/* Of such a list; NULL: nothing was said. */
VerdictAnswer verdict_of(const GPtrArray *verdicts, const char *kind, const char *value);
