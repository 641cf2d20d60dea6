/* verdict.c - see verdict.h. */
#include "store/verdict.h"
#include "store/db.h"
#include "store/request.h"
#include <string.h>

static const char *const answer_names[] = {"open", "confirmed", "rejected", NULL};

static const DbField verdict_fields[] = {
    DB_TEXT(Verdict, kind),        DB_TEXT(Verdict, value), DB_ENUM(Verdict, answer, answer_names),
    DB_INT64(Verdict, officer_id), DB_INT64(Verdict, at),
};
static const DbShape verdict_shape = {sizeof(Verdict), verdict_fields, G_N_ELEMENTS(verdict_fields),
                                      (GDestroyNotify)(void (*)(void))verdict_free};

void verdict_free(Verdict *verdict)
{
    if (verdict == NULL)
        return;
    db_clear(&verdict_shape, verdict);
    g_free(verdict);
}

const char *verdict_name(VerdictAnswer answer)
{
    return answer_names[answer <= VERDICT_REJECTED ? answer : VERDICT_OPEN];
}

bool verdict_parse(const char *name, VerdictAnswer *answer)
{
    const gint index = db_name_index(answer_names, name);
    if (index < 0)
        return false;
    *answer = (VerdictAnswer)index;
    return true;
}

static bool write_answer(Db *db, gint64 request_id, const char *kind, const char *value,
                         VerdictAnswer answer, const Actor *actor, GError **error)
{
    if (answer == VERDICT_OPEN)
        return db_run(db, error,
                      "DELETE FROM verdict WHERE request_id = ? AND kind = ? AND value = ?", "itt",
                      request_id, kind, value);
    return db_run(db, error,
                  "INSERT INTO verdict (request_id, kind, value, verdict, officer_id, at) "
                  "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (request_id, kind, value) DO UPDATE SET "
                  "verdict = excluded.verdict, officer_id = excluded.officer_id, at = excluded.at",
                  "itttii", request_id, kind, value, verdict_name(answer), actor->officer_id,
                  actor->at);
}

bool verdict_put(Db *db, gint64 request_id, const char *kind, const char *value,
                 VerdictAnswer answer, const Actor *actor, GError **error)
{
    static const char *const actions[] = {"proposal_reopened", "proposal_confirmed",
                                          "proposal_rejected"};
    g_autoptr(Request) request = request_find(db, request_id, error);
    if (request == NULL)
        return false;
    Actor detailed = *actor;
    detailed.detail = kind;
    const AuditEntry entry = {
        .organisation_id = request->organisation_id,
        .office_id = request->office_id,
        .request_id = request_id,
        .action = (char *)actions[answer],
    };
    return write_answer(db, request_id, kind, value, answer, actor, error) &&
           audit_record(db, &detailed, &entry, error);
}

bool verdict_forget(Db *db, gint64 request_id, const char *kind, GError **error)
{
    return db_run(db, error, "DELETE FROM verdict WHERE request_id = ? AND kind = ?", "it",
                  request_id, kind);
}

GPtrArray *verdict_list(Db *db, gint64 request_id, GError **error)
{
    return db_list(db, &verdict_shape, error,
                   "SELECT kind, value, verdict, officer_id, at FROM verdict WHERE request_id = ? "
                   "ORDER BY id",
                   "i", request_id);
}

VerdictAnswer verdict_of(const GPtrArray *verdicts, const char *kind, const char *value)
{
    for (guint i = 0; verdicts != NULL && i < verdicts->len; i++) {
        const Verdict *verdict = g_ptr_array_index(verdicts, i);
        if (strcmp(verdict->kind, kind) == 0 && strcmp(verdict->value, value) == 0)
            return verdict->answer;
    }
    return VERDICT_OPEN;
}
