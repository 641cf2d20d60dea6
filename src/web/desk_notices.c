/* desk_notices.c - /scrivania/avvisi: which letters of the program the officer gets. */
#include "store/officer.h"
#include "web/desk_pages.h"

void desk_notices_show(Page *page)
{
    const Officer *officer = page->officer;
    value_set_boolean(page->value, "digest_daily", officer->digest == DIGEST_DAILY);
    value_set_boolean(page->value, "urgent", officer->urgent);
    value_set_copy(page->value, "email", officer->email);
    value_set_boolean(page->value, "done", http_request_query(page->request, "fatto") != NULL);
    page_render(page, "pages/notices");
}

typedef struct {
    gint64 officer_id;
    OfficerDigest digest;
    bool urgent;
} Wanted;

static bool write_wanted(Db *db, gpointer data, GError **error)
{
    const Wanted *wanted = data;
    return officer_set_notices(db, wanted->officer_id, wanted->digest, wanted->urgent, error);
}

void desk_notices_set(Page *page)
{
    g_autoptr(GError) error = NULL;
    Wanted wanted = {
        .officer_id = page->officer->id,
        .digest = *page_field(page, "riepilogo", 8) ? DIGEST_DAILY : DIGEST_OFF,
        .urgent = *page_field(page, "urgenti", 8) != '\0',
    };
    if (page_write(page, write_wanted, &wanted, &error))
        page_redirect(page, "/scrivania/avvisi?fatto=1");
    else
        page_failed(page, error);
}
