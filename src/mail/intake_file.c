/* intake_file.c - a message is planned (intake_plan.c) and written (intake_write.c).
 *
 * When the store has changed since the plan was made (the person was made by somebody else, the
 * code is taken) it is made again.
 */
#include "mail/intake_internal.h"

#define TRIES 5

static bool try_once(const IntakeCase *mine, IntakeFiled *filed, GError **error)
{
    g_auto(IntakePlan) plan = {0};
    Store *store = mine->settings->store;
    Db *db = store_reader(store);
    bool planned = intake_plan(&plan, mine, db, error);
    store_reader_done(store, db);
    if (!planned || !store_write(store, intake_write, &plan, error))
        return false;
    static const char *const events[] = {"request", "thread", "thread", "other"};
    const Request *thread = plan.thread.request;
    filed->event = plan.cancel ? "decision" : events[plan.fate];
    filed->code = plan.fate == FILE_REQUEST ? g_strdup(plan.code)
                  : thread                  ? g_strdup(thread->code)
                                            : NULL;
    filed->is_listed = plan.fate == FILE_LINKED;
    filed->has_letter = plan.letter != NULL;
    const char *kind = intake_kind(mine);
    g_message("event=message_filed message=%" G_GINT64_FORMAT " kind=%s as=%s code=%s letter=%d",
              mine->row->id, kind ? kind : "unreadable", filed->event,
              filed->code ? filed->code : "-", (int)filed->has_letter);
    return true;
}

bool intake_file(const IntakeCase *mine, IntakeFiled *filed, GError **error)
{
    for (guint i = 1;; i++) {
        g_autoptr(GError) failure = NULL;
        if (try_once(mine, filed, &failure))
            return true;
        bool again = g_error_matches(failure, STORE_ERROR, STORE_ERROR_CONFLICT) ||
                     g_error_matches(failure, STORE_ERROR, STORE_ERROR_STALE);
        if (!again || i == TRIES) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
    }
}
