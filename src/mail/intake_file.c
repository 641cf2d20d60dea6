/* intake_file.c - a message is planned (intake_plan.c) and written (intake_write.c), in one job.
 *
 * The plan is made in the writer's transaction, so it sees what was filed just before it, also in
 * the same commit: one person row for two mails of a new sender, a thread for the second.
 */
#include "mail/intake_internal.h"

void intake_filing_clear(IntakeFiling *filing)
{
    g_free(filing->filed.code);
    filing->filed = (IntakeFiled){0};
}

static void describe(IntakeFiled *filed, const IntakePlan *plan)
{
    static const char *const events[] = {"request", "thread", "thread", "other"};
    const Request *thread = plan->thread.request;
    filed->event = plan->cancel ? "decision" : events[plan->fate];
    filed->code = plan->fate == FILE_REQUEST ? g_strdup(plan->code)
                  : thread                   ? g_strdup(thread->code)
                                             : NULL;
    filed->is_listed = plan->fate == FILE_LINKED;
    filed->has_letter = plan->letter != NULL;
}

bool intake_file(Db *db, gpointer data, GError **error)
{
    IntakeFiling *filing = data;
    g_auto(IntakePlan) plan = {0};
    intake_filing_clear(filing);
    filing->id = filing->mine.row->id;
    filing->is_new = true;
    if (!intake_plan(&plan, &filing->mine, db, error))
        return false;
    if (filing->arrival) {
        MessageArrival arrival = *filing->arrival;
        arrival.attachments = plan.marked.attachments;
        if (!message_store(db, &arrival, &filing->id, &filing->is_new, error))
            return false;
    }
    if (!filing->is_new)
        return true;
    if (!intake_write(db, &plan, error))
        return false;
    describe(&filing->filed, &plan);
    return true;
}

void intake_filing_log(const IntakeFiling *filing)
{
    const IntakeFiled *filed = &filing->filed;
    if (filing->arrival)
        g_message("event=message_stored message=%" G_GINT64_FORMAT
                  " by=maildir bytes=%" G_GINT64_FORMAT " new=%d",
                  filing->id, filing->arrival->size, (int)filing->is_new);
    if (!filed->event)
        return;
    const char *kind = intake_kind(&filing->mine);
    g_message("event=message_filed message=%" G_GINT64_FORMAT " kind=%s as=%s code=%s letter=%d",
              filing->id, kind ? kind : "unreadable", filed->event, filed->code ? filed->code : "-",
              (int)filed->has_letter);
}
